// Any bytes as the ratings of blind listening: reading ends, what is read is sound, and written and
// read again it is the same, without a problem.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/compose/ratings.h"
#include "tests/fuzz/check.h"

using namespace incipit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const RatingList first = parseRatings(std::string(data, data + size), "ratings.jsonl");
  for (const Rating& r : first.ratings) {
    fuzz::require(r.rating >= 1 && r.rating <= kBestRating && r.compared >= 1, "a rating of none");
    fuzz::require(r.checkpoint.size() == 64 && !r.model.empty(), "a rating of nothing");
  }
  fuzz::require(first.problem.find('\n') == std::string::npos, "a problem of several lines");
  std::size_t counted = 0;
  for (const auto& [hash, s] : summarise(first.ratings)) {
    fuzz::require(s.count > 0 && s.mean >= 1 && s.mean <= kBestRating, "a mean of none");
    counted += static_cast<std::size_t>(s.count);
  }
  fuzz::require(counted == first.ratings.size(), "ratings that were not counted");
  std::string lines;
  for (const Rating& r : first.ratings) lines += ratingLine(r);
  const RatingList second = parseRatings(lines, "ratings.jsonl");
  fuzz::require(second.problem.empty() && second.ratings == first.ratings,
                "written and read, they are others");
  return 0;
}
