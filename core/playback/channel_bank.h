// The scheduler's channels: where each is heard, what it was told last and which of its notes
// sound. Everything the scheduler sends goes through here, so that what was begun is ended where it
// was begun, whatever is routed elsewhere since.
//
// What is played live and previewed goes to a port at once; the rest at the time that was set.
//
// Thread safety: one thread calls everything; the functions ending in Rt may be called from the
// audio callback. Sink and bus must outlive their use here.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "core/playback/plan.h"

namespace incipit {

class ChannelBank {
 public:
  static constexpr int kControllers = kProgramChange + 1;
  static constexpr std::int16_t kUnknown = INT16_MIN;

  struct Channel {
    Channel() { sent.fill(kUnknown); }
    std::int16_t& of(Controller c) { return sent[static_cast<std::size_t>(c)]; }

    Route route;
    std::array<std::int16_t, kControllers> sent{};
    std::array<std::int64_t, 128> startTick{};  // of the notes that sound
    std::array<std::uint8_t, 128> velocity{};
    std::bitset<128> sounding;
    bool drums = false;
    bool touched = false;
  };

  explicit ChannelBank(MidiSink& sink);

  // The new sink knows nothing yet: what sounded on the old one and what it was told is forgotten.
  void changeSinkRt(MidiSink& sink) noexcept;
  void setBus(MidiBus* bus) noexcept { bus_ = bus; }  // null: what is routed there is dropped
  // Of what is sent from now on.
  void setTimeRt(std::int64_t when, std::int64_t frame) noexcept;

  Channel& at(int c) noexcept { return channels_[static_cast<std::size_t>(c)]; }
  int soundingNotes() const noexcept;

  // True if the channel was heard elsewhere before: its notes and pedals were ended there, and the
  // new place knows nothing yet.
  bool routeRt(int c, Route route) noexcept;

  void noteOnRt(int c, int pitch, int velocity, std::int64_t tick) noexcept;  // retriggers
  void noteOffRt(int c, int pitch) noexcept;                 // nothing if it does not sound
  void keyPressureRt(int c, int pitch, int value) noexcept;  // nothing if it does not sound
  void controllerRt(int c, Controller controller, int value) noexcept;
  void programRt(int c, int program, bool drums) noexcept;

  void endNotesRt(int c) noexcept;
  void releasePedalsRt(int c) noexcept;  // a held one keeps ended notes sounding
  // All notes off, of the synth alone: a port's channel may be another track's too.
  void quietRt(int c) noexcept;
  // Whatever sounds on the channel, and what a lost message may have left.
  void silenceRt(int c) noexcept;
  void clockRt(const MidiMessage& message) noexcept;  // to all ports that are sent clock
  bool hasBus() const noexcept { return bus_ != nullptr; }

 private:
  void sendRt(int c, const MidiMessage& message) noexcept;
  bool onPort(int c) noexcept { return at(c).route.slot != Route::kSynth; }

  MidiSink* sink_;
  MidiBus* bus_ = nullptr;
  std::int64_t when_ = kAtOnce;
  std::int64_t frame_ = 0;
  std::vector<Channel> channels_;
};

}  // namespace incipit
