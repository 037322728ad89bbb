// The Player of the desktop: FluidSynth and MIDI ports driven by our scheduler, from the callback
// of whichever audio driver opens, or by a timer where none does.
//
// Thread safety: as Player says: one thread (the GUI's) calls everything. The audio callback never
// waits for that thread nor it for the callback, but for configure() and destruction, which close
// the device first.
#pragma once

#include <memory>

#include "core/playback/load_histogram.h"
#include "core/playback/midi/midi_out.h"
#include "core/playback/player.h"

namespace incipit {

// With what is measured of it.
class MeasuredPlayer : public Player {
 public:
  virtual PlaybackFigures figures() const = 0;  // of the audio callback, since configure()
  virtual MidiOut& midiOut() = 0;               // for its probe
};

// Silent and without a device until configure() is called; the transport works at once. No MIDI
// until configureMidi().
std::unique_ptr<MeasuredPlayer> makePlayer();

}  // namespace incipit
