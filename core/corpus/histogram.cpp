#include "core/corpus/histogram.h"

#include <algorithm>
#include <numeric>

namespace incipit {

void Histogram::add(double value) {
  const double last = static_cast<double>(counts.size()) - 1;
  // Written so that NaN counts in the first.
  const double bin = (value - low) / width;
  ++counts[bin > 0 ? static_cast<std::size_t>(std::min(bin, last)) : 0];
}

std::int64_t Histogram::total() const {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

double overlap(const Histogram& a, const Histogram& b) {
  const auto inA = static_cast<double>(a.total());
  const auto inB = static_cast<double>(b.total());
  if (inA == 0 || inB == 0) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < std::min(a.counts.size(), b.counts.size()); ++i) {
    sum += std::min(static_cast<double>(a.counts[i]) / inA, static_cast<double>(b.counts[i]) / inB);
  }
  return sum;
}

}  // namespace incipit
