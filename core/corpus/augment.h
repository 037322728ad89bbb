// Variations of a piece that are as good to learn from as the piece. Drawing and applying are
// apart, so that a training run can say what it did.
//
// Pure: the same document, settings and seed give the same result; drums are never transposed.
// Thread safety: values and free functions.
#pragma once

#include "core/rng.h"
#include "core/score/document.h"

namespace incipit {

struct AugmentOptions {
  // Semitones that a piece may be moved by, drawn uniformly; every track must stay within the range
  // of its instrument (instrumentRange), so a piece that fills it stays where it is.
  int transposeDown = 5;
  int transposeUp = 6;
  // Share of the melodic notes, 0..1, to which noise is added: a standard normal number of
  // semitones cut to its integer part (so that two in three of them do not move), or rounded.
  // Clamped to the instrument's range.
  double noisyNotes = 0;
  bool roundNoise = false;
  double tempoStretch = 0.15;  // the speed is multiplied by 1 - this .. 1 + this; 0 <= this < 1
  int velocityOffset = 8;      // added to every velocity: -this..this, clamped to 1..127
};

struct Augmentation {
  int transpose = 0;
  double speed = 1;
  int velocity = 0;
  double noisyNotes = 0;
  bool roundNoise = false;
  std::uint64_t noiseSeed = 0;
  bool operator==(const Augmentation&) const = default;
};

struct PitchRange {
  int low = 0;
  int high = 127;
  bool operator==(const PitchRange&) const = default;
};
// What the instrument of a General MIDI program can play, as orchestration books give it;
// electronic ones play everything.
PitchRange instrumentRange(int program);

// How far the melodic tracks can be moved within the limits of `options`: low <= 0 <= high. A track
// that already leaves its instrument's range does not hinder.
PitchRange transpositionRange(const Document& document, const AugmentOptions& options);

// Draws what is to be done with a piece.
Augmentation drawAugmentation(const Document& document, const AugmentOptions& options, Rng& rng);

// Note positions stay; the tempo map changes.
Document augmented(const Document& document, const Augmentation& augmentation);

// A standard normal number (Box and Muller 1958).
double standardNormal(Rng& rng);

}  // namespace incipit
