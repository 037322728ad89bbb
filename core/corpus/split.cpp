#include "core/corpus/split.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "core/corpus/mix.h"

namespace incipit {

const char* splitName(Split s) {
  switch (s) {
    case Split::kTrain:
      return "train";
    case Split::kValid:
      return "valid";
    case Split::kTest:
      return "test";
  }
  return "";
}

Result<Split> splitNamed(const std::string& name) {
  for (const Split s : {Split::kTrain, Split::kValid, Split::kTest}) {
    if (name == splitName(s)) return s;
  }
  return fail(fmt::format("no split is called \"{}\": use train, valid or test", name));
}

Result<SplitShares> splitSharesNamed(const std::string& text) {
  const auto wrong = [&] {
    return fail(
        fmt::format("split \"{}\": use percents that sum to 100, such as 70/20/10 or 80/20", text));
  };
  std::vector<int> shares;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    int share = 0;
    const auto [next, error] = std::from_chars(at, end, share);
    if (error != std::errc() || share < 0 || share > 100) return wrong();
    shares.push_back(share);
    if (next == end) break;
    if (*next != '/') return wrong();
    at = next + 1;
  }
  if (shares.size() == 2) shares.push_back(0);
  if (shares.size() != 3 || shares[0] < 1 || shares[0] + shares[1] + shares[2] != 100) {
    return wrong();
  }
  return SplitShares{shares[0], shares[1], shares[2]};
}

Split splitOf(std::uint64_t hash, const SplitShares& shares, std::uint64_t seed) {
  const int percent = static_cast<int>(mix64(hash ^ mix64(seed) ^ 0x5eedULL) % 100);
  if (percent < shares.train) return Split::kTrain;
  return percent < shares.train + shares.valid ? Split::kValid : Split::kTest;
}

}  // namespace incipit
