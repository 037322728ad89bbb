// Drawing one value from a head's logits.
//
// Thread safety: values and free functions; the Rng is the caller's.
#pragma once

#include <functional>
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
  int draw(std::span<float> logits, double temperature, double topP,
           const std::function<bool(int)>& allowed, Rng& rng);

 private:
  std::vector<int> order_;
};

}  // namespace incipit
