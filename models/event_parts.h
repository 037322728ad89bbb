// The tracks of a context as the event composer sees them: by role, with who plays which note.
//
// Thread safety: one thread's; keeps a reference to the take.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "core/encoding/event_tokens.h"
#include "models/event_features.h"
#include "models/take.h"

namespace incipit {

// The role that a model writes a track in: its own where the model has `heard` it, else a heard one
// that is as near as there is. None for drums that it has not heard, and where it knows nothing
// else.
std::optional<TrackRole> writtenRole(TrackRole role, EventRoles heard);

class EventParts {
 public:
  // Every track of the take has a writtenRole().
  EventParts(Take& take, EventRoles heard);

  EventRoles roles() const { return roles_; }
  // Of those without any note in the seed.
  EventRoles silent() const { return silent_; }
  // Whether a note of the role may start at `at`, of a pitch below `below`.
  bool anyFree(int role, Tick at, int below = 128) const;
  bool free(int role, int pitch, Tick at) const;
  // Hands the note to one of the role's tracks that has its pitch free; there is one.
  void emit(int role, const Note& note, float probability);

  // The seeds as a document, their tracks' roles, each note at least a position before the range.
  struct Seed {
    Document document;
    std::vector<TrackRole> roles;
  };
  Seed seed() const;

 private:
  struct Part {
    std::size_t index = 0;  // in the take
    int last = -1;          // pitch
    Tick at{-1};            // of its last note
  };

  Take& take_;
  EventRoles heard_;
  std::array<std::vector<Part>, kTrackRoles> parts_;
  EventRoles roles_, silent_;
};

}  // namespace incipit
