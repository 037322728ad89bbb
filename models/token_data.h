// A corpus as words: of each sequence one entry an onset.
//
// Thread safety: values and free functions.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/corpus/corpus.h"
#include "models/note_windows.h"
#include "models/token_presets.h"
#include "models/token_words.h"

namespace incipit {

struct TokenCorpus {
  // Of each sequence one note an onset: its place, the highest pitch, the median length (the lower
  // of two), the greatest velocity.
  Corpus corpus;
  std::vector<std::vector<std::int32_t>> words;  // of each onset of each sequence
  std::shared_ptr<const TokenWords> vocabulary;

  std::span<const std::int32_t> wordsOf(const CorpusSequence& sequence) const {
    return words[static_cast<std::size_t>(&sequence - corpus.sequences.data())];
  }
  std::span<const std::int32_t> wordsOf(const NoteWindow& window) const {
    return wordsOf(*window.sequence).subspan(window.first, window.count);
  }
};

// One note an onset, as TokenCorpus has them, and the pitches of each.
struct Onsets {
  std::vector<EncodedNote> notes;
  std::vector<std::vector<int>> pitches;
};
Onsets onsetsOf(std::span<const EncodedNote> notes);

// The words of `split`.
WordCounts countWords(const Corpus& corpus, Split split, ChordSpelling spelling);
// The vocabulary of the training split as the preset wants it. Fails where it would be empty.
Result<ChordVocabulary> tokenVocabulary(const Corpus& corpus, const TokenPreset& preset);

// withUnknown: onsets whose word the vocabulary does not have stay (as kUnknown), else they are
// left out, as the published texts do.
TokenCorpus tokensOf(Corpus corpus, std::shared_ptr<const TokenWords> vocabulary, bool withUnknown);

}  // namespace incipit
