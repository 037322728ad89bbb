#include "models/optimiser.h"

#include <fmt/format.h>

#include <cmath>

namespace incipit {
namespace {
constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
}  // namespace

Adam::Adam(NamedParameters parameters, double epsilon, double weightDecay)
    : parameters_(std::move(parameters)), epsilon_(epsilon), weightDecay_(weightDecay) {
  for (const auto& [name, p] : parameters_) {
    mean_.push_back(at::zeros_like(p.detach()));
    square_.push_back(at::zeros_like(p.detach()));
  }
}

void Adam::step(double rate) {
  const at::NoGradGuard noGrad;
  ++steps_;
  const double correction1 = 1 - std::pow(kBeta1, static_cast<double>(steps_));
  const double correction2 = 1 - std::pow(kBeta2, static_cast<double>(steps_));
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    at::Tensor p = parameters_[i].second;
    const at::Tensor gradient = p.grad();
    if (!gradient.defined()) continue;
    mean_[i].mul_(kBeta1).add_(gradient, 1 - kBeta1);
    square_[i].mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    if (weightDecay_ > 0 && p.dim() > 1) p.mul_(1 - rate * weightDecay_);
    const at::Tensor scale = (square_[i] / correction2).sqrt_().add_(epsilon_);
    p.addcdiv_(mean_[i], scale, -rate / correction1);
    p.mutable_grad().reset();
  }
}

double Adam::clip(double most) {
  const at::NoGradGuard noGrad;
  double sum = 0;
  for (const auto& [name, p] : parameters_) {
    if (p.grad().defined()) sum += p.grad().square().sum().item<double>();
  }
  const double norm = std::sqrt(sum);
  if (most > 0 && norm > most && std::isfinite(norm)) {
    for (const auto& [name, p] : parameters_) {
      if (p.grad().defined()) p.grad().mul_(most / norm);
    }
  }
  return norm;
}

void Adam::appendState(TensorFile& out) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    out.tensors.push_back(namedTensor("adam.m." + parameters_[i].first, mean_[i]));
    out.tensors.push_back(namedTensor("adam.v." + parameters_[i].first, square_[i]));
  }
}

Result<void> Adam::restore(const TensorFile& state, std::int64_t steps) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    for (const auto& [prefix, into] : {std::pair{"adam.m.", mean_[i]}, {"adam.v.", square_[i]}}) {
      auto loaded = loadTensor(state, prefix + parameters_[i].first, into);
      if (!loaded) return loaded;
    }
  }
  steps_ = steps;
  return {};
}

NamedTensor namedTensor(const std::string& name, const at::Tensor& t) {
  const at::Tensor cpu = t.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* data = cpu.data_ptr<float>();
  return {name, cpu.sizes().vec(), std::vector<float>(data, data + cpu.numel())};
}

Result<void> loadTensor(const TensorFile& file, const std::string& name, const at::Tensor& into) {
  const NamedTensor* t = file.find(name);
  if (t == nullptr) return fail(fmt::format("tensor \"{}\" is missing", name));
  if (t->shape != into.sizes().vec()) {
    return fail(fmt::format("tensor \"{}\" has shape [{}], the network's is [{}]", name,
                            fmt::join(t->shape, ", "), fmt::join(into.sizes().vec(), ", ")));
  }
  const at::NoGradGuard noGrad;
  into.detach().copy_(at::from_blob(const_cast<float*>(t->values.data()), t->shape, at::kFloat));
  return {};
}

}  // namespace incipit
