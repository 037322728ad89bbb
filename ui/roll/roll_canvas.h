// The piano roll itself: grid, notes, candidate, loop and playhead, and the tools that edit them.
//
// Thread safety: GUI thread only.
#pragma once

#include "ui/roll/grid_layer.h"
#include "ui/roll/note_painter.h"
#include "ui/roll/roll_pane.h"

namespace incipit {

class NoteStrip;

class RollCanvas : public RollPane {
  Q_OBJECT

 public:
  explicit RollCanvas(RollState& state, QWidget* parent = nullptr);
  const RollState& rollState() const { return state_; }
  // The inline property strip while it is open, else null.
  NoteStrip* strip() const { return strip_; }

 Q_SIGNALS:
  void contextMenuRequested(QPoint global);

 protected:
  void describe(Press& press) const override;
  void act(Action action, const Press& press) override;
  Qt::Orientations scrollsAlong() const override { return Qt::Horizontal | Qt::Vertical; }
  Qt::CursorShape hoverCursor(const Press& press, Action action) const override;
  void paintEvent(QPaintEvent* e) override;
  void resizeEvent(QResizeEvent* e) override;
  void contextMenuEvent(QContextMenuEvent* e) override;

 private:
  void paintRect(QPainter& painter, const QRect& clip);
  void paintLoop(QPainter& painter, const QRect& clip);
  void paintPlayhead(QPainter& painter);
  void movePlayhead(Tick to);
  void updateLive(const LiveNotes& before);
  void openStrip(const Note& note);

  GridLayer grid_;
  NotePainter notes_;
  Tick playhead_;  // as painted
  NoteStrip* strip_ = nullptr;
};

}  // namespace incipit
