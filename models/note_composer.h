// Composing with note-lstm: from a context, settings and weights to the notes of a take. The same
// inputs give the same notes, bit for bit.
//
// Rules that hold whatever the network says, beside those of take.h:
//  * the music does not die: no silence between onsets is longer than a bar (or than the longest of
//    the seed, up to two bars), and the range is never left empty;
//  * with startOnBeat, and with no seed, the first note stands where the range starts;
//  * with no seed the first note lies between C3 and C6.
//
// Thread safety: see family.h.
#pragma once

#include <memory>

#include "models/family.h"

namespace incipit {

Result<std::shared_ptr<const Composer>> loadNoteComposer(TensorFile checkpoint);

}  // namespace incipit
