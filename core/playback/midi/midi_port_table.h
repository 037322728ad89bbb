// Which MIDI ports there are and which are open: one look at the system, at which it opens and
// closes what has changed. MidiPorts looks twice a second.
//
// Thread safety: one thread uses a table.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/playback/live/live_input.h"
#include "core/playback/midi/midi_out.h"
#include "core/playback/midi/midi_system.h"
#include "core/playback/player.h"

namespace incipit {

struct MidiWishes {
  MidiSettings settings;
  std::string preferred;             // the system where the settings name none
  std::set<std::string> used;        // outputs that tracks play through
  std::map<std::string, int> slots;  // of all outputs that are used, sent clock or our own
};

inline constexpr int kRefusedMidiSlot = kMidiSlots - 1;

class MidiPortTable {
 public:
  // They live longer.
  MidiPortTable(MidiOut& out, LiveInput& in, MidiSystemOpener open);
  ~MidiPortTable();
  MidiPortTable(const MidiPortTable&) = delete;
  MidiPortTable& operator=(const MidiPortTable&) = delete;

  MidiStatus look(const MidiWishes& wishes);

 private:
  struct Input {
    int source = 0;
    std::shared_ptr<std::atomic<std::int64_t>> latency;  // nanoseconds to take off
    std::unique_ptr<MidiInputPort> port;
  };
  struct Output {
    int slot = 0;
    std::shared_ptr<MidiOutputPort> port;
  };
  // The name that a port was listed by, and where; our own has none.
  struct Place {
    int number = 0;
    std::string listed;
    bool own = false;
  };
  using Places = std::map<std::string, Place>;

  void chooseSystem(const MidiWishes& wishes);
  void closeSystem();
  Places placesOf(const std::vector<std::string>& listed, bool ownPorts,
                  bool (*hidden)(const std::string&)) const;
  std::vector<MidiPort> lookAtInputs(const MidiWishes& wishes);
  std::vector<MidiPort> lookAtOutputs(const MidiWishes& wishes);
  std::string openInput(const std::string& name, const Place& place);
  std::string openOutput(const std::string& name, const Place& place, int slot);
  void closeInput(const std::string& name);
  void closeOutput(const std::string& name);
  std::optional<int> sourceOf(const std::string& name, const Places& places);
  std::string shortcoming() const;

  MidiOut& out_;
  LiveInput& in_;
  MidiSystemOpener open_;
  std::vector<std::string> candidates_;  // that system_ was chosen among
  std::string systemName_;
  std::string systemProblem_;
  std::unique_ptr<MidiSystem> system_;                  // longer than its ports
  std::array<std::string, LiveInput::kPorts> sources_;  // the inputs' names; they keep their place
  std::map<std::string, Input> inputs_;                 // those that are open
  std::map<std::string, Output> outputs_;
};

}  // namespace incipit
