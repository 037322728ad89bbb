#include "models/optimiser.h"

#include <fmt/format.h>

#include <cmath>

namespace incipit {
namespace {

constexpr const char* kStepsName = "adam.steps";

struct AdamStep {
  float beta1, beta2;
  float rest1, rest2;  // 1 - beta
  float rate;          // over 1 - beta1^t
  float correction;    // 1 - beta2^t
  float epsilon;
  float keep;  // what weight decay leaves
};

// One pass over memory instead of one for each operation.
void adamOnCpu(const AdamStep& s, float* __restrict p, const float* __restrict gradient,
               float* __restrict mean, float* __restrict square, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    const float g = gradient[i];
    const float m = s.beta1 * mean[i] + s.rest1 * g;
    const float v = s.beta2 * square[i] + s.rest2 * g * g;
    mean[i] = m;
    square[i] = v;
    p[i] = s.keep * p[i] - s.rate * m / (std::sqrt(v / s.correction) + s.epsilon);
  }
}

bool onCpu(const at::Tensor& t) {
  return t.device().is_cpu() && t.scalar_type() == at::kFloat && t.is_contiguous();
}

// What a network keeps account in stays as it is.
bool averaged(const at::Tensor& p) { return p.requires_grad(); }

}  // namespace

Optimiser::Optimiser(NamedParameters parameters, const Schedule& schedule)
    : parameters_(std::move(parameters)), schedule_(schedule) {
  reset();
}

void Optimiser::reset() {
  mean_.clear();
  square_.clear();
  average_.clear();
  steps_ = 0;
  stepsOf_.assign(parameters_.size(), 0);
  for (const auto& [name, p] : parameters_) {
    mean_.push_back(at::zeros_like(p.detach()));
    square_.push_back(at::zeros_like(p.detach()));
    if (schedule_.average > 0) average_.push_back(p.detach().clone());
  }
}

void Optimiser::adam(double rate) {
  const at::NoGradGuard noGrad;
  const Schedule& s = schedule_;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    at::Tensor p = parameters_[i].second;
    const at::Tensor gradient = p.grad();
    if (!gradient.defined()) continue;
    const auto now = static_cast<double>(++stepsOf_[i]);
    const double own = rate * (parameters_[i].first.starts_with("critic.") ? s.criticRate : 1);
    const double keep = s.weightDecay > 0 && p.dim() > 1 ? 1 - own * s.weightDecay : 1;
    const double correction = 1 - std::pow(s.beta2, now);
    const double stepRate = own / (1 - std::pow(s.beta1, now));
    if (onCpu(p)) {
      const at::Tensor g = gradient.contiguous();
      const AdamStep step{static_cast<float>(s.beta1),     static_cast<float>(s.beta2),
                          static_cast<float>(1 - s.beta1), static_cast<float>(1 - s.beta2),
                          static_cast<float>(stepRate),    static_cast<float>(correction),
                          static_cast<float>(s.epsilon),   static_cast<float>(keep)};
      constexpr std::int64_t kGrain = 1 << 16;
      at::parallel_for(0, p.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        adamOnCpu(step, p.data_ptr<float>() + begin, g.data_ptr<float>() + begin,
                  mean_[i].data_ptr<float>() + begin, square_[i].data_ptr<float>() + begin,
                  end - begin);
      });
      continue;
    }
    mean_[i].mul_(s.beta1).add_(gradient, 1 - s.beta1);
    square_[i].mul_(s.beta2).addcmul_(gradient, gradient, 1 - s.beta2);
    if (keep != 1) p.mul_(keep);
    p.addcdiv_(mean_[i], (square_[i] / correction).sqrt_().add_(s.epsilon), -stepRate);
  }
  stepped();
}

void Optimiser::momentum(double rate) {
  const at::NoGradGuard noGrad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    at::Tensor p = parameters_[i].second;
    if (!p.grad().defined()) continue;
    mean_[i].mul_(schedule_.beta1).add_(p.grad());
    p.sub_(mean_[i], rate);
  }
  stepped();
}

void Optimiser::stepped() {
  ++steps_;
  forgetGradients();
  // The first averages follow the weights closely.
  const double now = static_cast<double>(steps_);
  const double decay = std::min(schedule_.average, (1 + now) / (10 + now));
  for (std::size_t i = 0; i < average_.size(); ++i) {
    if (!averaged(parameters_[i].second)) continue;
    average_[i].lerp_(parameters_[i].second.detach(), 1 - decay);
  }
}

void Optimiser::forgetGradients() {
  for (auto& [name, p] : parameters_) p.mutable_grad().reset();
}

void Optimiser::divideGradients(double by) {
  const at::NoGradGuard noGrad;
  for (const auto& [name, p] : parameters_) {
    if (p.grad().defined()) p.grad().div_(by);
  }
}

double Optimiser::clip() {
  const at::NoGradGuard noGrad;
  double sum = 0;
  for (const auto& [name, p] : parameters_) {
    if (p.grad().defined()) sum += p.grad().square().sum().item<double>();
  }
  const double norm = std::sqrt(sum);
  const double most = schedule_.clip;
  if (most > 0 && norm > most && std::isfinite(norm)) {
    for (const auto& [name, p] : parameters_) {
      if (p.grad().defined()) p.grad().mul_(most / norm);
    }
  }
  return norm;
}

void Optimiser::swapAverage() {
  const at::NoGradGuard noGrad;
  for (std::size_t i = 0; i < average_.size(); ++i) {
    if (!averaged(parameters_[i].second)) continue;
    at::Tensor p = parameters_[i].second;
    const at::Tensor own = p.detach().clone();
    p.copy_(average_[i]);
    average_[i].copy_(own);
  }
}

void Optimiser::appendState(TensorFile& out) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::string& name = parameters_[i].first;
    out.tensors.push_back(namedTensor("adam.m." + name, mean_[i]));
    out.tensors.push_back(namedTensor("adam.v." + name, square_[i]));
    if (!average_.empty()) out.tensors.push_back(namedTensor("average." + name, average_[i]));
  }
  // Whole numbers are exact in single precision up to 16 million.
  NamedTensor steps{kStepsName, {static_cast<std::int64_t>(stepsOf_.size())}, {}};
  for (const std::int64_t n : stepsOf_) steps.values.push_back(static_cast<float>(n));
  out.tensors.push_back(std::move(steps));
}

Result<void> Optimiser::restore(const TensorFile& state, std::int64_t steps) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::string& name = parameters_[i].first;
    std::vector<std::pair<std::string, at::Tensor>> parts{{"adam.m.", mean_[i]},
                                                          {"adam.v.", square_[i]}};
    if (!average_.empty()) parts.emplace_back("average.", average_[i]);
    for (const auto& [prefix, into] : parts) {
      auto loaded = loadTensor(state, prefix + name, into);
      if (!loaded) return loaded;
    }
  }
  steps_ = steps;
  // A state of an earlier version has one number for all.
  const NamedTensor* own = state.find(kStepsName);
  for (std::size_t i = 0; i < stepsOf_.size(); ++i) {
    const bool known = own != nullptr && own->values.size() == stepsOf_.size();
    stepsOf_[i] = known ? static_cast<std::int64_t>(own->values[i]) : steps;
  }
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

Result<void> loadParameters(const TensorFile& file, const Network& network,
                            const std::string& prefix) {
  for (const auto& [name, p] : network.parameters()) {
    if (network.mayBeMissing(name) && file.find(prefix + name) == nullptr) continue;
    auto loaded = loadTensor(file, prefix + name, p);
    if (!loaded) return loaded;
  }
  return {};
}

}  // namespace incipit
