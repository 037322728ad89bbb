#include "ui/roll/roll_state.h"

namespace incipit {

RollState::RollState(Session& session, Transport& transport, Takes& takes, QObject* parent)
    : QObject(parent), session_(session), transport_(transport), takes_(takes) {
  view_.pxPerTick = kDefaultQuarterPx / session_.document()->ppq;
  const auto changedElsewhere = [this] {
    Q_EMIT gestureInvalid();
    preview_.reset();
    Q_EMIT shownChanged();
  };
  connect(&session_, &Session::documentChanged, this, changedElsewhere);
  connect(&session_, &Session::activeTrackChanged, this, changedElsewhere);
  connect(&session_, &Session::documentLoaded, this, [this, changedElsewhere] {
    changedElsewhere();
    setView(view_);
  });
  connect(&session_, &Session::selectionChanged, this, &RollState::shownChanged);
  connect(&takes_, &Takes::takesChanged, this, &RollState::shownChanged);
}

Tick RollState::contentEnd() const {
  return std::max(
      {shown().end(), takes_.range().to, live_.answerRange.to, transport_.loopRange().to});
}

RollLimits RollState::limits() const {
  return {viewport_, shown().ppq, std::max(contentEnd(), transport_.position())};
}

void RollState::setView(const RollView& view) {
  const RollView clamped = view.clamped(limits());
  if (clamped == view_) return;
  view_ = clamped;
  Q_EMIT viewChanged();
}

void RollState::setViewport(QSizeF size) {
  if (size == viewport_) return;
  viewport_ = size;
  setView(view_);
}

bool RollState::shownSelected(NoteId id) const {
  if (!preview_ || !preview_->selects) return session_.isSelected(id);
  return preview_->ids.contains(id);
}

bool RollState::anythingSelected() const {
  if (!preview_ || !preview_->selects) return !session_.selection().empty();
  return !preview_->ids.empty();
}

void RollState::setPreview(NoteEdit edit, bool selects) {
  Preview p{std::move(edit.document), std::move(edit.notes), {}, selects};
  for (const Note& n : p.notes) p.ids.insert(n.id);
  preview_ = std::move(p);
  Q_EMIT shownChanged();
}

void RollState::clearPreview() {
  if (!preview_) return;
  preview_.reset();
  Q_EMIT shownChanged();
}

bool RollState::commitPreview(const QString& name) {
  if (!preview_) return false;
  Preview p = std::move(*preview_);
  preview_.reset();
  const bool changed = p.selects ? session_.commit(name, NoteEdit{std::move(p.document), p.notes})
                                 : session_.commit(name, std::move(p.document));
  if (!changed) Q_EMIT shownChanged();
  return changed;
}

Tick RollState::snapDown(Tick t, bool free) const {
  return free ? std::max(t, Tick{0}) : incipit::snapDown(t, session_.grid(), shown().meter);
}

Tick RollState::snapNearest(Tick t, bool free) const {
  return free ? std::max(t, Tick{0}) : incipit::snapNearest(t, session_.grid(), shown().meter);
}

TickDelta RollState::step(bool free) const {
  return free || !session_.grid().enabled ? TickDelta{1} : gridStep(session_.grid(), shown().ppq);
}

Tick RollState::snapMoved(Tick from, TickDelta by, bool free) const {
  const Tick wanted = from + by;
  const Tick snapped = snapNearest(wanted, free);
  const auto distance = [&](Tick t) { return std::abs((t - wanted).count); };
  return distance(from) < distance(snapped) ? from : snapped;
}

void RollState::setHover(const Hover& h) {
  if (h == hover_) return;
  hover_ = h;
  Q_EMIT hoverChanged();
}

void RollState::sound(int pitch, int velocity, bool oneShot) {
  transport_.preview(pitch, velocity, oneShot);
  const int held = oneShot ? -1 : pitch;
  if (held == sounding_) return;
  sounding_ = held;
  Q_EMIT soundingChanged();
}

void RollState::silence() {
  transport_.previewOff();
  if (sounding_ < 0) return;
  sounding_ = -1;
  Q_EMIT soundingChanged();
}

void RollState::setLive(LiveNotes live) {
  if (live == live_) return;
  const LiveNotes before = std::exchange(live_, std::move(live));
  Q_EMIT liveChanged(before);
}

void RollState::setHeldKeys(std::set<int> keys) {
  if (keys == heldKeys_) return;
  heldKeys_ = std::move(keys);
  Q_EMIT soundingChanged();
}

}  // namespace incipit
