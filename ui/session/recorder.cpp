#include "ui/session/recorder.h"

#include <algorithm>

#include "core/edit/recording.h"

namespace incipit {

TrackId trackToRecordOn(Document& document, TrackId wished) {
  if (document.track(wished) != nullptr) return wished;
  TrackEdit added = addTrack(document, Recorder::tr("Recording").toStdString(), 0);
  document = std::move(added.document);
  return added.track;
}

TickDelta earlyWindow(const Grid& grid, int ppq) {
  return std::max(TickDelta{gridStep(grid, ppq).count / 2}, gridStep({32}, ppq));
}

Recorder::Recorder(Session& session, Transport& transport, LiveInput& live, QObject* parent)
    : QObject(parent), session_(session), transport_(transport), live_(live) {
  connect(&live_, &LiveInput::played, this, &Recorder::add);
  connect(&live_, &LiveInput::polled, this, &Recorder::follow);
  connect(&session_, &Session::settling, this, &Recorder::stop);
  connect(&transport_, &Transport::sought, this, [this](Tick to) {
    if (recording_ != nullptr) recording_->jumped(to);
  });
  connect(&transport_, &Transport::playingChanged, this, [this](bool playing) {
    if (!playing && recording_ != nullptr) commit();
  });
}

Recorder::~Recorder() = default;

void Recorder::setSettings(const RecordSettings& s) {
  if (s == settings_) return;
  settings_ = s;
  settings_.countInBars = std::clamp(s.countInBars, 0, 2);
  Q_EMIT settingsChanged();
}

void Recorder::record() {
  if (recording_ != nullptr) return;
  if (transport_.player() == nullptr) {
    Q_EMIT failed(tr("Nothing can be recorded in this window: it has no player."));
    return;
  }
  track_ = live_.track();
  if (track_ == 0) {
    Q_EMIT failed(tr("There is no track to record on: add one in the tracks panel."));
    return;
  }
  live_.poll();  // what came before is not recorded
  from_ = transport_.position();
  recording_ = std::make_unique<Recording>(
      from_, earlyWindow(settings_.grid, session_.document()->ppq),
      transport_.looping() ? std::optional(transport_.loopRange()) : std::nullopt);
  armedBefore_ = live_.armed();
  live_.arm(track_);
  transport_.setRecordingClick(settings_.metronome);
  transport_.setEndless(true);
  Q_EMIT recordingChanged(true);
  if (transport_.playing()) recording_->heard(from_);  // punched in
  transport_.playAfterCountIn(settings_.countInBars);
}

void Recorder::stop() {
  if (recording_ == nullptr) return;
  live_.poll();
  transport_.stop();                    // commits
  if (recording_ != nullptr) commit();  // it stood still already
}

std::vector<Note> Recorder::notes() const {
  return recording_ != nullptr ? recording_->notesNow() : std::vector<Note>{};
}

void Recorder::add(const LiveEvent& event) {
  if (recording_ != nullptr) recording_->add(event);
}

void Recorder::follow() {
  if (recording_ == nullptr) return;
  if (transport_.countInBeats() == 0) recording_->heard(transport_.position());
  Q_EMIT notesChanged();
}

// `track` becomes the one that holds it, where the one recorded on is gone.
NoteEdit Recorder::applied(Document document, TrackId& track, const Recording& recording) const {
  track = trackToRecordOn(document, track);
  RecordOptions options;
  options.replace = settings_.replace;
  if (settings_.quantise) options.quantise = settings_.grid;
  return applyRecording(document, track, recording, options);
}

DocumentPtr Recorder::unfinished() const {
  if (recording_ == nullptr) return nullptr;
  Recording soFar = *recording_;
  soFar.stop(transport_.position());
  if (soFar.passes().empty()) return nullptr;
  TrackId track = track_;
  return std::make_shared<const Document>(applied(*session_.document(), track, soFar).document);
}

void Recorder::commit() {
  live_.poll();  // what was played up to the stop
  recording_->stop(transport_.position());
  const std::unique_ptr<Recording> done = std::move(recording_);
  transport_.setRecordingClick(false);
  transport_.setEndless(false);
  if (live_.armed() == track_) live_.arm(armedBefore_);
  NoteEdit edit = applied(*session_.document(), track_, *done);
  if (!done->passes().empty()) {
    session_.commit(tr("Record"), std::move(edit.document));
    session_.setActiveTrack(track_);
    session_.select(std::move(edit.notes));
  }
  Q_EMIT recordingChanged(false);
  Q_EMIT notesChanged();
}

}  // namespace incipit
