// The Player of the desktop: FluidSynth driven by our scheduler, from the callback of whichever
// audio driver opens, or by a timer where none does.
//
// Thread safety: as Player says: one thread (the GUI's) calls everything. The audio callback never
// waits for that thread nor it for the callback, but for configure() and destruction, which close
// the device first.
#pragma once

#include <memory>

#include "core/playback/player.h"

namespace incipit {

// Silent and without a device until configure() is called; the transport works at once.
std::unique_ptr<Player> makePlayer();

}  // namespace incipit
