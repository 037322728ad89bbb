// Drawing one value from a head's logits.
//
// Thread safety: values and free functions; the Rng is the caller's.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/rng.h"

namespace incipit {

class Sampler {
 public:
  // Softmax at `temperature`, then only the most probable values whose probabilities first reach
  // `topP` (Holtzman et al. 2020, "The curious case of neural text degeneration"), then one of them
  // by chance. `allowed(value)` excludes before everything else. Consumes exactly one number of the
  // Rng. -1 where nothing is allowed. Overwrites the logits.
  template <typename Allowed>
  int draw(std::span<float> logits, double temperature, double topP, const Allowed& allowed,
           Rng& rng) {
    const double u = rng.uniform();
    allowed_.clear();
    for (std::size_t i = 0; i < logits.size(); ++i) {
      if (allowed(static_cast<int>(i))) {
        allowed_.push_back(static_cast<std::uint32_t>(i));
      } else {
        logits[i] = -std::numeric_limits<float>::infinity();
      }
    }
    return allowed_.empty() ? -1 : pick(logits, temperature, topP, u);
  }

 private:
  int pick(std::span<float> logits, double temperature, double topP, double u);

  std::vector<std::uint32_t> allowed_;
  std::vector<std::uint64_t> heap_;
};

}  // namespace incipit
