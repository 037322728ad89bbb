#include "models/token_words.h"

#include <algorithm>
#include <bit>

namespace incipit {
namespace {

constexpr int kOctave = 12;
// Of a larger chord that is no word only so many of its notes are looked at.
constexpr std::size_t kMostOfChord = 10;

int onPiano(int pitch) {
  while (pitch < kLowestKey) pitch += kOctave;
  while (pitch > kHighestKey) pitch -= kOctave;
  return pitch;
}

}  // namespace

TokenWords::TokenWords(ChordVocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {
  pitches_.resize(static_cast<std::size_t>(size()));
  for (int id = ChordVocabulary::kFirstWord; id < size(); ++id) {
    if (auto p = pitchesOfWord(vocabulary_.word(id))) {
      pitches_[static_cast<std::size_t>(id)] = std::move(*p);
    }
  }
  if (vocabulary_.options().spelling != ChordSpelling::kPitches) return;
  for (int by = -kTransposeDown; by <= kTransposeUp; ++by) {
    auto& ids = transposed_[static_cast<std::size_t>(by + kTransposeDown)];
    for (int id = 0; id < size(); ++id) {
      std::vector<int> moved = pitches(id);
      for (int& p : moved) p += by;
      ids.push_back(moved.empty() ? id : wordOf(moved));
    }
  }
}

Result<ChordVocabulary> TokenWords::vocabularyOf(const WordCounts& counts, int most) {
  // What was heard less often is not worth transposing.
  constexpr std::int64_t kRare = 4;
  WordCounts all;
  for (const auto& [word, count] : counts) {
    const auto pitches = pitchesOfWord(word);
    if (!pitches || pitches->size() < 2 || count < kRare) continue;
    for (int by = -kTransposeDown; by <= kTransposeUp; ++by) {
      std::vector<int> moved = *pitches;
      for (int& p : moved) p += by;
      if (moved.front() < kLowestKey || moved.back() > kHighestKey) continue;
      all[chordWord(moved, ChordSpelling::kPitches)] += count;
    }
  }
  ChordVocabularyOptions options;
  options.spelling = ChordSpelling::kPitches;
  options.leastCount = 1;
  std::vector<std::int64_t> sorted;
  for (const auto& [word, count] : all) sorted.push_back(count);
  const auto room = static_cast<std::size_t>(std::max(0, most - (kHighestKey - kLowestKey + 1)));
  if (room < sorted.size()) {
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    options.leastCount = sorted[room] + 1;
  }
  for (int pitch = kLowestKey; pitch <= kHighestKey; ++pitch) {
    const std::string word = chordWord(std::span(&pitch, 1), options.spelling);
    const auto found = counts.find(word);
    all[word] = std::max(options.leastCount, found == counts.end() ? 0 : found->second);
  }
  return ChordVocabulary::build(all, options);
}

int TokenWords::wordOf(std::span<const int> given) const {
  const ChordSpelling spelling = vocabulary_.options().spelling;
  if (spelling == ChordSpelling::kPitchClasses) {
    return vocabulary_.id(chordWord(given, spelling));
  }
  std::vector<int> chord;
  for (const int p : given) chord.push_back(onPiano(p));
  std::sort(chord.begin(), chord.end());
  chord.erase(std::unique(chord.begin(), chord.end()), chord.end());
  if (const int whole = vocabulary_.id(chordWord(chord, spelling));
      whole != ChordVocabulary::kUnknown) {
    return whole;
  }
  if (chord.size() > kMostOfChord) chord.erase(chord.begin(), chord.end() - kMostOfChord);
  // By size, then with the highest note, then by how frequent the word is.
  int best = ChordVocabulary::kUnknown;
  std::pair<int, bool> bestRank{0, false};
  const std::uint32_t all = 1U << chord.size();
  std::vector<int> part;
  for (std::uint32_t mask = 1; mask < all; ++mask) {
    const std::pair<int, bool> rank{std::popcount(mask), mask >= all / 2};
    if (rank < bestRank) continue;
    part.clear();
    for (std::size_t i = 0; i < chord.size(); ++i) {
      if ((mask >> i & 1U) != 0) part.push_back(chord[i]);
    }
    const int id = vocabulary_.id(chordWord(part, spelling));
    if (id == ChordVocabulary::kUnknown || (rank == bestRank && id > best)) continue;
    best = id;
    bestRank = rank;
  }
  return best;
}

}  // namespace incipit
