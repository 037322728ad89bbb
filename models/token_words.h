// Chords as words for models that transpose: every onset has a word, however rare its chord.
//
// Of kPitches (core/encoding/chord_tokens.h): a chord that is no word of the vocabulary is heard as
// the largest part of it that is one, with its highest note where there is such a part. Single
// notes of the piano are always words; pitches beyond it are moved by octaves.
//
// Thread safety: immutable.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "core/encoding/chord_tokens.h"
#include "models/take.h"

namespace incipit {

inline constexpr int kTransposeDown = 5;
inline constexpr int kTransposeUp = 6;

class TokenWords {
 public:
  explicit TokenWords(ChordVocabulary vocabulary);

  // The most frequent `most` words, at least the notes of the piano, of chords of `counts` in
  // every transposition within the piano.
  static Result<ChordVocabulary> vocabularyOf(const WordCounts& counts, int most);

  const ChordVocabulary& vocabulary() const { return vocabulary_; }
  int size() const { return vocabulary_.size(); }
  // Ascending; empty for the markers.
  const std::vector<int>& pitches(int id) const { return pitches_[static_cast<std::size_t>(id)]; }
  int top(int id) const { return pitches(id).empty() ? 60 : pitches(id).back(); }
  // The word of one onset's pitches, at least one. Of kPitchClasses it may be kUnknown.
  int wordOf(std::span<const int> pitches) const;
  // -kTransposeDown..kTransposeUp semitones. Markers stay.
  int transposed(int id, int semitones) const {
    return transposed_[static_cast<std::size_t>(semitones + kTransposeDown)]
                      [static_cast<std::size_t>(id)];
  }

 private:
  ChordVocabulary vocabulary_;
  std::vector<std::vector<int>> pitches_;
  // Only of kPitches.
  std::array<std::vector<int>, kTransposeDown + kTransposeUp + 1> transposed_;
};

}  // namespace incipit
