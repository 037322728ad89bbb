// Moves the selection, or copies it while the copy key is held. Times snap by the grabbed note;
// the group stops together at the limits.
#pragma once

#include "ui/gestures/note_gesture.h"

namespace incipit {

class NoteDragGesture : public NoteGesture {
 public:
  using NoteGesture::NoteGesture;
  void move(const Pointer& p) override;
  QString tip() const override { return copying_ ? QStringLiteral("+") : QString(); }
  std::optional<Qt::CursorShape> cursor() const override;

 protected:
  void finish() override;

 private:
  enum class Axis { kUndecided, kTime, kPitch };
  Axis axis_ = Axis::kUndecided;  // of the first movement
  bool timeMoved_ = false;
  bool copying_ = false;
  bool displaced_ = false;
  int semitones_ = 0;  // as sounded last
};

}  // namespace incipit
