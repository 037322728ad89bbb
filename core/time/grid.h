// The editing grid and snapping. A step is a fraction of a whole note; triplets are two thirds.
#pragma once

#include "core/time/meter_map.h"

namespace incipit {

struct Grid {
  int division = 16;     // steps in a whole note: 1, 2, 4, 8, 16, 32, 64
  bool triplet = false;  // each step two thirds as long
  bool enabled = true;   // off: one tick
  bool operator==(const Grid&) const = default;

  Grid finer() const { return {division < 64 ? division * 2 : division, triplet, enabled}; }
  Grid coarser() const { return {division > 1 ? division / 2 : division, triplet, enabled}; }
};

// Length of one step, at least one tick, whether or not the grid is enabled.
TickDelta gridStep(const Grid& grid, int ppq);

// The grid restarts at every bar, so steps longer than a bar fall on bar lines.
Tick snapDown(Tick t, const Grid& grid, const MeterMap& meter);
Tick snapNearest(Tick t, const Grid& grid, const MeterMap& meter);
// The first grid line strictly after t (t + one tick when the grid is disabled).
Tick nextGridLine(Tick t, const Grid& grid, const MeterMap& meter);

}  // namespace incipit
