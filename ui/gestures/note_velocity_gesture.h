// Changes the velocity of the selection by dragging a note up or down, with a tip that says the
// value.
#pragma once

#include "ui/gestures/note_gesture.h"

namespace incipit {

class NoteVelocityGesture : public NoteGesture {
 public:
  using NoteGesture::NoteGesture;
  void move(const Pointer& p) override;
  QString tip() const override;
  bool autoScrolls() const override { return false; }
  std::optional<Qt::CursorShape> cursor() const override { return Qt::SizeVerCursor; }

 protected:
  void finish() override;

 private:
  int velocity_ = 0;  // of the grabbed note; 0 before the first movement
};

}  // namespace incipit
