// Sound as a square picture: 4^n samples along a Hilbert curve fill 2^n x 2^n pixels, so that
// samples that are near in time are near in the picture, and every aligned run of 4^k samples is a
// square.
//
// Hilbert 1891, "Ueber die stetige Abbildung einer Linie auf ein Flächenstück". The curve begins in
// the first pixel of the first row and ends in the first pixel of the last row.
//
// Thread safety: immutable; may be shared.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace incipit {

class HilbertCurve {
 public:
  static constexpr int kMostOrder = 10;
  explicit HilbertCurve(int order);  // 0..kMostOrder

  int side() const { return 1 << order_; }
  std::size_t size() const { return cells_.size(); }  // side() * side()
  // Of each sample the pixel, row * side() + column.
  std::span<const std::uint32_t> cells() const { return cells_; }

  // Samples to pixels and back, exactly. Both have size() values and do not overlap.
  void encode(std::span<const float> samples, std::span<float> picture) const;
  void decode(std::span<const float> picture, std::span<float> samples) const;

 private:
  int order_;
  std::vector<std::uint32_t> cells_;
};

// Samples of full scale -1..1 as values in [0, 1], silence as a half, and back. What is louder than
// full scale is clipped; samples of up to 24 bits come back to the bit.
constexpr float pixelOf(float sample) {
  const float p = 0.5F + 0.5F * sample;
  return p < 0 ? 0 : p > 1 ? 1 : p;
}
constexpr float sampleOf(float pixel) { return 2 * pixel - 1; }

}  // namespace incipit
