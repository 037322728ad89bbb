#include "models/picture_tensors.h"

#include <cmath>

#include "core/corpus/augment.h"

namespace incipit {
namespace {

// The critic's gradient at pictures, [n, cells], which can be differentiated itself.
at::Tensor criticGradient(const PictureNetwork& network, const at::Tensor& at, std::uint64_t seed) {
  const at::Tensor x = at.detach().requires_grad_(true);
  const at::Tensor score = network.judge(x, seed).sum();
  return torch::autograd::grad({score}, {x}, {}, /*retain_graph=*/true, /*create_graph=*/true)[0]
      .flatten(1);
}

}  // namespace

at::Tensor tensorOfPictures(std::span<const Picture> pictures, PictureKind kind,
                            at::Device device) {
  const PictureShape s = shapeOf(kind);
  at::Tensor bytes = at::empty(
      {static_cast<std::int64_t>(pictures.size()), s.channels, s.keys, s.columns}, at::kByte);
  std::uint8_t* to = bytes.data_ptr<std::uint8_t>();
  for (const Picture& p : pictures) to = std::copy(p.values.begin(), p.values.end(), to);
  return bytes.to(device).to(at::kFloat) / 255;
}

std::vector<Picture> picturesOf(const at::Tensor& values, PictureKind kind) {
  const at::Tensor bytes =
      (values.detach() * 255).round().clamp(0, 255).to(at::kCPU, at::kByte).contiguous();
  const std::uint8_t* from = bytes.data_ptr<std::uint8_t>();
  const std::size_t size = shapeOf(kind).size();
  std::vector<Picture> out;
  for (std::int64_t i = 0; i < values.size(0); ++i, from += size) {
    out.emplace_back(kind);
    std::copy_n(from, size, out.back().values.begin());
  }
  return out;
}

at::Tensor normalNoise(std::int64_t n, std::int64_t width, std::uint64_t seed, at::Device device) {
  Rng rng(seed, 7);
  std::vector<float> values(static_cast<std::size_t>(n * width));
  for (float& v : values) v = static_cast<float>(standardNormal(rng));
  return tensorOf(values, {n, width}, device);
}

at::Tensor criticLoss(AdversarialLoss kind, const at::Tensor& real, const at::Tensor& drawn) {
  switch (kind) {
    case AdversarialLoss::kHinge:
      return at::relu(1 - real).mean() + at::relu(1 + drawn).mean();
    case AdversarialLoss::kWasserstein:
      return drawn.mean() - real.mean();
    case AdversarialLoss::kLogistic:
      break;
  }
  return at::softplus(-real).mean() + at::softplus(drawn).mean();
}

at::Tensor generatorLoss(AdversarialLoss kind, const at::Tensor& drawn) {
  return kind == AdversarialLoss::kLogistic ? at::softplus(-drawn).mean() : -drawn.mean();
}

double criticAccuracy(AdversarialLoss kind, const at::Tensor& real, const at::Tensor& drawn) {
  if (kind == AdversarialLoss::kWasserstein) {
    return (real > drawn).to(at::kDouble).mean().item<double>();
  }
  return ((real > 0).to(at::kDouble).mean() + (drawn < 0).to(at::kDouble).mean()).item<double>() /
         2;
}

at::Tensor gradientPenalty(const PictureNetwork& network, const at::Tensor& real,
                           const at::Tensor& drawn, std::uint64_t seed) {
  Rng rng(seed, 8);
  std::vector<float> shares(static_cast<std::size_t>(real.size(0)));
  for (float& s : shares) s = static_cast<float>(rng.uniform());
  const at::Tensor share = tensorOf(shares, {real.size(0), 1, 1, 1}, real.device());
  const at::Tensor between = real.detach() + share * (drawn.detach() - real.detach());
  constexpr double kTiny = 1e-12;
  const at::Tensor length = (criticGradient(network, between, seed).square().sum(1) + kTiny).sqrt();
  return (length - 1).square().mean();
}

at::Tensor realPenalty(const PictureNetwork& network, const at::Tensor& real, std::uint64_t seed) {
  return criticGradient(network, real, seed).square().sum(1).mean() / 2;
}

AutoencoderLoss autoencoderLoss(const PictureNetwork& network, const at::Tensor& pictures,
                                const at::Tensor& noise, double freeBits, bool learning) {
  const auto posterior = network.encode(pictures);
  const at::Tensor latents = posterior.mean + at::exp(posterior.logVariance / 2) * noise;
  AutoencoderLoss out;
  out.reconstruction = network.nats(network.logits(latents, learning), pictures).mean();
  const at::Tensor each =
      (posterior.mean.square() + at::exp(posterior.logVariance) - 1 - posterior.logVariance)
          .mean(0) /
      2;
  out.divergence = each.sum();
  out.priced = at::relu(each - freeBits).sum();
  return out;
}

}  // namespace incipit
