// Whether two documents are the same music: everything but the identity of things. Note ids, track
// ids (a region's track counts by its place in the list), the next ids and the unknown fields of a
// project, a track's MIDI output and how its notes were played are left out; all else must be equal, in the same order.
#pragma once

#include <string>

#include "core/score/document.h"

namespace incipit {

// Empty when they are; else one line that names the first difference, for tests and logs.
std::string musicDifference(const Document& a, const Document& b);
inline bool sameMusic(const Document& a, const Document& b) {
  return musicDifference(a, b).empty();
}

}  // namespace incipit
