// Notes as words: a single note is its name ("C4"), notes of one onset are one chord word. The
// encoding of the widely published note-and-chord LSTM, and a variant of it that keeps octaves.
//
//  * kPitchClasses, as published: a chord is its pitch classes in normal order joined by dots
//    ("4.7.11"; "0" for a C in several octaves). Normal order after Rahn (1980, Basic Atonal
//    Theory): of the rotations of the ascending classes the one with the smallest interval from
//    first to last, then from first to last but one, and so on; where all are equal (symmetric
//    sets) the one that starts with the lowest class.
//  * kPitches: a chord is its pitches, ascending ("E4.G4.B4").
//
// Loss. In both: when and how long notes sound (words are equally spaced), velocity, and which
// instrument plays; several tracks are encoded together as one sequence (mergeSequences). What
// kPitches keeps is exact: pitches of each onset. kPitchClasses also loses octaves and doublings
// of chords; words invert (encoding a decoded word gives it again), chords do not. Words rarer than
// the vocabulary's least count become the unknown word; tests/core/encoding/test_chord_tokens.cpp
// prints how many on real music.
//
// Thread safety: values and free functions.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/encoding/note_sequence.h"
#include "core/result.h"

namespace incipit {

enum class ChordSpelling { kPitchClasses, kPitches };

// Pitch classes (any integers, taken modulo 12, doubles dropped) in normal order.
std::vector<int> normalOrder(std::span<const int> pitchClasses);

// The word of the pitches of one onset, in any order, at least one.
std::string chordWord(std::span<const int> pitches, ChordSpelling spelling);

// One word an onset. `notes` in order of onset, as encodeNotes gives them.
std::vector<std::string> chordWords(std::span<const EncodedNote> notes, ChordSpelling spelling);

// The pitches of a word of either spelling, ascending. Pitch classes are placed upwards from the
// octave of middle C in their order; a single class sounds in two octaves, so that it stays a
// chord. Fails for what is no word.
Result<std::vector<int>> pitchesOfWord(const std::string& word);

// A word every `step` from `from`, each as long as a step. Fails for what is no word.
Result<std::vector<Note>> notesOfWords(std::span<const std::string> words, Tick from,
                                       TickDelta step);

using WordCounts = std::map<std::string, std::int64_t>;

struct ChordVocabularyOptions {
  ChordSpelling spelling = ChordSpelling::kPitchClasses;
  std::int64_t leastCount = 50;  // rarer words are unknown, at least 1
  int length = 100;              // words that a model looks back on, at least 1
};

// The words that a model knows, numbered from kFirstWord by falling count (then by spelling).
class ChordVocabulary {
 public:
  static constexpr int kUnknown = 0;
  static constexpr int kBegin = 1;
  static constexpr int kEnd = 2;
  static constexpr int kFirstWord = 3;

  // Fails where no word is frequent enough, saying what to lower.
  static Result<ChordVocabulary> build(const WordCounts& counts,
                                       const ChordVocabularyOptions& options);
  // The vocabulary that json() wrote. Fails with one line on anything else.
  static Result<ChordVocabulary> fromJson(const std::string& json);
  std::string json() const;

  const ChordVocabularyOptions& options() const { return options_; }
  int size() const { return kFirstWord + static_cast<int>(words_.size()); }  // with the markers
  int id(const std::string& word) const;                                     // or kUnknown
  const std::string& word(int id) const;  // kFirstWord <= id < size()

  // The known word whose sound is nearest: the least mean distance in semitones of each pitch to
  // the nearest of the other word, both ways, by pitch class where either is spelt in classes. A
  // note for a note and a chord for a chord where there is one; of equals the more frequent. Fails
  // for what is no word.
  Result<int> nearest(const std::string& word) const;

  struct Encoded {
    std::vector<int> ids;  // kBegin first
    int unknown = 0;       // words that are not in the vocabulary
  };
  // A whole piece: kEnd last; unknown words stay kUnknown.
  Encoded encode(std::span<const std::string> words) const;
  // A seed to continue: no kEnd; each unknown word is replaced by the nearest.
  Result<Encoded> encodeSeed(std::span<const std::string> words) const;
  // Up to kEnd, without kBegin and kUnknown. Fails for an id out of range.
  Result<std::vector<std::string>> decode(std::span<const int> ids) const;

 private:
  ChordVocabularyOptions options_;
  std::vector<std::string> words_;
  std::vector<std::int64_t> counts_;
  std::vector<std::vector<int>> pitches_;  // of each word
  std::unordered_map<std::string, int> ids_;

  bool add(const std::string& word, std::int64_t count);
};

}  // namespace incipit
