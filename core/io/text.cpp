#include "core/io/text.h"

#include <array>

namespace incipit {
namespace {

unsigned char byteAt(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}
bool continues(std::string_view text, std::size_t i) { return (byteAt(text, i) & 0xC0U) == 0x80; }

constexpr std::string_view kHexDigits = "0123456789abcdef";

// Windows-1252 at 0x80..0x9F; what it leaves undefined keeps its number.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

}  // namespace

std::size_t utf8Length(std::string_view text, std::size_t at) {
  const unsigned char a = byteAt(text, at);
  const unsigned char b = byteAt(text, at + 1);
  if (at >= text.size()) return 0;
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF) return continues(text, at + 1) ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    const bool sound = continues(text, at + 1) && continues(text, at + 2) &&
                       (a != 0xE0 || b >= 0xA0) && (a != 0xED || b <= 0x9F);
    return sound ? 3 : 0;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    const bool sound = continues(text, at + 1) && continues(text, at + 2) &&
                       continues(text, at + 3) && (a != 0xF0 || b >= 0x90) &&
                       (a != 0xF4 || b <= 0x8F);
    return sound ? 4 : 0;
  }
  return 0;
}

bool validUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t n = utf8Length(text, i);
    if (n == 0) return false;
    i += n;
  }
  return true;
}

void appendUtf8(std::string& out, std::uint32_t c) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6U));
    put(0x80 | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12U));
    put(0x80 | ((c >> 6U) & 0x3FU));
    put(0x80 | (c & 0x3FU));
  } else {
    put(0xF0 | (c >> 18U));
    put(0x80 | ((c >> 12U) & 0x3FU));
    put(0x80 | ((c >> 6U) & 0x3FU));
    put(0x80 | (c & 0x3FU));
  }
}

std::string toUtf8(std::string_view bytes) {
  if (validUtf8(bytes)) return std::string(bytes);
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    appendUtf8(out, byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80U] : byte);
  }
  return out;
}

void appendJsonString(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
      ++i;
    } else if (c == '\n' || c == '\t') {
      out += c == '\n' ? "\\n" : "\\t";
      ++i;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kHexDigits[byte >> 4U];
      out += kHexDigits[byte & 15U];
      ++i;
    } else if (const std::size_t n = utf8Length(text, i); n > 0) {
      out.append(text, i, n);
      i += n;
    } else {
      out += "\xEF\xBF\xBD";
      ++i;
    }
  }
  out += '"';
}

std::string colourText(std::uint32_t colour) {
  std::string out = "#";
  for (int shift = 20; shift >= 0; shift -= 4) out += kHexDigits[(colour >> shift) & 15U];
  return out;
}

bool parseColour(std::string_view text, std::uint32_t& colour) {
  if (text.size() != 7 || text[0] != '#') return false;
  std::uint32_t value = 0;
  const auto end = std::from_chars(text.data() + 1, text.data() + 7, value, 16);
  if (end.ec != std::errc() || end.ptr != text.data() + 7) return false;
  colour = value;
  return true;
}

}  // namespace incipit
