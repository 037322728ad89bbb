#include "ui/gestures/resize_gesture.h"

#include <QCoreApplication>

namespace incipit {

void ResizeGesture::move(const Pointer& p) {
  if (!dragging(p)) return;
  const std::vector<Note>& group = session().selection();
  const Edge edge = press_.hit->part == NotePart::kLeftEdge ? Edge::kLeft : Edge::kRight;
  const TickDelta way = tickAt(p) - press_.tick;
  NoteEdit edit;
  if (state_.gestureMap().scales(p.modifiers)) {
    // The dragged edge is the group's; it snaps by itself.
    Tick outer = edge == Edge::kLeft ? group.front().start : Tick{0};
    if (edge == Edge::kRight) {
      for (const Note& n : group) outer = std::max(outer, n.end());
    }
    edit =
        scaleNotes(document(), track(), group, edge, state_.snapMoved(outer, way, free(p)) - outer);
  } else {
    const Tick from = edge == Edge::kLeft ? grabbed_.start : grabbed_.end();
    edit = resizeNotes(document(), track(), group, edge,
                       state_.snapMoved(from, way, free(p)) - from, state_.step(free(p)));
  }
  for (const Note& n : edit.notes) {
    if (n.id == grabbed_.id) length_ = n.length;
  }
  state_.setPreview(std::move(edit));
}

void ResizeGesture::finish() {
  const std::size_t count = session().selection().size();
  const TickDelta length = length_;
  if (state_.commitPreview(editName(QCoreApplication::translate("Gesture", "Resize"), count)))
    session().setNewNote(length, grabbed_.velocity);
}

}  // namespace incipit
