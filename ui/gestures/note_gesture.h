// What pressing a note does, whatever drag follows: it is selected (or added, or toggled), sounds,
// and its length and velocity become those of the next note.
#pragma once

#include "ui/gestures/gesture.h"

namespace incipit {

class NoteGesture : public Gesture {
 public:
  NoteGesture(RollState& state, const Press& press)
      : Gesture(state, press), grabbed_(press.hit->note) {}
  void begin() override;
  void release(const Pointer& p) final;

 protected:
  // Whether the pointer left the place of the press, now or before.
  bool dragging(const Pointer& p);
  virtual void finish() = 0;  // the drag is over: commit

  const Note grabbed_;

 private:
  enum class OnClick { kNothing, kSelectOnly, kToggle };
  OnClick onClick_ = OnClick::kNothing;  // what is left to do if no drag follows
  bool dragged_ = false;
};

}  // namespace incipit
