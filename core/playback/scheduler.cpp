#include "core/playback/scheduler.h"

#include <algorithm>

namespace incipit {
namespace {

// General MIDI drum keys and loudness of the metronome.
constexpr int kAccentKey = 76;  // high wood block
constexpr int kBeatKey = 77;    // low wood block
constexpr int kAccentVelocity = 115;
constexpr int kBeatVelocity = 85;
constexpr int kClickLength = 40;  // quanta

constexpr int kAllSoundsOff = 120;
constexpr int kResetControllers = 121;
constexpr int kAllNotesOff = 123;

// More registered parameters than this before the position are a machine's doing; the last count.
constexpr std::ptrdiff_t kReplayedParameters = 64;

// What a controller is where nobody set it (General MIDI, and RP-015 for the reset).
int defaultValue(Controller c, const TrackPlan& track) {
  switch (c) {
    case kVolume:
      return track.volume;
    case kPan:
      return track.pan;
    case kExpression:
    case kExpression + 32:  // its low half
      return 127;
    case 8:
      return 64;  // balance
    case kProgramChange:
      return track.program;
    default:
      break;
  }
  const bool soundController = c >= 70 && c <= 79;
  return soundController ? 64 : 0;
}

// The last point at or before `quantum`, or null.
const PlanPoint* pointAt(const PlanLane& lane, std::int64_t quantum) {
  const auto after =
      std::upper_bound(lane.points.begin(), lane.points.end(), quantum,
                       [](std::int64_t q, const PlanPoint& p) { return q < p.quantum; });
  return after == lane.points.begin() ? nullptr : &*(after - 1);
}

const PlanLane* laneOf(const TrackPlan& track, Controller c) {
  for (const PlanLane& lane : track.lanes) {
    if (lane.controller == c) return &lane;
  }
  return nullptr;
}

std::size_t firstAt(const TrackPlan& track, std::int64_t quantum) {
  const auto it =
      std::lower_bound(track.events.begin(), track.events.end(), quantum,
                       [](const PlanEvent& e, std::int64_t q) { return e.quantum < q; });
  return static_cast<std::size_t>(it - track.events.begin());
}

// The note-on that a sounding note came from, in a newer plan; null when it is gone or changed.
const PlanEvent* noteIn(const Plan& plan, const TrackPlan& track, std::int64_t tick, int pitch,
                        int velocity) {
  const std::int64_t quantum = plan.quantumAt(Tick{tick});
  for (std::size_t i = firstAt(track, quantum); i < track.events.size(); ++i) {
    const PlanEvent& e = track.events[i];
    if (e.quantum != quantum) return nullptr;
    if (e.kind == PlanKind::kNoteOn && e.data == pitch && e.tick == tick) {
      return e.value == velocity ? &e : nullptr;
    }
  }
  return nullptr;
}

}  // namespace

Scheduler::Scheduler(MidiSink& sink) : sink_(&sink), channels_(kSynthChannels) {}

void Scheduler::changeSinkRt(MidiSink& sink) noexcept {
  sink_ = &sink;
  for (Channel& c : channels_) c = Channel{};
  clickLeft_ = 0;
  if (playing_) placeRt();
}

int Scheduler::soundingNotes() const noexcept {
  std::size_t n = 0;
  for (const Channel& c : channels_) n += c.sounding.count();
  return static_cast<int>(n);
}

void Scheduler::noteOnRt(int c, int pitch, int velocity, std::int64_t tick) noexcept {
  Channel& ch = channel(c);
  const auto key = static_cast<std::size_t>(pitch);
  if (ch.sounding[key]) noteOffRt(c, pitch);
  ch.sounding[key] = true;
  ch.startTick[key] = tick;
  ch.velocity[key] = static_cast<std::uint8_t>(velocity);
  ch.touched = true;
  sink_->noteOnRt(c, pitch, velocity);
}

void Scheduler::noteOffRt(int c, int pitch) noexcept {
  Channel& ch = channel(c);
  const auto key = static_cast<std::size_t>(pitch);
  if (!ch.sounding[key]) return;
  ch.sounding[key] = false;
  sink_->noteOffRt(c, pitch);
}

void Scheduler::endNotesRt(int c) noexcept {
  if (channel(c).sounding.none()) return;
  for (int pitch = 0; pitch < 128; ++pitch) noteOffRt(c, pitch);
}

void Scheduler::endTrackNotesRt() noexcept {
  for (int c = 0; c < kTrackChannels; ++c) endNotesRt(c);
  endNotesRt(kMetronomeChannel);
  clickLeft_ = 0;
}

void Scheduler::sendControllerRt(int c, Controller controller, int value) noexcept {
  Channel& ch = channel(c);
  ch.touched = true;
  ch.sent[static_cast<std::size_t>(controller)] = static_cast<std::int16_t>(value);
  if (controller == kPitchBend) {
    sink_->pitchBendRt(c, value);
  } else if (controller == kChannelPressure) {
    sink_->pressureRt(c, value);
  } else {
    sink_->controlRt(c, controller, value);
  }
  if (controller == kResetControllers) {
    // The receiver has put these back (RP-015), whatever was sent before.
    for (const Controller reset :
         {kModulation, kExpression, kSustain, 65, 66, 67, kPitchBend, kChannelPressure}) {
      ch.sent[static_cast<std::size_t>(reset)] = kUnknown;
    }
  }
  if (controller == kAllSoundsOff || controller == kAllNotesOff) endNotesRt(c);
}

void Scheduler::sendProgramRt(int c, int program, bool drums) noexcept {
  Channel& ch = channel(c);
  ch.touched = true;
  ch.drums = drums;
  ch.sent[kProgramChange] = static_cast<std::int16_t>(program);
  sink_->programRt(c, program, drums);
}

void Scheduler::sendRt(const PlanPart& part, const PlanEvent& e) noexcept {
  const int c = part.channel;
  switch (e.kind) {
    case PlanKind::kNoteOff:
      noteOffRt(c, e.data);
      break;
    case PlanKind::kNoteOn: {
      const Channel& ch = channel(c);
      // A tempo change may put the position just before a note that already sounds.
      const bool same =
          ch.sounding[e.data] && ch.startTick[e.data] == e.tick && ch.velocity[e.data] == e.value;
      if (part.audible && !same) noteOnRt(c, e.data, e.value, e.tick);
      break;
    }
    case PlanKind::kProgram:
      sendProgramRt(c, e.value, part.track->drums);
      break;
    case PlanKind::kKeyPressure:
      if (channel(c).sounding[e.data]) sink_->keyPressureRt(c, e.data, e.value);
      break;
    case PlanKind::kBend:
      sendControllerRt(c, kPitchBend, e.value);
      break;
    case PlanKind::kPressure:
      sendControllerRt(c, kChannelPressure, e.value);
      break;
    case PlanKind::kBank:
    case PlanKind::kControl:
      sendControllerRt(c, e.data, e.value);
      break;
  }
}

// Bank and program first, as they were when the program was chosen; then the other lanes; then what
// an earlier plan or position set and nothing sets here. Events at the position itself follow
// through dueRt.
void Scheduler::chaseRt(const PlanPart& part) noexcept {
  const TrackPlan& track = *part.track;
  Channel& ch = channel(part.channel);
  const std::int64_t before = position_ - 1;

  const PlanLane* programs = laneOf(track, kProgramChange);
  const PlanPoint* chosen = programs == nullptr ? nullptr : pointAt(*programs, before);
  const int program = chosen == nullptr ? track.program : chosen->value;
  const std::int64_t chosenAt = chosen == nullptr ? 0 : chosen->quantum;
  bool bankChanged = false;
  for (const Controller bank : {0, 32}) {
    const PlanLane* lane = laneOf(track, bank);
    const PlanPoint* p = lane == nullptr ? nullptr : pointAt(*lane, chosenAt);
    const int value = p == nullptr ? 0 : p->value;
    const std::int16_t sent = ch.sent[static_cast<std::size_t>(bank)];
    if (sent == value || (sent == kUnknown && value == 0)) continue;
    sendControllerRt(part.channel, bank, value);
    bankChanged = true;
  }
  if (bankChanged || ch.sent[kProgramChange] != program || ch.drums != track.drums) {
    sendProgramRt(part.channel, program, track.drums);
  }
  chaseLanesRt(part);

  const auto end =
      std::upper_bound(track.parameters.begin(), track.parameters.end(), before,
                       [](std::int64_t q, const PlanEvent& e) { return q < e.quantum; });
  const auto count = std::min(end - track.parameters.begin(), kReplayedParameters);
  for (auto it = end - count; it != end; ++it) sendRt(part, *it);
}

void Scheduler::chaseLanesRt(const PlanPart& part) noexcept {
  const TrackPlan& track = *part.track;
  Channel& ch = channel(part.channel);
  auto lane = track.lanes.begin();
  for (Controller c = 1; c <= kChannelPressure; ++c) {
    const bool registered = c == 6 || c == 38 || (c >= 96 && c <= 101);
    // Channel mode messages and portamento control act once; they are no state.
    const bool message = (c >= kAllSoundsOff && c < kPitchBend) || c == 84;
    while (lane != track.lanes.end() && lane->controller < c) ++lane;
    if (c == 32 || registered || message) continue;
    const PlanPoint* p = lane != track.lanes.end() && lane->controller == c
                             ? pointAt(*lane, position_ - 1)
                             : nullptr;
    const std::int16_t sent = ch.sent[static_cast<std::size_t>(c)];
    const bool always = c == kVolume || c == kPan;
    if (p == nullptr && sent == kUnknown && !always) continue;
    const int value = p == nullptr ? defaultValue(c, track) : p->value;
    if (sent != value) sendControllerRt(part.channel, c, value);
  }
}

// Puts every part's place and every controller to the position.
void Scheduler::placeRt() noexcept {
  if (plan_ == nullptr) return;
  for (PlanPart& part : plan_->parts) {
    part.next = firstAt(*part.track, position_);
    chaseRt(part);
  }
  findClickRt(position_);
}

// Ends the notes that the plan just taken does not hold as they were started.
void Scheduler::reconcileRt() noexcept {
  std::bitset<kTrackChannels> used;
  if (plan_ != nullptr) {
    for (const PlanPart& part : plan_->parts) used[static_cast<std::size_t>(part.channel)] = true;
  }
  for (int c = 0; c < kTrackChannels; ++c) {
    Channel& ch = channel(c);
    if (ch.sounding.none()) continue;
    if (!used[static_cast<std::size_t>(c)]) {
      endNotesRt(c);
      continue;
    }
    for (int pitch = 0; pitch < 128; ++pitch) {
      const auto key = static_cast<std::size_t>(pitch);
      if (!ch.sounding[key]) continue;
      bool held = false;
      for (const PlanPart& part : plan_->parts) {
        if (part.channel != c || !part.audible || part.track->drums != ch.drums) continue;
        const PlanEvent* e =
            noteIn(*plan_, *part.track, ch.startTick[key], pitch, ch.velocity[key]);
        held = held || (e != nullptr && e->quantum + e->length > position_);
      }
      if (!held) noteOffRt(c, pitch);
    }
  }
}

Plan* Scheduler::adoptRt(Plan* plan) noexcept {
  Plan* old = plan_;
  if (playing_ && old != nullptr && plan != nullptr &&
      (!(old->tempo == plan->tempo) || old->sampleRate != plan->sampleRate)) {
    Tick at = old->tickAt(position_);
    if (old->tempo.ppq() != plan->tempo.ppq()) {
      at.count = at.count * plan->tempo.ppq() / old->tempo.ppq();
    }
    position_ = plan->quantumAt(at);
  }
  plan_ = plan;
  reconcileRt();
  if (playing_) {
    placeRt();
    startedBeforeStop_ = plan != nullptr && position_ < plan->stopAt;
  }
  return old;
}

void Scheduler::playRt(std::int64_t quantum) noexcept {
  if (playing_) endTrackNotesRt();
  position_ = std::max<std::int64_t>(quantum, 0);
  playing_ = true;
  ended_ = false;
  wraps_ = 0;
  startedBeforeStop_ = plan_ != nullptr && position_ < plan_->stopAt;
  placeRt();
}

void Scheduler::stopRt() noexcept {
  playing_ = false;
  endTrackNotesRt();
  for (int c = 0; c < kSynthChannels; ++c) {
    if (!channel(c).touched || c == kPreviewChannel || c == kPreviewDrums) continue;
    // A held pedal would keep the ended notes sounding.
    for (const Controller pedal : {kSustain, 66}) {
      const std::int16_t sent = channel(c).sent[static_cast<std::size_t>(pedal)];
      if (sent != kUnknown && sent != 0) sendControllerRt(c, pedal, 0);
    }
    sink_->controlRt(c, kAllNotesOff, 0);
  }
}

void Scheduler::seekRt(std::int64_t quantum) noexcept {
  position_ = std::max<std::int64_t>(quantum, 0);
  wraps_ = 0;
  ended_ = false;
  if (!playing_) return;
  endTrackNotesRt();
  startedBeforeStop_ = plan_ != nullptr && position_ < plan_->stopAt;
  placeRt();
}

void Scheduler::panicRt() noexcept {
  for (int c = 0; c < kSynthChannels; ++c) {
    endNotesRt(c);
    if (!channel(c).touched) continue;
    sendControllerRt(c, kSustain, 0);
    sink_->controlRt(c, kAllNotesOff, 0);
    sink_->controlRt(c, kAllSoundsOff, 0);
  }
  clickLeft_ = 0;
}

void Scheduler::previewOnRt(int program, bool drums, int pitch, int velocity) noexcept {
  const int c = drums ? kPreviewDrums : kPreviewChannel;
  if (channel(c).sent[kProgramChange] != program) sendProgramRt(c, program, drums);
  noteOnRt(c, pitch & 127, std::clamp(velocity, 1, 127), 0);
}

void Scheduler::previewOffRt(int pitch) noexcept {
  noteOffRt(kPreviewChannel, pitch & 127);
  noteOffRt(kPreviewDrums, pitch & 127);
}

// The first beat at or after quantum `from`.
void Scheduler::findClickRt(std::int64_t from) noexcept {
  click_ = INT64_MAX;
  if (plan_ == nullptr || !plan_->metronome) return;
  const MeterMap& meter = plan_->meter;
  const Tick here = std::max(plan_->tickAt(from), Tick{0});
  Tick beat = here - meter.barBeat(here).offset;
  if (plan_->quantumAt(beat) < from) {
    const auto change = std::upper_bound(meter.changes().begin(), meter.changes().end(), beat,
                                         [](Tick t, const MeterChange& c) { return t < c.at; });
    beat = beat + meter.beatLength(meter.at(beat));
    if (change != meter.changes().end()) beat = std::min(beat, change->at);
  }
  click_ = plan_->quantumAt(beat);
  clickAccent_ = meter.barBeat(beat).beat == 0;
}

void Scheduler::clickRt() noexcept {
  const int key = clickAccent_ ? kAccentKey : kBeatKey;
  endNotesRt(kMetronomeChannel);
  if (channel(kMetronomeChannel).sent[kProgramChange] == kUnknown) {
    sendProgramRt(kMetronomeChannel, 0, true);
  }
  noteOnRt(kMetronomeChannel, key, clickAccent_ ? kAccentVelocity : kBeatVelocity, 0);
  clickLeft_ = kClickLength;
  findClickRt(position_ + 1);
}

bool Scheduler::loopsRt() const noexcept {
  return plan_ != nullptr && plan_->loop && position_ < plan_->loop->to;
}

int Scheduler::dueRt(int most) noexcept {
  if (!playing_ || plan_ == nullptr) return most;
  std::int64_t free = most;
  for (PlanPart& part : plan_->parts) {
    const std::vector<PlanEvent>& events = part.track->events;
    while (part.next < events.size() && events[part.next].quantum <= position_) {
      sendRt(part, events[part.next++]);
    }
    if (part.next < events.size()) free = std::min(free, events[part.next].quantum - position_);
  }
  if (click_ <= position_) clickRt();
  if (click_ != INT64_MAX) free = std::min(free, click_ - position_);
  if (clickLeft_ > 0) free = std::min<std::int64_t>(free, clickLeft_);
  if (loopsRt()) {
    free = std::min(free, plan_->loop->to - position_);
  } else if (startedBeforeStop_ && !plan_->metronome) {
    free = std::min(free, plan_->stopAt - position_);
  }
  return static_cast<int>(std::max<std::int64_t>(free, 1));
}

void Scheduler::advanceRt(int quanta) noexcept {
  if (!playing_) return;
  const bool looping = loopsRt();
  position_ += quanta;
  if (clickLeft_ > 0) {
    clickLeft_ = std::max(clickLeft_ - quanta, 0);
    if (clickLeft_ == 0) endNotesRt(kMetronomeChannel);
  }
  if (looping && position_ >= plan_->loop->to) {
    endTrackNotesRt();
    position_ = plan_->loop->from;
    ++wraps_;
    placeRt();
  } else if (startedBeforeStop_ && !looping && !plan_->metronome && plan_->stopAt > 0 &&
             position_ >= plan_->stopAt) {
    stopRt();
    ended_ = true;
  }
}

}  // namespace incipit
