// A corpus as a table for a spreadsheet.
//
// Thread safety: a free function.
#pragma once

#include <string>

#include "core/corpus/corpus.h"

namespace incipit {

// Comma-separated values (RFC 4180, UTF-8, lines ending in a line feed): a head, a line for each
// accepted piece in their order, then one for each rejected file with its reason and no figures.
// "near_duplicate_of" names the first piece of the group and is empty for that one; "programs" are
// General MIDI numbers from 0, joined by blanks.
std::string corpusCsv(const Corpus& corpus);

}  // namespace incipit
