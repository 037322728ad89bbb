// Paints a run of notes of one grid step each, on the pitch of the press. Cells where the pitch
// sounds already are left alone.
#pragma once

#include "ui/gestures/gesture.h"

namespace incipit {

class PaintRunGesture : public Gesture {
 public:
  using Gesture::Gesture;
  void begin() override;
  void move(const Pointer& p) override;
  void release(const Pointer& p) override;

 private:
  std::size_t count_ = 0;
};

}  // namespace incipit
