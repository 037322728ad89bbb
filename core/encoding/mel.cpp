#include "core/encoding/mel.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace incipit {
namespace {

using Complex = std::complex<float>;

double melOf(double hertz) { return 2595 * std::log10(1 + hertz / 700); }
double hertzOf(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

std::vector<Complex> turnsOf(std::size_t length) {
  std::vector<Complex> turns(length / 2);
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const double angle =
        -2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(length);
    turns[i] = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
  }
  return turns;
}

// Radix 2, decimation in time. turns: of the whole length.
void transform(std::span<Complex> v, std::span<const Complex> turns) {
  const std::size_t n = v.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1U;
    for (; (j & bit) != 0; bit >>= 1U) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(v[i], v[j]);
  }
  for (std::size_t half = 1; half < n; half *= 2) {
    const std::size_t stride = n / (2 * half);
    for (std::size_t from = 0; from < n; from += 2 * half) {
      for (std::size_t k = 0; k < half; ++k) {
        const Complex t = turns[k * stride];
        const Complex low = v[from + k];
        const Complex b = v[from + half + k];
        const Complex high{b.real() * t.real() - b.imag() * t.imag(),
                           b.real() * t.imag() + b.imag() * t.real()};
        v[from + k] = low + high;
        v[from + half + k] = low - high;
      }
    }
  }
}

// Levels of every hop of a sound that is in memory, [moment][band], powers.
std::vector<float> powersOf(std::span<const float> sound, MelAnalysis& mel) {
  const MelLayout& l = mel.layout();
  const auto window = static_cast<std::size_t>(l.window);
  const auto bands = static_cast<std::size_t>(l.bands);
  std::vector<float> out;
  for (std::size_t at = 0; at + window <= sound.size(); at += static_cast<std::size_t>(l.hop)) {
    out.resize(out.size() + bands);
    mel.powers(sound.subspan(at, window), std::span(out).last(bands));
  }
  return out;
}

double energyOf(std::span<const float> sound) {
  double sum = 0;
  for (const float s : sound) sum += static_cast<double>(s) * s;
  return sum;
}

}  // namespace

void fourierTransform(std::span<Complex> values) { transform(values, turnsOf(values.size())); }

std::vector<MelBand> melBands(const MelLayout& l) {
  const double top = std::min(l.highest, l.sampleRate / 2.0);
  const double low = melOf(l.lowest);
  const double step = (melOf(top) - low) / (l.bands + 1);
  const double binHertz = static_cast<double>(l.sampleRate) / l.window;
  std::vector<MelBand> bands;
  for (int b = 0; b < l.bands; ++b) {
    const double from = hertzOf(low + b * step) / binHertz;
    const double middle = hertzOf(low + (b + 1) * step) / binHertz;
    const double to = hertzOf(low + (b + 2) * step) / binHertz;
    MelBand band;
    band.first = static_cast<int>(std::ceil(from));
    for (int bin = band.first; bin < to && bin <= l.window / 2; ++bin) {
      const double share =
          bin < middle ? (bin - from) / (middle - from) : (to - bin) / (to - middle);
      band.weights.push_back(static_cast<float>(std::max(0.0, share)));
    }
    // A band narrower than a bin is the nearest one.
    if (band.weights.empty()) {
      band.first = static_cast<int>(std::lround(middle));
      band.weights.push_back(1);
    }
    bands.push_back(std::move(band));
  }
  return bands;
}

std::vector<float> hannWindow(int length) {
  std::vector<float> window(static_cast<std::size_t>(length));
  for (std::size_t i = 0; i < window.size(); ++i) {
    window[i] = static_cast<float>(
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / length));
  }
  return window;
}

MelAnalysis::MelAnalysis(const MelLayout& layout)
    : layout_(layout),
      window_(hannWindow(layout.window)),
      bands_(melBands(layout)),
      bins_(static_cast<std::size_t>(layout.window)),
      turns_(turnsOf(bins_.size())),
      spectrum_(bins_.size() / 2 + 1) {}

void MelAnalysis::powers(std::span<const float> samples, std::span<float> bands) {
  for (std::size_t i = 0; i < bins_.size(); ++i) bins_[i] = {samples[i] * window_[i], 0};
  transform(bins_, turns_);
  // The window halves amplitudes, a sine's two lines have half of it each: the sum over the lines
  // of a full-scale one is then 1.5 / 4 / 1.5, whatever the window's length.
  const float scale =
      4.0F / (1.5F * static_cast<float>(layout_.window) * static_cast<float>(layout_.window));
  for (std::size_t i = 0; i < spectrum_.size(); ++i) spectrum_[i] = std::norm(bins_[i]) * scale;
  for (std::size_t b = 0; b < bands.size(); ++b) {
    float sum = 0;
    const MelBand& band = bands_[b];
    for (std::size_t i = 0; i < band.weights.size(); ++i) {
      sum += band.weights[i] * spectrum_[static_cast<std::size_t>(band.first) + i];
    }
    bands[b] = sum;
  }
}

double decibels(double power) {
  return std::max(kSilentDecibels, 10 * std::log10(std::max(power, 1e-30)));
}

Result<Spectrogram> spectrogramOf(SoundReader& sound, int columns, int bands,
                                  const std::stop_token& stop) {
  MelLayout layout;
  layout.sampleRate = sound.sampleRate();
  layout.bands = bands;
  MelAnalysis mel(layout);
  const std::int64_t frames = std::max<std::int64_t>(1, sound.frames());
  const std::int64_t hops = (frames + layout.hop - 1) / layout.hop;
  Spectrogram out;
  out.columns = static_cast<int>(std::clamp<std::int64_t>(hops, 1, std::max(1, columns)));
  out.bands = bands;
  out.seconds = static_cast<double>(sound.frames()) / layout.sampleRate;
  const auto width = static_cast<std::size_t>(bands);
  std::vector<double> sums(static_cast<std::size_t>(out.columns) * width);
  std::vector<int> counts(static_cast<std::size_t>(out.columns));
  // Of a long sound some windows of each column are looked at.
  constexpr std::int64_t kLooked = 16;
  const std::int64_t every = std::max<std::int64_t>(1, hops / (out.columns * kLooked));
  // The first window is centred on the first sample.
  std::vector<float> window(static_cast<std::size_t>(layout.window));
  std::vector<float> now(width);
  const auto hop = static_cast<std::size_t>(layout.hop);
  std::size_t fresh = static_cast<std::size_t>(layout.window) / 2;
  for (std::int64_t i = 0; i < hops; ++i) {
    if (stop.stop_requested()) {
      out.cancelled = true;
      break;
    }
    const auto into = std::span(window).last(fresh);
    std::fill(into.begin(), into.end(), 0.0F);
    for (std::size_t have = 0; have < into.size();) {
      const auto got = sound.read(into.subspan(have));
      if (!got) return tl::unexpected(got.error());
      if (*got == 0) break;
      have += *got;
    }
    if (i % every == 0) {
      mel.powers(window, now);
      const auto column = static_cast<std::size_t>(i * out.columns / hops);
      for (std::size_t b = 0; b < width; ++b) sums[column * width + b] += now[b];
      ++counts[column];
    }
    std::copy(window.begin() + static_cast<std::ptrdiff_t>(hop), window.end(), window.begin());
    fresh = hop;
  }
  out.levels.resize(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    out.levels[i] = static_cast<float>(decibels(sums[i] / std::max(1, counts[i / width])));
  }
  return out;
}

MelDistance melDistance(std::span<const float> heard, std::span<const float> wanted,
                        int sampleRate) {
  constexpr double kRange = 60;  // dB
  MelLayout layout;
  layout.sampleRate = sampleRate;
  MelAnalysis mel(layout);
  const std::size_t length = std::min(heard.size(), wanted.size());
  const auto is = powersOf(heard.first(length), mel);
  const auto should = powersOf(wanted.first(length), mel);
  if (should.empty()) return {};
  const double floor = decibels(*std::max_element(should.begin(), should.end())) - kRange;
  const double gain =
      decibels(energyOf(wanted.first(length))) - decibels(energyOf(heard.first(length)));
  const auto bands = static_cast<std::size_t>(layout.bands);
  std::vector<double> mean(bands);
  std::vector<double> levels(is.size());
  std::vector<double> goals(is.size());
  MelDistance out;
  const auto count = static_cast<double>(is.size());
  for (std::size_t i = 0; i < is.size(); ++i) {
    levels[i] = std::max(floor, decibels(is[i]) + gain);
    goals[i] = std::max(floor, decibels(should[i]));
    out.plain += std::abs(goals[i] - levels[i]) / count;
    mean[i % bands] += (goals[i] - levels[i]) * static_cast<double>(bands) / count;
  }
  for (std::size_t i = 0; i < is.size(); ++i) {
    const double equalised = std::max(floor, levels[i] + mean[i % bands]);
    out.equalised += std::abs(goals[i] - equalised) / count;
  }
  return out;
}

}  // namespace incipit
