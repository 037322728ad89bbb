// The names of the General MIDI drum kit, short enough for a key of a piano roll.
#pragma once

namespace incipit {

// "Snare" for 38; empty outside 35..81, where the standard kit has nothing.
const char* drumName(int pitch);

}  // namespace incipit
