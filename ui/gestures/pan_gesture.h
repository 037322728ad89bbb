// Drags the view under the pointer.
#pragma once

#include "ui/gestures/gesture.h"

namespace incipit {

class PanGesture : public Gesture {
 public:
  PanGesture(RollState& state, const Press& press) : Gesture(state, press), before_(state.view()) {}
  void move(const Pointer& p) override {
    const QPointF way = press_.pointer.at - p.at;
    // Panes without pitches keep theirs.
    const bool vertical = press_.zone != Zone::kRuler && press_.zone != Zone::kLoopHandle &&
                          press_.zone != Zone::kLaneStem && press_.zone != Zone::kLaneEmpty;
    const bool horizontal = press_.zone != Zone::kKeys;
    state_.setView(before_.scrolled(horizontal ? way.x() : 0, vertical ? way.y() : 0));
  }
  void release(const Pointer& p) override { move(p); }
  void cancel() override { state_.setView(before_); }
  bool autoScrolls() const override { return false; }
  std::optional<Qt::CursorShape> cursor() const override { return Qt::ClosedHandCursor; }

 private:
  const RollView before_;
};

}  // namespace incipit
