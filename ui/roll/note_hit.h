// Which note lies under a point of the roll, and which part of it.
#pragma once

#include <QPointF>
#include <QRectF>
#include <optional>

#include "core/score/document.h"
#include "ui/roll/roll_view.h"

namespace incipit {

enum class NotePart : std::uint8_t { kBody, kLeftEdge, kRightEdge };

struct NoteHit {
  Note note;
  NotePart part = NotePart::kBody;
};

// Notes narrower than this have no edges to grip.
inline constexpr double kNarrowestGripped = 9;
// Width of the grip at each edge of a note `width` pixels wide; 0 for none.
double gripWidth(double width);

// The topmost (last) note at `at`; notes narrower than a few pixels are easier to hit than they
// look. Touches only the blocks that the point lies in.
std::optional<NoteHit> hitTest(const NoteList& notes, const RollView& view, QPointF at);

// Where the note is drawn, before alignment to device pixels.
QRectF noteRect(const Note& n, const RollView& view);

}  // namespace incipit
