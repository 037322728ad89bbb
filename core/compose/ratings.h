// What listeners thought of continuations whose makers they did not know: one line of JSON a rating
// in a file of the user's data folder, appended and never rewritten.
//
// A line: {"time":"2026-11-21T15:04:05Z", "model":"its file's name", "family", "preset",
// "checkpoint":"SHA-256 of the file", "rating":1..5, "compared":how many were, "seed":"SHA-256 of
// what was continued"}. A line that is none is passed over, so that one that was cut or damaged
// loses itself alone.
//
// Thread safety: free functions; several programs may append at once.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"

namespace incipit {

inline constexpr int kBestRating = 5;  // the worst is 1

struct Rating {
  std::string time;   // UTC
  std::string model;  // its file's name without ending
  std::string family;
  std::string preset;
  std::string checkpoint;  // SHA-256 of its file, lower-case hex
  int rating = 1;          // 1..kBestRating
  int compared = 1;        // how many continuations were heard side by side, at least 1
  std::string seed;        // SHA-256 of the context that all of them continued; may be empty
  bool operator==(const Rating&) const = default;
};

struct RatingList {
  std::vector<Rating> ratings;  // in the order they were given
  std::string problem;          // one line where lines were passed over; else empty
};

// ratings.jsonl in the user's data folder.
std::filesystem::path ratingsFile();

// A file that there is not holds none; one line for a file that cannot be read.
Result<RatingList> readRatings(const std::filesystem::path& file);
// The same of its text.
RatingList parseRatings(const std::string& text, const std::filesystem::path& file);

// As a line, with its line feed.
std::string ratingLine(const Rating& rating);

// Appends by one write; makes the folder where it is missing. Nothing where there are none.
Result<void> appendRatings(const std::filesystem::path& file, const std::vector<Rating>& ratings);

struct RatingSummary {
  int count = 0;
  double mean = 0;
};
using RatingSummaries = std::map<std::string, RatingSummary>;  // by the checkpoint's SHA-256

RatingSummaries summarise(const std::vector<Rating>& ratings);

}  // namespace incipit
