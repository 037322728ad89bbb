// What the `improved` token networks are shown before each word: indices into embedding tables.
//
// A token is a step from the onset before, a word (a note or a chord) and a length. Before it a
// network sees the token before, its place in the bar and the meter, and three proposals: what
// followed the longest run of words that ends as the history does (the match model of Mahoney 2005,
// "Adaptive weighing of context models for lossless data compression"), and what followed the same
// moment one and two bars ago. A network can favour a proposed word as a whole, so that music that
// repeats itself is copied instead of remembered. Nothing of it looks ahead. A sequence begins at
// the bar line of its first onset; its end is an answer in the step's place.
//
// Thread safety: values and free functions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/note_features.h"
#include "models/token_words.h"

namespace incipit {

inline constexpr int kTokenProposals = 3;
inline constexpr int kTokenMatchBins = 8;      // of a match's length; 0 is none
inline constexpr int kTokenMemory = 256;       // tokens that are looked back on
inline constexpr int kEndOfPiece = kStepBins;  // the last answer in a step's place
inline constexpr int kStepAnswers = kStepBins + 1;

// Rows of the input table after those of the words.
struct TokenRows {
  static constexpr int kStep = 0;
  static constexpr int kDuration = kStep + kStepBins + 1;
  static constexpr int kSubBeat = kDuration + kDurationBins + 1;
  static constexpr int kBeat = kSubBeat + kSubBeats;
  static constexpr int kMeter = kBeat + kBarBeats;
  static constexpr int kMatch = kMeter + kMeterClasses;
  static constexpr int kProposal = kMatch + kTokenMatchBins;
  static constexpr int kProposalSize = (kPitches + 1) + (kStepBins + 1);
  static constexpr int kRows = kProposal + kTokenProposals * kProposalSize;
};
inline constexpr int kTokenInputs = 7 + 2 * kTokenProposals;

// Rows of the tables that condition the choice of a word, and of its length.
struct TokenGivenRows {
  static constexpr int kStep = 0;
  static constexpr int kSubBeat = kStep + kStepBins;
  static constexpr int kBeat = kSubBeat + kSubBeats;
  static constexpr int kAgrees = kBeat + kBarBeats;  // whether each proposal has the chosen step
  static constexpr int kWordRows = kAgrees + 2 * kTokenProposals;
  static constexpr int kTop = kWordRows;  // the highest pitch
  static constexpr int kSize = kTop + kPitches;
  static constexpr int kSizes = 12;
  static constexpr int kRows = kSize + kSizes;
};
inline constexpr int kWordGiven = 3 + kTokenProposals;
inline constexpr int kLengthGiven = 5;

struct TokenProposal {
  int word = ChordVocabulary::kUnknown;  // kUnknown: nothing is proposed
  int step = 0;                          // bin
};

// What is known before a token.
struct TokenMoment {
  std::array<std::int64_t, kTokenInputs> rows{};  // of the input table, the words' first
  std::array<TokenProposal, kTokenProposals> proposals;
};

// What is chosen of a token: its step, and what follows from it.
struct TokenPlace {
  int step = 0;      // bin
  int position = 0;  // in its bar, units
};

std::array<std::int64_t, kWordGiven> wordGiven(const TokenMoment& moment, const TokenPlace& place);
std::array<std::int64_t, kLengthGiven> lengthGiven(const TokenPlace& place,
                                                   const std::vector<int>& pitches);

// The tokens so far.
class TokenHistory {
 public:
  explicit TokenHistory(const TokenWords& words) : words_(words) {}

  void push(const EncodedNote& onset, int word);
  std::size_t size() const { return onsets_.size(); }
  const EncodedNote& back() const { return onsets_.back(); }
  const EncodedNote& operator[](std::size_t i) const { return onsets_[i]; }
  int word(std::size_t i) const { return ids_[i]; }

  // Before the next token; tokens from `first` on are in the network's window, which begins at
  // `start`. Words are moved by `semitones`.
  TokenMoment before(std::size_t first, const BarStart& start, int semitones) const;

 private:
  TokenProposal proposal(std::size_t at, std::int64_t step, int semitones) const;
  TokenProposal barsAgo(std::int64_t moment, bool after, int bar, int semitones) const;

  const TokenWords& words_;
  std::vector<EncodedNote> onsets_;
  std::vector<std::int32_t> ids_;
  std::vector<int> lengths_;  // how many words before each are as the last ones of the history
};

}  // namespace incipit
