#include "core/encoding/event_vocabulary.h"

#include <fmt/format.h>

#include <limits>

#include "core/encoding/beat_grid.h"

namespace incipit {
namespace {

constexpr int kNone = -1;
constexpr int kAbove = std::numeric_limits<int>::max();
constexpr int kDrumRole = static_cast<int>(TrackRole::kDrums);
constexpr int kOtherMeter = kEventMeter.count - 1;
// Stages of the heads of a piece and of a bar.
constexpr int kKeyStage = 1;
constexpr int kStyleStage = 2;

struct Named {
  EventRange range;
  const char* name;
  int from;  // the number of the first symbol
};
constexpr std::array<Named, 13> kNamed{{{kEventMeter, "METER", 0},
                                        {kEventTempo, "TEMPO", 0},
                                        {kEventPosition, "POS", 0},
                                        {kEventPitch, "PITCH", kEventLowestPitch},
                                        {kEventDrum, "DRUM", kEventLowestDrum},
                                        {kEventDuration, "DURATION", 0},
                                        {kEventVelocity, "VELOCITY", 0},
                                        {kEventKey, "KEY", 0},
                                        {kEventStyle, "STYLE", 0},
                                        {kEventLeft, "LEFT", 0},
                                        {kEventDensity, "DENSITY", 0},
                                        {kEventPolyphony, "POLYPHONY", 0},
                                        {kEventRegister, "REGISTER", 0}}};

}  // namespace

const char* roleName(TrackRole role) {
  static constexpr std::array<const char*, kTrackRoles> kNames{
      "melody", "bass", "chords", "pad", "piano-left", "piano-right", "drums", "other"};
  return kNames[static_cast<std::size_t>(role)];
}

std::optional<TrackRole> roleNamed(std::string_view name) {
  for (int i = 0; i < kTrackRoles; ++i) {
    if (name == roleName(static_cast<TrackRole>(i))) return static_cast<TrackRole>(i);
  }
  return std::nullopt;
}

std::string eventName(int token) {
  static constexpr std::array<const char*, 9> kMarkers{
      "BOS", "EOS", "BAR", "FILL", "PREFIX", "SUFFIX", "MIDDLE", "END_OF_MIDDLE", "KEEP"};
  if (kEventMarkers.holds(token)) return kMarkers[static_cast<std::size_t>(token)];
  if (kEventTrack.holds(token)) {
    return std::string("TRACK_") + roleName(static_cast<TrackRole>(token - kEventTrack.first));
  }
  if (kEventDuration.holds(token)) {
    return fmt::format("DURATION_{}",
                       kEventDurations[static_cast<std::size_t>(token - kEventDuration.first)]);
  }
  for (const Named& n : kNamed) {
    if (n.range.holds(token)) return fmt::format("{}_{}", n.name, token - n.range.first + n.from);
  }
  return {};
}

int meterPositions(int meter) {
  if (meter == kOtherMeter) return 0;
  const BarMeter m = meterOfClass(meter);
  return 4 * kPositionsPerQuarter * m.numerator / m.denominator;
}

int EventGrammar::barHeadStage(int token) const {
  static constexpr std::array<EventRange, 6> kOrder{kEventMeter,   kEventTempo,     kEventLeft,
                                                    kEventDensity, kEventPolyphony, kEventRegister};
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    if (kOrder[i].holds(token)) return static_cast<int>(i) + 1;
  }
  return 0;
}

bool EventGrammar::allows(int token) const {
  switch (state_) {
    case State::kStart:
      return token == kEventBos;
    case State::kHead:
      if (kEventKey.holds(token)) return stage_ < kKeyStage;
      if (kEventStyle.holds(token)) return stage_ < kStyleStage;
      return token == kEventBar || token == kEventEos;
    case State::kBarHead:
      // The first bar says its meter.
      if (!anyBar_ && stage_ == 0) return kEventMeter.holds(token);
      if (barHeadStage(token) > stage_) return true;
      return allowsInBar(token);
    case State::kMeterLength:
      return kEventPosition.holds(token);
    case State::kNotes:
      return allowsInBar(token);
    case State::kDuration:
      return kEventDuration.holds(token);
    case State::kDone:
      break;
  }
  return false;
}

bool EventGrammar::allowsInBar(int token) const {
  if (token == kEventBar || token == kEventEos) return !waiting_;
  if (kEventPosition.holds(token)) {
    const int position = token - kEventPosition.first;
    return !waiting_ && position > position_ && position < barLength_;
  }
  if (position_ < 0) return false;
  if (kEventTrack.holds(token)) {
    const int role = token - kEventTrack.first;
    return !afterTrack_ && !afterVelocity_ && role != role_ && role > roleHere_;
  }
  if (role_ < 0) return false;
  if (kEventVelocity.holds(token)) {
    const bool changes = token != velocity_[static_cast<std::size_t>(role_)];
    // Where the lowest key has sounded no note can follow in this track.
    const int lowest = role_ == kDrumRole ? kEventDrum.first : kEventPitch.first;
    return !afterVelocity_ && changes && lastPitch_ > lowest;
  }
  if (role_ == kDrumRole ? !kEventDrum.holds(token) : !kEventPitch.holds(token)) return false;
  return token < lastPitch_;
}

void EventGrammar::beginBar() {
  state_ = State::kBarHead;
  stage_ = 0;
  position_ = kNone;
  role_ = kNone;
  velocity_.fill(kNone);
}

void EventGrammar::take(int token) {
  if (token == kEventEos) {
    state_ = State::kDone;
  } else if (token == kEventBos) {
    state_ = State::kHead;
  } else if (token == kEventBar) {
    anyBar_ = anyBar_ || state_ != State::kHead;
    beginBar();
  } else if (kEventKey.holds(token)) {
    stage_ = kKeyStage;
  } else if (kEventStyle.holds(token)) {
    stage_ = kStyleStage;
  } else if (kEventMeter.holds(token)) {
    stage_ = 1;
    barLength_ = meterPositions(token - kEventMeter.first);
    if (token - kEventMeter.first == kOtherMeter) state_ = State::kMeterLength;
  } else if (state_ == State::kMeterLength) {
    barLength_ = token - kEventPosition.first + 1;
    state_ = State::kBarHead;
  } else if (const int stage = barHeadStage(token); stage > 0) {
    stage_ = stage;
  } else if (kEventPosition.holds(token)) {
    state_ = State::kNotes;
    position_ = token - kEventPosition.first;
    roleHere_ = kNone;
    lastPitch_ = kAbove;
    waiting_ = true;
  } else if (kEventTrack.holds(token)) {
    role_ = token - kEventTrack.first;
    lastPitch_ = kAbove;
    waiting_ = afterTrack_ = true;
  } else if (kEventVelocity.holds(token)) {
    velocity_[static_cast<std::size_t>(role_)] = token;
    waiting_ = afterVelocity_ = true;
  } else if (kEventDuration.holds(token)) {
    state_ = State::kNotes;
  } else {  // PITCH or DRUM
    lastPitch_ = token;
    roleHere_ = role_;
    waiting_ = afterTrack_ = afterVelocity_ = false;
    if (kEventPitch.holds(token)) state_ = State::kDuration;
  }
}

}  // namespace incipit
