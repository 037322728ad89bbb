// Bars and beats: the time signatures of a document. A change starts a new bar where it stands.
//
// Invariants: changes sorted by tick, one per tick, the first at tick 0 (4/4 where nobody said).
// Immutable, so any thread may read one.
#pragma once

#include <cstdint>
#include <vector>

#include "core/time/ticks.h"

namespace incipit {

struct MeterChange {
  Tick at;
  int numerator = 4;        // 1..255
  int denominator = 4;      // a power of two, 1..2^30
  int clocksPerClick = 24;  // as in the file; kept, not interpreted
  int thirtySecondsPerQuarter = 8;
  bool operator==(const MeterChange&) const = default;
};

// bar and beat count from 0; offset is the rest within the beat.
struct BarBeat {
  std::int64_t bar = 0;
  int beat = 0;
  TickDelta offset;
  bool operator==(const BarBeat&) const = default;
};

class MeterMap {
 public:
  MeterMap() : MeterMap(kDefaultPpq, {}) {}
  // Sorts; of several changes at one tick the last given wins; nonsense becomes 4/4.
  MeterMap(int ppq, std::vector<MeterChange> changes);

  int ppq() const { return ppq_; }
  const std::vector<MeterChange>& changes() const { return changes_; }
  const MeterChange& at(Tick t) const;

  TickDelta beatLength(const MeterChange& m) const;  // at least one tick
  TickDelta barLength(const MeterChange& m) const { return beatLength(m) * m.numerator; }

  BarBeat barBeat(Tick t) const;          // t >= 0
  Tick barStart(std::int64_t bar) const;  // bar >= 0
  Tick barStartAt(Tick t) const { return barStart(barBeat(t).bar); }
  // The first bar line at or after t.
  Tick barLineFrom(Tick t) const;

  bool operator==(const MeterMap& o) const { return ppq_ == o.ppq_ && changes_ == o.changes_; }

 private:
  std::size_t indexAt(Tick t) const;

  int ppq_;
  std::vector<MeterChange> changes_;
  std::vector<std::int64_t> barAt_;  // the bar number that each change starts
};

}  // namespace incipit
