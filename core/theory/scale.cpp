#include "core/theory/scale.h"

#include <cmath>

namespace incipit {
namespace {
// Bit i: the pitch class i semitones above the tonic belongs to the scale.
constexpr std::uint16_t maskOf(std::initializer_list<int> degrees) {
  std::uint16_t mask = 0;
  for (int d : degrees) mask = static_cast<std::uint16_t>(mask | (1U << d));
  return mask;
}

std::uint16_t modeMask(Mode m) {
  switch (m) {
    case Mode::kMajor:
      return maskOf({0, 2, 4, 5, 7, 9, 11});
    case Mode::kMinor:
      return maskOf({0, 2, 3, 5, 7, 8, 10});
    case Mode::kHarmonicMinor:
      return maskOf({0, 2, 3, 5, 7, 8, 11});
    case Mode::kDorian:
      return maskOf({0, 2, 3, 5, 7, 9, 10});
    case Mode::kPhrygian:
      return maskOf({0, 1, 3, 5, 7, 8, 10});
    case Mode::kLydian:
      return maskOf({0, 2, 4, 6, 7, 9, 11});
    case Mode::kMixolydian:
      return maskOf({0, 2, 4, 5, 7, 9, 10});
    case Mode::kPentatonic:
      return maskOf({0, 2, 4, 7, 9});
    case Mode::kBlues:
      return maskOf({0, 3, 5, 6, 7, 10});
    case Mode::kChromatic:
      break;
  }
  return 0xFFF;
}

constexpr std::array<double, 12> kMajorProfile = {6.35, 2.23, 3.48, 2.33, 4.38, 4.09,
                                                  2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
constexpr std::array<double, 12> kMinorProfile = {6.33, 2.68, 3.52, 5.38, 2.60, 3.53,
                                                  2.54, 4.75, 3.98, 2.69, 3.34, 3.17};

double correlation(const std::array<double, 12>& x, const std::array<double, 12>& y, int shift) {
  double mx = 0, my = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    mx += x[i] / 12;
    my += y[i] / 12;
  }
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const double a = x[(i + static_cast<std::size_t>(shift)) % 12] - mx;
    const double b = y[i] - my;
    xy += a * b;
    xx += a * a;
    yy += b * b;
  }
  return xx > 0 ? xy / std::sqrt(xx * yy) : 0;
}
}  // namespace

bool Scale::contains(int pitch) const {
  return (modeMask(mode) >> static_cast<unsigned>(((pitch - tonic) % 12 + 12) % 12) & 1U) != 0;
}

int Scale::step(int pitch, int steps) const {
  const int direction = steps < 0 ? -1 : 1;
  for (int n = std::abs(steps); n > 0; --n) {
    do {
      pitch += direction;
    } while (!contains(pitch));
  }
  return pitch;
}

const std::vector<Mode>& allModes() {
  static const std::vector<Mode> kModes = {
      Mode::kMajor,  Mode::kMinor,      Mode::kHarmonicMinor, Mode::kDorian, Mode::kPhrygian,
      Mode::kLydian, Mode::kMixolydian, Mode::kPentatonic,    Mode::kBlues,  Mode::kChromatic};
  return kModes;
}

std::string modeName(Mode m) {
  switch (m) {
    case Mode::kMajor:
      return "major";
    case Mode::kMinor:
      return "minor";
    case Mode::kHarmonicMinor:
      return "harmonic minor";
    case Mode::kDorian:
      return "Dorian";
    case Mode::kPhrygian:
      return "Phrygian";
    case Mode::kLydian:
      return "Lydian";
    case Mode::kMixolydian:
      return "Mixolydian";
    case Mode::kPentatonic:
      return "pentatonic";
    case Mode::kBlues:
      return "blues";
    case Mode::kChromatic:
      break;
  }
  return "chromatic";
}

std::string scaleName(const Scale& s) {
  static constexpr std::array<const char*, 12> kTonics = {"C",  "D♭", "D",  "E♭", "E",  "F",
                                                          "F♯", "G",  "A♭", "A",  "B♭", "B"};
  return std::string(kTonics[static_cast<std::size_t>(s.tonic % 12)]) + " " + modeName(s.mode);
}

Scale estimateKey(std::span<const Note> notes) {
  std::array<double, 12> weight{};
  for (const Note& n : notes) weight[n.pitch % 12U] += static_cast<double>(n.length.count);
  Scale best{0, Mode::kMajor};
  double highest = -2;
  for (int tonic = 0; tonic < 12; ++tonic) {
    for (const Mode mode : {Mode::kMajor, Mode::kMinor}) {
      const double r =
          correlation(weight, mode == Mode::kMajor ? kMajorProfile : kMinorProfile, tonic);
      if (r > highest + 1e-12) {
        highest = r;
        best = {tonic, mode};
      }
    }
  }
  return notes.empty() ? Scale{} : best;
}

}  // namespace incipit
