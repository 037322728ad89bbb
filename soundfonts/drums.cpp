#include "soundfonts/drums.h"

#include <cmath>
#include <functional>
#include <numbers>
#include <utility>

#include "soundfonts/tones.h"

namespace incipit::tones {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;
constexpr int kDrumRoot = 60;  // drums play their samples as they are at every key

using Wave = std::function<double(double seconds)>;

// `fade`: the last part over which the sample goes to zero, in seconds.
sf2::Sample sampleOf(std::string name, double seconds, const Wave& wave, double fade = 0.02) {
  sf2::Sample s;
  s.name = std::move(name);
  s.rate = kRate;
  s.rootKey = kDrumRoot;
  const auto n = static_cast<std::size_t>(seconds * kRate);
  for (std::size_t i = 0; i < n; ++i) {
    const double t = static_cast<double>(i) / kRate;
    const double end = std::min(1.0, (seconds - t) / fade);
    s.data.push_back(static_cast<float>(wave(t) * end));
  }
  normalise(s.data);
  return s;
}

double fall(double t, double seconds) { return std::exp(-t / seconds); }

// White noise through a resonant two-pole band (Chamberlin's state-variable filter).
class NoiseBand {
 public:
  enum class Out { kLow, kBand, kHigh };
  NoiseBand(Rng& rng, double hertz, double damping, Out out)
      : rng_(rng), f_(2 * std::sin(std::numbers::pi * hertz / kRate)), q_(damping), out_(out) {}
  double next() {
    const double in = 2 * rng_.uniform() - 1;
    low_ += f_ * band_;
    const double high = in - low_ - q_ * band_;
    band_ += f_ * high;
    return out_ == Out::kLow ? low_ : out_ == Out::kBand ? band_ : high;
  }

 private:
  Rng& rng_;
  double f_;
  double q_;
  Out out_;
  double low_ = 0;
  double band_ = 0;
};

// A sine that falls from `from` to `to` Hz with the given time.
Wave sweep(double from, double to, double time) {
  return [=](double t) {
    const double turns = to * t + (from - to) * time * (1 - std::exp(-t / time));
    return std::sin(kTurn * turns);
  };
}

// The clang of cymbals: square waves at unrelated pitches.
double metal(double t, double base) {
  double sum = 0;
  for (const double ratio : {1.0, 1.342, 1.2312, 1.6532, 1.9523, 2.1523}) {
    sum += std::sin(kTurn * base * ratio * t) > 0 ? 1 : -1;
  }
  return sum / 6;
}

sf2::Sample kick(Rng& rng) {
  auto body = sweep(190, 52, 0.03);
  NoiseBand click(rng, 3000, 0.8, NoiseBand::Out::kLow);
  return sampleOf("Kick", 0.32, [=](double t) mutable {
    return body(t) * fall(t, 0.11) + 0.35 * click.next() * fall(t, 0.004);
  });
}

sf2::Sample snare(Rng& rng, double tone) {
  auto body = sweep(tone * 1.5, tone, 0.015);
  NoiseBand wires(rng, 1800, 0.9, NoiseBand::Out::kHigh);
  return sampleOf("Snare", 0.3, [=](double t) mutable {
    return 0.75 * body(t) * fall(t, 0.075) + 0.5 * wires.next() * fall(t, 0.09);
  });
}

sf2::Sample hat(Rng& rng, const char* name, double seconds, double time) {
  NoiseBand hiss(rng, 7000, 0.7, NoiseBand::Out::kHigh);
  double before = 0;
  return sampleOf(name, seconds, [=](double t) mutable {
    const double clang = metal(t, 420);
    const double bright = clang - before;  // a difference: only the highs
    before = clang;
    return (0.6 * bright + 0.6 * hiss.next()) * fall(t, time);
  });
}

sf2::Sample cymbal(Rng& rng, const char* name, double seconds, double time, double ping) {
  NoiseBand hiss(rng, 4500, 0.6, NoiseBand::Out::kHigh);
  double before = 0;
  return sampleOf(
      name, seconds,
      [=](double t) mutable {
        const double clang = metal(t, 310);
        const double bright = clang - 0.8 * before;
        before = clang;
        const double wash = (0.35 * bright + 0.7 * hiss.next()) * fall(t, time);
        const double bell = std::sin(kTurn * 3150 * t) + 0.6 * std::sin(kTurn * 4720 * t);
        return (1 - ping) * wash + ping * 0.5 * bell * fall(t, 0.25) +
               0.3 * hiss.next() * fall(t, 0.01);
      },
      0.3);
}

sf2::Sample clap(Rng& rng) {
  NoiseBand band(rng, 1300, 0.5, NoiseBand::Out::kBand);
  return sampleOf("Clap", 0.22, [=](double t) mutable {
    // Three hands, then the room.
    double strength = fall(t - 0.024, 0.05) * (t >= 0.024 ? 0.8 : 0);
    for (const double at : {0.0, 0.009, 0.017}) {
      if (t >= at) strength += fall(t - at, 0.003);
    }
    return band.next() * strength;
  });
}

sf2::Sample tapped(const char* name, double hertz, double overtone, double time, Rng& rng) {
  NoiseBand click(rng, 4000, 0.9, NoiseBand::Out::kLow);
  return sampleOf(name, time * 7, [=](double t) mutable {
    return (std::sin(kTurn * hertz * t) + 0.5 * std::sin(kTurn * hertz * overtone * t)) *
               fall(t, time) +
           0.2 * click.next() * fall(t, 0.002);
  });
}

sf2::Sample shaken(const char* name, double seconds, double time, double hertz, double ring,
                   Rng& rng) {
  NoiseBand hiss(rng, hertz, 0.4, NoiseBand::Out::kBand);
  return sampleOf(name, seconds, [=](double t) mutable {
    const double rise = std::min(1.0, t / 0.008);
    const double jingle = ring * metal(t, 2300);
    return rise * (hiss.next() + jingle) * fall(t, time);
  });
}

}  // namespace

sf2::Sample makeTom(Rng& rng) {
  auto body = sweep(1.5 * hertz(48), hertz(48), 0.035);
  NoiseBand skin(rng, 900, 0.7, NoiseBand::Out::kLow);
  sf2::Sample s = sampleOf("Tom", 0.5, [=](double t) mutable {
    return body(t) * fall(t, 0.16) + 0.25 * skin.next() * fall(t, 0.02);
  });
  s.rootKey = 48;
  return s;
}

sf2::Sample makeNoise(Rng& rng) {
  sf2::Sample s;
  s.name = "Noise";
  s.rate = kRate;
  s.rootKey = 60;
  constexpr std::size_t kLength = 12000;
  constexpr std::size_t kBlend = 2000;
  NoiseBand band(rng, 5000, 1.2, NoiseBand::Out::kLow);
  std::vector<double> raw;
  for (std::size_t i = 0; i < kLength + kBlend; ++i) raw.push_back(band.next());
  // The end goes over into what came before the loop, at constant power.
  for (std::size_t i = 0; i < kBlend; ++i) {
    const double x = static_cast<double>(i) / kBlend;
    const std::size_t at = kLength + i;
    raw[at] = raw[at] * std::sqrt(1 - x) + raw[i] * std::sqrt(x);
  }
  s.data.assign(raw.begin(), raw.end());
  normalise(s.data);
  s.loopStart = kBlend;
  s.loopEnd = kLength + kBlend;
  s.data.insert(s.data.end(), s.data.begin() + static_cast<std::ptrdiff_t>(kBlend),
                s.data.begin() + static_cast<std::ptrdiff_t>(kBlend + 8));
  return s;
}

std::vector<Drum> makeDrums(Rng& rng) {
  std::vector<Drum> kit;
  kit.push_back({kick(rng), {{35, -2, 0}, {36, 0, 0}}, 3.5});
  kit.push_back({snare(rng, 185), {{38, 0, 0}, {40, 2, 0}}});
  kit.push_back({tapped("Stick", 1750, 1.47, 0.012, rng), {{37, 0, 0}, {31, 2, 0}}, 1});
  kit.push_back({clap(rng), {{39, 0, 0.05}}});
  kit.push_back({hat(rng, "Closed Hat", 0.12, 0.025), {{42, 0, 0.15, 1}, {44, -2, 0.15, 1, 3}}, 5});
  kit.push_back({hat(rng, "Open Hat", 0.5, 0.16), {{46, 0, 0.15, 1}}, 9});
  kit.push_back({makeTom(rng),
                 {{41, -7, -0.3},
                  {43, -4, -0.2},
                  {45, -1, -0.1},
                  {47, 2, 0.05},
                  {48, 5, 0.15},
                  {50, 8, 0.25}},
                 4});
  kit.push_back({cymbal(rng, "Crash", 1.0, 0.36, 0.05),
                 {{49, 0, -0.2}, {57, 2, 0.2}, {52, -3, 0.1, 0, 2}, {55, 6, -0.1, 0, 2}},
                 6});
  kit.push_back({cymbal(rng, "Ride", 0.8, 0.3, 0.45),
                 {{51, 0, 0.25, 0, 3}, {59, -1, 0.25, 0, 3}, {53, 3, 0.25, 0, 2}},
                 12});
  kit.push_back(
      {tapped("Cowbell", 562, 1.504, 0.06, rng),
       {{56, 0, 0.1}, {67, 5, -0.1}, {68, 0, -0.1}, {80, 19, 0.1, 2, 6}, {81, 19, 0.1, 2, 6}},
       5});
  kit.push_back({tapped("Wood", 900, 2.6, 0.018, rng),
                 {{76, 4, 0.1},
                  {77, -1, 0.1},
                  {75, 12, 0},
                  {33, 4, 0},
                  {34, 9, 0},
                  {32, 14, 0},
                  {85, 7, 0}}});
  kit.push_back({tapped("Conga", 230, 1.6, 0.07, rng),
                 {{60, 9, -0.2},
                  {61, 4, -0.2},
                  {62, 6, 0.15},
                  {63, 5, 0.15},
                  {64, 0, 0.15},
                  {65, 7, 0.2},
                  {66, 2, 0.2},
                  {86, 3, 0},
                  {87, 0, 0},
                  {78, 12, 0},
                  {79, 9, 0}},
                 2.5});
  kit.push_back({shaken("Shaker", 0.1, 0.03, 6000, 0, rng),
                 {{69, 0, -0.2}, {70, 3, -0.2}, {82, 0, 0.1}, {73, -2, 0}, {74, -4, 0}},
                 3});
  kit.push_back({shaken("Tambourine", 0.22, 0.06, 8000, 0.4, rng),
                 {{54, 0, 0.1}, {83, 3, 0}, {84, 7, 0}, {58, -12, 0}},
                 3});
  kit.push_back({tapped("Whistle", 2300, 1.01, 0.05, rng), {{71, 0, 0}, {72, -1, 0}}});
  return kit;
}

}  // namespace incipit::tones
