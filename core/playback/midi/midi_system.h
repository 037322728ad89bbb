// A MIDI system (ALSA's sequencer, a JACK server ...) as MidiPorts needs it. The one behind RtMidi
// is made by openMidiSystem(); tests put a scripted one in its place.
//
// Thread safety: one thread uses a system and its ports, but that an output's write() is called by
// one other. Inputs call from threads of their own, never after their destruction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/playback/midi/midi_out.h"
#include "core/result.h"

namespace incipit {

// What arrived in one piece, on the system's thread.
using MidiReceiver = std::function<void(std::span<const std::uint8_t>)>;

class MidiInputPort {
 public:
  virtual ~MidiInputPort() = default;  // closes it
  // False: it has to be opened again, as its device went away and came back between two looks, or
  // sent what it does not recover from. To be asked at each look.
  virtual bool works() = 0;
  // Nanoseconds by which a message is handed over before it counts as played, on average: a system
  // that gives a whole period's messages at its start does so by half a period. Negative: after.
  virtual std::int64_t advance() const { return 0; }
};

class MidiOutputPort : public MidiPortWriter {
 public:
  virtual bool works() = 0;
};

class MidiSystem {
 public:
  virtual ~MidiSystem() = default;  // after that of its ports
  // False when its server has ended; then its ports and it must go before another is opened.
  virtual bool alive() const = 0;
  virtual bool hasVirtualPorts() const = 0;
  // Names as the system lists them now; the ports of Incipit may be among them.
  virtual std::vector<std::string> inputs() = 0;
  virtual std::vector<std::string> outputs() = 0;
  // The port at a place of the list, if that is still its name. The error is the system's reason.
  virtual Result<std::unique_ptr<MidiInputPort>> openInput(int place, const std::string& listed,
                                                           MidiReceiver receiver) = 0;
  virtual Result<std::shared_ptr<MidiOutputPort>> openOutput(int place,
                                                             const std::string& listed) = 0;
  virtual Result<std::unique_ptr<MidiInputPort>> openVirtualInput(MidiReceiver receiver) = 0;
  virtual Result<std::shared_ptr<MidiOutputPort>> openVirtualOutput() = 0;
};

// "jack", "alsa" ...; fails with one line that says what is missing and what to do.
using MidiSystemOpener =
    std::function<Result<std::unique_ptr<MidiSystem>>(const std::string& name)>;
Result<std::unique_ptr<MidiSystem>> openMidiSystem(const std::string& name);

}  // namespace incipit
