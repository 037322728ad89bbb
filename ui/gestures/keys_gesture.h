// Plays the piano keys: press and glissando, louder towards the right end of a key.
#pragma once

#include "ui/gestures/gesture.h"

namespace incipit {

class KeysGesture : public Gesture {
 public:
  using Gesture::Gesture;
  void begin() override { move(press_.pointer); }
  void move(const Pointer& p) override {
    const int pitch = pitchAt(p);
    if (pitch == played_) return;
    played_ = pitch;
    const double across = p.at.x() / std::max(1.0, press_.pane.width());
    state_.sound(pitch, std::clamp(static_cast<int>(across * 127 + 0.5), 1, 127));
  }
  void release(const Pointer& /*p*/) override { state_.silence(); }

 private:
  int played_ = -1;
};

}  // namespace incipit
