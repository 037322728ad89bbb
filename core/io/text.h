// UTF-8 and the writing of JSON text, for the files of core/io.
// Thread safety: free functions without shared state.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace incipit {

// The length of the valid UTF-8 sequence at `at`; 0 where there is none (overlong forms, surrogates
// and code points over U+10FFFF are not valid).
std::size_t utf8Length(std::string_view text, std::size_t at);
bool validUtf8(std::string_view text);
// The text itself where it is UTF-8, else read as Windows-1252, what old sequencers wrote.
std::string toUtf8(std::string_view bytes);
void appendUtf8(std::string& out, std::uint32_t codePoint);

// Appends a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void appendJsonString(std::string& out, std::string_view text);

template <typename Integer>
void appendNumber(std::string& out, Integer value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

// "#rrggbb"
std::string colourText(std::uint32_t colour);
// False for anything else.
bool parseColour(std::string_view text, std::uint32_t& colour);

}  // namespace incipit
