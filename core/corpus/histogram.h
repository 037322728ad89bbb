// How values are distributed, as plain counts for tables, plots and comparisons.
//
// Thread safety: values and free functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace incipit {

// Equal bins from `low`, each `width` wide; what lies beyond counts in the first and the last.
struct Histogram {
  std::string name;  // with its unit: "tempo (quarters a minute)"
  double low = 0;
  double width = 1;
  std::vector<std::int64_t> counts;
  std::vector<std::string> labels;  // of each bin where the bins are names; else empty

  void add(double value);  // there is a bin
  std::int64_t total() const;
  bool operator==(const Histogram&) const = default;
};

// The area that two distributions over the same bins share: 1 where they are equal, 0 where no
// value of one is near one of the other, and where one is empty.
double overlap(const Histogram& a, const Histogram& b);

}  // namespace incipit
