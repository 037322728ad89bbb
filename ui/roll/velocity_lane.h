// The lane below the roll: a stem for each note of the active track, as high as its velocity.
//
// Thread safety: GUI thread only.
#pragma once

#include <QElapsedTimer>

#include "ui/gestures/lane_gestures.h"
#include "ui/roll/grid_layer.h"
#include "ui/roll/note_colours.h"
#include "ui/roll/roll_pane.h"

namespace incipit {

class VelocityLane : public RollPane {
  Q_OBJECT

 public:
  explicit VelocityLane(RollState& state, QWidget* parent = nullptr);

 protected:
  void describe(Press& press) const override;
  bool isLane() const override { return true; }
  void wheelVelocity(int delta, const Pointer& p) override;
  Qt::CursorShape hoverCursor(const Press& press, Action action) const override;
  void paintEvent(QPaintEvent* e) override;
  void leaveEvent(QEvent* e) override;

 private:
  void paintStems(QPainter& painter, const QRect& clip);
  void paintColumns(QPainter& painter, const QRect& clip);
  void movePlayhead(Tick to);
  VelocityScale scale() const { return {static_cast<double>(height())}; }

  GridLayer grid_;
  std::vector<std::uint8_t> columns_;  // highest velocity of each; 128 + velocity when selected
  Tick playhead_;

  // The notches of one turn of the wheel are one undo step: the document before them and the one
  // that they made, so that the next notch can tell whether it goes on.
  DocumentPtr wheelBefore_;
  DocumentPtr wheelAfter_;
  std::vector<Note> wheelNotes_;
  int wheelDelta_ = 0;
  QElapsedTimer wheelTime_;
};

// The scale at the left of the lane.
class LaneHeader : public QWidget {
 public:
  explicit LaneHeader(QWidget* parent = nullptr);

 protected:
  void paintEvent(QPaintEvent* e) override;
};

}  // namespace incipit
