#include "core/compose/ratings.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "core/compose/paths.h"
#include "core/io/atomic_file.h"
#include "core/io/json_fields.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

bool isHash(const std::string& text) {
  constexpr std::size_t kDigits = 64;
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::optional<Rating> ratingOf(std::string_view line) {
  const Json j = parseJson(line);
  if (!j.is_object()) return {};
  Rating r;
  r.time = textOf(j, "time");
  r.model = textOf(j, "model");
  r.family = textOf(j, "family");
  r.preset = textOf(j, "preset");
  r.checkpoint = textOf(j, "checkpoint");
  r.rating = smallOf(j, "rating");
  r.compared = smallOf(j, "compared");
  r.seed = textOf(j, "seed");
  const bool good = isHash(r.checkpoint) && r.rating >= 1 && r.rating <= kBestRating &&
                    r.compared >= 1 && !r.model.empty();
  return good ? std::optional(std::move(r)) : std::nullopt;
}

std::string lastError() { return std::error_code(errno, std::generic_category()).message(); }

// Whether a file that is appended to ends in the middle of a line: its writer was killed.
bool endsCut(int descriptor) {
  struct stat about {};
  char last = '\n';
  if (::fstat(descriptor, &about) != 0 || about.st_size == 0) return false;
  return ::pread(descriptor, &last, 1, about.st_size - 1) == 1 && last != '\n';
}

}  // namespace

fs::path ratingsFile() { return dataFolder() / "ratings.jsonl"; }

std::string ratingLine(const Rating& r) {
  return lineOf(Json{{"time", r.time},
                     {"model", r.model},
                     {"family", r.family},
                     {"preset", r.preset},
                     {"checkpoint", r.checkpoint},
                     {"rating", r.rating},
                     {"compared", r.compared},
                     {"seed", r.seed}});
}

RatingList parseRatings(const std::string& text, const fs::path& file) {
  RatingList out;
  int bad = 0;
  eachLine(text, [&](std::string_view line) {
    if (auto rating = ratingOf(line)) {
      out.ratings.push_back(std::move(*rating));
    } else {
      ++bad;
    }
  });
  if (bad > 0) {
    out.problem = fmt::format("{}: {} of its lines {} no rating and {} passed over", file.string(),
                              bad, bad == 1 ? "is" : "are", bad == 1 ? "was" : "were");
  }
  return out;
}

Result<RatingList> readRatings(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return RatingList{};
  const auto bytes = readFile(file);
  if (!bytes) return fail(bytes.error().message);
  return parseRatings(std::string(bytes->begin(), bytes->end()), file);
}

Result<void> appendRatings(const fs::path& file, const std::vector<Rating>& ratings) {
  if (ratings.empty()) return {};
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  constexpr mode_t kMode = 0644;
  const int descriptor = ::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, kMode);
  if (descriptor < 0) {
    return fail(
        fmt::format("{}: {}: the ratings are not kept; check the folder and its permissions",
                    file.string(), lastError()));
  }
  std::string lines = endsCut(descriptor) ? "\n" : "";
  for (const Rating& r : ratings) lines += ratingLine(r);
  ssize_t n = 0;
  do {
    n = ::write(descriptor, lines.data(), lines.size());
  } while (n < 0 && errno == EINTR);
  const bool whole = n == static_cast<ssize_t>(lines.size());
  const std::string why = n < 0 ? lastError() : "the disk may be full; free some space";
  // All or none: who tries again has none twice.
  const bool cutBack =
      whole || n <= 0 || ::ftruncate(descriptor, ::lseek(descriptor, -n, SEEK_CUR)) == 0;
  ::close(descriptor);
  if (whole) return {};
  return fail(
      fmt::format("{}: {}: {} ratings are kept", file.string(), why, cutBack ? "no" : "not all"));
}

RatingSummaries summarise(const std::vector<Rating>& ratings) {
  RatingSummaries out;
  for (const Rating& r : ratings) {
    RatingSummary& s = out[r.checkpoint];
    ++s.count;
    s.mean += (r.rating - s.mean) / s.count;
  }
  return out;
}

}  // namespace incipit
