// Composing with note-lstm: from a context, settings and weights to the notes of a take. The same
// inputs give the same notes, bit for bit.
//
// Rules that hold whatever the network says:
//  * pitches lie on the piano, 21..108; no note overlaps another of its pitch, whether generated,
//    locked or still sounding from the seed;
//  * notes start in the range; what would sound past its end is cut there;
//  * the music does not die: no silence between onsets is longer than a bar (or than the longest of
//    the seed, up to two bars), and the range is never left empty;
//  * with startOnBeat, and with no seed, the first note stands where the range starts;
//  * with no seed the first note lies between C3 and C6.
//
// Thread safety: a call touches only its arguments; weights may be shared.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "core/encoding/compose_context.h"
#include "models/note_decoder.h"

namespace incipit {

struct ComposeSettings {
  double temperature = 0.9;
  double topP = 0.9;
  std::uint64_t seed = 1;
  int take = 0;
  bool startOnBeat = false;
};

struct Composed {
  std::vector<Note> notes;  // ids 0, ordered by NoteOrder
  bool cancelled = false;
  Tick reached;  // up to here the range is composed
};

// sink(note, fraction) is called with each note as soon as it is final, in order of start.
Composed composeNotes(const ComposeContext& context, const ComposeSettings& settings,
                      std::shared_ptr<const NoteWeights> weights,
                      const std::function<void(const Note&, double)>& sink,
                      const std::stop_token& stop);

}  // namespace incipit
