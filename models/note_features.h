// What the `improved` note LSTM is shown before each note: indices into one embedding table.
//
// Besides the note before (pitch, step, duration, velocity), its place in the bar and the meter, it
// sees how long what sounds will go on, and what followed the same moment one and two bars ago (the
// "lookback" of Waite 2016, "Generating long-term structure in songs and stories", here as a
// pointer into the beat grid). A sequence begins at the bar line of its first note, with no note
// before.
//
// Thread safety: free functions.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/encoding/note_sequence.h"

namespace incipit {

inline constexpr int kPitches = 128;
inline constexpr int kSubBeats = kUnitsPerQuarter;
inline constexpr int kVelocityDeltas = 2 * kVelocityBins - 1;  // of bins; the middle is no change
inline constexpr int kIntervals = 121;                         // -60..60, further ones at the ends
inline constexpr int kLookbacks = 2;

// Rows of the input table, feature after feature; the last row of a feature that may be absent
// stands for its absence.
struct InputRows {
  static constexpr int kPitch = 0;
  static constexpr int kStep = kPitch + kPitches + 1;
  static constexpr int kDuration = kStep + kStepBins + 1;
  static constexpr int kVelocity = kDuration + kDurationBins + 1;
  static constexpr int kSubBeat = kVelocity + kVelocityBins + 1;
  static constexpr int kBeat = kSubBeat + kSubBeats;
  static constexpr int kMeter = kBeat + kBarBeats;
  static constexpr int kSounding = kMeter + kMeterClasses;
  static constexpr int kLookback = kSounding + kDurationBins + 1;
  static constexpr int kLookbackSize = (kPitches + 1) + (kStepBins + 1) + (kDurationBins + 1);
  static constexpr int kRows = kLookback + kLookbacks * kLookbackSize;
};
inline constexpr int kInputs = 8 + 3 * kLookbacks;
using NoteInputs = std::array<std::int32_t, kInputs>;

// How features are moved for augmentation: pitches by semitones, velocities by bins.
struct Shift {
  int semitones = 0;
  int velocityBins = 0;
};
int shiftedPitch(int pitch, const Shift& s);
int shiftedVelocityBin(int velocity, const Shift& s);

// Where a bar stands: what the first note of a sequence is placed by.
struct BarStart {
  std::int32_t onset = 0;
  int length = 96;
  int meter = 0;
};

// What is known before a note: `notes` holds what came so far, of which those from `first` on are
// in the window; soundingEnd is the latest end of those, in units.
NoteInputs inputsBefore(std::span<const EncodedNote> notes, std::size_t first,
                        const BarStart& start, std::int32_t soundingEnd, const Shift& shift);

// What the heads are conditioned on and what they should answer.
struct NoteTargets {
  int step = 0;     // bin; of a window's first note the bin of its position in the bar
  int subBeat = 0;  // of the note itself
  int beat = 0;
  int pitch = 0;
  int pitchBefore = 60;  // 60 where there is none
  // Pitches up to this one cannot follow: notes of a chord ascend. -1: all can.
  int excluded = -1;
  int duration = 0;  // bin
  int velocity = 0;  // index of the change, 0..kVelocityDeltas-1
};
NoteTargets targetsOf(const EncodedNote* before, const EncodedNote& note, const Shift& shift);

inline int subBeatOf(int barPosition) { return barPosition % kUnitsPerQuarter; }
inline int beatOf(int barPosition) { return barPosition / kUnitsPerQuarter % kBarBeats; }
int intervalIndex(int pitch, int pitchBefore);

// Rows of the tables that condition the heads: step, place in the bar, pitch, duration.
struct HeadRows {
  static constexpr int kStep = 0;
  static constexpr int kSubBeat = kStep + kStepBins;
  static constexpr int kBeat = kSubBeat + kSubBeats;
  static constexpr int kPitch = kBeat + kBarBeats;
  static constexpr int kDuration = kPitch + kPitches;
  static constexpr int kRows = kDuration + kDurationBins;
};

}  // namespace incipit
