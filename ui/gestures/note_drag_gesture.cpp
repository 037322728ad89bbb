#include "ui/gestures/note_drag_gesture.h"

#include <QCoreApplication>

namespace incipit {

void NoteDragGesture::move(const Pointer& p) {
  const GestureMap& map = state_.gestureMap();
  if (!dragging(p) || session().selection().empty()) return;
  copying_ = map.copies(p.modifiers);
  if (axis_ == Axis::kUndecided) {
    const QPointF way = p.at - press_.pointer.at;
    axis_ = std::abs(way.x()) >= std::abs(way.y()) ? Axis::kTime : Axis::kPitch;
  }
  const bool locked = map.locksAxis(p.modifiers);
  // A vertical drag leaves the time alone until the pointer clearly moves along it.
  timeMoved_ = timeMoved_ || std::abs(wayX(p)) > kDragThresholdPx;
  TickDelta time{0};
  if (timeMoved_ && !(locked && axis_ == Axis::kPitch))
    time = state_.snapMoved(grabbed_.start, tickAt(p) - press_.tick, free(p)) - grabbed_.start;
  const int semitones = locked && axis_ == Axis::kTime ? 0 : pitchAt(p) - press_.pitch;

  const std::vector<Note>& group = session().selection();
  NoteEdit edit = copying_ ? copyNotes(document(), track(), group, time, semitones)
                           : moveNotes(document(), track(), group, time, semitones);
  // Both are in NoteOrder, which a common shift preserves.
  const int moved = edit.notes.front().pitch - group.front().pitch;
  displaced_ = moved != 0 || edit.notes.front().start != group.front().start;
  if (moved != semitones_) state_.sound(grabbed_.pitch + moved, grabbed_.velocity);
  semitones_ = moved;
  state_.setPreview(std::move(edit));
}

std::optional<Qt::CursorShape> NoteDragGesture::cursor() const {
  return copying_ ? Qt::DragCopyCursor : Qt::ClosedHandCursor;
}

void NoteDragGesture::finish() {
  if (!displaced_) {  // back where it began: a copy on top of its original would go unseen
    state_.clearPreview();
    return;
  }
  const std::size_t count = session().selection().size();
  state_.commitPreview(editName(copying_ ? QCoreApplication::translate("Gesture", "Copy")
                                         : QCoreApplication::translate("Gesture", "Move"),
                                count));
}

}  // namespace incipit
