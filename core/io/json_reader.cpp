#include "core/io/json_reader.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "core/io/text.h"

namespace incipit {

void JsonReader::failHere(std::string what) {
  if (faulty()) return;
  fault_ = std::move(what);
  faultAt_ = at_;
}

void JsonReader::refuse(std::string what) {
  if (faulty()) return;
  fault_ = std::move(what);
  faultAt_ = valueAt_;
}

void JsonReader::space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') break;
    ++at_;
  }
}

bool JsonReader::atEnd() {
  space();
  return at_ == text_.size();
}

bool JsonReader::take(char c) {
  if (faulty()) return false;
  space();
  if (at_ < text_.size() && text_[at_] == c) {
    ++at_;
    return true;
  }
  return false;
}

JsonReader::Kind JsonReader::peek() {
  space();
  if (faulty() || at_ == text_.size()) return Kind::kEnd;
  switch (text_[at_]) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 't':
    case 'f':
      return Kind::kBoolean;
    case 'n':
      return Kind::kNull;
    default:
      return Kind::kNumber;
  }
}

void JsonReader::enterObject() {
  if (!take('{')) failHere("an object is missing here");
  valueAt_ = at_;
  first_ = true;
}

void JsonReader::enterArray() {
  if (!take('[')) failHere("an array is missing here");
  valueAt_ = at_;
  first_ = true;
}

// Stands before the next element, or has taken `close`.
bool JsonReader::separator(char close) {
  if (faulty()) return false;
  if (take(close)) {
    first_ = false;  // the enclosing one holds at least this value
    return false;
  }
  if (!first_ && !take(',')) {
    failHere(at_ == text_.size() ? "the file ends in the middle" : "a comma is missing here");
    return false;
  }
  first_ = false;
  return true;
}

bool JsonReader::nextItem() { return separator(']'); }

bool JsonReader::nextMember(std::string& key) {
  if (!separator('}')) return false;
  if (peek() != Kind::kString) {
    failHere("a name in quotes is missing here");
    return false;
  }
  key = string();
  if (!take(':')) failHere("a colon is missing here");
  return !faulty();
}

std::string_view JsonReader::numberText() {
  space();
  valueAt_ = at_;
  std::size_t end = at_;
  const auto isPart = [](char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  };
  while (end < text_.size() && isPart(text_[end])) ++end;
  const std::string_view number = text_.substr(at_, end - at_);
  at_ = end;
  return number;
}

std::int64_t JsonReader::integer() {
  if (faulty()) return 0;
  const std::string_view digits = numberText();
  const char* const last = digits.data() + digits.size();
  std::int64_t value = 0;
  const auto whole = std::from_chars(digits.data(), last, value);
  if (whole.ec == std::errc() && whole.ptr == last) return value;
  double real = 0;
  const auto parsed = std::from_chars(digits.data(), last, real);
  const bool outOfRange = parsed.ec == std::errc::result_out_of_range;
  if (digits.empty() || parsed.ptr != last || (parsed.ec != std::errc() && !outOfRange)) {
    refuse("a number is missing here");
    return 0;
  }
  constexpr double kLimit = 9.2e18;
  if (outOfRange || real >= kLimit || real <= -kLimit) {
    return digits.front() == '-' ? std::numeric_limits<std::int64_t>::min()
                                 : std::numeric_limits<std::int64_t>::max();
  }
  return static_cast<std::int64_t>(std::floor(real));
}

bool JsonReader::boolean() {
  if (faulty()) return false;
  space();
  valueAt_ = at_;
  if (text_.substr(at_, 4) == "true") {
    at_ += 4;
    return true;
  }
  if (text_.substr(at_, 5) == "false") {
    at_ += 5;
    return false;
  }
  failHere("true or false is missing here");
  return false;
}

std::uint32_t JsonReader::hex4() {
  std::uint32_t value = 0;
  const std::string_view digits = text_.substr(at_, 4);
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() != 4 || end.ec != std::errc() || end.ptr != digits.data() + 4) {
    failHere("four hexadecimal digits are missing here");
    return 0;
  }
  at_ += 4;
  return value;
}

void JsonReader::escape(std::string& out) {
  const char c = at_ < text_.size() ? text_[at_++] : '\0';
  switch (c) {
    case '"':
    case '\\':
    case '/':
      out += c;
      return;
    case 'b':
      out += '\b';
      return;
    case 'f':
      out += '\f';
      return;
    case 'n':
      out += '\n';
      return;
    case 'r':
      out += '\r';
      return;
    case 't':
      out += '\t';
      return;
    case 'u': {
      std::uint32_t code = hex4();
      if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
        at_ += 2;
        const std::uint32_t low = hex4();
        code = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00)
                                             : 0xFFFD;
      }
      appendUtf8(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
      return;
    }
    default:
      failHere("an unknown escape in a string");
  }
}

std::string JsonReader::string() {
  std::string out;
  valueAt_ = at_;
  if (!take('"')) {
    failHere("a string is missing here");
    return out;
  }
  while (!faulty()) {
    const std::size_t end = text_.find_first_of("\"\\", at_);
    if (end == std::string_view::npos) {
      at_ = text_.size();
      failHere("a string without an end");
      break;
    }
    out.append(text_, at_, end - at_);
    at_ = end + 1;
    if (text_[end] == '"') break;
    escape(out);
  }
  return validUtf8(out) ? out : toUtf8(out);
}

std::string_view JsonReader::skip() {
  if (faulty()) return {};
  space();
  const std::size_t from = at_;
  std::string open;  // the brackets to close
  std::string key;
  do {
    switch (peek()) {
      case Kind::kObject:
      case Kind::kArray:
        if (open.size() == kDeepest) failHere("nested too deeply");
        open += text_[at_] == '{' ? '}' : ']';
        if (open.back() == '}') {
          enterObject();
        } else {
          enterArray();
        }
        break;
      case Kind::kString:
        string();
        break;
      case Kind::kBoolean:
        boolean();
        break;
      case Kind::kNull:
        if (text_.substr(at_, 4) != "null") failHere("null is missing here");
        at_ += 4;
        break;
      case Kind::kNumber:
        integer();
        break;
      case Kind::kEnd:
        failHere("the file ends in the middle");
        break;
    }
    while (!faulty() && !open.empty() && !(open.back() == '}' ? nextMember(key) : nextItem())) {
      open.pop_back();
    }
  } while (!faulty() && !open.empty());
  return faulty() ? std::string_view() : text_.substr(from, at_ - from);
}

}  // namespace incipit
