// From what was played on a keyboard to notes and lanes of a track: a Recording collects the events
// while the transport runs, applyRecording() puts it into a document.
//
// Notes are paired by channel and key. A second note-on of a held key ends the first; a note-off
// without a note-on is ignored; a note is at least one tick long. A note held over the end of its
// pass (the loop's end, a jump, the stop) ends there, and so do pedals, bend and pressure. A
// note-on before the start, by no more than `early`, counts as on the start; earlier ones are not
// recorded. Of a controller's values before the start the last counts, on the start. Kept are notes
// with both velocities, control changes (not bank select, RPN, data entry and channel mode), pitch
// bend and channel pressure, whatever channel they came on.
//
// Thread safety: a value; none of its own.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/edit/edits.h"
#include "core/playback/player.h"

namespace incipit {

// What was played in one pass of the loop, or between two jumps back.
struct RecordedPass {
  std::vector<Note> notes;  // as they were played, in NoteOrder; ids 0
  std::map<Controller, Lane> lanes;
};

class Recording {
 public:
  // From `start`. `loop`: as the transport loops, if it does.
  Recording(Tick start, TickDelta early, std::optional<TickRange> loop = std::nullopt);

  // In any order of time; of events at one time, the earlier added was the earlier played. Ignores
  // what was played while the transport stood. Returns whether it is recorded.
  bool add(const LiveEvent& event);
  // Takes an event back that was added.
  void forget(const LiveEvent& event);
  // The transport is at `position`, no longer counting in: held notes last until there. Falling:
  // the loop began again.
  void heard(Tick position);
  // The transport was moved to `position` while it ran.
  void jumped(Tick position);
  void stop(Tick position);

  const std::optional<TickRange>& loop() const { return loop_; }
  // Where the transport was while it recorded, in order; disjoint.
  std::vector<TickRange> ranges() const;
  // Those in which something was played, in order.
  std::vector<RecordedPass> passes() const;
  // The notes of the last pass, held ones up to where the transport was heard.
  std::vector<Note> notesNow() const;

 private:
  // Run and pass of a LiveEvent: grows with time.
  using Stretch = std::uint64_t;
  struct Event {
    Stretch stretch;
    Tick at;
    MidiMessage message;  // size 0: everything that is held ends here
    bool early = false;   // before the start
  };
  class Reader;

  void insert(const Event& event);
  // Another stretch begins, the one at hand ends.
  void enter(Stretch stretch, Tick from, Tick end);

  Tick start_;
  TickDelta early_;
  std::optional<TickRange> loop_;
  std::vector<Event> events_;      // by stretch and time
  std::vector<TickRange> ranges_;  // one a stretch
  Stretch current_ = 0;            // counted here until the first event tells
  bool told_ = false;
  bool countingIn_ = true;
  Tick position_;
};

struct RecordOptions {
  // Notes without a lock that start in the recorded ranges go, and so do the points of lanes there
  // (but program changes); otherwise what is recorded is added.
  bool replace = false;
  // Starts are moved to its lines by `strength` (0..1); how they were played is kept
  // (Track::played).
  std::optional<Grid> quantise;
  double strength = 1;
};

// Puts the last pass that has notes (else the last) into the track; each other one that has notes
// becomes a muted track "NAME (take 2)" below it, with the same instrument and output. After the
// recorded ranges every controller has the value that it had there before. The notes that are
// returned are those added to the track. The document is unchanged where nothing was played.
NoteEdit applyRecording(const Document& d, TrackId track, const Recording& recording,
                        const RecordOptions& options = {});

}  // namespace incipit
