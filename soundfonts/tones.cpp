#include "soundfonts/tones.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace incipit::tones {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;
constexpr double kHighest = 0.46 * kRate;

// 1 at 0, 0 from 1 on, smooth.
double fadeOut(double x) {
  if (x >= 1) return 0;
  return 0.5 + 0.5 * std::cos(std::numbers::pi * std::max(x, 0.0));
}

struct Voice {
  double turns;  // in the loop; whole
  double phase;
  double attack;
  double steady;
  double settle;
};

std::vector<Voice> voicesOf(const Tone& tone, double loopSeconds, Rng& rng) {
  const double f = hertz(tone.key);
  std::vector<Voice> voices;
  for (const Partial& p : tone.partials) {
    for (int player = 0; player < tone.players; ++player) {
      // Players stand symmetrically around the pitch.
      const double place = tone.players == 1 ? 0 : 2.0 * player / (tone.players - 1) - 1;
      const double at = f * p.ratio + place * tone.spread * std::max(p.ratio, 1.0);
      if (at >= kHighest) continue;
      const double turns = std::max(1.0, std::round(at * loopSeconds));
      // The one in the middle leads, so that the group is heard at its pitch.
      const double share = place == 0 ? 1.0 : 0.55;
      voices.push_back(
          {turns, rng.uniform() * kTurn, p.attack * share, p.steady * share, p.settle});
    }
  }
  if (tone.breath > 0) {
    const double low = std::ceil(tone.breathLow * loopSeconds);
    const double high = std::floor(tone.breathHigh * loopSeconds);
    const double each = tone.breath / std::sqrt(std::max(high - low, 1.0));
    for (double turns = low; turns <= high; ++turns) {
      voices.push_back({turns, rng.uniform() * kTurn, each, each, 1});
    }
  }
  return voices;
}

}  // namespace

double hertz(int key) { return 440 * std::exp2((key - 69) / 12.0); }

double formant(double hertz, double centre, double width) {
  const double x = (hertz - centre) / width;
  return 1 / (1 + x * x);
}

std::vector<Partial> harmonics(int key, int most,
                               const std::function<double(int, double)>& strength) {
  std::vector<Partial> partials;
  const double f = hertz(key);
  for (int k = 1; k <= most && k * f < kHighest; ++k) {
    const double a = strength(k, k * f);
    partials.push_back({static_cast<double>(k), a, a, 0.1});
  }
  return partials;
}

void normalise(std::vector<float>& samples) {
  float peak = 0;
  for (const float s : samples) peak = std::max(peak, std::abs(s));
  if (peak <= 0) return;
  constexpr float kFull = 0.98F;
  for (float& s : samples) s *= kFull / peak;
}

sf2::Sample render(const Tone& tone, Rng& rng) {
  const double f = hertz(tone.key);
  // The loop holds a whole number of the fundamental's turns; its length is rounded to samples and
  // every frequency follows it.
  const double turns = std::max(1.0, std::round(tone.loop * f));
  const auto loopSamples = static_cast<std::size_t>(std::lround(turns * kRate / f));
  const auto attackSamples = static_cast<std::size_t>(std::lround(tone.attack * kRate));
  const std::vector<Voice> voices = voicesOf(tone, turns / f, rng);

  sf2::Sample sample;
  sample.name = tone.name + " " + std::to_string(tone.key);
  sample.rate = kRate;
  sample.rootKey = tone.key;
  // A few samples after the loop's end, for the synth's interpolation.
  constexpr std::size_t kAfter = 8;
  std::vector<double> out(attackSamples + loopSamples + kAfter, 0.0);
  for (const Voice& v : voices) {
    const double step = kTurn * v.turns / static_cast<double>(loopSamples);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double seconds = static_cast<double>(i) / kRate;
      const double excess =
          i >= attackSamples
              ? 0
              : std::exp(-seconds / v.settle) *
                    fadeOut(static_cast<double>(i) / static_cast<double>(attackSamples));
      const double strength = v.steady + (v.attack - v.steady) * excess;
      out[i] += strength * std::sin(v.phase + step * static_cast<double>(i));
    }
  }
  double dark = 0;
  for (std::size_t i = 0; tone.noise > 0 && i < attackSamples; ++i) {
    dark += tone.noiseColour * (2 * rng.uniform() - 1 - dark);
    out[i] += tone.noise * dark * std::exp(-static_cast<double>(i) / kRate / tone.noiseFall) *
              fadeOut(static_cast<double>(i) / static_cast<double>(attackSamples));
  }
  // From nothing, without a click.
  constexpr std::size_t kRise = 24;
  for (std::size_t i = 0; i < std::min(kRise, attackSamples); ++i) {
    out[i] *= static_cast<double>(i) / kRise;
  }
  sample.data.assign(out.begin(), out.end());
  normalise(sample.data);
  // At least a short lead before the loop, which FluidSynth's interpolation looks back into.
  sample.loopStart = attackSamples;
  sample.loopEnd = attackSamples + loopSamples;
  return sample;
}

}  // namespace incipit::tones
