// Fields of a JSON object that somebody else may have written: each has the kind that is asked for,
// or is as if it were not there. For sources of core alone.
//
// Thread safety: free functions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace incipit {

using Json = nlohmann::ordered_json;

// What is no JSON gives a discarded value, which is no object.
inline Json parseJson(std::string_view text) {
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

// One line; what is no UTF-8 in it is replaced.
inline std::string lineOf(const Json& j) {
  return j.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

inline std::string textOf(const Json& j, const char* key) {
  const auto it = j.find(key);
  return it != j.end() && it->is_string() ? it->get<std::string>() : std::string();
}

inline std::int64_t integerOf(const Json& j, const char* key) {
  const auto it = j.find(key);
  return it != j.end() && it->is_number_integer() ? it->get<std::int64_t>() : 0;
}

// 0..INT_MAX
inline int smallOf(const Json& j, const char* key) {
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp<std::int64_t>(integerOf(j, key), 0, kMost));
}

// A number that is none was written as null.
inline double numberOf(const Json& j, const char* key) {
  const auto it = j.find(key);
  return it != j.end() && it->is_number() ? it->get<double>()
                                          : std::numeric_limits<double>::quiet_NaN();
}

inline std::optional<double> maybeOf(const Json& j, const char* key) {
  return j.contains(key) ? std::optional(numberOf(j, key)) : std::nullopt;
}

inline bool switchOf(const Json& j, const char* key) {
  const auto it = j.find(key);
  return it != j.end() && it->is_boolean() && it->get<bool>();
}

// Calls f(line) for each line that is not empty; the last one may lack its line feed.
template <typename F>
void eachLine(std::string_view text, F f) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) f(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace incipit
