#include "ui/session/step_input.h"

#include <algorithm>

namespace incipit {

StepInput::StepInput(Session& session, Transport& transport, LiveInput& live, QObject* parent)
    : QObject(parent), session_(session), transport_(transport), live_(live) {
  connect(&live_, &LiveInput::played, this, &StepInput::play);
  connect(&session_, &Session::settling, this, &StepInput::write);
  connect(&session_, &Session::documentLoaded, this, [this] { setOn(false); });
  connect(&session_, &Session::documentChanged, this, &StepInput::forgetUndone);
  connect(&session_, &Session::editingStateChanged, this, &StepInput::changed);
  connect(&transport_, &Transport::sought, this, [this](Tick to) {
    if (on_) setCursor(snapDown(to, session_.grid(), session_.document()->meter));
  });
}

void StepInput::setOn(bool on) {
  if (on == on_) return;
  if (!on) write();
  on_ = on;
  down_.clear();
  steps_.clear();
  if (on) {
    cursor_ = snapDown(transport_.position(), session_.grid(), session_.document()->meter);
  }
  Q_EMIT changed();
}

void StepInput::setCursor(Tick t) {
  write();
  cursor_ = std::max(t, Tick{0});
  steps_.clear();
  Q_EMIT changed();
}

TickDelta StepInput::step() const {
  return usesNoteLength_ ? session_.newNoteLength()
                         : gridStep(session_.grid(), session_.document()->ppq);
}

void StepInput::setUsesNoteLength(bool on) {
  if (on == usesNoteLength_) return;
  usesNoteLength_ = on;
  Q_EMIT changed();
}

void StepInput::play(const LiveEvent& event) {
  const MidiMessage& m = event.message;
  const std::pair key{m.channel(), m.data1()};
  if (m.noteOff() && down_.erase(key) > 0 && down_.empty()) write();
  if (!m.noteOn() || !on_ || event.rolling || live_.track() == 0) return;
  down_.insert(key);
  Note n;
  n.start = cursor_;
  n.length = step();
  n.pitch = static_cast<std::uint8_t>(m.data1());
  n.velocity = static_cast<std::uint8_t>(m.data2());
  const auto same = std::find_if(pending_.begin(), pending_.end(),
                                 [&](const Note& p) { return p.pitch == n.pitch; });
  if (same == pending_.end()) {
    pending_.push_back(n);
  } else {
    *same = n;
  }
  Q_EMIT changed();
}

void StepInput::write() {
  if (pending_.empty()) return;
  Step step{cursor_, live_.track(), {}};
  NoteEdit edit = addNotes(*session_.document(), step.track, pending_);
  pending_.clear();
  down_.clear();
  for (const Note& n : edit.notes) step.ids.push_back(n.id);
  writing_ = true;
  if (step.track == session_.activeTrack()) {
    session_.commit(tr("Step input"), std::move(edit));
  } else {
    session_.commit(tr("Step input"), std::move(edit.document));
  }
  writing_ = false;
  cursor_ += this->step();
  steps_.push_back(std::move(step));
  Q_EMIT changed();
}

void StepInput::rest() {
  if (!on_) return;
  write();
  steps_.push_back({cursor_, live_.track(), {}});
  cursor_ += step();
  Q_EMIT changed();
}

std::vector<Note> StepInput::notesOf(const Step& step) const {
  std::vector<Note> notes;
  const Track* track = session_.document()->track(step.track);
  if (track == nullptr || step.ids.empty()) return notes;
  for (const Note& n : track->notes) {
    if (std::find(step.ids.begin(), step.ids.end(), n.id) != step.ids.end()) notes.push_back(n);
  }
  return notes;
}

void StepInput::back() {
  if (!on_) return;
  write();
  if (steps_.empty()) {
    cursor_ = std::max(Tick{0}, cursor_ - step());
  } else {
    const Step last = std::move(steps_.back());
    steps_.pop_back();
    cursor_ = last.at;
    writing_ = true;
    session_.commit(tr("Remove step"),
                    removeNotes(*session_.document(), last.track, notesOf(last)));
    writing_ = false;
  }
  Q_EMIT changed();
}

// Undo took back steps: the cursor returns to the first of them.
void StepInput::forgetUndone() {
  if (!on_ || writing_) return;
  bool moved = false;
  while (!steps_.empty() && !steps_.back().ids.empty() && notesOf(steps_.back()).empty()) {
    cursor_ = steps_.back().at;
    steps_.pop_back();
    moved = true;
  }
  if (moved) Q_EMIT changed();
}

}  // namespace incipit
