#include "core/time/grid.h"

namespace incipit {

TickDelta gridStep(const Grid& grid, int ppq) {
  std::int64_t ticks = std::int64_t{ppq} * 4 / std::max(1, grid.division);
  if (grid.triplet) ticks = ticks * 2 / 3;
  return {std::max<std::int64_t>(1, ticks)};
}

Tick snapDown(Tick t, const Grid& grid, const MeterMap& meter) {
  t = std::max(t, Tick{0});
  if (!grid.enabled) return t;
  const Tick bar = meter.barStartAt(t);
  const std::int64_t step = gridStep(grid, meter.ppq()).count;
  return bar + TickDelta{(t - bar).count / step * step};
}

Tick nextGridLine(Tick t, const Grid& grid, const MeterMap& meter) {
  if (!grid.enabled) return t + TickDelta{1};
  const Tick line = snapDown(t, grid, meter) + gridStep(grid, meter.ppq());
  const Tick bar = meter.barStart(meter.barBeat(std::max(t, Tick{0})).bar + 1);
  return std::min(line, bar);
}

Tick snapNearest(Tick t, const Grid& grid, const MeterMap& meter) {
  if (!grid.enabled || t <= Tick{0}) return std::max(t, Tick{0});
  const Tick down = snapDown(t, grid, meter);
  const Tick up = nextGridLine(t, grid, meter);
  return (t - down) * 2 < up - down ? down : up;
}

}  // namespace incipit
