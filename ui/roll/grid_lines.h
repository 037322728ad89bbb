// The vertical lines of roll, ruler and lane: which bars, beats and grid steps are worth a line at
// a zoom. Pure.
#pragma once

#include <vector>

#include "core/time/grid.h"

namespace incipit {

enum class LineLevel : std::uint8_t { kStep, kBeat, kBar };

struct GridLine {
  Tick at;
  LineLevel level = LineLevel::kBar;
  std::int64_t bar = 0;  // counted from 0
  int beat = 0;          // within the bar; 0 for a bar line
  bool operator==(const GridLine&) const = default;
};

inline constexpr double kClosestLinesPx = 7;

// The lines in `range` in order of time. Steps, then beats, are left out where they would stand
// closer than `closest` pixels; bars thin out by powers of two. Costs what it returns.
std::vector<GridLine> gridLines(TickRange range, const MeterMap& meter, const Grid& grid,
                                double pxPerTick, double closest = kClosestLinesPx);

// How many bars lie between bar lines (or numbers) at least `closest` pixels apart: a power of two.
std::int64_t barStride(TickDelta barLength, double pxPerTick, double closest);

}  // namespace incipit
