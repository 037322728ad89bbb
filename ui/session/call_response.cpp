#include "ui/session/call_response.h"

#include <QRandomGenerator>
#include <algorithm>

#include "core/edit/recording.h"
#include "ui/session/recorder.h"

namespace incipit {
namespace {

constexpr double seconds(std::chrono::milliseconds t) {
  return static_cast<double>(t.count()) / 1e3;
}

// Which pedal, bend or pressure the message moves, as a number; -1: none.
int heldControl(const MidiMessage& m) {
  const bool pedal = m.kind() == 0xB0 && m.data1() >= kSustain && m.data1() <= 67;
  return pedal ? m.data1() : m.kind() == 0xD0 || m.kind() == 0xE0 ? m.kind() : -1;
}

// `bars` bars from a bar line on.
TickRange barsFrom(const MeterMap& meter, Tick line, int bars) {
  return {line, meter.barStart(meter.barBeat(line).bar + bars)};
}

}  // namespace

CallResponse::CallResponse(Session& session, Transport& transport, LiveInput& live, Takes& takes,
                           JobRunner* jobs, QObject* parent)
    : QObject(parent),
      session_(session),
      transport_(transport),
      live_(live),
      takes_(takes),
      jobs_(jobs) {
  connect(&live_, &LiveInput::played, this, &CallResponse::add);
  connect(&live_, &LiveInput::polled, this, &CallResponse::follow);
  connect(&session_, &Session::settling, this, [this] {
    if (phase_ != Phase::kIdle) stop();
  });
  connect(&transport_, &Transport::playingChanged, this, [this](bool playing) {
    finish(transport_.position());
    if (playing) begin();
  });
  connect(&transport_, &Transport::sought, this, [this](Tick to) {
    if (phase_ == Phase::kIdle) return;
    recording_->jumped(to);
    finish(heard_);
    begin();
  });
}

CallResponse::~CallResponse() {
  if (job_ != nullptr) job_->cancel();
}

void CallResponse::setOn(bool on) {
  if (on == on_) return;
  if (on && (jobs_ == nullptr || transport_.player() == nullptr)) {
    Q_EMIT failed(tr("Call and response needs a model and a player; this window lacks one."));
    Q_EMIT settingsChanged();
    return;
  }
  if (on) session_.settle();  // a recording that runs
  on_ = on;
  transport_.setEndless(on);
  if (!on) finish(transport_.position());
  Q_EMIT settingsChanged();
  begin();
}

void CallResponse::setBars(int bars) {
  bars = std::clamp(bars, 1, 8);
  if (bars == bars_) return;
  bars_ = bars;
  Q_EMIT settingsChanged();
}

void CallResponse::setCountInBars(int bars) {
  bars = std::clamp(bars, 0, 2);
  if (bars == countInBars_) return;
  countInBars_ = bars;
  Q_EMIT settingsChanged();
}

void CallResponse::start() {
  setOn(true);
  if (on_) transport_.playAfterCountIn(countInBars_);
}

void CallResponse::stop() {
  live_.poll();
  transport_.stop();
  finish(transport_.position());
}

std::vector<Note> CallResponse::callNotes() const {
  return recording_ != nullptr ? recording_->notesNow() : std::vector<Note>{};
}

void CallResponse::begin() {
  if (!on_ || phase_ != Phase::kIdle || !transport_.playing()) return;
  track_ = live_.track();
  if (track_ == 0) {
    Q_EMIT failed(tr("There is no track to play on: add one in the tracks panel."));
    setOn(false);
    return;
  }
  transport_.setLooping(false);
  takes_.discard();
  armedBefore_ = live_.armed();
  live_.arm(track_);
  const Document& d = *session_.document();
  const Tick now = heard_ = transport_.position();
  call_ = barsFrom(d.meter, d.meter.barLineFrom(now), bars_);
  answer_ = {};
  asked_ = late_ = false;
  recording_ = std::make_unique<Recording>(now, earlyWindow(session_.grid(), d.ppq));
  phase_ = Phase::kCall;
  Q_EMIT changed();
}

void CallResponse::add(const LiveEvent& event) {
  if (recording_ == nullptr || !recording_->add(event)) return;
  const MidiMessage& m = event.message;
  const std::pair key{m.channel(), m.data1()};
  if (m.noteOn()) {
    down_[key] = event;
  } else if (m.noteOff()) {
    down_.erase(key);
  } else if (const int pedal = heldControl(m); pedal >= 0) {
    pedals_[pedal] = event;
  }
}

double CallResponse::secondsTo(Tick from, Tick to) const {
  const TempoMap& tempo = session_.document()->tempo;
  return tempo.seconds(to) - tempo.seconds(from);
}

bool CallResponse::calledIn(TickRange range) const {
  const std::vector<Note> notes = recording_->notesNow();
  return std::any_of(notes.begin(), notes.end(),
                     [&](const Note& n) { return range.contains(n.start); });
}

void CallResponse::follow() {
  if (phase_ == Phase::kIdle || transport_.countInBeats() > 0 || !transport_.playing()) return;
  const Tick now = heard_ = transport_.position();
  recording_->heard(now);
  if (phase_ == Phase::kCall && !asked_ && secondsTo(now, call_.to) <= seconds(kLead)) ask(now);
  if (answerFails()) return;
  hear(now);
  if (phase_ == Phase::kCall && now >= call_.to) {
    if (job_ != nullptr) {
      phase_ = Phase::kAnswer;
    } else {  // nothing to answer
      call_ = barsFrom(session_.document()->meter, call_.to, bars_);
      asked_ = false;
    }
  }
  if (phase_ == Phase::kAnswer && now >= answer_.to) endExchange(now);
  Q_EMIT changed();
}

void CallResponse::ask(Tick now) {
  asked_ = true;
  const Document& d = *session_.document();
  // As on a start, a note shortly before the downbeat is on it.
  if (!calledIn({call_.from - earlyWindow(session_.grid(), d.ppq), call_.to})) return;
  const MeterMap& meter = d.meter;
  answer_ = barsFrom(meter, call_.to,
                     static_cast<int>(meter.barBeat(call_.to).bar - meter.barBeat(call_.from).bar));
  late_ = false;
  answerNotes_.clear();
  // For the model, what is still held ends with the call.
  Recording call = *recording_;
  call.stop(std::max(now, call_.to));
  Document seed = d;
  const TrackId track = trackToRecordOn(seed, track_);
  ComposeRequest r;
  r.document = std::make_shared<const Document>(applyRecording(seed, track, call).document);
  r.track = track;
  r.from = answer_.from;
  r.bars = static_cast<int>(meter.barBeat(answer_.to).bar - meter.barBeat(answer_.from).bar);
  r.startOnBeat = true;
  const ComposeSettings& s = takes_.settings();
  r.temperature = s.temperature;
  r.topP = s.topP;
  r.seed = s.seedFixed ? s.seed : QRandomGenerator::global()->generate();
  r.settings = s.family;
  r.checkpoint = s.checkpoint;
  job_ = jobs_->compose(std::move(r), {});
}

// Says so and turns itself off: the next call would fail alike.
bool CallResponse::answerFails() {
  if (job_ == nullptr || job_->state() != JobState::kFailed) return false;
  const QString message = QString::fromStdString(job_->error());
  job_ = nullptr;
  setOn(false);
  Q_EMIT failed(message);
  return true;
}

void CallResponse::hear(Tick now) {
  if (job_ == nullptr) return;
  const bool finished = job_->finished();  // before draining, so that nothing is missed
  const std::vector<ComposeJob::Heard> fresh = job_->drain();
  if (fresh.empty() && answerNotes_.empty()) {
    if (finished) {
      // The model had nothing to say: the next call begins.
      job_ = nullptr;
      answer_ = {};
      if (phase_ == Phase::kAnswer) endExchange(now);
    } else {
      putOff(now);
    }
    return;
  }
  if (fresh.empty()) return;
  putOff(now);
  const TickDelta shift = answer_.from - job_->request().from;
  for (ComposeJob::Heard h : fresh) {
    h.note.start += shift;
    answerNotes_.push_back(h.note);
  }
  std::sort(answerNotes_.begin(), answerNotes_.end(), NoteOrder{});
  transport_.player()->setOverlay({{track_, answerNotes_}});
}

// To the next downbeat that can still be met, as long as nothing of the answer has been heard.
void CallResponse::putOff(Tick now) {
  const MeterMap& meter = session_.document()->meter;
  while (answerNotes_.empty() && secondsTo(now, answer_.from) < seconds(kMargin)) {
    const auto bars =
        static_cast<int>(meter.barBeat(answer_.to).bar - meter.barBeat(answer_.from).bar);
    answer_ = barsFrom(meter, meter.barStart(meter.barBeat(answer_.from).bar + 1), bars);
    late_ = true;
  }
}

// The document with what was played and what was heard of the answer until `now`.
Document CallResponse::exchanged(const Document& d, Tick now) const {
  Document out = d;
  const TrackId track = trackToRecordOn(out, track_);
  out = applyRecording(out, track, *recording_).document;
  std::vector<Note> heard;
  for (const Note& n : answerNotes_) {
    if (n.start < now) heard.push_back(n);
  }
  if (heard.empty()) return recording_->passes().empty() ? d : out;
  out = addNotes(out, track, heard).document;
  if (const auto result = job_ != nullptr ? job_->result() : std::nullopt) {
    ComposeRequest asked = job_->request();
    asked.from = answer_.from;
    GeneratedRegion region = result->region;
    region.range = {answer_.from, std::min(answer_.to, std::max(now, heard.back().start))};
    region.track = track;
    region.settings = settingsJson(asked);
    out.regions.push_back(std::move(region));
  }
  return out;
}

// What the next exchange records into; it has the keys and pedals that are held now.
std::unique_ptr<Recording> CallResponse::carriedOver(Tick now) {
  const TickDelta early = earlyWindow(session_.grid(), session_.document()->ppq);
  Tick from = now - early;  // what was played just before may still come
  for (const auto& [key, event] : down_) from = std::min(from, event.at);
  auto next = std::make_unique<Recording>(from, early);
  next->heard(now);
  for (const auto& [key, event] : down_) {
    next->add(event);
    recording_->forget(event);
  }
  for (const auto& [pedal, event] : pedals_) {
    LiveEvent still = event;
    still.at = now;
    next->add(still);
  }
  return next;
}

void CallResponse::endExchange(Tick now) {
  const bool answered = !answerNotes_.empty();
  auto next = carriedOver(now);
  recording_->stop(now);
  Document document = exchanged(*session_.document(), answer_.to);
  if (job_ != nullptr) job_->cancel();
  job_ = nullptr;
  answerNotes_.clear();
  recording_ = std::move(next);
  transport_.player()->clearOverlay();
  const MeterMap& meter = document.meter;
  call_ = barsFrom(meter, answer_.empty() ? meter.barLineFrom(now) : answer_.to, bars_);
  answer_ = {};
  asked_ = late_ = false;
  phase_ = Phase::kCall;
  session_.commit(answered ? tr("Call and response") : tr("Record"), std::move(document));
}

void CallResponse::finish(Tick now) {
  if (phase_ == Phase::kIdle) return;
  live_.poll();
  if (phase_ == Phase::kIdle) return;
  recording_->stop(now);
  Document document =
      exchanged(*session_.document(), phase_ == Phase::kAnswer ? now : answer_.from);
  const bool answered = phase_ == Phase::kAnswer && !answerNotes_.empty();
  if (job_ != nullptr) job_->cancel();
  job_ = nullptr;
  answerNotes_.clear();
  recording_ = nullptr;
  down_.clear();
  pedals_.clear();
  call_ = answer_ = {};
  late_ = false;
  phase_ = Phase::kIdle;
  transport_.player()->clearOverlay();
  if (live_.armed() == track_) live_.arm(armedBefore_);
  session_.commit(answered ? tr("Call and response") : tr("Record"), std::move(document));
  Q_EMIT changed();
}

}  // namespace incipit
