// Cuts a note in two where the pointer is, on the grid; a selected one together with the rest of the
// selection. The cut follows the pointer until it is let go.
#pragma once

#include "ui/gestures/gesture.h"

namespace incipit {

class CutGesture : public Gesture {
 public:
  using Gesture::Gesture;
  void begin() override { move(press_.pointer); }
  void move(const Pointer& p) override;
  void release(const Pointer& p) override;
  std::optional<Qt::CursorShape> cursor() const override { return Qt::SplitHCursor; }
};

}  // namespace incipit
