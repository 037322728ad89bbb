// Scales and keys.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/score/note.h"

namespace incipit {

enum class Mode {
  kMajor,
  kMinor,
  kHarmonicMinor,
  kDorian,
  kPhrygian,
  kLydian,
  kMixolydian,
  kPentatonic,
  kBlues,
  kChromatic
};

struct Scale {
  int tonic = 0;  // pitch class, 0 = C
  Mode mode = Mode::kMajor;
  bool operator==(const Scale&) const = default;

  bool contains(int pitch) const;
  // The pitch `steps` scale steps from `pitch`, unclamped; see transposeInScale for notes outside.
  int step(int pitch, int steps) const;
};

std::string scaleName(const Scale& s);  // "C major"
const std::vector<Mode>& allModes();
std::string modeName(Mode m);

// Krumhansl-Schmuckler with the Krumhansl-Kessler profiles (Krumhansl 1990, Cognitive Foundations
// of Musical Pitch), notes weighted by length: the major or minor key of the highest correlation.
// C major for no notes.
Scale estimateKey(std::span<const Note> notes);

}  // namespace incipit
