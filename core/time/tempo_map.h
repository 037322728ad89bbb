// When a tick sounds: the tempo changes of a document.
//
// Invariants: changes are sorted by tick, one per tick, the first at tick 0 (120 quarters a minute
// where nobody said). Immutable, so any thread may read one.
#pragma once

#include <cstdint>
#include <vector>

#include "core/time/ticks.h"

namespace incipit {

struct TempoChange {
  Tick at;
  std::uint32_t microsPerQuarter = 500000;  // 1..0xFFFFFF, as a Standard MIDI File keeps it
  bool operator==(const TempoChange&) const = default;
  double bpm() const { return 60e6 / microsPerQuarter; }
};

inline std::uint32_t microsPerQuarterOf(double bpm) {
  return static_cast<std::uint32_t>(std::clamp(60e6 / bpm + 0.5, 1.0, double{0xFFFFFF}));
}

class TempoMap {
 public:
  TempoMap() : TempoMap(kDefaultPpq, {}) {}
  // Sorts; of several changes at one tick the last given wins. Negative ticks are moved to 0.
  TempoMap(int ppq, std::vector<TempoChange> changes);

  int ppq() const { return ppq_; }
  const std::vector<TempoChange>& changes() const { return changes_; }
  const TempoChange& at(Tick t) const;

  // Seconds from tick 0; negative ticks extend the first tempo backwards.
  double seconds(Tick t) const;
  // The last tick at or before `seconds`, to within rounding.
  Tick tick(double seconds) const;

  bool operator==(const TempoMap& o) const { return ppq_ == o.ppq_ && changes_ == o.changes_; }

 private:
  int ppq_;
  std::vector<TempoChange> changes_;
  std::vector<double> secondsAt_;  // of each change
};

}  // namespace incipit
