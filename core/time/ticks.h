// Musical time. A Tick is a position from the start of a document, a TickDelta a distance; adding
// two positions does not compile. How many ticks a quarter note has is the document's own
// (Document::ppq). 64 bits: no file can overflow it.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace incipit {

struct TickDelta {
  std::int64_t count = 0;
  constexpr auto operator<=>(const TickDelta&) const = default;
  constexpr TickDelta operator-() const { return {-count}; }
  constexpr TickDelta& operator+=(TickDelta d) {
    count += d.count;
    return *this;
  }
};

struct Tick {
  std::int64_t count = 0;
  constexpr auto operator<=>(const Tick&) const = default;
  constexpr Tick& operator+=(TickDelta d) {
    count += d.count;
    return *this;
  }
};

constexpr TickDelta operator+(TickDelta a, TickDelta b) { return {a.count + b.count}; }
constexpr TickDelta operator-(TickDelta a, TickDelta b) { return {a.count - b.count}; }
constexpr TickDelta operator*(TickDelta a, std::int64_t n) { return {a.count * n}; }
constexpr TickDelta operator*(std::int64_t n, TickDelta a) { return {a.count * n}; }
constexpr Tick operator+(Tick a, TickDelta b) { return {a.count + b.count}; }
constexpr Tick operator-(Tick a, TickDelta b) { return {a.count - b.count}; }
constexpr TickDelta operator-(Tick a, Tick b) { return {a.count - b.count}; }

// Half open: [from, to). Empty where to <= from.
struct TickRange {
  Tick from;
  Tick to;
  constexpr bool operator==(const TickRange&) const = default;
  constexpr bool empty() const { return to <= from; }
  constexpr bool contains(Tick t) const { return from <= t && t < to; }
  constexpr TickDelta length() const { return to - from; }
};

// Ticks per quarter note of a document that is not imported.
inline constexpr int kDefaultPpq = 960;

// The resolution of a document imported from a file of `division` ticks per quarter: the smallest
// multiple of it that is at least 960 and divisible by 15, so that nothing is rounded.
// division: 1..32767.
constexpr int documentPpq(int division) {
  int factor = 1;
  while (division * factor < kDefaultPpq || (division * factor) % 15 != 0) ++factor;
  return division * factor;
}

}  // namespace incipit
