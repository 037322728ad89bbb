// The MIDI devices of the system, through RtMidi: which there are, which are open, and what happens
// when they come and go. Inputs are pushed into a LiveInput, outputs are the slots of a MidiOut.
//
// A port is known by its name (numbers that the system adds and that change are left out; of two
// equal names the second is "NAME (2)"). The list is looked at twice a second on a thread of its
// own, which also opens and closes; a port that vanished is closed, its keys end, and it is opened
// again when it returns. Ports of Incipit are not listed, nor are inputs that echo what we send
// ("Midi Through"). Where no MIDI system works, or its server ends, it is tried again at each look.
//
// Thread safety: any thread; nothing here waits for a device, but that destruction waits for them
// to be closed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/playback/live/live_input.h"
#include "core/playback/midi/midi_out.h"
#include "core/playback/midi/midi_system.h"
#include "core/playback/player.h"

namespace incipit {

class MidiPorts {
 public:
  // They live longer. Nothing is opened before configure(). `open`: where the systems come from.
  MidiPorts(MidiOut& out, LiveInput& in, MidiSystemOpener open = openMidiSystem);
  ~MidiPorts();

  // `preferred`: the system to use where the settings name none ("jack" or empty). Ports whose
  // settings stay are left alone.
  void configure(const MidiSettings& settings, const std::string& preferred);
  // Outputs that tracks play through; opened when they are there. Gives their slots, in order;
  // a name keeps its slot for the life of this object.
  std::vector<int> use(const std::vector<std::string>& outputs);
  MidiStatus status() const;  // clockTempo is not filled in
  // Returns once the ports are as configure() and use() have asked, or three seconds have passed.
  void settle();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What RtMidi was built with that can work on this platform: "jack", "alsa", "core", "winmm".
std::vector<std::string> midiSystems();

}  // namespace incipit
