// What part of a piece a piano roll shows, as a value, and the mapping between music and pixels.
// Time runs along x in ticks, so that tempo changes move nothing; pitch runs up along y, one row a
// semitone. Pixels are device-independent and relative to the canvas.
//
// Thread safety: a value; every function is pure.
#pragma once

#include <QSizeF>
#include <cstdint>

#include "core/score/note.h"

namespace incipit {

inline constexpr double kDefaultRowPx = 16;
inline constexpr double kDefaultQuarterPx = 56;
inline constexpr int kPitchRows = kHighestPitch - kLowestPitch + 1;

// What a view must stay within.
struct RollLimits {
  QSizeF viewport;        // of the canvas
  int ppq = kDefaultPpq;  // of the document
  Tick end;               // of what there is to see; the view scrolls one page beyond
};

struct RollView {
  Tick left;  // at x = 0; never negative once clamped
  double pxPerTick = kDefaultQuarterPx / kDefaultPpq;
  double rowPx = kDefaultRowPx;
  double topPitch = 84;  // the upper edge of the view: row p reaches from p to p + 1
  bool operator==(const RollView&) const = default;

  double x(Tick t) const { return static_cast<double>((t - left).count) * pxPerTick; }
  double width(TickDelta d) const { return static_cast<double>(d.count) * pxPerTick; }
  // The tick whose span contains x; negative left of the start of the piece.
  Tick tickAt(double x) const;
  // Upper edge of the row of a pitch.
  double y(int pitch) const { return (topPitch - (pitch + 1)) * rowPx; }
  // The row that contains y, unclamped; see clampPitch.
  int pitchAt(double y) const;
  // Every tick that has a pixel in [x0, x1).
  TickRange ticks(double x0, double x1) const;

  RollView scrolled(double dx, double dy) const;  // content moves by -dx, -dy pixels
  // What lies at the anchor stays there, to within a tick or a row.
  RollView zoomedTime(double factor, double anchorX) const;
  RollView zoomedPitch(double factor, double anchorY) const;
  // The nearest view within the limits.
  RollView clamped(const RollLimits& limits) const;
  // The zoom and scroll that show exactly `range`, pitch as it is.
  RollView showing(TickRange range, double viewportWidth) const;
};

inline constexpr double kLowestRowPx = 4;
inline constexpr double kHighestRowPx = 40;
inline constexpr double kLowestQuarterPx = 0.002;
inline constexpr double kHighestQuarterPx = 1600;

inline int clampPitch(int pitch) { return std::clamp(pitch, kLowestPitch, kHighestPitch); }

// The nearest device pixel edge, so that lines and fills are crisp at any device pixel ratio.
double alignToDevice(double v, double devicePixelRatio);

}  // namespace incipit
