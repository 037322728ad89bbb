#include "ui/gestures/rubber_band_gesture.h"

#include "ui/theme/theme.h"

namespace incipit {

std::vector<Note> notesInBand(const NoteList& notes, TickRange range, int lowest, int highest) {
  std::vector<Note> out;
  notes.forEachIn(range, [&](const Note& n) {
    if (n.pitch >= lowest && n.pitch <= highest) out.push_back(n);
  });
  return out;
}

RubberBandGesture::RubberBandGesture(RollState& state, const Press& press)
    : Gesture(state, press),
      before_(state.session().selection()),
      pressY_(state.view().topPitch - press.pointer.at.y() / state.view().rowPx),
      now_(press.pointer) {}

void RubberBandGesture::begin() {
  if (state_.gestureMap().bandMode(session().tool(), press_.pointer.modifiers) ==
      BandMode::kReplace)
    session().clearSelection();
}

void RubberBandGesture::move(const Pointer& p) {
  now_ = p;
  const double y = state_.view().topPitch - p.at.y() / state_.view().rowPx;
  dragged_ = dragged_ || std::abs(wayX(p)) > kDragThresholdPx ||
             std::abs(y - pressY_) * state_.view().rowPx > kDragThresholdPx;
  if (!dragged_ || session().track() == nullptr) return;
  const Tick at = tickAt(p);
  const TickRange range{std::min(at, press_.tick), std::max(at, press_.tick) + TickDelta{1}};
  const int pitch = state_.view().pitchAt(p.at.y());
  std::vector<Note> band =
      notesInBand(session().track()->notes, range, std::min(pitch, press_.pitch),
                  std::max(pitch, press_.pitch));
  switch (state_.gestureMap().bandMode(session().tool(), p.modifiers)) {
    case BandMode::kReplace:
      break;
    case BandMode::kAdd:
      band.insert(band.end(), before_.begin(), before_.end());
      break;
    case BandMode::kToggle: {
      std::vector<Note> kept;
      std::vector<Note> old = before_;
      std::sort(old.begin(), old.end(), NoteOrder{});
      std::set_symmetric_difference(band.begin(), band.end(), old.begin(), old.end(),
                                    std::back_inserter(kept), NoteOrder{});
      band = std::move(kept);
      break;
    }
  }
  session().select(std::move(band));
}

void RubberBandGesture::release(const Pointer& p) { move(p); }

void RubberBandGesture::cancel() {
  session().select(before_);
  Gesture::cancel();
}

void RubberBandGesture::paint(QPainter& painter) const {
  if (!dragged_) return;
  const RollView& v = state_.view();
  const QPointF from(v.x(press_.tick), (v.topPitch - pressY_) * v.rowPx);
  const QRectF r = QRectF(from, now_.at).normalized();
  painter.fillRect(r, theme().rubberBand);
  QColor edge = theme().rubberBand;
  edge.setAlpha(220);
  painter.setPen(QPen(edge, 1));
  painter.drawRect(r);
}

}  // namespace incipit
