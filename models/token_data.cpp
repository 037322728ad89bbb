#include "models/token_data.h"

#include <algorithm>
#include <unordered_map>

namespace incipit {
namespace {

// Calls f(notes of one onset).
template <typename F>
void eachOnset(std::span<const EncodedNote> notes, F&& f) {
  for (std::size_t from = 0; from < notes.size();) {
    std::size_t to = from + 1;
    while (to < notes.size() && notes[to].onset == notes[from].onset) ++to;
    f(notes.subspan(from, to - from));
    from = to;
  }
}

void pitchesOf(std::span<const EncodedNote> chord, std::vector<int>& out) {
  out.clear();
  for (const EncodedNote& n : chord) out.push_back(n.pitch);
}

EncodedNote onsetOf(std::span<const EncodedNote> chord) {
  EncodedNote out = chord.back();  // the highest
  std::vector<std::uint16_t> lengths;
  for (const EncodedNote& n : chord) {
    lengths.push_back(n.duration);
    out.velocity = std::max(out.velocity, n.velocity);
  }
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>((lengths.size() - 1) / 2);
  std::nth_element(lengths.begin(), middle, lengths.end());
  out.duration = *middle;
  return out;
}

// Pitches as a key to look up.
std::string keyOf(const std::vector<int>& pitches) { return {pitches.begin(), pitches.end()}; }

}  // namespace

Onsets onsetsOf(std::span<const EncodedNote> notes) {
  Onsets out;
  eachOnset(notes, [&](std::span<const EncodedNote> chord) {
    out.notes.push_back(onsetOf(chord));
    pitchesOf(chord, out.pitches.emplace_back());
  });
  return out;
}

WordCounts countWords(const Corpus& corpus, Split split, ChordSpelling spelling) {
  std::unordered_map<std::string, std::int64_t> chords;
  std::vector<int> pitches;
  for (const CorpusSequence& s : corpus.sequences) {
    if (corpus.pieces[s.piece].split != split) continue;
    eachOnset(s.notes, [&](std::span<const EncodedNote> chord) {
      pitchesOf(chord, pitches);
      ++chords[keyOf(pitches)];
    });
  }
  WordCounts counts;
  for (const auto& [key, count] : chords) {
    pitches.assign(key.begin(), key.end());
    counts[chordWord(pitches, spelling)] += count;
  }
  return counts;
}

Result<ChordVocabulary> tokenVocabulary(const Corpus& corpus, const TokenPreset& preset) {
  const WordCounts counts = countWords(corpus, Split::kTrain, preset.spelling());
  if (!preset.published()) return TokenWords::vocabularyOf(counts, preset.mostWords);
  ChordVocabularyOptions options;
  options.leastCount = preset.leastCount;
  options.length = preset.length;
  return ChordVocabulary::build(counts, options);
}

TokenCorpus tokensOf(Corpus corpus, std::shared_ptr<const TokenWords> vocabulary,
                     bool withUnknown) {
  TokenCorpus out;
  std::unordered_map<std::string, int> known;
  std::vector<int> pitches;
  for (CorpusSequence& s : corpus.sequences) {
    std::vector<EncodedNote> onsets;
    std::vector<std::int32_t>& words = out.words.emplace_back();
    eachOnset(s.notes, [&](std::span<const EncodedNote> chord) {
      pitchesOf(chord, pitches);
      const auto [found, fresh] = known.try_emplace(keyOf(pitches), 0);
      if (fresh) found->second = vocabulary->wordOf(pitches);
      if (!withUnknown && found->second == ChordVocabulary::kUnknown) return;
      onsets.push_back(onsetOf(chord));
      words.push_back(found->second);
    });
    onsets.shrink_to_fit();
    s.notes = std::move(onsets);
  }
  out.corpus = std::move(corpus);
  out.vocabulary = std::move(vocabulary);
  return out;
}

}  // namespace incipit
