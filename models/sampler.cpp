#include "models/sampler.h"

#include <algorithm>
#include <bit>

#include "models/lstm_kernels.h"

namespace incipit {
namespace {

// Numbers that are ordered as the values are by probability, the first of equal ones the greatest.
std::uint64_t rankOf(std::uint32_t value, float probability) {
  return (std::uint64_t{std::bit_cast<std::uint32_t>(probability)} << 32U) | ~value;
}
std::uint32_t valueOf(std::uint64_t rank) { return ~static_cast<std::uint32_t>(rank); }
float probabilityOf(std::uint64_t rank) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(rank >> 32U));
}

}  // namespace

int Sampler::pick(std::span<float> logits, double temperature, double topP, double u) {
  softmax(logits, temperature);
  heap_.clear();
  for (const std::uint32_t i : allowed_) heap_.push_back(rankOf(i, logits[i]));
  std::make_heap(heap_.begin(), heap_.end());
  // What leaves the heap stands behind it, the most probable last.
  double kept = 0;
  auto end = heap_.end();
  while (end != heap_.begin() && (end == heap_.end() || kept < topP)) {
    std::pop_heap(heap_.begin(), end);
    --end;
    kept += probabilityOf(*end);
  }
  double target = u * kept;
  for (auto it = heap_.end(); it != end;) {
    --it;
    target -= probabilityOf(*it);
    if (target < 0) return static_cast<int>(valueOf(*it));
  }
  return static_cast<int>(valueOf(*end));
}

}  // namespace incipit
