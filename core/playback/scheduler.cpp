#include "core/playback/scheduler.h"

#include <algorithm>
#include <bitset>
#include <cmath>

#include "core/playback/controllers.h"

namespace incipit {
namespace {

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

Scheduler::Scheduler(MidiSink& sink) : bank_(sink) {}

void Scheduler::changeSinkRt(MidiSink& sink) noexcept {
  bank_.changeSinkRt(sink);
  metronome_.endRt();
  live_.sinkChangedRt();
  resumeRt();
}

void Scheduler::endNotesRt() noexcept {
  for (int c = 0; c < kTrackChannels; ++c) bank_.endNotesRt(c);
  metronome_.endRt();
}

void Scheduler::sendRt(const PlanPart& part, const PlanEvent& e) noexcept {
  const int c = part.channel;
  // Tracks that share a channel, for want of more, may be heard at different places.
  if (bank_.routeRt(c, part.route)) chaseRt(part);
  switch (e.kind) {
    case PlanKind::kNoteOff:
      bank_.noteOffRt(c, e.data);
      break;
    case PlanKind::kNoteOn: {
      const ChannelBank::Channel& ch = bank_.at(c);
      // A tempo change may put the position just before a note that already sounds.
      const bool same =
          ch.sounding[e.data] && ch.startTick[e.data] == e.tick && ch.velocity[e.data] == e.value;
      if (part.audible && !same) bank_.noteOnRt(c, e.data, e.value, e.tick);
      break;
    }
    case PlanKind::kProgram:
      bank_.programRt(c, e.value, part.track->drums);
      break;
    case PlanKind::kKeyPressure:
      bank_.keyPressureRt(c, e.data, e.value);
      break;
    case PlanKind::kBend:
      bank_.controllerRt(c, kPitchBend, e.value);
      break;
    case PlanKind::kPressure:
      bank_.controllerRt(c, kChannelPressure, e.value);
      break;
    case PlanKind::kBank:
    case PlanKind::kControl:
      bank_.controllerRt(c, e.data, e.value);
      break;
  }
}

// Bank and program first, as they were when the program was chosen; then the other lanes; then what
// an earlier plan or position set and nothing sets here. Events at the position itself follow
// through dueRt.
void Scheduler::chaseRt(const PlanPart& part) noexcept {
  const TrackPlan& track = *part.track;
  ChannelBank::Channel& ch = bank_.at(part.channel);
  const std::int64_t before = position_ - 1;

  const PlanLane* programs = laneOf(track, kProgramChange);
  const PlanPoint* chosen = programs == nullptr ? nullptr : programs->at(before);
  const int program = chosen == nullptr ? track.program : chosen->value;
  const std::int64_t chosenAt = chosen == nullptr ? 0 : chosen->quantum;
  bool bankChanged = false;
  for (const Controller bank : {kBankSelect, kBankSelectLow}) {
    const PlanLane* lane = laneOf(track, bank);
    const PlanPoint* p = lane == nullptr ? nullptr : lane->at(chosenAt);
    const int value = p == nullptr ? 0 : p->value;
    const std::int16_t sent = ch.of(bank);
    if (sent == value || (sent == ChannelBank::kUnknown && value == 0)) continue;
    bank_.controllerRt(part.channel, bank, value);
    bankChanged = true;
  }
  if (bankChanged || ch.of(kProgramChange) != program || ch.drums != track.drums) {
    bank_.programRt(part.channel, program, track.drums);
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
  ChannelBank::Channel& ch = bank_.at(part.channel);
  auto lane = track.lanes.begin();
  for (Controller c = 1; c <= kChannelPressure; ++c) {
    const bool registered = c == 6 || c == 38 || (c >= 96 && c <= 101);
    // Channel mode messages and portamento control act once; they are no state.
    const bool message = (c >= kAllSoundOff && c < kPitchBend) || c == 84;
    while (lane != track.lanes.end() && lane->controller < c) ++lane;
    if (c == kBankSelectLow || registered || message) continue;
    const PlanPoint* p =
        lane != track.lanes.end() && lane->controller == c ? lane->at(position_ - 1) : nullptr;
    const std::int16_t sent = ch.of(c);
    const bool always = c == kVolume || c == kPan;
    if (p == nullptr && sent == ChannelBank::kUnknown && !always) continue;
    const int value = p == nullptr ? defaultValue(c, track) : p->value;
    if (sent != value) bank_.controllerRt(part.channel, c, value);
  }
}

// Puts every part's place and every controller to the position.
void Scheduler::placeRt() noexcept {
  if (plan_ == nullptr) return;
  for (PlanPart& part : plan_->parts) {
    part.next = firstAt(*part.track, position_);
    bank_.routeRt(part.channel, part.route);
    chaseRt(part);
  }
  metronome_.placeRt(plan_, position_);
}

// Whether the plan holds the note that sounds there as it was started.
bool Scheduler::heldRt(int c, int pitch) noexcept {
  const ChannelBank::Channel& ch = bank_.at(c);
  const auto key = static_cast<std::size_t>(pitch);
  return std::any_of(plan_->parts.begin(), plan_->parts.end(), [&](const PlanPart& part) {
    if (part.channel != c || !part.audible || part.track->drums != ch.drums ||
        part.route != ch.route) {
      return false;
    }
    const PlanEvent* e = noteIn(*plan_, *part.track, ch.startTick[key], pitch, ch.velocity[key]);
    return e != nullptr && e->quantum + e->length > position_;
  });
}

// Ends the notes that the plan just taken does not hold as they were started.
void Scheduler::reconcileRt() noexcept {
  std::bitset<kTrackChannels> used;
  if (plan_ != nullptr) {
    for (const PlanPart& part : plan_->parts) used[static_cast<std::size_t>(part.channel)] = true;
  }
  for (int c = 0; c < kTrackChannels; ++c) {
    const ChannelBank::Channel& ch = bank_.at(c);
    if (!used[static_cast<std::size_t>(c)]) {
      // Its track is gone: who gets the channel next may be heard elsewhere.
      bank_.endNotesRt(c);
      if (ch.route.slot != Route::kSynth) bank_.routeRt(c, {});
      continue;
    }
    if (ch.sounding.none()) continue;
    for (int pitch = 0; pitch < 128; ++pitch) {
      if (ch.sounding[static_cast<std::size_t>(pitch)] && !heldRt(c, pitch)) {
        bank_.noteOffRt(c, pitch);
      }
    }
  }
}

Plan* Scheduler::adoptRt(Plan* plan) noexcept {
  Plan* old = plan_;
  const bool timeChanged = old != nullptr && plan != nullptr &&
                           (!(old->tempo == plan->tempo) || old->sampleRate != plan->sampleRate);
  if (timeChanged) {
    Tick at = old->tickAt(position_);
    if (old->tempo.ppq() != plan->tempo.ppq()) {
      at.count = at.count * plan->tempo.ppq() / old->tempo.ppq();
    }
    position_ = plan->quantumAt(at);
    ++jumps_;
  }
  plan_ = plan;
  reconcileRt();
  live_.planRt(plan);
  if (!playing_) return old;
  placeRt();
  startedBeforeStop_ = plan != nullptr && position_ < plan->stopAt;
  if (plan == nullptr) {
    metronome_.cancelCountInRt();
  } else if (metronome_.countingIn()) {
    if (timeChanged || !(old->meter == plan->meter)) metronome_.retimeRt(*plan, position_);
  } else if (timeChanged) {
    clock_.placeRt(plan, position_);
  }
  return old;
}

// Plays from the position on, if it plays.
void Scheduler::resumeRt() noexcept {
  if (!playing_) return;
  startedBeforeStop_ = plan_ != nullptr && position_ < plan_->stopAt;
  placeRt();
  if (metronome_.countingIn()) {
    clock_.stopRt();
  } else {
    clock_.startRt(plan_, position_);
  }
}

// To a place, playing or not.
void Scheduler::moveRt(std::int64_t quantum) noexcept {
  if (playing_) endNotesRt();
  position_ = std::max<std::int64_t>(quantum, 0);
  fraction_ = 0;
  wraps_ = 0;
  ended_ = false;
  ++jumps_;
}

void Scheduler::playRt(std::int64_t quantum, int countInBars) noexcept {
  moveRt(quantum);
  playing_ = true;
  metronome_.cancelCountInRt();
  if (plan_ != nullptr && countInBars > 0) metronome_.countInRt(*plan_, position_, countInBars);
  resumeRt();
}

void Scheduler::stopRt() noexcept {
  if (playing_) ++jumps_;
  playing_ = false;
  fraction_ = 0;
  metronome_.cancelCountInRt();
  endNotesRt();
  for (int c = 0; c < kSynthChannels; ++c) {
    if (c == kPreviewChannel || c == kPreviewDrums || c == kLiveChannel) continue;
    bank_.releasePedalsRt(c);
    bank_.quietRt(c);
  }
  clock_.stopRt();
}

void Scheduler::seekRt(std::int64_t quantum) noexcept {
  moveRt(quantum);
  resumeRt();
}

void Scheduler::returnRt(const TransportPlace& place) noexcept {
  position_ = place.position;
  playing_ = place.playing;
  wraps_ = place.wraps;
  ended_ = place.ended;
  metronome_.returnCountInRt(place.countIn);
}

void Scheduler::panicRt() noexcept {
  metronome_.endRt();
  for (int c = 0; c < kSynthChannels; ++c) bank_.silenceRt(c);
  resumeRt();
}

void Scheduler::releasePortsRt() noexcept {
  for (int c = 0; c < kSynthChannels; ++c) bank_.routeRt(c, {});
  clock_.stopRt();
}

void Scheduler::previewOnRt(int program, bool drums, int pitch, int velocity,
                            Route route) noexcept {
  const int c = drums ? kPreviewDrums : kPreviewChannel;
  bank_.routeRt(c, route);
  if (bank_.at(c).of(kProgramChange) != program) bank_.programRt(c, program, drums);
  bank_.noteOnRt(c, pitch & 127, std::clamp(velocity, 1, 127), 0);
}

void Scheduler::previewOffRt(int pitch) noexcept {
  bank_.noteOffRt(kPreviewChannel, pitch & 127);
  bank_.noteOffRt(kPreviewDrums, pitch & 127);
}

void Scheduler::leadRt(std::optional<double> rate) noexcept {
  if (led_ && !rate) ++jumps_;
  if (!rate) fraction_ = 0;
  led_ = rate.has_value();
  rate_ = rate.value_or(1.0);
}

bool Scheduler::loopsRt() const noexcept {
  return !led_ && plan_ != nullptr && plan_->loop && position_ < plan_->loop->to;
}

bool Scheduler::endsRt() const noexcept {
  return !led_ && startedBeforeStop_ && plan_ != nullptr && !plan_->metronome && !loopsRt();
}

int Scheduler::dueRt(int most) noexcept {
  if (!playing_ || plan_ == nullptr) return most;
  std::int64_t free = most;
  if (metronome_.countingIn()) return static_cast<int>(metronome_.countInDueRt(free));
  for (PlanPart& part : plan_->parts) {
    const std::vector<PlanEvent>& events = part.track->events;
    while (part.next < events.size() && events[part.next].quantum <= position_) {
      sendRt(part, events[part.next++]);
    }
    if (part.next < events.size()) free = std::min(free, events[part.next].quantum - position_);
  }
  free = metronome_.dueRt(*plan_, position_, free);
  free = clock_.dueRt(*plan_, position_, free);
  if (loopsRt()) {
    free = std::min(free, plan_->loop->to - position_);
  } else if (endsRt()) {
    free = std::min(free, plan_->stopAt - position_);
  }
  return static_cast<int>(std::max<std::int64_t>(free, 1));
}

void Scheduler::advanceRt(int quanta) noexcept {
  if (!playing_) return;
  if (metronome_.countingIn()) {
    metronome_.countInAdvanceRt(quanta);
    if (metronome_.countingIn()) return;
    ++jumps_;
    clock_.startRt(plan_, position_);
    return;
  }
  const bool looping = loopsRt();
  const bool ends = endsRt();
  metronome_.advanceRt(quanta);
  if (led_) {
    fraction_ += rate_ * quanta;
    const double whole = std::floor(fraction_);
    fraction_ -= whole;
    position_ += static_cast<std::int64_t>(whole);
  } else {
    position_ += quanta;
  }
  if (looping && position_ >= plan_->loop->to) {
    endNotesRt();
    position_ = plan_->loop->from;
    ++wraps_;
    ++jumps_;
    placeRt();
    clock_.startRt(plan_, position_);
  } else if (ends && plan_->stopAt > 0 && position_ >= plan_->stopAt) {
    stopRt();
    ended_ = true;
  }
}

}  // namespace incipit
