// Sounds of tests.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "core/compose/sound.h"
#include "core/rng.h"

namespace incipit {

inline std::vector<float> sine(double hertz, double seconds, int sampleRate,
                               double amplitude = 0.5) {
  std::vector<float> out(static_cast<std::size_t>(seconds * sampleRate));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(
        amplitude * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / sampleRate));
  }
  return out;
}

inline std::vector<float> noise(std::size_t count, std::uint64_t seed, double amplitude = 1) {
  Rng rng(seed);
  std::vector<float> out(count);
  for (float& v : out) v = static_cast<float>(amplitude * (2 * rng.uniform() - 1));
  return out;
}

class MemoryReader final : public SoundReader {
 public:
  MemoryReader(std::vector<float> samples, int sampleRate)
      : samples_(std::move(samples)), sampleRate_(sampleRate) {}
  int sampleRate() const override { return sampleRate_; }
  std::int64_t frames() const override { return std::ssize(samples_); }
  Result<std::size_t> read(std::span<float> into) override {
    const std::size_t n = std::min(into.size(), samples_.size() - at_);
    std::copy_n(samples_.begin() + static_cast<std::ptrdiff_t>(at_), n, into.begin());
    at_ += n;
    return n;
  }

 private:
  std::vector<float> samples_;
  int sampleRate_;
  std::size_t at_ = 0;
};

}  // namespace incipit
