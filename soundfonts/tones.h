// Additive synthesis of looped samples: a tone is a sum of partials whose strengths settle from an
// attack into a steady loop. Every partial makes a whole number of turns in the loop, so that it is
// seamless, and the tone's pitch is exact to a tenth of a cent.
//
// Thread safety: values and free functions; the Rng is the caller's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/rng.h"
#include "soundfonts/sf2_writer.h"

namespace incipit::tones {

inline constexpr int kRate = 32000;

double hertz(int key);

struct Partial {
  double ratio = 1;     // to the fundamental
  double attack = 1;    // strength at the start
  double steady = 1;    // in the loop
  double settle = 0.1;  // seconds; the attack's excess falls by e
};

struct Tone {
  std::string name;
  int key = 60;
  double attack = 0.2;  // seconds before the loop
  double loop = 0.1;    // seconds, about
  std::vector<Partial> partials;
  int players = 1;           // each partial is that many, a little apart
  double spread = 0;         // how far apart, in Hz at the fundamental's partial
  double noise = 0;          // strength of the attack's noise
  double noiseFall = 0.01;   // seconds; it falls by e
  double noiseColour = 0.5;  // 0 dark .. 1 white
  double breath = 0;         // strength of a band of noise in the steady tone
  double breathLow = 1000;
  double breathHigh = 4000;
};

// Of loudness 1 (full scale at the loudest moment).
sf2::Sample render(const Tone& tone, Rng& rng);

// Partials 1, 2, 3 ... up to the highest that fits, with the strength that `strength(k, hertz)`
// says.
std::vector<Partial> harmonics(int key, int most,
                               const std::function<double(int, double)>& strength);

// A resonance: 1 at its centre, falling on both sides.
double formant(double hertz, double centre, double width);

// Makes the loudest value 1.
void normalise(std::vector<float>& samples);

}  // namespace incipit::tones
