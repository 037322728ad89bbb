#include "ui/roll/roll_view.h"

#include <cmath>

namespace incipit {

Tick RollView::tickAt(double x) const {
  return left + TickDelta{static_cast<std::int64_t>(std::floor(x / pxPerTick))};
}

int RollView::pitchAt(double y) const {
  return static_cast<int>(std::ceil(topPitch - y / rowPx)) - 1;
}

TickRange RollView::ticks(double x0, double x1) const {
  return {tickAt(x0), tickAt(x1) + TickDelta{1}};
}

RollView RollView::scrolled(double dx, double dy) const {
  RollView v = *this;
  v.left += TickDelta{std::llround(dx / pxPerTick)};
  v.topPitch -= dy / rowPx;
  return v;
}

RollView RollView::zoomedTime(double factor, double anchorX) const {
  RollView v = *this;
  const double anchor = static_cast<double>(left.count) + anchorX / pxPerTick;
  v.pxPerTick = pxPerTick * factor;
  v.left = {std::llround(anchor - anchorX / v.pxPerTick)};
  return v;
}

RollView RollView::zoomedPitch(double factor, double anchorY) const {
  RollView v = *this;
  // Whole pixels, so that rows look alike; a zoom step always changes something.
  double row = std::round(rowPx * factor);
  if (row == rowPx && factor != 1) row += factor > 1 ? 1 : -1;
  v.rowPx = std::clamp(row, kLowestRowPx, kHighestRowPx);
  v.topPitch = topPitch - anchorY / rowPx + anchorY / v.rowPx;
  return v;
}

RollView RollView::clamped(const RollLimits& limits) const {
  RollView v = *this;
  v.pxPerTick =
      std::clamp(pxPerTick, kLowestQuarterPx / limits.ppq, kHighestQuarterPx / limits.ppq);
  v.rowPx = std::clamp(rowPx, kLowestRowPx, kHighestRowPx);
  v.left = std::clamp(left, Tick{0}, std::max(limits.end, Tick{0}));
  const double rows = limits.viewport.height() / v.rowPx;
  v.topPitch = std::clamp(topPitch, std::min<double>(rows, kPitchRows), double{kPitchRows});
  return v;
}

RollView RollView::showing(TickRange range, double viewportWidth) const {
  RollView v = *this;
  const auto length = static_cast<double>(std::max(range.length(), TickDelta{1}).count);
  v.left = range.from;
  v.pxPerTick = std::max(viewportWidth, 1.0) / length;
  return v;
}

double alignToDevice(double v, double devicePixelRatio) {
  return std::round(v * devicePixelRatio) / devicePixelRatio;
}

}  // namespace incipit
