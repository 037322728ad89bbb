// The symbols of the bar-anchored event encoding (event_tokens.h) and the order in which they may
// stand.
//
//   piece = BOS [KEY] [STYLE] { bar } EOS
//   bar   = BAR [METER [POS]] [TEMPO] [LEFT] [DENSITY] [POLYPHONY] [REGISTER] { POS { [TRACK] note
//   } } note  = [VELOCITY] (PITCH DURATION | DRUM)
//
// Positions ascend within a bar, tracks within a position, pitches descend within a track, so that
// a set of notes has exactly one code and the product of the probabilities of its symbols, each
// renormalised over what EventGrammar allows, is the likelihood of the set. METER, TEMPO hold until
// the next; TRACK and VELOCITY (one for each track) until the end of the bar, so that a bar can be
// cut out and put in again. FILL, PREFIX, SUFFIX, MIDDLE, END_OF_MIDDLE and KEEP are for the
// layouts of infilling; no piece holds them.
//
// Thread safety: values and free functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace incipit {

using EventToken = std::uint16_t;

// `count` symbols from `first`.
struct EventRange {
  int first = 0;
  int count = 0;
  constexpr bool holds(int token) const { return token >= first && token < first + count; }
  constexpr EventToken operator[](int i) const { return static_cast<EventToken>(first + i); }
  constexpr int end() const { return first + count; }
};

inline constexpr int kPositionsPerQuarter = 12;  // sixteenths and triplets
inline constexpr int kMostPositions = 8 * kPositionsPerQuarter;
inline constexpr int kEventLowestPitch = 21;
inline constexpr int kEventLowestDrum = 35;

inline constexpr EventRange kEventMarkers{0, 9};
inline constexpr EventToken kEventBos = 0;
inline constexpr EventToken kEventEos = 1;
inline constexpr EventToken kEventBar = 2;
inline constexpr EventToken kEventFill = 3;
inline constexpr EventToken kEventPrefix = 4;
inline constexpr EventToken kEventSuffix = 5;
inline constexpr EventToken kEventMiddle = 6;
inline constexpr EventToken kEventEndOfMiddle = 7;
inline constexpr EventToken kEventKeep = 8;
// meterClass(); the last is any other, and a POS of the bar's length less one follows it.
inline constexpr EventRange kEventMeter{kEventMarkers.end(), 12};
inline constexpr EventRange kEventTempo{kEventMeter.end(), 16};
inline constexpr EventRange kEventPosition{kEventTempo.end(), kMostPositions};
inline constexpr EventRange kEventPitch{kEventPosition.end(), 88};
inline constexpr EventRange kEventDrum{kEventPitch.end(), 47};
inline constexpr EventRange kEventDuration{kEventDrum.end(), 24};
inline constexpr EventRange kEventVelocity{kEventDuration.end(), 8};
inline constexpr EventRange kEventTrack{kEventVelocity.end(), 8};
inline constexpr EventRange kEventKey{kEventTrack.end(), 24};  // 0..11 major, 12..23 minor
inline constexpr EventRange kEventStyle{kEventKey.end(), 8};
inline constexpr EventRange kEventLeft{kEventStyle.end(), 33};  // bars that follow; the last: more
inline constexpr EventRange kEventDensity{kEventLeft.end(), 6};
inline constexpr EventRange kEventPolyphony{kEventDensity.end(), 5};
inline constexpr EventRange kEventRegister{kEventPolyphony.end(), 5};
inline constexpr int kEventSymbols = kEventRegister.end();

// Length of a duration symbol in positions, ascending.
inline constexpr std::array<int, 24> kEventDurations{
    1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 18, 20, 24, 30, 36, 42, 48, 60, 72, 96, 144, 192};

// What a track is for.
enum class TrackRole : std::uint8_t {
  kMelody,
  kBass,
  kChords,
  kPad,
  kPianoLeft,
  kPianoRight,
  kDrums,
  kOther
};
inline constexpr int kTrackRoles = 8;
const char* roleName(TrackRole role);
std::optional<TrackRole> roleNamed(std::string_view name);

// "BAR", "POS_12", "PITCH_60", "TRACK_bass"; empty for no symbol.
std::string eventName(int token);

// Positions in a bar of that meter symbol; 0 for any other meter.
int meterPositions(int meter);

// What may come next, given all that came before. A copy may be advanced on its own.
class EventGrammar {
 public:
  bool allows(int token) const;
  // Takes a symbol that is allowed.
  void take(int token);
  bool done() const { return state_ == State::kDone; }

  // Of the bar being written.
  int barLength() const { return barLength_; }
  int position() const { return position_; }  // -1 before the first

 private:
  enum class State { kStart, kHead, kBarHead, kMeterLength, kNotes, kDuration, kDone };

  bool allowsInBar(int token) const;
  int barHeadStage(int token) const;
  void beginBar();

  State state_ = State::kStart;
  int stage_ = 0;  // what of a head has been there
  bool anyBar_ = false;
  int barLength_ = 4 * kPositionsPerQuarter;
  int position_ = -1;
  bool waiting_ = false;  // POS, TRACK or VELOCITY needs its note
  bool afterTrack_ = false;
  bool afterVelocity_ = false;
  int role_ = -1;         // of the bar so far
  int roleHere_ = -1;     // the last that has a note at this position
  int lastPitch_ = 1000;  // of role_ at this position, as a symbol
  std::array<int, kTrackRoles> velocity_{};
};

}  // namespace incipit
