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
#include "core/encoding/note_sequence.h"

namespace incipit {

struct ComposeContext {
  int ppq = kDefaultPpq;
  TickRange range;
  std::vector<MeterChange> meter;
  std::vector<TempoChange> tempo;
  std::vector<EncodedNote> seed;  // the last of the notes that start before the range
  // Notes that a generated note of the same pitch must not overlap: locked ones in the range, and
  // those of the seed that still sound in it. Ids 0.
  std::vector<Note> kept;

  bool operator==(const ComposeContext&) const = default;
};

// How many notes of the seed are given to a model at most.
inline constexpr std::size_t kSeedNotes = 256;

// Fails where the request has no document or no such track, its range starts before 0 or
// beyond 2^30 units, or bars is not 1..256.
Result<ComposeContext> contextOf(const ComposeRequest& request);

std::string contextJson(const ComposeContext& context);
Result<ComposeContext> contextFromJson(const std::string& json);

}  // namespace incipit
