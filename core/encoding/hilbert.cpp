#include "core/encoding/hilbert.h"

#include <cassert>
#include <utility>

namespace incipit {

HilbertCurve::HilbertCurve(int order) : order_(order), cells_(std::size_t{1} << (2 * order)) {
  // Each order is four of the one below: transposed, twice as it is, and turned over the other
  // diagonal. The curve of an order k, in rows of the whole picture:
  const std::uint32_t side = 1U << static_cast<unsigned>(order);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> at(cells_.size());  // row, column
  for (int k = 0; k < order; ++k) {
    const std::uint32_t half = 1U << static_cast<unsigned>(k);
    const std::size_t quarter = std::size_t{half} * half;
    for (std::size_t i = 0; i < quarter; ++i) {
      const auto [row, column] = at[i];
      at[i] = {column, row};
      at[quarter + i] = {row, column + half};
      at[2 * quarter + i] = {row + half, column + half};
      at[3 * quarter + i] = {2 * half - 1 - column, half - 1 - row};
    }
  }
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] = at[i].first * side + at[i].second;
}

void HilbertCurve::encode(std::span<const float> samples, std::span<float> picture) const {
  assert(samples.size() == size() && picture.size() == size());
  const std::uint32_t* cell = cells_.data();
  for (std::size_t i = 0; i < cells_.size(); ++i) picture[cell[i]] = samples[i];
}

void HilbertCurve::decode(std::span<const float> picture, std::span<float> samples) const {
  assert(samples.size() == size() && picture.size() == size());
  const std::uint32_t* cell = cells_.data();
  for (std::size_t i = 0; i < cells_.size(); ++i) samples[i] = picture[cell[i]];
}

}  // namespace incipit
