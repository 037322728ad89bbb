// How a corpus is divided into training, validation and test pieces.
//
// A piece's side is a function of a hash and a seed alone, so that the same seed gives the same
// split, and pieces that come or go do not move others. Pieces that are near-duplicates share the
// hash, so that no tune is on two sides; a window of a piece never has a side of its own.
//
// Thread safety: values and free functions.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace incipit {

enum class Split { kTrain, kValid, kTest };
const char* splitName(Split s);
// "train", "valid", "test"; fails with one line that lists them.
Result<Split> splitNamed(const std::string& name);

// Percents that sum to 100; of train at least 1.
struct SplitShares {
  int train = 90;
  int valid = 5;
  int test = 5;
  bool operator==(const SplitShares&) const = default;
};
// "70/20/10" (train, validation, test) or "80/20" (train, validation).
Result<SplitShares> splitSharesNamed(const std::string& text);

Split splitOf(std::uint64_t hash, const SplitShares& shares, std::uint64_t seed);

}  // namespace incipit
