// Sound by time and pitch: short-time spectra of a Hann window, gathered in bands that are even on
// the mel scale, in decibels.
//
// Mel scale: Stevens, Volkmann and Newman 1937, in O'Shaughnessy's form, 2595 log10(1 + f / 700).
// Bands are triangles that meet at each other's middle; each weighs its bins by their share, so
// that white noise has a level in each that grows with its width.
//
// Thread safety: MelAnalysis is one thread's; the rest are free functions and values.
#pragma once

#include <complex>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "core/compose/sound.h"
#include "core/result.h"

namespace incipit {

// In place; the length is a power of two.
void fourierTransform(std::span<std::complex<float>> values);

struct MelLayout {
  int sampleRate = 44100;
  int window = 2048;  // samples, a power of two
  int hop = 512;
  int bands = 80;
  double lowest = 40;      // Hz
  double highest = 16000;  // Hz; at most half of the rate counts
};

// Which bins of a spectrum make a band, and how much each weighs: weights[i] is of bin first + i.
struct MelBand {
  int first = 0;
  std::vector<float> weights;
};
std::vector<MelBand> melBands(const MelLayout& layout);
// Periodic.
std::vector<float> hannWindow(int length);

class MelAnalysis {
 public:
  explicit MelAnalysis(const MelLayout& layout);
  const MelLayout& layout() const { return layout_; }
  // The power of each band in layout().window samples; a full-scale sine has about 0.25 in all.
  void powers(std::span<const float> samples, std::span<float> bands);

 private:
  MelLayout layout_;
  std::vector<float> window_;
  std::vector<MelBand> bands_;
  std::vector<std::complex<float>> bins_, turns_;
  std::vector<float> spectrum_;
};

constexpr double kSilentDecibels = -120;
double decibels(double power);  // at least kSilentDecibels

// A picture of a sound of any length: columns of equal time, each with the mean power of its bands
// (of a long sound's columns at sixteen moments or a few more).
struct Spectrogram {
  int columns = 0;  // fewer than asked for where the sound is short
  int bands = 0;
  double seconds = 0;
  std::vector<float> levels;  // dB, [column][band], the lowest band first
  bool cancelled = false;
};
// Reads the sound to its end, in memory for the picture alone.
Result<Spectrogram> spectrogramOf(SoundReader& sound, int columns, int bands,
                                  const std::stop_token& stop = {});

// How far a sound is from another of the same notes: the mean over bands and moments of the
// difference of their levels, in dB, of what lies within 60 dB of the loudest of `wanted`. The mean
// power of the one is first made that of the other, so that loudness alone earns nothing.
struct MelDistance {
  double plain = 0;
  double equalised =
      0;  // the same after the best fixed equaliser: each band by its mean difference
};
MelDistance melDistance(std::span<const float> heard, std::span<const float> wanted,
                        int sampleRate);

}  // namespace incipit
