// The objective metrics of the MusPy toolkit (Dong, Chen, McAuley and Berg-Kirkpatrick 2020,
// "MusPy: A Toolkit for Symbolic Music Generation"), from the definitions that it gives and the
// papers that it takes them from.
//
// Lengths are exact, in ticks; onset patterns lie on the beat grid (beat_grid.h, 24 steps a
// quarter). Metrics of pitch and polyphony see melodic tracks only, those of drums drums only,
// those of beats, bars and groove both. What has no meaning (a rate of no notes) is NaN. Memory: a
// small multiple of the notes, whatever the length. Thread safety: free functions without state.
#pragma once

#include <vector>

#include "core/score/document.h"
#include "core/theory/scale.h"

namespace incipit {

// Different pitches, and pitch classes, that are played.
int pitchesUsed(const Document& document);
int pitchClassesUsed(const Document& document);
// Semitones from the lowest to the highest; 0 for no notes.
int pitchRange(const Document& document);

// The share of quarters, and of bars, in which nothing sounds, of all until the end of the last
// note.
double emptyBeatRate(const Document& document);
double emptyMeasureRate(const Document& document);

// Different pitches that sound at once on average, over the time in which any does.
double polyphony(const Document& document);
// The share of the time to the last melodic note's end in which more than `threshold` pitches
// sound.
double polyphonyRate(const Document& document, int threshold = 2);

// The share of notes that lie in a scale, and the highest of it over all major and minor (natural)
// scales (Mogren 2016, "C-RNN-GAN").
double pitchInScaleRate(const Document& document, const Scale& scale);
double scaleConsistency(const Document& document);

// The share of drum onsets that lie on a regular pattern, sixteenths (duple) or eighth triplets
// (triple), and the higher of the two (Dong, Hsiao, Yang and Yang 2018, "MuseGAN").
enum class DrumPattern { kDuple, kTriple };
double drumInPatternRate(const Document& document, DrumPattern pattern);
double drumPatternConsistency(const Document& document);

// Shannon entropy of the histogram of pitches, and of pitch classes (Wu and Yang 2020, "The Jazz
// Transformer on the Front Line"), in bits.
double pitchEntropy(const Document& document);
double pitchClassEntropy(const Document& document);

// One less the mean share of steps in which the onset patterns of two neighbouring bars differ (Wu
// and Yang 2020). All bars are taken to be as long as the first one; NaN for fewer than two.
double grooveConsistency(const Document& document);

// All of them, in this order, with the names that MusPy gives them ("pitch_in_scale_rate" for the
// estimated key, "drum_in_pattern_rate" for the duple pattern).
struct Metric {
  const char* name;
  double value;
};
std::vector<Metric> musicMetrics(const Document& document);

}  // namespace incipit
