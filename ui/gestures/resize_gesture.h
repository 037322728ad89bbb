// Drags an edge of the selection: all by the same way, or, with the scale key, the group in
// proportion about its opposite edge.
#pragma once

#include "ui/gestures/note_gesture.h"

namespace incipit {

class ResizeGesture : public NoteGesture {
 public:
  using NoteGesture::NoteGesture;
  void move(const Pointer& p) override;
  std::optional<Qt::CursorShape> cursor() const override { return Qt::SizeHorCursor; }

 protected:
  void finish() override;

 private:
  TickDelta length_{0};  // of the grabbed note as it became
};

}  // namespace incipit
