// Everything that composing takes from a document, as one value: the seed, the range, the meter and
// tempo that the range is counted by, and the notes that are locked. A take is a function of this,
// the settings and the checkpoint, and of nothing else, so that keeping it as JSON is enough to
// make the take again, whatever happened to the document.
//
// Thread safety: values and free functions.
#pragma once

#include <string>
#include <vector>

#include "core/compose/engine.h"
#include "core/encoding/event_vocabulary.h"
#include "core/encoding/note_sequence.h"

namespace incipit {

// What a further track brings that is composed together with the first.
struct ContextPart {
  TrackRole role = TrackRole::kMelody;
  std::vector<EncodedNote> seed;
  std::vector<Note> kept;

  bool operator==(const ContextPart&) const = default;
};

struct ComposeContext {
  int ppq = kDefaultPpq;
  TickRange range;
  std::vector<MeterChange> meter;
  std::vector<TempoChange> tempo;
  std::vector<EncodedNote> seed;  // the last of the notes that start before the range
  // Notes that a generated note of the same pitch must not overlap: locked ones in the range, and
  // those of the seed that still sound in it. Ids 0.
  std::vector<Note> kept;
  TrackRole role = TrackRole::kMelody;  // of the track
  std::vector<ContextPart> others;      // of ComposeRequest::with
  // Which track's notes are wanted where a region is made again: 0 the first, k others[k - 1].
  int part = 0;

  bool operator==(const ComposeContext&) const = default;
};

// How many notes of the seed are given to a model at most; of several tracks, all together.
inline constexpr std::size_t kSeedNotes = 256;

// Fails where the request has no document or no such track or one twice, its range starts before 0
// or beyond 2^30 units, or bars is not 1..256.
Result<ComposeContext> contextOf(const ComposeRequest& request);

std::string contextJson(const ComposeContext& context);
Result<ComposeContext> contextFromJson(const std::string& json);

}  // namespace incipit
