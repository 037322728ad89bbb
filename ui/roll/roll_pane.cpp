#include "ui/roll/roll_pane.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>
#include <cmath>
#include <utility>

#include "ui/theme/theme.h"

namespace incipit {
namespace {

constexpr int kScrollFrameMs = 16;
constexpr double kScrollEdgePx = 4;  // a maximised window has no outside
constexpr double kWheelZoom = 1.2;   // a notch
constexpr double kWheelRows = 3;
constexpr double kWheelAcrossPx = 120;

// How far to scroll one frame for a pointer at `at` in an extent of 0..size.
double scrollStep(double at, double size) {
  const double before = kScrollEdgePx - at;
  const double after = at - (size - kScrollEdgePx);
  const auto speed = [](double beyond) { return std::clamp(beyond * 0.25, 1.0, 40.0); };
  if (before > 0) return -speed(before);
  return after > 0 ? speed(after) : 0;
}

}  // namespace

RollPane::RollPane(RollState& state, QWidget* parent) : QWidget(parent), state_(state) {
  setMouseTracking(true);
  setFocusPolicy(Qt::ClickFocus);
  setAttribute(Qt::WA_OpaquePaintEvent);
  scrollTimer_.setInterval(kScrollFrameMs);
  connect(&scrollTimer_, &QTimer::timeout, this, &RollPane::autoScroll);
  connect(&state_, &RollState::gestureInvalid, this, &RollPane::cancelGesture);
  connect(&state_, &RollState::viewChanged, this, qOverload<>(&QWidget::update));
  connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, qOverload<>(&QWidget::update));
}

RollPane::~RollPane() = default;

void RollPane::cancelGesture() {
  if (gesture_ == nullptr) return;
  // Out of the way first: restoring may notify this pane again.
  const std::unique_ptr<Gesture> ended = std::exchange(gesture_, nullptr);
  scrollTimer_.stop();
  ended->cancel();
  refreshCursor(last_);
  update();
}

Press RollPane::pressAt(const Pointer& p) const {
  Press press;
  press.pointer = p;
  press.tick = std::max(state_.view().tickAt(p.at.x()), Tick{0});
  press.pitch = clampPitch(state_.view().pitchAt(p.at.y()));
  press.pane = size();
  press.spaceHeld = spaceHeld_;
  describe(press);
  return press;
}

void RollPane::begin(QMouseEvent* e, bool doubleClick) {
  setFocus(Qt::MouseFocusReason);
  last_ = {e->position(), e->modifiers()};
  if (gesture_ != nullptr) return;  // a second button during a gesture
  press_ = pressAt(last_);
  press_.button = e->button();
  const Zone zone = press_.zone;
  // The first press of a double click on an empty place may just have put a note there.
  const bool drewNow = doubleClick && e->button() == Qt::LeftButton &&
                       lastZone_ == Zone::kEmptyGrid && press_.hit.has_value();
  lastZone_ = zone;
  if (drewNow) return;
  press_.doubleClick = doubleClick;
  action_ = state_.gestureMap().action(zone, state_.session().tool(), e->button(), e->modifiers(),
                                       doubleClick, spaceHeld_);
  if (action_ == Action::kPan) spaceUsed_ = true;
  gesture_ = makeGesture(action_, state_, press_);
  if (gesture_ == nullptr) {
    act(action_, press_);
    return;
  }
  gesture_->begin();
  refreshCursor(last_);
  update();
}

void RollPane::mousePressEvent(QMouseEvent* e) { begin(e, false); }
void RollPane::mouseDoubleClickEvent(QMouseEvent* e) { begin(e, true); }

void RollPane::mouseMoveEvent(QMouseEvent* e) {
  last_ = {e->position(), e->modifiers()};
  hovered(pressAt(last_));
  if (gesture_ == nullptr) {
    refreshCursor(last_);
    return;
  }
  moveGesture(last_);
  if (gesture_ == nullptr || !gesture_->autoScrolls()) return;
  const bool beyond =
      scrollStep(last_.at.x(), width()) != 0 || scrollStep(last_.at.y(), height()) != 0;
  if (beyond && !scrollTimer_.isActive()) scrollTimer_.start();
  if (!beyond) scrollTimer_.stop();
}

void RollPane::moveGesture(const Pointer& p) {
  const Action now = state_.gestureMap().action(press_.zone, state_.session().tool(), press_.button,
                                                p.modifiers, press_.doubleClick, press_.spaceHeld);
  if (now != action_ && interchangeable(now, action_)) {
    std::exchange(gesture_, nullptr)->cancel();
    action_ = now;
    gesture_ = makeGesture(now, state_, press_);
  }
  gesture_->move(p);
  refreshCursor(p);
  update();
}

void RollPane::mouseReleaseEvent(QMouseEvent* e) {
  last_ = {e->position(), e->modifiers()};
  if (gesture_ == nullptr || e->button() != press_.button) return;
  scrollTimer_.stop();
  const std::unique_ptr<Gesture> ended = std::exchange(gesture_, nullptr);
  ended->release(last_);
  refreshCursor(last_);
  update();
}

void RollPane::autoScroll() {
  if (gesture_ == nullptr || !gesture_->autoScrolls()) {
    scrollTimer_.stop();
    return;
  }
  const Qt::Orientations along = scrollsAlong();
  const double dx = along.testFlag(Qt::Horizontal) ? scrollStep(last_.at.x(), width()) : 0;
  const double dy = along.testFlag(Qt::Vertical) ? scrollStep(last_.at.y(), height()) : 0;
  if (dx == 0 && dy == 0) return;
  state_.setView(state_.view().scrolled(dx, dy));
  moveGesture(last_);
}

void RollPane::wheelEvent(QWheelEvent* e) {
  const Pointer p{e->position(), e->modifiers()};
  // Some platforms turn a wheel with Alt or Shift on its side.
  QPointF notches = QPointF(e->angleDelta()) / 120.0;
  const double turn = notches.y() != 0 ? notches.y() : notches.x();
  const RollView& view = state_.view();
  e->accept();
  switch (state_.gestureMap().wheel(isLane(), e->modifiers())) {
    case WheelAction::kZoomTime:
      state_.setView(view.zoomedTime(std::pow(kWheelZoom, turn), p.at.x()));
      break;
    case WheelAction::kZoomPitch:
      state_.setView(view.zoomedPitch(
          std::pow(kWheelZoom, turn),
          scrollsAlong().testFlag(Qt::Vertical) ? p.at.y() : state_.viewport().height() / 2));
      break;
    case WheelAction::kScrollHorizontal:
      state_.setView(view.scrolled(-turn * kWheelAcrossPx, 0));
      break;
    case WheelAction::kScrollVertical: {
      const QPointF px = e->pixelDelta().isNull() ? QPointF(notches.x() * kWheelAcrossPx,
                                                            notches.y() * kWheelRows * view.rowPx)
                                                  : QPointF(e->pixelDelta());
      state_.setView(view.scrolled(-px.x(), -px.y()));
      break;
    }
    case WheelAction::kVelocity:
      turnVelocity(turn, 1, p);
      break;
    case WheelAction::kVelocityCoarse:
      turnVelocity(turn, 8, p);
      break;
  }
  if (gesture_ != nullptr) moveGesture(last_);
}

void RollPane::turnVelocity(double notches, int each, const Pointer& p) {
  // A touch pad sends a notch in small parts.
  wheelRest_ += notches;
  const double whole = std::trunc(wheelRest_);
  wheelRest_ -= whole;
  if (whole != 0) wheelVelocity(static_cast<int>(whole) * each, p);
}

bool RollPane::event(QEvent* e) {
  if (e->type() == QEvent::ShortcutOverride) {
    const auto* key = static_cast<QKeyEvent*>(e);
    // Space over the roll is a hand while held and plays when tapped, so it is taken from the
    // window; anywhere else the window's own shortcut plays at once.
    const bool space =
        key->key() == Qt::Key_Space && key->modifiers() == Qt::NoModifier && underMouse();
    if (space || (key->key() == Qt::Key_Escape && gesture_ != nullptr)) {
      e->accept();
      return true;
    }
  }
  return QWidget::event(e);
}

void RollPane::modifiersChanged(QKeyEvent* e, bool down) {
  Qt::KeyboardModifier changed = Qt::NoModifier;
  switch (e->key()) {
    case Qt::Key_Shift:
      changed = Qt::ShiftModifier;
      break;
    case Qt::Key_Control:
      changed = Qt::ControlModifier;
      break;
    case Qt::Key_Alt:
      changed = Qt::AltModifier;
      break;
    default:
      return;
  }
  last_.modifiers.setFlag(changed, down);
  if (gesture_ != nullptr) {
    moveGesture(last_);
  } else {
    refreshCursor(last_);
  }
}

void RollPane::keyPressEvent(QKeyEvent* e) {
  if (e->key() == Qt::Key_Escape && gesture_ != nullptr) {
    cancelGesture();
    return;
  }
  if (e->key() == Qt::Key_Space && e->modifiers() == Qt::NoModifier) {
    if (!e->isAutoRepeat()) {
      spaceHeld_ = true;
      spaceUsed_ = false;
      refreshCursor(last_);
    }
    return;
  }
  modifiersChanged(e, true);
  e->ignore();
}

void RollPane::keyReleaseEvent(QKeyEvent* e) {
  if (e->key() == Qt::Key_Space && spaceHeld_) {
    if (e->isAutoRepeat()) return;
    spaceHeld_ = false;
    if (!spaceUsed_) state_.transport().togglePlay();
    refreshCursor(last_);
    return;
  }
  modifiersChanged(e, false);
  e->ignore();
}

void RollPane::focusOutEvent(QFocusEvent* e) {
  spaceHeld_ = false;
  QWidget::focusOutEvent(e);
}

void RollPane::leaveEvent(QEvent* e) {
  if (gesture_ == nullptr) state_.setHover({});
  QWidget::leaveEvent(e);
}

void RollPane::hideEvent(QHideEvent* e) {
  cancelGesture();
  QWidget::hideEvent(e);
}

void RollPane::hovered(const Press& press) {
  state_.setHover({press.tick, scrollsAlong().testFlag(Qt::Vertical) ? press.pitch : -1});
}

void RollPane::refreshCursor(const Pointer& p) {
  if (gesture_ != nullptr) {
    if (const auto shape = gesture_->cursor()) {
      setCursor(*shape);
      return;
    }
  }
  const Press press = gesture_ != nullptr ? press_ : pressAt(p);
  const Action action = state_.gestureMap().action(press.zone, state_.session().tool(),
                                                   Qt::LeftButton, p.modifiers, false, spaceHeld_);
  setCursor(action == Action::kPan ? Qt::OpenHandCursor : hoverCursor(press, action));
}

Qt::CursorShape RollPane::hoverCursor(const Press& /*press*/, Action /*action*/) const {
  return Qt::ArrowCursor;
}

void RollPane::paintGesture(QPainter& painter) const {
  if (gesture_ == nullptr) return;
  painter.save();
  gesture_->paint(painter);
  painter.restore();
  const QString tip = gesture_->tip();
  if (tip.isEmpty()) return;
  QRectF box = painter.fontMetrics().boundingRect(tip).adjusted(-7, -4, 7, 4);
  box.setWidth(std::max(box.width(), box.height()));
  box.moveTopLeft(last_.at + QPointF(14, 12));
  box.moveRight(std::min(box.right(), width() - 4.0));
  box.moveBottom(std::min(box.bottom(), height() - 4.0));
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme().accent);
  painter.drawRoundedRect(box, 4, 4);
  painter.setPen(theme().accentText);
  painter.drawText(box, Qt::AlignCenter, tip);
}

}  // namespace incipit
