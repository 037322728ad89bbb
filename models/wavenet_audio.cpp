#include "models/wavenet_audio.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <numeric>
#include <utility>

namespace incipit {
namespace {

constexpr double kMu = kSampleClasses - 1;
const double kLogMu = std::log1p(kMu);

constexpr double kHighest = 7000;  // Hz; harmonics above are left out
constexpr double kStroke = 0.02;   // seconds that a stroke is felt
constexpr double kRelease = 0.1;   // seconds in which a note that ended dies away
constexpr double kGone = 5 * kRelease;

// Seconds in which a held string falls to a third: low ones ring longer.
double ringing(int pitch) { return 2 * std::exp2((48 - pitch) / 24.0); }

void addCues(const SoundNote& n, std::int64_t from, std::span<float> out) {
  const double rate = kWavenetRate;
  const auto count = static_cast<std::int64_t>(out.size() / kNoteCues);
  const auto first = std::max(from, static_cast<std::int64_t>(std::ceil(n.on * rate)));
  const auto end =
      std::min(from + count, static_cast<std::int64_t>(std::ceil((n.off + kGone) * rate)));
  const double hertz = 440 * std::exp2((n.pitch - 69) / 12.0);
  const double ring = ringing(n.pitch);
  for (std::int64_t i = first; i < end; ++i) {
    const double age = static_cast<double>(i) / rate - n.on;
    const double after = std::max(0.0, static_cast<double>(i) / rate - n.off);
    const double loud = n.velocity / 127.0 * std::exp(-age / ring - after / kRelease);
    const double turn = 2 * std::numbers::pi * std::fmod(hertz * age, 1.0);
    float* cue = out.data() + static_cast<std::size_t>(i - from) * kNoteCues;
    // Higher ones die away sooner. Each sine follows from the two before.
    const double fading = std::exp(-age / (4 * ring));
    const double twice = 2 * std::cos(turn);
    double loudness = loud;
    double before = 0;
    double sine = std::sin(turn);
    for (std::size_t h = 0; h < kHarmonics; ++h) {
      if (static_cast<double>(h + 1) * hertz > kHighest) break;
      cue[h] += static_cast<float>(loudness * sine);
      loudness *= fading;
      before = std::exchange(sine, twice * sine - before);
    }
    cue[kHarmonics] += static_cast<float>(n.velocity / 127.0 * std::exp(-age / kStroke));
    cue[kHarmonics + 1] += static_cast<float>(loud);
  }
}

}  // namespace

std::int64_t classOf(float sample) {
  const double s = std::clamp<double>(sample, -1, 1);
  const double compressed = std::copysign(std::log1p(kMu * std::abs(s)) / kLogMu, s);
  return std::lround((compressed + 1) / 2 * kMu);
}

float sampleOfClass(std::int64_t c) {
  // Silence is a class of its own, not half a step beside one.
  if (c == kSilentClass) return 0;
  const double compressed = 2 * static_cast<double>(c) / kMu - 1;
  return static_cast<float>(
      std::copysign(std::expm1(std::abs(compressed) * kLogMu) / kMu, compressed));
}

std::string wavenetAudioConfig(const WavenetAudioPreset& p) {
  return nlohmann::ordered_json{{"width", p.width}, {"layers", p.layers}, {"head", p.head}}.dump();
}

TensorShapes wavenetAudioTensors(const WavenetAudioPreset& p) {
  const std::int64_t w = p.width;
  TensorShapes out{{"embedding", {kSampleClasses, w}}};
  if (p.notes()) {
    out.push_back({"cues.weight", {w, static_cast<std::int64_t>(kNoteCues)}});
    out.push_back({"cues.bias", {w}});
  }
  for (int i = 1; i <= p.layers; ++i) {
    const std::string name = fmt::format("block{}.", i);
    out.push_back({name + "gates", {2 * w, 2 * w}});
    out.push_back({name + "gates_bias", {2 * w}});
    out.push_back({name + "out", {2 * w, w}});
    out.push_back({name + "out_bias", {2 * w}});
  }
  out.push_back({"head.weight", {p.head, w}});
  out.push_back({"head.bias", {p.head}});
  out.push_back({"out.weight", {kSampleClasses, p.head}});
  out.push_back({"out.bias", {kSampleClasses}});
  return out;
}

Result<WavenetAudioPreset> wavenetAudioCheckpoint(const TensorFile& file) {
  WavenetAudioPreset p;
  p.name = metadataOf(file, "preset");
  if (p.name != "published" && p.name != "improved") {
    return fail(fmt::format("{} has no preset \"{}\"", kWavenetAudio, p.name));
  }
  const auto sizes = sizesOfConfig(
      metadataOf(file, "config"),
      {{"width", &p.width, 4, 1024}, {"layers", &p.layers, 1, 14}, {"head", &p.head, 4, 4096}});
  if (!sizes) return tl::unexpected(sizes.error());
  if (auto whole = checkTensors(file, wavenetAudioTensors(p)); !whole) {
    return tl::unexpected(whole.error());
  }
  return p;
}

void noteCues(std::span<const SoundNote> notes, std::int64_t from, std::span<float> out) {
  std::fill(out.begin(), out.end(), 0.0F);
  const double begin = static_cast<double>(from) / kWavenetRate;
  const double end = begin + static_cast<double>(out.size() / kNoteCues) / kWavenetRate;
  for (const SoundNote& n : notes) {
    if (n.on >= end) break;
    if (n.off + kGone > begin) addCues(n, from, out);
  }
}

Result<WavenetAudioWeights> wavenetAudioWeights(const TensorFile& file) {
  const auto preset = wavenetAudioCheckpoint(file);
  if (!preset) return tl::unexpected(preset.error());
  WavenetAudioWeights w;
  w.preset = *preset;
  w.embedding = valuesOf(file, "embedding");
  if (preset->notes()) w.cues = denseOf(file, "cues.weight", "cues.bias");
  for (int i = 1; i <= preset->layers; ++i) {
    const std::string name = fmt::format("block{}.", i);
    w.blocks.push_back({denseOf(file, name + "gates", name + "gates_bias"),
                        denseOf(file, name + "out", name + "out_bias"),
                        std::int64_t{1} << static_cast<unsigned>(i - 1)});
  }
  w.head = denseOf(file, "head.weight", "head.bias");
  w.out = denseOf(file, "out.weight", "out.bias");
  return w;
}

WavenetPlayer::WavenetPlayer(const WavenetAudioWeights& weights) : weights_(weights) {
  for (const GatedCellWeights& b : weights.blocks) cells_.emplace_back(b);
  x_.resize(static_cast<std::size_t>(weights.preset.width));
  skip_.resize(x_.size());
  head_.resize(static_cast<std::size_t>(weights.preset.head));
  logits_.resize(kSampleClasses);
}

std::span<const float> WavenetPlayer::logits(std::int64_t before, std::span<const float> cues) {
  if (cues.empty()) {
    std::fill(x_.begin(), x_.end(), 0.0F);
  } else {
    weights_.cues(cues.data(), x_.data());
  }
  addRows(weights_.embedding, std::array{before}, x_);
  std::copy(x_.begin(), x_.end(), skip_.begin());
  for (GatedCell& cell : cells_) cell.step(x_, skip_);
  relu(skip_);
  weights_.head(skip_.data(), head_.data());
  relu(head_);
  weights_.out(head_.data(), logits_.data());
  return logits_;
}

std::int64_t WavenetPlayer::draw(Rng& rng, double temperature) {
  chances_ = logits_;
  softmax(chances_, temperature);
  double left = rng.uniform();
  for (std::size_t c = 0; c < chances_.size(); ++c) {
    left -= chances_[c];
    if (left < 0) return static_cast<std::int64_t>(c);
  }
  return std::max_element(chances_.begin(), chances_.end()) - chances_.begin();
}

float WavenetPlayer::mean(double temperature) {
  static const auto samples = [] {
    std::array<float, kSampleClasses> all{};
    for (std::size_t c = 0; c < all.size(); ++c) {
      all[c] = sampleOfClass(static_cast<std::int64_t>(c));
    }
    return all;
  }();
  chances_ = logits_;
  softmax(chances_, temperature);
  return std::inner_product(chances_.begin(), chances_.end(), samples.begin(), 0.0F);
}

}  // namespace incipit
