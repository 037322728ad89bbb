// From what was played on a keyboard to notes and lanes of a track: a Recording collects the events
// while the transport runs, applyRecording() puts it into a document.
//
// Notes are paired by channel and key. A second note-on of a held key ends the first; a note-off
// without a note-on is ignored; a note is at least one tick long. A note held over the end of its
// pass (the loop's end, a seek, the stop) ends there. A note-on before the start, by no more than
// `early`, counts as on the start; earlier ones are not recorded. Of controllers before the start
// the last value counts, on the start. Kept are notes with both velocities, control changes (not
// bank select, RPN, data entry and channel mode), pitch bend and channel pressure.
//
// Thread safety: a value; none of its own.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/edit/edits.h"
#include "core/playback/player.h"

namespace incipit {

// What was played in one pass of the loop, or between two jumps back; ids 0.
struct RecordedPass {
  std::vector<Note> notes;  // in NoteOrder, as they were played
  std::map<Controller, Lane> lanes;
};

class Recording {
 public:
  // From `start`. `loop`: as the transport loops, if it does.
  Recording(Tick start, TickDelta early, std::optional<TickRange> loop = std::nullopt);

  // In any order of time; of events at one time, the earlier added was the earlier played. Ignores
  // what was played while the transport stood.
  void add(const LiveEvent& event);
  // The transport is at `position`: held notes last until there. Falling: the loop began again.
  void heard(Tick position);
  // The transport was moved to `position` while it ran.
  void jumped(Tick position);
  void stop(Tick position);

  // Where the transport was while it recorded; one range, or more after jumps.
  const std::vector<TickRange>& ranges() const { return ranges_; }
  // Those in which something was played, in order.
  std::vector<RecordedPass> passes() const;
  // The notes of the pass at hand, held ones up to where the transport was heard.
  std::vector<Note> notesNow() const;

 private:
  struct Event {
    std::uint64_t pass;  // run and pass of the loop in it
    Tick at;
    MidiMessage message;
  };

  Tick start_;
  TickDelta early_;
  std::optional<TickRange> loop_;
  std::vector<Event> events_;  // by pass and time
  std::vector<TickRange> ranges_;
};

struct RecordOptions {
  // Notes without a lock that start in the recorded ranges go, and so do the points of lanes there;
  // otherwise what is recorded is added.
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
