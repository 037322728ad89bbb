#include "models/sampler.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "models/lstm_kernels.h"

namespace incipit {

int Sampler::draw(std::span<float> logits, double temperature, double topP,
                  const std::function<bool(int)>& allowed, Rng& rng) {
  const double u = rng.uniform();
  order_.clear();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (allowed(static_cast<int>(i))) {
      order_.push_back(static_cast<int>(i));
    } else {
      logits[i] = -std::numeric_limits<float>::infinity();
    }
  }
  if (order_.empty()) return -1;
  softmax(logits, temperature);
  const auto probability = [&logits](int i) { return logits[static_cast<std::size_t>(i)]; };
  std::sort(order_.begin(), order_.end(), [&](int a, int b) {
    return probability(a) != probability(b) ? probability(a) > probability(b) : a < b;
  });
  double kept = 0;
  std::size_t count = 0;
  while (count < order_.size() && (count == 0 || kept < topP)) {
    kept += probability(order_[count]);
    ++count;
  }
  double target = u * kept;
  for (std::size_t i = 0; i < count; ++i) {
    target -= probability(order_[i]);
    if (target < 0) return order_[i];
  }
  return order_[count - 1];
}

}  // namespace incipit
