// The MIDI devices of the system, through RtMidi: which there are, which are open, and what happens
// when they come and go. Inputs are pushed into a LiveInput, outputs are the slots of a MidiOut.
//
// A port is known by its name (numbers that the system adds and that change are left out; of two
// equal names the second is "NAME (2)"). The list is looked at twice a second on a thread of its
// own; a port that vanished is closed, its keys end, and it is opened again when it returns. Our
// own ports and echoes of what we send ("Midi Through") are not listened to.
//
// Thread safety: one thread calls everything; nothing here waits for a device longer than opening
// one takes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/playback/live_input.h"
#include "core/playback/midi_out.h"
#include "core/playback/player.h"

namespace incipit {

class MidiPorts {
 public:
  MidiPorts(MidiOut& out, LiveInput& in);
  ~MidiPorts();

  // `preferred`: the system to use where the settings name none ("jack" or empty). Ports whose
  // settings stay are left alone.
  void configure(const MidiSettings& settings, const std::string& preferred);
  // Outputs that tracks play through; opened when they are there. Gives their slots, in order;
  // a name keeps its slot for the life of this object.
  std::vector<int> use(const std::vector<std::string>& outputs);
  MidiStatus status() const;  // clockTempo is not filled in

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What RtMidi was built with that can work on this platform: "jack", "alsa", "core", "winmm".
std::vector<std::string> midiSystems();

}  // namespace incipit
