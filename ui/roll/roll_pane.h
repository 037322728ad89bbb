// A pane of the piano roll: turns mouse, wheel and key events into gestures, the same way in
// canvas, ruler, keys and velocity lane. A pane says what lies under the pointer; GestureMap says
// what that begins; the pane sees the gesture through. Modifiers are read on every move: one that
// goes up or down may turn a gesture into another of its kind, as if it had begun so.
//
// Thread safety: GUI thread only.
#pragma once

#include <QTimer>
#include <QWidget>
#include <memory>

#include "ui/gestures/gesture.h"

namespace incipit {

class RollPane : public QWidget {
  Q_OBJECT

 public:
  RollPane(RollState& state, QWidget* parent);
  ~RollPane() override;

  bool gestureActive() const { return gesture_ != nullptr; }
  // Restores what the gesture in progress previews; leaves no undo entry.
  void cancelGesture();
  // One step of scrolling towards a pointer that a gesture holds beyond the edge.
  void autoScroll();

 protected:
  // What lies at a point: zone, hit and so on. The pointer, tick and pitch are filled in already.
  virtual void describe(Press& press) const = 0;
  // Actions that are no gesture.
  virtual void act(Action /*action*/, const Press& /*press*/) {}
  virtual bool isLane() const { return false; }
  virtual Qt::Orientations scrollsAlong() const { return Qt::Horizontal; }
  virtual void wheelVelocity(int /*delta*/, const Pointer& /*p*/) {}
  virtual void hovered(const Press& press);
  virtual Qt::CursorShape hoverCursor(const Press& press, Action action) const;

  const Gesture* gesture() const { return gesture_.get(); }
  void paintGesture(QPainter& painter) const;  // with its tip
  const RollState& state() const { return state_; }

  bool event(QEvent* e) override;
  void mousePressEvent(QMouseEvent* e) override;
  void mouseDoubleClickEvent(QMouseEvent* e) override;
  void mouseMoveEvent(QMouseEvent* e) override;
  void mouseReleaseEvent(QMouseEvent* e) override;
  void wheelEvent(QWheelEvent* e) override;
  void keyPressEvent(QKeyEvent* e) override;
  void keyReleaseEvent(QKeyEvent* e) override;
  void focusOutEvent(QFocusEvent* e) override;
  void leaveEvent(QEvent* e) override;
  void hideEvent(QHideEvent* e) override;

  RollState& state_;

 private:
  void begin(QMouseEvent* e, bool doubleClick);
  Press pressAt(const Pointer& p) const;
  void moveGesture(const Pointer& p);
  void modifiersChanged(QKeyEvent* e, bool down);
  void refreshCursor(const Pointer& p);
  void turnVelocity(double notches, int each, const Pointer& p);

  std::unique_ptr<Gesture> gesture_;
  Action action_ = Action::kNone;
  Press press_;
  Zone lastZone_ = Zone::kRuler;  // of the press before this one
  Pointer last_;
  bool spaceHeld_ = false;
  bool spaceUsed_ = false;  // for a pan, so its release does not play
  QTimer scrollTimer_;
  double wheelRest_ = 0;  // of a notch, for velocities
};

}  // namespace incipit
