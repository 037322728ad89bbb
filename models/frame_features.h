// What the frame families see before each frame: indices into embedding tables.
//
// Besides the frame before, and those a few fixed steps ago, a network is shown what followed the
// places of the past that are most like the present: the longest run of frames that ends as the
// history does (the match model of Mahoney 2005, "Adaptive weighing of context models for lossless
// data compression"), and the longest one that goes on otherwise. Music that repeats itself is then
// copied instead of remembered. Nothing of it looks ahead.
//
// Thread safety: values and free functions.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "core/encoding/serial_frames.h"

namespace incipit {

inline constexpr std::array kFrameLags{2, 6, 8, 12, 16};
inline constexpr std::array kFramePhases{6, 8, 12, 16};
inline constexpr int kMatchBins = 10;  // of a match's length; 0 is none
inline constexpr int kRunBins = 17;    // frames since the last change
// Frames that are proposed for the next one: the one before, the match, the other match.
inline constexpr int kProposals = 3;
inline constexpr int kMatchMemory = 512;  // frames that matches are looked for in

// Rows of the input table.
struct FrameRows {
  static constexpr int kProposed = 0;  // kProposals times a key
  static constexpr int kLag = kProposed + kProposals * kFrameKeys;
  static constexpr int kMatch = kLag + static_cast<int>(kFrameLags.size()) * kFrameKeys;
  static constexpr int kOther = kMatch + kMatchBins;
  static constexpr int kRun = kOther + kMatchBins;
  static constexpr int kPhase = kRun + kRunBins;
  static constexpr int kBegin = kPhase + 6 + 8 + 12 + 16;
  static constexpr int kRows = kBegin + 1;
};

// The frames so far.
class FrameHistory {
 public:
  // `position`: where the first frame stands on a grid that begins with a bar.
  explicit FrameHistory(std::int64_t position = 0) : position_(position) {}

  void push(const Frame& frame);
  std::int64_t size() const { return static_cast<std::int64_t>(frames_.size()); }
  const Frame& operator[](std::int64_t i) const { return frames_[static_cast<std::size_t>(i)]; }

  // Rows for predicting the next frame, appended.
  void appendInputs(std::vector<std::int64_t>& rows) const;
  // The frames proposed for it; null where there is none.
  std::array<const Frame*, kProposals> proposals() const;

 private:
  struct Matches {
    std::int64_t best = -1;  // index of the frame that followed
    std::int64_t other = -1;
    int bestLength = 0;
    int otherLength = 0;
  };
  Matches matches() const;

  std::int64_t position_;
  std::vector<Frame> frames_;
  std::vector<std::bitset<kFrameKeys>> keys_;
  std::vector<int> lengths_;  // how many frames before each are as the last ones of the history
  int run_ = 0;
};

// Rows of the table that conditions the choice of a symbol of a frame on what the frame has.
struct SymbolRows {
  static constexpr int kChosen = 0;                        // each pitch that the frame has
  static constexpr int kLast = kChosen + kFrameSymbols;    // the symbol before
  static constexpr int kProposed = kLast + kFrameSymbols;  // kProposals times the symbol proposed
  static constexpr int kVoice = kProposed + kProposals * (kFrameSymbols + 1);
  static constexpr int kCount = kVoice + kFrameSymbols + 1;  // pitches so far
  static constexpr int kCounts = 16;
  static constexpr int kRows = kCount + kCounts;
};

// What is known before one symbol of a frame.
struct SymbolContext {
  int last = kFrameEnd;  // symbol
  // The symbol each proposed frame would go on with below `last`; kFrameSymbols where there is
  // none.
  std::array<int, kProposals> proposed{};
  int voice = kFrameSymbols;  // the symbol at this place of the frame before; the same
  std::vector<std::int64_t> rows;
};
// `chosen`: the pitches of the frame so far, descending.
SymbolContext symbolContext(const std::array<const Frame*, kProposals>& proposals,
                            std::span<const std::uint8_t> chosen);

// Outputs of the serial head: a logit of each symbol, one of each distance below the last symbol,
// one of each distance from the voice's pitch before, and how much each proposal is favoured.
struct SymbolLogits {
  static constexpr int kMostMove = 12;  // semitones, further ones alike
  static constexpr int kFall = kFrameSymbols;
  static constexpr int kMove = kFall + kFrameSymbols;
  static constexpr int kFavour = kMove + 2 * kMostMove + 2;  // the first: no voice, or END
  static constexpr int kOutputs = kFavour + kProposals;

  static int fall(int symbol, int last) {
    return last == kFrameEnd || symbol == kFrameEnd || symbol >= last ? kFall
                                                                      : kFall + last - symbol;
  }
  static int move(int symbol, int voice) {
    if (voice == kFrameSymbols || voice == kFrameEnd || symbol == kFrameEnd) return kMove;
    const int by = symbol - voice;
    return kMove + 1 + kMostMove + (by < -kMostMove ? -kMostMove : by > kMostMove ? kMostMove : by);
  }
};

}  // namespace incipit
