// The plan: what the audio thread plays, compiled from a document. Each track becomes a flat,
// sorted list of events in quanta (kQuantum frames) from tick 0; parts of a plan share the lists of
// tracks that did not change, so that an edit costs the compilation of one track.
//
// Order of events at one time: note-offs, bank, program, other controllers, note-ons, key pressure.
// A note lasts at least one quantum. Of overlapping notes of one pitch on one track the later one
// ends the earlier (retrigger); those that start in the same quantum become one, as loud and as
// long as the loudest and longest. So each (track, pitch) sounds at most once, and no note-off is
// ambiguous.
//
// A muted track, and one without solo while another has it, sends its controllers but no notes.
// Of a track's raw events, control changes (registered parameters) and polyphonic pressure are
// played; sysex and meta events are not.
//
// Thread safety: TrackPlan is immutable. A Plan is made by one thread and then owned by the one
// that plays it. PlanCompiler is for one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/playback/sinks.h"
#include "core/score/document.h"

namespace incipit {

// In the order in which events of one time are sent.
enum class PlanKind : std::uint8_t {
  kNoteOff,
  kBank,
  kProgram,
  kControl,
  kBend,
  kPressure,
  kNoteOn,
  kKeyPressure
};

struct PlanEvent {
  std::int64_t quantum = 0;
  std::int64_t tick = 0;    // of a note: its start (also on its off)
  std::int32_t length = 0;  // of a note-on: quanta until its off
  PlanKind kind = PlanKind::kNoteOff;
  std::uint8_t data = 0;   // pitch or controller
  std::int16_t value = 0;  // velocity, program or controller value
  bool operator==(const PlanEvent&) const = default;
};

struct PlanPoint {
  std::int64_t quantum = 0;
  int value = 0;
};

// A controller lane as the chase needs it. Registered parameters (CC 6, 38, 96..101) are not lanes:
// they mean something only in order, and are replayed.
struct PlanLane {
  Controller controller = 0;
  std::vector<PlanPoint> points;                             // sorted
  const PlanPoint* at(std::int64_t quantum) const noexcept;  // the last then; null before the first
};

struct TrackPlan {
  TrackId track = 0;
  bool drums = false;
  int program = 0;
  int volume = 100;
  int pan = 64;
  std::vector<PlanEvent> events;      // sorted by quantum, then kind
  std::vector<PlanLane> lanes;        // by controller
  std::vector<PlanEvent> parameters;  // the events of registered parameters, sorted
  std::int64_t end = 0;               // of the last note; 0 without notes
};

// Where a channel of the scheduler is heard.
struct Route {
  static constexpr int kSynth = -1;
  int slot = kSynth;  // of the MidiBus
  int channel = 0;    // of that port, 0..15
  bool operator==(const Route&) const = default;
};

struct PlanPart {
  std::shared_ptr<const TrackPlan> track;
  int channel = 0;  // of the scheduler, and of the synth where it is routed there
  Route route;
  bool audible = true;
  std::size_t next = 0;  // the scheduler's place in track->events
};

struct QuantumRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool operator==(const QuantumRange&) const = default;
};

struct Plan {
  std::vector<PlanPart> parts;
  TempoMap tempo;
  MeterMap meter;
  int sampleRate = 48000;
  std::optional<QuantumRange> loop;  // at least one quantum long
  bool metronome = false;
  std::int64_t notesEnd = 0;  // of the last audible note; 0 without notes
  // Where the transport stops by itself: the first bar line that leaves the last note a second to
  // ring. 0 without notes, or endless: it runs on.
  std::int64_t stopAt = 0;
  Plan* chain = nullptr;  // for whoever holds plans that are done with

  std::int64_t frameAt(Tick t) const noexcept;
  std::int64_t quantumAt(Tick t) const noexcept;  // the nearest
  // The last tick at or before a quantum's start.
  Tick tickAt(std::int64_t quantum) const noexcept;
};

// Notes played with tracks that are not part of them; no track twice.
using PlanOverlay = std::vector<TrackNotes>;

struct PlanOptions {
  std::optional<TickRange> loop;
  bool metronome = false;
  bool endless = false;  // it never stops by itself
  // Of MIDI outputs by name. The synth plays the tracks of others.
  std::map<std::string, int> slots;
};

class PlanCompiler {
 public:
  explicit PlanCompiler(int sampleRate) : sampleRate_(sampleRate) {}
  int sampleRate() const { return sampleRate_; }

  // A null document is an empty one. Never fails: what a document may hold can be played.
  std::unique_ptr<Plan> compile(const DocumentPtr& document, const PlanOverlay& overlay = {},
                                const PlanOptions& options = {});

 private:
  struct Cached {
    TrackPtr track;
    std::vector<Note> overlay;
    std::shared_ptr<const TrackPlan> plan;
    int channel = 0;
  };
  int freeChannel() const;

  int sampleRate_;
  TempoMap tempo_;
  std::map<TrackId, Cached> cache_;
};

}  // namespace incipit
