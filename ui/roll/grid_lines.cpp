#include "ui/roll/grid_lines.h"

namespace incipit {
namespace {

// Beats and steps within one bar, the bar line itself apart. The grid restarts at every bar.
void addInside(std::vector<GridLine>& out, TickRange range, Tick bar, Tick nextBar,
               std::int64_t number, TickDelta beat, TickDelta step) {
  const bool beats = beat.count > 0;
  const bool steps = step.count > 0;
  Tick nextBeat = bar + beat;
  Tick nextStep = bar + step;
  int beatNumber = 1;
  while (true) {
    const bool beatFirst = beats && (!steps || nextBeat <= nextStep);
    const Tick at = beatFirst ? nextBeat : nextStep;
    if ((!beats && !steps) || at >= nextBar || at >= range.to) return;
    if (steps && nextStep == at) nextStep += step;
    if (at >= range.from)
      out.push_back({at, beatFirst ? LineLevel::kBeat : LineLevel::kStep, number,
                     beatFirst ? beatNumber : 0});
    if (beatFirst) {
      nextBeat += beat;
      ++beatNumber;
    }
  }
}

}  // namespace

std::int64_t barStride(TickDelta barLength, double pxPerTick, double closest) {
  std::int64_t stride = 1;
  const double px = static_cast<double>(barLength.count) * pxPerTick;
  while (px * static_cast<double>(stride) < closest && stride < (std::int64_t{1} << 40U))
    stride *= 2;
  return stride;
}

std::vector<GridLine> gridLines(TickRange range, const MeterMap& meter, const Grid& grid,
                                double pxPerTick, double closest) {
  std::vector<GridLine> out;
  range.from = std::max(range.from, Tick{0});
  if (range.empty() || pxPerTick <= 0) return out;
  const auto far = [&](TickDelta d) {
    return static_cast<double>(d.count) * pxPerTick >= closest ? d : TickDelta{0};
  };
  const TickDelta step = grid.enabled ? far(gridStep(grid, meter.ppq())) : TickDelta{0};
  std::int64_t bar = meter.barBeat(range.from).bar;
  while (true) {
    const Tick at = meter.barStart(bar);
    if (at >= range.to) return out;
    const MeterChange& m = meter.at(at);
    const std::int64_t stride = barStride(meter.barLength(m), pxPerTick, closest);
    if (stride == 1 || bar % stride == 0) {
      if (at >= range.from) out.push_back({at, LineLevel::kBar, bar, 0});
      if (stride == 1) {
        addInside(out, range, at, meter.barStart(bar + 1), bar, far(meter.beatLength(m)), step);
      }
    }
    bar = (bar / stride + 1) * stride;
  }
}

}  // namespace incipit
