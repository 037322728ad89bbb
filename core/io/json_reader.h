// JSON (RFC 8259) read value by value, in one pass and without a tree: what a reader that must
// salvage needs, since all that was taken before a fault stands, and the fault has its byte.
//
// Every function does nothing once a fault was met and returns a harmless value; check fault() at
// the end or where a loop ends. The text must outlive the reader. Thread safety: none.
//
//   reader.enterObject();
//   while (reader.nextMember(key)) { if (key == "a") a = reader.integer(); else reader.skip(); }
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace incipit {

class JsonReader {
 public:
  enum class Kind { kObject, kArray, kString, kNumber, kBoolean, kNull, kEnd };

  explicit JsonReader(std::string_view text) : text_(text) {}

  Kind peek();  // of the value that comes next
  void enterObject();
  // False at the end of the object. The value must then be taken (or skipped).
  bool nextMember(std::string& key);
  void enterArray();
  bool nextItem();

  // A number with a fraction is rounded down, one out of range becomes the nearest 64-bit integer.
  std::int64_t integer();
  bool boolean();
  std::string string();
  // The text of the whole value, as it stands.
  std::string_view skip();

  // What only the caller can know to be wrong; at the last value taken.
  void refuse(std::string what);
  bool faulty() const { return !fault_.empty(); }
  const std::string& fault() const { return fault_; }
  std::size_t byte() const { return faulty() ? faultAt_ : at_; }
  // Whether nothing but white space is left.
  bool atEnd();

 private:
  static constexpr std::size_t kDeepest = 256;

  void space();
  bool take(char c);
  bool separator(char close);
  void failHere(std::string what);
  void escape(std::string& out);
  std::uint32_t hex4();
  std::string_view numberText();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t valueAt_ = 0;
  bool first_ = false;  // nothing taken yet from the innermost object or array
  std::string fault_;
  std::size_t faultAt_ = 0;
};

}  // namespace incipit
