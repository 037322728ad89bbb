// What the ruler does: moves the playhead, defines the loop region and moves its ends, selects a
// range of time.
#pragma once

#include "ui/gestures/gesture.h"

namespace incipit {

// A press moves the playhead; dragging on defines the loop region and turns looping on.
class SeekOrLoopGesture : public Gesture {
 public:
  SeekOrLoopGesture(RollState& state, const Press& press);
  void begin() override;
  void move(const Pointer& p) override;
  void release(const Pointer& p) override { move(p); }
  void cancel() override;

 private:
  const TickRange loopBefore_;
  const bool loopingBefore_;
  const Tick positionBefore_;
  const bool playingBefore_;
  bool looped_ = false;
};

class LoopHandleGesture : public Gesture {
 public:
  LoopHandleGesture(RollState& state, const Press& press);
  void move(const Pointer& p) override;
  void release(const Pointer& p) override { move(p); }
  void cancel() override;
  std::optional<Qt::CursorShape> cursor() const override { return Qt::SizeHorCursor; }

 private:
  const TickRange before_;
};

// Selects every note of the active track that sounds in the range.
class SelectRangeGesture : public Gesture {
 public:
  SelectRangeGesture(RollState& state, const Press& press);
  void move(const Pointer& p) override;
  void release(const Pointer& p) override { move(p); }
  void cancel() override;
  void paint(QPainter& painter) const override;

 private:
  const std::vector<Note> before_;
  TickRange range_;
};

}  // namespace incipit
