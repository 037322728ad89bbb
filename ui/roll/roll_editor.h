// The piano roll with its satellites: ruler above, keys at the left, velocity lane below, scroll
// bars. What the window puts into its middle.
//
// Thread safety: GUI thread only.
#pragma once

#include <QScrollBar>
#include <QSplitter>
#include <QWidget>

#include "ui/roll/roll_state.h"

namespace incipit {

class RollCanvas;
class RollKeys;
class RollRuler;
class VelocityLane;

class RollEditor : public QWidget {
  Q_OBJECT

 public:
  RollEditor(Session& session, Transport& transport, Takes& takes, QWidget* parent = nullptr);

  // Where the pointer is: "bar 3.2 · C#4"; empty when it is elsewhere.
  QString statusText() const;
  RollState& state() { return state_; }
  // Sizes of roll and lane, for the window's saved layout.
  QSplitter* splitter() const { return splitter_; }

 public Q_SLOTS:
  void zoomIn();
  void zoomOut();
  void zoomReset();
  void zoomToSelection();  // the song where nothing is selected
  void zoomToSong();
  void scrollToTick(incipit::Tick t);  // brings it into view, with some room before it
  void centreOnNotes();                // pitches and start of the active track

 Q_SIGNALS:
  void statusChanged(const QString& text);
  void rulerMenuRequested(QPoint global, incipit::Tick at);
  void contextMenuRequested(QPoint global);

 protected:
  void resizeEvent(QResizeEvent* e) override;

 private:
  void layOut();
  void syncScrollBars();
  void scrollBarsMoved();
  void follow(Tick position);
  void showTakes();
  void zoomAround(double factor);
  void showRange(TickRange range, int lowest, int highest);

  RollState state_;
  RollCanvas* canvas_;
  RollRuler* ruler_;
  RollKeys* keys_;
  VelocityLane* lane_;
  QSplitter* splitter_;
  QScrollBar* across_;
  QScrollBar* down_;
  bool syncing_ = false;
  TickRange takesShown_;  // the range of takes that was brought into view
};

}  // namespace incipit
