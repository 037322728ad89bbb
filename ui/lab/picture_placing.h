// What the notes of a picture become in a piece: where the picture is placed, as it is heard and as
// it is shown.
//
// Thread safety: free functions.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/encoding/picture.h"
#include "core/score/document.h"
#include "core/theory/scale.h"
#include "core/time/grid.h"

namespace incipit {

struct PicturePlace {
  Tick from;
  std::optional<Grid> grid;    // starts and ends go to it; lengths are a step at least
  std::optional<Scale> scale;  // pitches go to its nearest note, down where two are as near
};

// The notes of adjacent pictures of one kind in `document`'s time, all instruments together, in
// NoteOrder, ids 0; without doubles.
std::vector<Note> notesToPlace(const Document& document, std::span<const Picture> pictures,
                               const PicturePlace& place);

// The nearest pitch of the scale, 0..127.
int nearestInScale(const Scale& scale, int pitch);

}  // namespace incipit
