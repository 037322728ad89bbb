#include "ui/gestures/note_velocity_gesture.h"

#include <QCoreApplication>
#include <cmath>

namespace incipit {
namespace {
constexpr double kPxPerVelocity = 1.5;
}

void NoteVelocityGesture::move(const Pointer& p) {
  if (!dragging(p)) return;
  const int delta =
      static_cast<int>(std::lround((press_.pointer.at.y() - p.at.y()) / kPxPerVelocity));
  velocity_ = std::clamp(grabbed_.velocity + delta, 1, 127);
  state_.setPreview(offsetVelocity(document(), track(), session().selection(), delta));
}

QString NoteVelocityGesture::tip() const {
  return velocity_ == 0 ? QString()
                        : QCoreApplication::translate("Gesture", "Velocity %1").arg(velocity_);
}

void NoteVelocityGesture::finish() {
  const int velocity = velocity_;
  if (state_.commitPreview(QCoreApplication::translate("Gesture", "Change velocity")))
    session().setNewNote(grabbed_.length, velocity);
}

}  // namespace incipit
