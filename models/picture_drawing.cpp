// How a network of pictures draws: what logits mean, what they cost, and what is found out about it
// while it learns.
#include <algorithm>
#include <cmath>

#include "models/picture_networks.h"

namespace incipit {
namespace {

constexpr double kStartLevel = 125.0 / 255;
constexpr int kLevels = 256;
constexpr const char* kThresholds = "generator.levels";

// Whether a plane of what is drawn says where notes start, else how high a level is.
bool ofStarts(PictureKind kind, std::int64_t plane) {
  return plane == 0 && kind != PictureKind::kImage1;
}

// Levels, 0..1, as they are learnt: by their logarithm, for most notes are short ones, of few
// levels out of 255.
at::Tensor learntLevel(const at::Tensor& level) {
  constexpr double kMost = 8;  // log2(1 + 255)
  return at::log2(1 + 255 * level) / kMost;
}

// What a plane of what is drawn is to be where a cell is on, of its channel's values.
at::Tensor target(PictureKind kind, std::int64_t plane, const at::Tensor& values) {
  return ofStarts(kind, plane) ? (values < (1 + kStartLevel) / 2).to(at::kFloat)
                               : learntLevel(values);
}

// The indices in a flat tensor.
at::Tensor cellsAbove0(const at::Tensor& values) {
  return at::nonzero(values.detach().reshape(-1) > 0).view(-1);
}

// 0 or 1 cells with the gradient of their probabilities.
at::Tensor straightThrough(const at::Tensor& on, const at::Tensor& probabilities) {
  return on + probabilities - probabilities.detach();
}

// 1 where a logit is above 0, else 0; the gradient is that of its probability.
at::Tensor binary(const at::Tensor& logits) {
  return straightThrough((logits > 0).to(logits.scalar_type()), at::sigmoid(logits));
}

}  // namespace

void PictureNetwork::addDrawingStates() {
  for (const auto& [name, value] : kDrawingStates) addState(name, {1}, value);
  if (hasLevels()) {
    // As learntLevel() says, until they are fitted.
    const at::Tensor between = (at::arange(kLevels - 1, at::kDouble) + 0.5) / (kLevels - 1);
    addState(kThresholds, {shape_.channels, kLevels - 1}, 0).copy_(at::logit(learntLevel(between)));
  }
}

bool PictureNetwork::mayBeMissing(const std::string& name) const {
  return std::any_of(kDrawingStates.begin(), kDrawingStates.end(),
                     [&](const auto& state) { return state.first == name; });
}

int PictureNetwork::settling() const {
  return std::clamp(static_cast<int>(weight(kSettlingState.first).item<float>()), 0, kMostSettling);
}

void PictureNetwork::setSettling(int times) {
  const at::NoGradGuard noGrad;
  weight(kSettlingState.first).fill_(times);
}

double PictureNetwork::fullness() const { return weight(kFullnessState.first).item<double>(); }

void PictureNetwork::setFullness(double share) {
  const at::NoGradGuard noGrad;
  weight(kFullnessState.first).fill_(share);
}

double PictureNetwork::dither() const { return weight(kDitherState.first).item<double>(); }

void PictureNetwork::setDither(double share) {
  const at::NoGradGuard noGrad;
  weight(kDitherState.first).fill_(share);
}

at::Tensor PictureNetwork::dithering() const {
  // A beat, or half a second: notes that are held are not to be cut.
  const std::int64_t together = preset_.kind == PictureKind::kTicks ? 12 : 10;
  Rng rng(1);
  std::vector<float> noise(static_cast<std::size_t>(shape_.keys * shape_.columns / together));
  for (float& g : noise) {
    g = static_cast<float>(-std::log(-std::log(std::clamp(rng.uniform(), 1e-9, 1 - 1e-9))));
  }
  return tensorOf(noise, {1, 1, shape_.keys, shape_.columns / together}, device_)
      .repeat_interleave(together, 3);
}

at::Tensor PictureNetwork::likeliest(const at::Tensor& probabilities, double share,
                                     double dither) const {
  constexpr std::int64_t kMost = 24;  // on in a part
  constexpr std::int64_t kStartColumns = 5;
  const bool starts = preset_.kind == PictureKind::kImage1;
  const std::int64_t n = probabilities.size(0);
  const std::int64_t parts = starts ? shape_.columns / kStartColumns : shape_.columns;
  // [n, parts, cells of a part]
  const auto inParts = [&](const at::Tensor& cells) {
    return cells.reshape({n, shape_.keys, parts, -1}).permute({0, 2, 1, 3}).reshape({n, parts, -1});
  };
  at::Tensor rows = inParts(probabilities);
  const at::Tensor expected = share * rows.sum(2, /*keepdim=*/true);
  at::Tensor count = expected.round();
  if (starts) {
    // What one part is too short for is left to the next: music of few notes is not silent.
    const at::Tensor until = expected.cumsum(1).round();
    count = at::diff(until, 1, 1, at::zeros_like(until.slice(1, 0, 1)));
  }
  if (dither > 0) rows = inParts(at::log(probabilities) + dither * dithering());
  const at::Tensor likely = std::get<1>(rows.topk(kMost, 2));
  const at::Tensor taken = at::arange(kMost, rows.options()) < count;
  const at::Tensor on =
      at::zeros_like(rows).scatter(2, likely, taken.to(probabilities.scalar_type()));
  return on.reshape({n, parts, shape_.keys, -1})
      .permute({0, 2, 1, 3})
      .reshape({n, 1, shape_.keys, shape_.columns});
}

at::Tensor PictureNetwork::pictures(const at::Tensor& logits, bool learning) const {
  if (!preset_.improved()) {
    return preset_.vae() ? at::sigmoid(logits) : (at::tanh(logits) + 1) / 2;
  }
  const std::vector<at::Tensor> planes = at::unbind(logits, 1);
  const at::Tensor probability = at::sigmoid(planes[0]).unsqueeze(1);
  const at::Tensor on = straightThrough(
      likeliest(probability.detach(), learning ? 1 : fullness(), learning ? 0 : dither()),
      probability);
  if (preset_.kind == PictureKind::kTicks) return on;
  const at::Tensor cells = cellsAbove0(on);
  std::vector<at::Tensor> channels;
  for (std::int64_t i = 0; i < shape_.channels; ++i) {
    const at::Tensor& own = planes[static_cast<std::size_t>(i) + 1];
    if (ofStarts(preset_.kind, i)) {
      channels.push_back(on * (1 - (1 - kStartLevel) * binary(own)).unsqueeze(1));
      continue;
    }
    // The few cells that are on have levels; were another on, its level would be the usual one.
    const at::Tensor usual =
        leveled(weight("generator.prior", /*frozen=*/true).select(0, i + 1).mean().view({1}), i);
    const at::Tensor level = leveled(own.reshape(-1).index_select(0, cells), i);
    channels.push_back(on * usual.repeat({on.numel()}).index_copy(0, cells, level).view_as(on));
  }
  return at::cat(channels, 1);
}

at::Tensor PictureNetwork::leveled(const at::Tensor& logits, std::int64_t plane) const {
  const at::Tensor thresholds = weight(kThresholds)[plane];
  const at::Tensor level =
      at::bucketize(logits.detach(), thresholds).to(logits.scalar_type()) / (kLevels - 1);
  return straightThrough(level, at::sigmoid(logits));
}

void PictureNetwork::fitLevels(const at::Tensor& logits, const at::Tensor& counts) {
  const at::NoGradGuard noGrad;
  constexpr double kNever = 10000;
  const at::Tensor on = pictures(logits).select(1, 0) > 0;
  if (!on.any().item<bool>()) return;
  for (std::int64_t plane = 0; plane < shape_.channels; ++plane) {
    const at::Tensor below = counts[plane].to(at::kDouble).cumsum(0).slice(0, 0, kLevels - 1);
    const at::Tensor shares = below / counts[plane].sum().clamp_min(1);
    const at::Tensor drawn =
        std::get<0>(logits.select(1, plane + 1).masked_select(on).to(at::kDouble).sort());
    const at::Tensor at = (shares * drawn.size(0)).round().to(at::kLong);
    at::Tensor own = drawn.index_select(0, at.clamp_max(drawn.size(0) - 1));
    // What the corpus never has is never drawn.
    own = at::where(at == 0, -kNever, at::where(at >= drawn.size(0), kNever, own));
    weight(kThresholds)[plane].copy_(own);
  }
}

at::Tensor PictureNetwork::probabilities(const at::Tensor& logits) const {
  const at::Tensor first = logits.select(1, 0);
  if (preset_.vae() || preset_.improved()) return at::sigmoid(first);
  return (at::tanh(first) + 1) / 2;
}

at::Tensor PictureNetwork::targets(const at::Tensor& pictures) const {
  if (!preset_.improved()) return pictures;
  std::vector<at::Tensor> out{(pictures.slice(1, 0, 1) > 0).to(at::kFloat)};
  for (std::int64_t i = 0; i + 1 < preset_.planes(); ++i) {
    out.push_back(target(preset_.kind, i, pictures.slice(1, i, i + 1)));
  }
  return at::cat(out, 1);
}

at::Tensor PictureNetwork::nats(const at::Tensor& logits, const at::Tensor& pictures) const {
  const auto each = [](const at::Tensor& own, const at::Tensor& wanted) {
    return at::binary_cross_entropy_with_logits(own, wanted, {}, {}, at::Reduction::None);
  };
  if (!preset_.improved()) return each(logits, pictures).flatten(1).sum(1);
  const std::vector<at::Tensor> planes = at::unbind(logits, 1);
  const at::Tensor on = pictures.select(1, 0) > 0;
  at::Tensor out = each(planes[0], on.to(at::kFloat)).flatten(1).sum(1);
  if (planes.size() == 1) return out;
  const at::Tensor cells = cellsAbove0(on);
  const at::Tensor number = cells.div(shape_.keys * shape_.columns, "floor");
  const auto valuesAt = [&](const at::Tensor& plane) {
    return plane.reshape(-1).index_select(0, cells);
  };
  for (std::int64_t i = 0; i + 1 < std::ssize(planes); ++i) {
    const at::Tensor wanted = target(preset_.kind, i, valuesAt(pictures.select(1, i)));
    out = out.index_add(0, number, each(valuesAt(planes[static_cast<std::size_t>(i) + 1]), wanted));
  }
  return out;
}

void PictureNetwork::setMarginals(const at::Tensor& shares, const at::Tensor& levels) {
  const at::NoGradGuard noGrad;
  const auto logit = [](const at::Tensor& share) {
    constexpr double kLeast = 0.002;
    return at::logit(share, kLeast);
  };
  const at::Tensor prior = weight("generator.prior").detach();
  prior.select(0, 0).copy_(logit(shares.view({shape_.keys, segments_, -1}).mean(1)));
  prior.slice(0, 1).copy_(logit(levels).view({-1, 1, 1}));
}

}  // namespace incipit
