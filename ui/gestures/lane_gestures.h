// Velocities in the lane below the roll: pulling a stem, painting freehand, a straight ramp, and
// spreading about the mean. Where a note in view is selected, painting and ramps touch selected
// notes only.
#pragma once

#include <unordered_map>

#include "ui/gestures/gesture.h"

namespace incipit {

// Velocity 1..127 over the height of a lane.
struct VelocityScale {
  double height = 80;
  double y(int velocity) const;
  int velocityAt(double y) const;  // clamped to 1..127
};

inline constexpr double kLanePaddingPx = 8;  // above 127 and below 0

// The note whose stem (or its head) is at `at`; selected ones first.
std::optional<Note> stemAt(const RollState& state, const VelocityScale& scale, QPointF at);

class LaneGesture : public Gesture {
 public:
  LaneGesture(RollState& state, const Press& press);
  void release(const Pointer& p) override;
  bool autoScrolls() const override { return false; }
  QString tip() const override { return tip_; }

 protected:
  // The notes that a gesture over all of `range` changes.
  std::vector<Note> affected(TickRange range) const;
  void preview(const std::vector<Note>& before, std::vector<Note> after);
  void setTip(int velocity);

  const VelocityScale scale_;

 private:
  QString tip_;
};

// The note goes where the pointer is; with it in the selection, all move by as much.
class StemGesture : public LaneGesture {
 public:
  using LaneGesture::LaneGesture;
  void begin() override;
  void move(const Pointer& p) override;
  std::optional<Qt::CursorShape> cursor() const override { return Qt::SizeVerCursor; }

 private:
  bool moved_ = false;
};

class FreehandGesture : public LaneGesture {
 public:
  FreehandGesture(RollState& state, const Press& press);
  void begin() override { move(press_.pointer); }
  void move(const Pointer& p) override;

 private:
  Tick last_;
  double lastY_;
  std::vector<Note> before_;  // touched so far
  std::vector<Note> after_;
  std::unordered_map<NoteId, std::size_t> index_;  // into both
};

class RampGesture : public LaneGesture {
 public:
  using LaneGesture::LaneGesture;
  void move(const Pointer& p) override;
  void paint(QPainter& painter) const override;

 private:
  QPointF now_;
  bool dragged_ = false;
};

class SpreadGesture : public LaneGesture {
 public:
  using LaneGesture::LaneGesture;
  void move(const Pointer& p) override;
  std::optional<Qt::CursorShape> cursor() const override { return Qt::SizeVerCursor; }
};

}  // namespace incipit
