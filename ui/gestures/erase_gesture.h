// Erases the notes that the pointer crosses; one undo step for all of them.
#pragma once

#include "ui/gestures/gesture.h"

namespace incipit {

class EraseGesture : public Gesture {
 public:
  using Gesture::Gesture;
  void begin() override;
  void move(const Pointer& p) override;
  void release(const Pointer& p) override;

 private:
  void eraseAt(QPointF at);

  std::vector<Note> erased_;
  std::optional<QPointF> last_;
};

}  // namespace incipit
