#include "models/hilbert_improved.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "core/encoding/hilbert.h"
#include "core/encoding/mel.h"

namespace incipit {
namespace {

constexpr std::int64_t kHop = 512;   // of the lapped transform, and its coefficients
constexpr std::int64_t kExact = 48;  // that pass the bottleneck as they are
constexpr std::int64_t kRest = kHop - kExact;
constexpr std::int64_t kSaid = 12;   // numbers that say how the rest is
constexpr std::int64_t kHeard = 24;  // bands of the rest that the encoder sees
constexpr std::int64_t kBands = 32;  // that the decoder fills
constexpr std::int64_t kCopied =
    32;                          // coefficients that each patch above repeats, the last exact ones
constexpr double kQuiet = 1e-9;  // power added before a logarithm

// [2*kHop, kHop]: windowed cosines. Its transpose gives the windowed halves whose overlap is the
// sound again.
at::Tensor lappedBasis() {
  at::Tensor basis = at::empty({2 * kHop, kHop}, at::kFloat);
  auto out = basis.accessor<float, 2>();
  const double n = kHop;
  for (std::int64_t i = 0; i < 2 * kHop; ++i) {
    const double window = std::sin(std::numbers::pi * (static_cast<double>(i) + 0.5) / (2 * n));
    for (std::int64_t k = 0; k < kHop; ++k) {
      const double turn = std::numbers::pi / n * (static_cast<double>(i) + 0.5 + n / 2) *
                          (static_cast<double>(k) + 0.5);
      out[i][k] = static_cast<float>(std::sqrt(2 / n) * window * std::cos(turn));
    }
  }
  return basis;
}

// [kRest, bands]: which of the coefficients above are in which band, by mel; each in one.
at::Tensor bandsOfRest(std::int64_t bands) {
  const auto mel = [](double k) { return std::log1p(k * kHilbertRate / (2.0 * kHop) / 700); };
  at::Tensor in = at::zeros({kRest, bands}, at::kFloat);
  const double low = mel(kExact);
  const double high = mel(kHop);
  for (std::int64_t k = 0; k < kRest; ++k) {
    const double place = (mel(static_cast<double>(k + kExact) + 0.5) - low) / (high - low);
    in[k][std::min<std::int64_t>(bands - 1, static_cast<std::int64_t>(place * bands))] = 1;
  }
  return in;
}

at::Tensor fixedNoise(std::int64_t hops) {
  Rng rng(1, 40);
  at::Tensor out = at::empty({hops, kRest}, at::kFloat);
  auto* v = out.data_ptr<float>();
  // Uniform, of mean square 1.
  for (std::int64_t i = 0; i < out.numel(); ++i) {
    v[i] = static_cast<float>((2 * rng.uniform() - 1) * std::numbers::sqrt3);
  }
  return out;
}

// x: [n, hops, ins]; weights: [outs, taps*ins], earliest first, `dilation` hops apart, centred.
at::Tensor overHops(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& bias,
                    std::int64_t dilation) {
  const std::int64_t taps = weights.size(1) / x.size(2);
  const std::int64_t reach = (taps - 1) / 2 * dilation;
  const at::Tensor padded = at::constant_pad_nd(x, {0, 0, reach, reach});
  std::vector<at::Tensor> shifted;
  for (std::int64_t t = 0; t < taps; ++t) {
    shifted.push_back(padded.slice(1, t * dilation, t * dilation + x.size(1)));
  }
  return at::matmul(taps == 1 ? x : at::cat(shifted, 2), weights.t()) + bias;
}

class ImprovedNetwork final : public HilbertNetwork {
 public:
  ImprovedNetwork(const HilbertPreset& preset, std::uint64_t seed, at::Device device)
      : HilbertNetwork(device), fine_(2048, 512, 80, device), quick_(512, 256, 40, device) {
    const HilbertCurve curve(kHilbertOrder);
    std::vector<std::int64_t> cells(curve.cells().begin(), curve.cells().end());
    cells_ = tensorOf(cells, {static_cast<std::int64_t>(cells.size())}, device);
    pixels_ = at::argsort(cells_);
    basis_ = lappedBasis().to(device);
    heardBands_ = bandsOfRest(kHeard).to(device);
    filledBands_ = bandsOfRest(kBands).t().contiguous().to(device);
    // What the loss does not hear stays silent.
    const double heard = MelLayout{}.highest * 2 * kHop / kHilbertRate;
    filledBands_.slice(1, static_cast<std::int64_t>(heard) - kExact).zero_();
    noise_ = fixedNoise(static_cast<std::int64_t>(curve.size()) / kHop + 1).to(device);
    Rng rng(seed, 9);
    const std::int64_t w = preset.width;
    encoder_ = addLayer("encoder.", 3 * kHeard, kSaid, 1, rng);
    first_ = addLayer("in.", kExact + kSaid, w, 1, rng);
    for (int i = 0; i < preset.layers; ++i) {
      blocks_.push_back(addLayer(fmt::format("block{}.", i + 1), 3 * w, w, 0.5, rng));
    }
    out_ = addLayer("out.", w, kExact + 2 * kBands, 0.1, rng);
  }

  at::Tensor answer(const at::Tensor& pictures) override {
    const at::Tensor sound = decode(encode(alongCurve(pictures)));
    return (0.5 + 0.5 * sound).clamp(0, 1).index_select(1, pixels_).view_as(pictures);
  }

  at::Tensor loss(const at::Tensor& heard, const at::Tensor& wanted) override {
    const at::Tensor is = decode(encode(alongCurve(heard)));
    const at::Tensor should = alongCurve(wanted);
    return 0.7 * fine_(is, should) + 0.3 * quick_(is, should);
  }

  std::int64_t bottleneck() const override { return noise_.size(0) * (kExact + kSaid); }

 private:
  struct Layer {
    at::Tensor weights, bias;
  };
  Layer addLayer(const std::string& name, std::int64_t ins, std::int64_t outs, double scale,
                 Rng& rng) {
    return {add(name + "weight", {outs, ins}, scale * glorot(ins, outs), rng),
            add(name + "bias", {outs}, 0, rng)};
  }

  at::Tensor alongCurve(const at::Tensor& pictures) const {
    return 2 * pictures.flatten(1).index_select(1, cells_) - 1;
  }

  static at::Tensor level(const at::Tensor& power) { return 0.1 * at::log(power + kQuiet) + 1; }

  // [n, hops, kExact + kSaid]: all that the decoder is given.
  at::Tensor encode(const at::Tensor& sound) const {
    const at::Tensor blocks =
        at::constant_pad_nd(sound, {kHop, kHop}).view({sound.size(0), -1, kHop});
    const std::int64_t hops = blocks.size(1) - 1;
    const at::Tensor c =
        at::matmul(at::cat({blocks.slice(1, 0, hops), blocks.slice(1, 1)}, 2), basis_);
    const at::Tensor rest = c.slice(2, kExact);
    const at::Tensor said = at::tanh(
        overHops(level(at::matmul(rest * rest, heardBands_)), encoder_.weights, encoder_.bias, 1));
    return at::cat({c.slice(2, 0, kExact), said}, 2);
  }

  // [n, samples]
  at::Tensor decode(const at::Tensor& code) const {
    const at::Tensor exact = code.slice(2, 0, kExact);
    // The power that a coefficient has whatever its phase (Daudet and Sandler 2004).
    const at::Tensor wide = at::constant_pad_nd(exact, {1, 1});
    const at::Tensor turned = wide.slice(2, 2) - wide.slice(2, 0, kExact);
    const at::Tensor power = exact * exact + turned * turned;
    at::Tensor x = at::relu(overHops(at::cat({level(power), code.slice(2, kExact)}, 2),
                                     first_.weights, first_.bias, 1));
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const std::int64_t dilation = std::int64_t{1} << (i % 4);
      x = x + at::relu(overHops(x, blocks_[i].weights, blocks_[i].bias, dilation));
    }
    const at::Tensor o = overHops(x, out_.weights, out_.bias, 1);
    constexpr double kSofter = 4;  // before anything is learnt, the bands above are silent
    const at::Tensor gains = at::exp(o.slice(2, 0, kExact).clamp(-8, 5));
    const at::Tensor fill = at::exp((8 * o.slice(2, kExact) - kSofter).clamp(-16, 2));
    const at::Tensor copied = at::matmul(fill.slice(2, 0, kBands), filledBands_);
    const at::Tensor hiss = at::matmul(fill.slice(2, kBands), filledBands_);
    const at::Tensor above = copied * patches(exact, power) + hiss * noise_;
    const at::Tensor halves = at::matmul(at::cat({exact * gains, above}, 2), basis_.t());
    const std::int64_t hops = halves.size(1) - 1;
    return (halves.slice(1, 0, hops).slice(2, kHop) + halves.slice(1, 1).slice(2, 0, kHop))
        .flatten(1);
  }

  // The upper exact coefficients, again and again over the rest, of mean power 1 in each patch.
  static at::Tensor patches(const at::Tensor& exact, const at::Tensor& power) {
    const at::Tensor from = exact.slice(2, kExact - kCopied);
    const at::Tensor mean = 0.5 * power.slice(2, kExact - kCopied).mean(2, true);
    const at::Tensor even = from / at::sqrt(mean + kQuiet);
    return even.repeat({1, 1, (kRest + kCopied - 1) / kCopied}).slice(2, 0, kRest);
  }

  MelLoss fine_, quick_;
  at::Tensor cells_, pixels_;  // of each sample its pixel, and back
  at::Tensor basis_, heardBands_, filledBands_, noise_;
  Layer encoder_, first_, out_;
  std::vector<Layer> blocks_;
};

}  // namespace

std::unique_ptr<HilbertNetwork> makeImprovedHilbert(const HilbertPreset& preset, std::uint64_t seed,
                                                    at::Device device) {
  return std::make_unique<ImprovedNetwork>(preset, seed, device);
}

MelLoss::MelLoss(int window, int hop, int bands, at::Device device) : length_(window), hop_(hop) {
  std::vector<float> hann = hannWindow(window);
  window_ = tensorOf(hann, {window}, device);
  MelLayout layout;
  layout.sampleRate = kHilbertRate;
  layout.window = window;
  layout.bands = bands;
  at::Tensor weights = at::zeros({window / 2 + 1, bands}, at::kFloat);
  std::int64_t b = 0;
  for (const MelBand& band : melBands(layout)) {
    for (std::size_t i = 0; i < band.weights.size(); ++i) {
      weights[band.first + static_cast<std::int64_t>(i)][b] = band.weights[i];
    }
    ++b;
  }
  bands_ = weights.to(device);
}

at::Tensor MelLoss::powers(const at::Tensor& sound) const {
  const at::Tensor bins =
      at::view_as_real(at::stft(sound, length_, hop_, length_, window_, /*normalized=*/false,
                                /*onesided=*/true, /*return_complex=*/true));
  const at::Tensor power = bins.select(3, 0).square() + bins.select(3, 1).square();
  return at::matmul(power.transpose(1, 2), bands_);
}

at::Tensor MelLoss::operator()(const at::Tensor& is, const at::Tensor& wanted) const {
  constexpr double kRange = 1e-6;  // 60 dB below the loudest
  constexpr double kLeast = 1e-4;
  const at::Tensor should = powers(wanted);
  const at::Tensor floor = (should.amax({1, 2}, true) * kRange).clamp_min(kLeast);
  const at::Tensor difference = at::log10(powers(is) + floor) - at::log10(should + floor);
  return 10 * difference.abs().mean();
}

}  // namespace incipit
