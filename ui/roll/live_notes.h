// What a roll draws of live music beside the document: notes that are being recorded, the model's
// answer to a call, the cursor of step input. Nothing of it is in the document yet.
#pragma once

#include <optional>
#include <vector>

#include "core/score/note.h"
#include "core/time/ticks.h"

namespace incipit {

struct LiveNotes {
  TrackId track = 0;           // that all of it is for
  bool recording = false;      // the playhead and the ruler turn red
  Tick from;                   // where recording began
  std::vector<Note> played;    // so far; held ones reach up to the position
  TickRange call;              // of call and response; empty otherwise
  TickRange answerRange;       // empty until an answer was asked for
  std::vector<Note> answer;    // so far
  bool late = false;           // the answer missed its downbeat
  std::optional<Tick> cursor;  // of step input
  TickDelta step;              // its length
  std::vector<Note> pending;   // the chord that is held at the cursor
  bool operator==(const LiveNotes&) const = default;
};

}  // namespace incipit
