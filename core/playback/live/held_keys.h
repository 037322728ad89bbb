// The keys and pedals that each source of live input holds down, so that they can be let go for a
// source that is gone.
//
// Thread safety: one thread calls everything; nothing allocates or waits.
#pragma once

#include <array>
#include <cstdint>

#include "core/playback/live/live_input.h"
#include "core/score/document.h"

namespace incipit {

class HeldKeys {
 public:
  // Notes a channel message. False: a key is let go that another source still holds.
  bool takeRt(const MidiMessage& m, int source) noexcept {
    Source& from = sources_[static_cast<std::size_t>(source)];
    const auto key = static_cast<std::size_t>(m.data1());
    if (m.kind() == 0xB0 && m.data1() == kSustain) {
      from.pedal = m.data2() >= 64;
      from.pedalChannel = m.channel();
    }
    if (m.noteOn()) {
      from.channel[key] = static_cast<std::int8_t>(m.channel());
    } else if (m.noteOff()) {
      from.channel[key] = kUp;
      for (const Source& other : sources_) {
        if (other.channel[key] != kUp) return false;
      }
    }
    return true;
  }

  // Calls `let(message)` for what would let go all that the source holds.
  template <typename Let>
  void releaseRt(int source, Let let) noexcept {
    Source& from = sources_[static_cast<std::size_t>(source)];
    for (int key = 0; key < 128; ++key) {
      const std::int8_t channel = from.channel[static_cast<std::size_t>(key)];
      if (channel != kUp) let(midiNoteOff(channel, key));
    }
    if (from.pedal) let(midiControl(from.pedalChannel, kSustain, 0));
  }

 private:
  static constexpr std::int8_t kUp = -1;
  struct Source {
    Source() { channel.fill(kUp); }
    std::array<std::int8_t, 128> channel{};  // by key, of its note-on
    bool pedal = false;
    int pedalChannel = 0;
  };
  std::array<Source, LiveInput::kSources> sources_;
};

}  // namespace incipit
