#include "ui/roll/note_hit.h"

namespace incipit {
namespace {
constexpr double kEasyPx = 4;  // the least width that a note is hit with
}

double gripWidth(double width) {
  return width < kNarrowestGripped ? 0 : std::clamp(width / 4, 3.0, 8.0);
}

QRectF noteRect(const Note& n, const RollView& view) {
  return {view.x(n.start), view.y(n.pitch), view.width(n.length), view.rowPx};
}

std::optional<NoteHit> hitTest(const NoteList& notes, const RollView& view, QPointF at) {
  const int pitch = view.pitchAt(at.y());
  if (pitch < kLowestPitch || pitch > kHighestPitch) return std::nullopt;
  std::optional<NoteHit> hit;
  bool exact = false;
  notes.forEachIn(view.ticks(at.x() - kEasyPx, at.x() + kEasyPx), [&](const Note& n) {
    if (n.pitch != pitch) return;
    const double x = view.x(n.start);
    const double width = view.width(n.length);
    const bool inside = at.x() >= x && at.x() < x + width;
    const double slack = width < kEasyPx ? (kEasyPx - width) / 2 : 0;
    if (!inside && (exact || at.x() < x - slack || at.x() >= x + width + slack)) return;
    exact = exact || inside;
    const double grip = gripWidth(width);
    NotePart part = NotePart::kBody;
    if (at.x() < x + grip) part = NotePart::kLeftEdge;
    if (at.x() >= x + width - grip && grip > 0) part = NotePart::kRightEdge;
    hit = NoteHit{n, part};
  });
  return hit;
}

}  // namespace incipit
