// Composing with the roll families: columns of cells, of which an onset and what is sustained after
// it are a note.
//
// Networks that answer with classes are sampled, from the highest key down: whether a key begins,
// and which, are drawn at the temperature; top-p narrows which one, never whether. A sounding key
// goes on, ends or is struck anew at the temperature alone, so that no top-p makes it hang.
// Networks that answer with numbers are read: a cell sounds from the threshold on, and is an onset
// or sustained, whichever is nearer; every take is the same.
//
// Rules that hold whatever the network says, beside those of take.h: no note is longer than two
// bars (or the longest of the seed); at most kMostRollOnsets begin in a column; no silence is
// longer than a bar or half of the range; with startOnBeat, and with no seed, a note starts where
// the range does; with no seed the first ones lie between C3 and C6. Notes that are kept are in the
// columns that the network sees.
#pragma once

#include <memory>

#include "models/family.h"
#include "models/roll_decoder.h"

namespace incipit {

inline constexpr int kMostRollOnsets = 10;

std::vector<SettingInfo> rollComposeSettings();

Result<std::shared_ptr<const Composer>> loadRollComposer(const TensorFile& checkpoint);

}  // namespace incipit
