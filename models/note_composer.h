// Composing with note-lstm: from a context, settings and weights to the notes of a take. The same
// inputs give the same notes, bit for bit.
//
// Rules that hold whatever the network says, beside those of take.h:
//  * the music does not die: no silence between onsets is longer than a bar (or than the longest of
//    the seed, up to two bars), and the range is never left empty;
//  * with startOnBeat, and with no seed, the first note stands where the range starts;
//  * with no seed the first note lies between C3 and C6.
//
// Thread safety: a call touches only its arguments; weights may be shared.
#pragma once

#include <memory>
#include <stop_token>

#include "models/note_decoder.h"
#include "models/take.h"

namespace incipit {

// sink(note, fraction) is called with each note as soon as it is final, in order of start.
Composed composeNotes(const ComposeContext& context, const ComposeSettings& settings,
                      const std::shared_ptr<const NoteWeights>& weights, const NoteSink& sink,
                      const std::stop_token& stop);

}  // namespace incipit
