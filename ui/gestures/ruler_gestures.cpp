#include "ui/gestures/ruler_gestures.h"

#include "ui/theme/theme.h"

namespace incipit {

SeekOrLoopGesture::SeekOrLoopGesture(RollState& state, const Press& press)
    : Gesture(state, press),
      loopBefore_(state.transport().loopRange()),
      loopingBefore_(state.transport().looping()),
      positionBefore_(state.transport().position()),
      playingBefore_(state.transport().playing()) {}

void SeekOrLoopGesture::begin() {
  state_.transport().seek(state_.snapNearest(press_.tick, free(press_.pointer)));
}

void SeekOrLoopGesture::move(const Pointer& p) {
  if (!looped_ && std::abs(wayX(p)) <= kDragThresholdPx) return;
  const Tick a = state_.snapNearest(press_.tick, free(p));
  const Tick b = state_.snapNearest(tickAt(p), free(p));
  const TickRange range{std::min(a, b), std::max(a, b)};
  if (range.empty()) return;
  looped_ = true;
  state_.transport().setLoopRange(range);
  if (!state_.transport().looping()) state_.transport().setLooping(true);
}

void SeekOrLoopGesture::cancel() {
  state_.transport().setLoopRange(loopBefore_);
  state_.transport().setLooping(loopingBefore_);
  // While playing the old position is past already.
  if (!playingBefore_) state_.transport().seek(positionBefore_);
}

LoopHandleGesture::LoopHandleGesture(RollState& state, const Press& press)
    : Gesture(state, press), before_(state.transport().loopRange()) {}

void LoopHandleGesture::move(const Pointer& p) {
  const TickDelta way = tickAt(p) - press_.tick;
  const TickDelta least = state_.step(free(p));
  TickRange r = before_;
  if (press_.rightEdge) {
    r.to = std::max(r.from + least, state_.snapMoved(r.to, way, free(p)));
  } else {
    r.from = std::max(Tick{0}, std::min(r.to - least, state_.snapMoved(r.from, way, free(p))));
  }
  if (r != state_.transport().loopRange()) state_.transport().setLoopRange(r);
}

void LoopHandleGesture::cancel() { state_.transport().setLoopRange(before_); }

SelectRangeGesture::SelectRangeGesture(RollState& state, const Press& press)
    : Gesture(state, press), before_(state.session().selection()) {}

void SelectRangeGesture::move(const Pointer& p) {
  const Tick a = state_.snapNearest(press_.tick, free(p));
  const Tick b = state_.snapNearest(tickAt(p), free(p));
  range_ = {std::min(a, b), std::max(a, b)};
  const Track* t = session().track();
  if (t == nullptr) return;
  session().select(range_.empty() ? before_ : t->notes.notesIn(range_));
}

void SelectRangeGesture::cancel() { session().select(before_); }

void SelectRangeGesture::paint(QPainter& painter) const {
  if (range_.empty()) return;
  const RollView& v = state_.view();
  painter.fillRect(
      QRectF(v.x(range_.from), 0, v.width(range_.length()), painter.viewport().height()),
      theme().rubberBand);
}

}  // namespace incipit
