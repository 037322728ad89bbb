// What was composed, note by note, as a table: the pitch, step and duration that the note models
// see, beside where each note lies in the piece.
//
// Thread safety: a free function.
#pragma once

#include <vector>

#include "core/io/table.h"
#include "core/score/note.h"
#include "core/time/tempo_map.h"

namespace incipit {

// A row a note: its key ("C4") and pitch (60); start and end, counted from the start of the piece,
// step (since the start of the note before; the first: since `from`) and duration, all in seconds
// by the tempo map; and how probable the model thought it (ComposeResult::probabilities; empty
// where it said nothing of a note). Notes in NoteOrder.
Table noteTable(const std::vector<Note>& notes, const std::vector<float>& probabilities, Tick from,
                const TempoMap& tempo);

}  // namespace incipit
