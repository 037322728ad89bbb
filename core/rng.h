// The one source of randomness: PCG-XSH-RR 64/32 (O'Neill 2014, "PCG: A Family of Simple Fast
// Space-Efficient Statistically Good Algorithms"). An Rng is passed by reference and never global,
// so that the same seed gives the same notes on every machine and thread.
#pragma once

#include <cstdint>

namespace incipit {

class Rng {
 public:
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0) : increment_((stream << 1U) | 1U) {
    next();
    state_ += seed;
    next();
  }

  std::uint32_t next() {
    const std::uint64_t old = state_;
    state_ = old * 6364136223846793005ULL + increment_;
    const auto shifted = static_cast<std::uint32_t>(((old >> 18U) ^ old) >> 27U);
    const auto turn = static_cast<std::uint32_t>(old >> 59U);
    return (shifted >> turn) | (shifted << ((32U - turn) & 31U));
  }

  // Uniform in [0, 1), 32 bits of it.
  double uniform() { return next() * 0x1p-32; }

  // Uniform in [0, bound); bound > 0.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((std::uint64_t{next()} * bound) >> 32U);
  }

  std::uint64_t state() const { return state_; }
  std::uint64_t increment() const { return increment_; }
  void restore(std::uint64_t state, std::uint64_t increment) {
    state_ = state;
    increment_ = increment;
  }

 private:
  std::uint64_t state_ = 0;
  std::uint64_t increment_;
};

}  // namespace incipit
