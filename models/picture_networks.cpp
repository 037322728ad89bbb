#include "models/picture_networks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace incipit {
namespace {

constexpr double kSlope = 0.2;           // of the leaky ReLUs
constexpr std::int64_t kFeatures = 128;  // of a segment
constexpr std::int64_t kHidden = 384;    // between segments and a latent, or a judgement
constexpr Stencils kDown = square({3, 2, 1, 1});
constexpr Stencils kUp = square({4, 2, 1, 1});
constexpr int kDowns = 4;  // of a critic

at::Tensor leaky(const at::Tensor& x) { return at::leaky_relu(x, kSlope); }

}  // namespace

PictureNetwork::PictureNetwork(const PicturePreset& preset, std::uint64_t seed, at::Device device)
    : Network(device), preset_(preset), shape_(shapeOf(preset.kind)) {
  segments_ = preset.kind == PictureKind::kTicks ? 8 : 10;
  Rng rng(seed);
  addGenerator(rng);
  if (preset.vae()) {
    addEncoder(rng);
  } else {
    addCritic(rng);
  }
}

int PictureNetwork::doublings() const {
  return preset_.vae() || preset_.improved() || preset_.kind != PictureKind::kTicks ? 3 : 4;
}

std::int64_t PictureNetwork::together() const {
  if (!preset_.improved()) return 1;
  return preset_.kind == PictureKind::kTicks ? 6 : 5;
}

Stencils PictureNetwork::columnsTogether() const {
  return {{1, 1, 0, 0}, {together(), together(), 0, 0}};
}

Stencils PictureNetwork::criticStencils(int layer) const {
  return preset_.improved() && layer == 1 ? columnsTogether() : kDown;
}

PictureNetwork::Size PictureNetwork::startSize() const {
  const int d = doublings();
  return {shape_.keys >> d, (shape_.columns / together()) >> d};
}

at::Tensor PictureNetwork::weight(const std::string& name, bool frozen) const {
  const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                  [&](const auto& p) { return p.first == name; });
  TORCH_INTERNAL_ASSERT(found != parameters_.end(), name);
  return frozen ? found->second.detach() : found->second;
}

at::Tensor PictureNetwork::addState(const std::string& name, at::IntArrayRef shape, double value) {
  parameters_.emplace_back(name, at::full(shape, value, at::kFloat).to(device_));
  return parameters_.back().second;
}

void PictureNetwork::addLinear(const std::string& name, std::int64_t in, std::int64_t out,
                               Rng& rng) {
  add(name + ".weight", {out, in}, glorot(in, out), rng);
  add(name + ".bias", {out}, 0, rng);
  if (preset_.spectral && name.starts_with("critic.")) addState(name + ".direction", {out}, 1);
}

void PictureNetwork::addConvolution(const std::string& name, std::int64_t in, std::int64_t out,
                                    const Stencils& stencils, bool transposed, Rng& rng) {
  const std::int64_t first = transposed ? in : out;
  const std::int64_t second = transposed ? out : in;
  const std::int64_t rows = stencils.rows.kernel;
  const std::int64_t columns = stencils.columns.kernel;
  add(name + ".weight", {first, second, rows, columns},
      glorot(in * rows * columns, out * rows * columns), rng);
  add(name + ".bias", {out}, 0, rng);
  if (preset_.spectral && name.starts_with("critic.")) addState(name + ".direction", {out}, 1);
}

void PictureNetwork::addNorm(const std::string& name, std::int64_t width) {
  Rng unused(1);
  add(name + ".scale", {width}, 0, unused).detach().fill_(1);
  add(name + ".shift", {width}, 0, unused);
  addState(name + ".mean", {width}, 0);
  addState(name + ".variance", {width}, 1);
}

void PictureNetwork::addGenerator(Rng& rng) {
  const std::int64_t planes = preset_.planes();
  const std::int64_t cells = planes * shape_.keys * shape_.columns;
  const std::int64_t width = preset_.width;
  const std::int64_t latent = preset_.latent;
  if (preset_.layers == PictureLayers::kDense) {
    const std::int64_t sizes[] = {latent, width / 4, width / 2, width};
    for (int i = 1; i <= 3; ++i) {
      const std::string name = fmt::format("generator.dense{}", i);
      addLinear(name, sizes[i - 1], sizes[i], rng);
      addNorm(name + ".norm", sizes[i]);
    }
    addLinear("generator.out", width, cells, rng);
  } else if (preset_.layers == PictureLayers::kConvolutions) {
    const Size start = startSize();
    const bool own = preset_.improved();  // a layer that draws columns
    std::int64_t channels = width << (own ? doublings() : doublings() - 1);
    addLinear("generator.start", latent, channels * start.keys * start.columns, rng);
    if (!preset_.vae()) addNorm("generator.start.norm", channels);
    for (int i = 1; i <= doublings(); ++i) {
      const bool last = i == doublings() && !own;
      const std::string name = fmt::format("generator.up{}", i);
      addConvolution(name, channels, last ? planes : channels / 2, kUp, true, rng);
      channels /= 2;
      if (!last && !preset_.vae()) addNorm(name + ".norm", channels);
    }
    if (own) addConvolution("generator.columns", channels, planes, columnsTogether(), true, rng);
  } else {
    if (preset_.vae()) {
      addLinear("generator.segments", latent, segments_ * kFeatures, rng);
    } else {
      addLinear("generator.start", latent, kHidden, rng);
      addLinear("generator.segments", kHidden, segments_ * kFeatures, rng);
    }
    addLinear("generator.dense", kFeatures, width, rng);
    addLinear("generator.out", width, cells / segments_, rng);
  }
  if (!preset_.improved()) return;
  add("generator.prior", {planes, shape_.keys, shape_.columns / segments_}, 0, rng);
  addDrawingStates();
  addState("generator.centre", {latent}, 0);
  addState("generator.spread", {latent, latent}, 0).copy_(at::eye(latent));
}

void PictureNetwork::addCritic(Rng& rng) {
  const std::int64_t cells = static_cast<std::int64_t>(shape_.size());
  const std::int64_t width = preset_.width;
  if (preset_.layers == PictureLayers::kDense) {
    addLinear("critic.dense1", cells, width / 2, rng);
    addLinear("critic.dense2", width / 2, width / 4, rng);
    addLinear("critic.out", width / 4, 1, rng);
  } else if (preset_.layers == PictureLayers::kConvolutions) {
    std::int64_t in = shape_.channels;
    Size size{shape_.keys, shape_.columns};
    for (int i = 1; i <= kDowns; ++i) {
      const std::int64_t out = width << (i - 1);
      const Stencils stencils = criticStencils(i);
      addConvolution(fmt::format("critic.down{}", i), in, out, stencils, false, rng);
      in = out;
      size.keys = (size.keys + stencils.rows.stride - 1) / stencils.rows.stride;
      size.columns = (size.columns + stencils.columns.stride - 1) / stencils.columns.stride;
    }
    const std::int64_t features = in * size.keys * size.columns;
    addLinear("critic.out", features, 1, rng);
    if (preset_.improved()) addLinear("encoder.out", features, 2 * preset_.latent, rng);
  } else {
    addLinear("critic.dense1", cells / segments_, width, rng);
    addLinear("critic.dense2", width, kFeatures, rng);
    addLinear("critic.dense3", segments_ * kFeatures, kHidden, rng);
    addLinear("critic.out", kHidden, 1, rng);
    addLinear("encoder.out", segments_ * kFeatures, 2 * preset_.latent, rng);
  }
}

void PictureNetwork::addEncoder(Rng& rng) {
  const std::int64_t cells = static_cast<std::int64_t>(shape_.size());
  const std::int64_t width = preset_.width;
  const std::int64_t outputs = 2 * std::int64_t{preset_.latent};
  if (preset_.layers == PictureLayers::kSegments) {
    addLinear("encoder.dense1", cells / segments_, width, rng);
    addLinear("encoder.dense2", width, kFeatures, rng);
    addLinear("encoder.out", segments_ * kFeatures, outputs, rng);
    return;
  }
  std::int64_t in = shape_.channels;
  for (int i = 1; i <= doublings(); ++i) {
    const std::int64_t out = width << (i - 1);
    addConvolution(fmt::format("encoder.down{}", i), in, out, kDown, false, rng);
    in = out;
  }
  const Size size = startSize();
  addLinear("encoder.out", in * size.keys * size.columns, outputs, rng);
}

at::Tensor PictureNetwork::dense(const std::string& name, const at::Tensor& x, bool frozen) const {
  return linear(x, weight(name + ".weight", frozen), weight(name + ".bias", frozen));
}

// A weight of the critic, divided by its spectral norm where that is bounded. One step of the power
// iteration while it learns.
at::Tensor PictureNetwork::critical(const std::string& name, bool frozen, bool learning) const {
  const at::Tensor w = weight(name + ".weight", frozen);
  if (!preset_.spectral || !name.starts_with("critic.")) return w;
  const at::Tensor matrix = w.reshape({w.size(0), -1});
  at::Tensor u = weight(name + ".direction");
  at::Tensor v;
  {
    const at::NoGradGuard noGrad;
    constexpr double kTiny = 1e-12;
    const at::Tensor plain = matrix.detach();
    v = at::matmul(plain.t(), u);
    v = v / (v.norm() + kTiny);
    if (learning) {
      const at::Tensor next = at::matmul(plain, v);
      u.copy_(next / (next.norm() + kTiny));
    }
  }
  return w / at::dot(u.clone(), at::matmul(matrix, v));
}

// A dense layer of the critic; a seed says that it learns.
at::Tensor PictureNetwork::judging(const std::string& name, const at::Tensor& x,
                                   std::optional<std::uint64_t> seed, bool frozen) const {
  return linear(x, critical(name, frozen, seed.has_value()), weight(name + ".bias", frozen));
}

at::Tensor PictureNetwork::normed(const std::string& name, const at::Tensor& x,
                                  bool learning) const {
  constexpr double kMomentum = 0.2;
  constexpr double kEpsilon = 1e-3;
  return at::batch_norm(x.reshape({-1, x.size(-1)}), weight(name + ".scale"),
                        weight(name + ".shift"), weight(name + ".mean"), weight(name + ".variance"),
                        learning, kMomentum, kEpsilon, false)
      .view_as(x);
}

at::Tensor PictureNetwork::convolved(const std::string& name, const at::Tensor& x,
                                     const Stencils& stencils, bool frozen, bool learning) const {
  return convolution(x, critical(name, frozen, learning), weight(name + ".bias", frozen), stencils);
}

at::Tensor PictureNetwork::segmentsOf(const at::Tensor& pictures) const {
  const std::int64_t n = pictures.size(0);
  return pictures.reshape({n, shape_.channels, shape_.keys, segments_, -1})
      .permute({0, 3, 1, 2, 4})
      .reshape({n * segments_, -1});
}

at::Tensor PictureNetwork::fromSegments(const at::Tensor& rows, std::int64_t n,
                                        std::int64_t planes) const {
  return rows.reshape({n, segments_, planes, shape_.keys, -1})
      .permute({0, 2, 3, 1, 4})
      .reshape({n, planes, shape_.keys, shape_.columns});
}

at::Tensor PictureNetwork::latentsOf(const at::Tensor& noise) const {
  if (!preset_.improved()) return noise;
  return at::addmm(weight("generator.centre"), noise, weight("generator.spread").t());
}

void PictureNetwork::fitPrior(const at::Tensor& latents) {
  const at::NoGradGuard noGrad;
  const at::Tensor rows = latents.to(at::kCPU, at::kDouble);
  const at::Tensor centre = rows.mean(0);
  const at::Tensor apart = rows - centre;
  const auto n = static_cast<double>(std::max<std::int64_t>(1, rows.size(0) - 1));
  // What few pictures do not show is not taken to be impossible.
  constexpr double kRidge = 1e-3;
  const at::Tensor covariance =
      at::matmul(apart.t(), apart) / n + kRidge * at::eye(rows.size(1), at::kDouble);
  weight("generator.centre").copy_(centre);
  weight("generator.spread").copy_(at::linalg_cholesky(covariance));
}

at::Tensor PictureNetwork::logits(const at::Tensor& latents, bool learning) const {
  const std::int64_t n = latents.size(0);
  const std::int64_t planes = preset_.planes();
  at::Tensor x = latents;
  if (preset_.layers == PictureLayers::kDense) {
    for (int i = 1; i <= 3; ++i) {
      const std::string name = fmt::format("generator.dense{}", i);
      x = normed(name + ".norm", leaky(dense(name, x)), learning);
    }
    x = dense("generator.out", x).view({n, planes, shape_.keys, shape_.columns});
  } else if (preset_.layers == PictureLayers::kConvolutions) {
    const Size start = startSize();
    x = channelsLast(dense("generator.start", x).view({n, -1, start.keys, start.columns}));
    if (!preset_.vae()) x = normed("generator.start.norm", x, learning);
    for (int i = 1; i <= doublings(); ++i) {
      const std::string name = fmt::format("generator.up{}", i);
      x = transposedConvolution(leaky(x), weight(name + ".weight"), weight(name + ".bias"), kUp);
      const bool last = i == doublings() && !preset_.improved();
      if (!last && !preset_.vae()) x = normed(name + ".norm", x, learning);
    }
    if (preset_.improved()) {
      x = transposedConvolution(leaky(x), weight("generator.columns.weight"),
                                weight("generator.columns.bias"), columnsTogether());
    }
    x = channelsFirst(x);
  } else {
    if (!preset_.vae()) x = leaky(dense("generator.start", x));
    x = leaky(dense("generator.segments", x)).view({n * segments_, kFeatures});
    x = dense("generator.out", leaky(dense("generator.dense", x)));
    x = fromSegments(x, n, planes);
  }
  if (preset_.improved()) x = x + weight("generator.prior").repeat({1, 1, segments_});
  return x;
}

at::Tensor PictureNetwork::features(const at::Tensor& pictures, std::optional<std::uint64_t> seed,
                                    bool frozen) const {
  const std::int64_t n = pictures.size(0);
  // The published networks see -1..1.
  at::Tensor x = preset_.improved() ? pictures : 2 * pictures - 1;
  if (preset_.layers == PictureLayers::kDense) {
    x = leaky(judging("critic.dense1", x.reshape({n, -1}), seed, frozen));
    return leaky(judging("critic.dense2", x, seed, frozen));
  }
  if (preset_.layers == PictureLayers::kSegments) {
    x = leaky(judging("critic.dense1", segmentsOf(x), seed, frozen));
    return leaky(judging("critic.dense2", x, seed, frozen)).view({n, -1});
  }
  x = channelsLast(x);
  for (int i = 1; i <= kDowns; ++i) {
    x = leaky(
        convolved(fmt::format("critic.down{}", i), x, criticStencils(i), frozen, seed.has_value()));
    if (seed) x = drop(x, preset_.dropout, *seed + static_cast<std::uint64_t>(i));
  }
  return channelsFirst(x).reshape({n, -1});
}

at::Tensor PictureNetwork::judge(const at::Tensor& pictures, std::optional<std::uint64_t> seed,
                                 bool frozen) const {
  at::Tensor x = features(pictures, seed, frozen);
  if (preset_.layers == PictureLayers::kSegments) {
    x = leaky(judging("critic.dense3", x, seed, frozen));
  }
  return judging("critic.out", x, seed, frozen).view({pictures.size(0)});
}

PictureNetwork::Posterior PictureNetwork::encode(const at::Tensor& pictures) const {
  const std::int64_t n = pictures.size(0);
  at::Tensor x = pictures;
  if (!preset_.vae()) {
    x = features(pictures, {}, false);
  } else if (preset_.layers == PictureLayers::kSegments) {
    x = leaky(dense("encoder.dense1", segmentsOf(pictures)));
    x = leaky(dense("encoder.dense2", x));
  } else {
    x = channelsLast(x);
    for (int i = 1; i <= doublings(); ++i) {
      x = leaky(convolved(fmt::format("encoder.down{}", i), x, kDown, false, false));
    }
    x = channelsFirst(x);
  }
  const auto halves = dense("encoder.out", x.reshape({n, -1})).chunk(2, 1);
  // What exp() can bear.
  return {halves[0], halves[1].clamp(-12, 8)};
}

}  // namespace incipit
