// Draws one note: along x its length, along y its pitch, each new pitch sounding.
#pragma once

#include "ui/gestures/gesture.h"

namespace incipit {

class DrawGesture : public Gesture {
 public:
  using Gesture::Gesture;
  void begin() override;
  void move(const Pointer& p) override;
  void release(const Pointer& p) override;

 private:
  bool lengthening_ = false;  // the pointer left the place of the press
  int sounded_ = -1;
  TickDelta length_;
};

}  // namespace incipit
