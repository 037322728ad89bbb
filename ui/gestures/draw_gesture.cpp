#include "ui/gestures/draw_gesture.h"

#include <QCoreApplication>

namespace incipit {

void DrawGesture::begin() {
  session().clearSelection();
  move(press_.pointer);
}

void DrawGesture::move(const Pointer& p) {
  lengthening_ = lengthening_ || std::abs(wayX(p)) > kDragThresholdPx;
  Note n;
  n.start = state_.snapDown(press_.tick, free(p));
  n.pitch = static_cast<std::uint8_t>(pitchAt(p));
  n.velocity = static_cast<std::uint8_t>(session().newNoteVelocity());
  n.length = session().newNoteLength();
  if (lengthening_) {
    const Tick end = state_.snapNearest(tickAt(p), free(p));
    n.length = std::max(state_.step(free(p)), end - n.start);
  }
  length_ = n.length;
  if (n.pitch != sounded_) state_.sound(n.pitch, n.velocity);
  sounded_ = n.pitch;
  // Not selected: Generate continues after the selection where there is one, and a seed is drawn in
  // any order.
  state_.setPreview(addNotes(document(), track(), std::span(&n, 1)), false);
}

void DrawGesture::release(const Pointer& p) {
  move(p);
  state_.silence();
  const TickDelta length = length_;
  if (state_.commitPreview(QCoreApplication::translate("Gesture", "Draw note")))
    session().setNewNote(length, session().newNoteVelocity());
}

}  // namespace incipit
