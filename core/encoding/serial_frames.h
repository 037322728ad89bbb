// A roll read note by note: each frame (the set of keys that sound in one step of time) is its
// pitches in descending order and an END, so that a network that predicts one symbol at a time
// models whole chords.
//
// The order inside a frame is fixed, so a set of pitches has exactly one code. Where every symbol
// that the order forbids (a pitch not below the one before) is masked and the rest renormalised,
// the product of the conditional probabilities is therefore the exact likelihood of the set,
// comparable with the frame-level log-likelihoods of Boulanger-Lewandowski, Bengio and Vincent
// (2012, "Modeling Temporal Dependencies in High-Dimensional Sequences"), not a bound.
//
// Symbols: 0 is END, 1..88 are the keys 21..108. Loss of frames made from notes (framesOf): onsets
// and ends are rounded to frames, touching notes of one pitch join, notes outside the keys,
// velocities and instruments go; tracks are encoded together. Frames themselves invert exactly.
//
// Thread safety: values and free functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/encoding/note_sequence.h"
#include "core/result.h"

namespace incipit {

// MIDI pitches 21..108, descending, each once.
using Frame = std::vector<std::uint8_t>;

inline constexpr int kFrameLowest = 21;
inline constexpr int kFrameKeys = 88;
inline constexpr int kFrameEnd = 0;
inline constexpr int kFrameSymbols = kFrameKeys + 1;

inline constexpr int frameSymbol(int pitch) { return pitch - kFrameLowest + 1; }
inline constexpr int framePitch(int symbol) { return symbol + kFrameLowest - 1; }

// Whether `symbol` may follow `previous` (kFrameEnd at the start of a frame).
inline constexpr bool mayFollow(int symbol, int previous) {
  return symbol == kFrameEnd || previous == kFrameEnd || symbol < previous;
}

std::vector<int> serialise(std::span<const Frame> frames);
// Fails at a symbol out of range or order, or where the last frame has no END, naming the place.
Result<std::vector<Frame>> deserialise(std::span<const int> symbols);

// Natural logarithm of the probability of `symbol` after `previous`, from a network's kFrameSymbols
// logits: the softmax over what may follow. -infinity for a symbol that may not.
double serialLogProbability(std::span<const float> logits, int symbol, int previous);

// Sets the logits of what may not follow to -infinity, for sampling.
void maskSerial(std::span<float> logits, int previous);

// Frames of `unitsPerFrame` (beat_grid.h) from position 0; onsets and ends are rounded to the
// nearest frame, and every note has at least one. Fails where unitsPerFrame < 1 or there would be
// more than kMostFrames frames.
inline constexpr std::int64_t kMostFrames = 1 << 22;
Result<std::vector<Frame>> framesOf(std::span<const EncodedNote> notes, int unitsPerFrame);
// Runs of a pitch are notes, in order of onset, then pitch.
std::vector<Note> notesOfFrames(std::span<const Frame> frames, TickDelta frame,
                                int velocity = kDefaultVelocity);

}  // namespace incipit
