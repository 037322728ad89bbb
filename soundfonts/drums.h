// The built-in drum kit's sounds, made from sines and noise.
// Thread safety: a free function; the Rng is the caller's.
#pragma once

#include <vector>

#include "core/rng.h"
#include "soundfonts/sf2_writer.h"

namespace incipit::tones {

// One sound of the kit, at the General MIDI keys where it plays.
struct Drum {
  sf2::Sample sample;
  struct At {
    int key;
    int semitones;      // higher than the sample
    double pan;         // -0.5..0.5
    int choke = 0;      // of those with one number, a new one ends the others; 0: none
    double softer = 0;  // decibels
  };
  std::vector<At> keys;
  double softer = 0;   // decibels below full scale, of all its keys
  double release = 2;  // seconds; drums ring on when the key is let go
};

std::vector<Drum> makeDrums(Rng& rng);

// A tuned drum, for timpani, taiko and melodic toms.
sf2::Sample makeTom(Rng& rng);
// Noise in a loop, for breath, sea and applause.
sf2::Sample makeNoise(Rng& rng);

}  // namespace incipit::tones
