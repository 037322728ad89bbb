// The measurements of `bench live`, one function each, on a rig that stands. Each leaves the rig as
// it found it. They fail, with one line, where what they wait for does not come.
//
// Thread safety: one thread.
#pragma once

#include <chrono>

#include "app/incipit_cli/bench_figures.h"
#include "app/incipit_cli/bench_live_rig.h"

namespace incipit {

class LiveLoad;

// Sound: onsets that the peer hears against the plan.
Result<Figures> measureOnsets(LiveRig& rig, const std::stop_token& stop);
// From a key that the peer presses to the sound that it hears.
Result<Figures> measureKeys(LiveRig& rig, const std::stop_token& stop);
// Where notes that the peer plays to the running transport are recorded, against the position that
// it heard at that frame.
Result<Figures> measureRecording(LiveRig& rig, const std::stop_token& stop);
// Ten thousand random actions while playing; then every note-on must have had its note-off.
Result<Figures> measureStuckNotes(LiveRig& rig, const std::stop_token& stop);
// The peer's ports vanish and return a hundred times while music plays through them.
Result<Figures> measureUnplugging(LiveRig& rig, const std::stop_token& stop);
// Dense music through a MIDI output for `length`, beside a bare sleeper of the same priority, and
// with `load` (where there is one) at work.
Result<Figures> measureJitter(LiveRig& rig, const std::string& name,
                              std::chrono::duration<double> length, LiveLoad* load,
                              const std::stop_token& stop);

}  // namespace incipit
