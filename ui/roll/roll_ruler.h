// The ruler above the roll: bar and beat numbers, flags for tempo, meter and markers, the loop
// region with its handles, and the head of the playhead.
//
// Thread safety: GUI thread only.
#pragma once

#include "ui/roll/roll_pane.h"

namespace incipit {

inline constexpr int kRulerHeight = 46;
inline constexpr int kFlagRowPx = 17;   // flags stand above the numbers
inline constexpr int kLoopStripPx = 8;  // at the bottom

class RollRuler : public RollPane {
  Q_OBJECT

 public:
  explicit RollRuler(RollState& state, QWidget* parent = nullptr);

 Q_SIGNALS:
  void menuRequested(QPoint global, incipit::Tick at);

 protected:
  void describe(Press& press) const override;
  void act(Action action, const Press& press) override;
  Qt::CursorShape hoverCursor(const Press& press, Action action) const override;
  void paintEvent(QPaintEvent* e) override;
  void contextMenuEvent(QContextMenuEvent* e) override;

 private:
  void paintNumbers(QPainter& painter);
  void paintFlags(QPainter& painter);
  void paintLoopGround(QPainter& painter);
  void paintRecorded(QPainter& painter);
  void paintLoopHandles(QPainter& painter);
  void paintPlayhead(QPainter& painter);
  void movePlayhead(Tick to);

  Tick playhead_;
};

}  // namespace incipit
