// Where the scheduler's events go: a synth, and MIDI ports. A synth's channels are the scheduler's
// own (0..kSynthChannels-1), not those of a MIDI cable: each track has one to itself.
//
// Thread safety: one thread calls all of it. Functions whose names end in Rt may be called from the
// audio callback: they neither allocate nor lock nor wait.
#pragma once

#include <cstdint>

#include "core/playback/midi_message.h"

namespace incipit {

// Sound is rendered in quanta of this many frames, and events take effect at their start: it is
// FluidSynth's own granularity, so that nothing depends on a device's block size.
inline constexpr int kQuantum = 64;

inline constexpr int kSynthChannels = 256;
inline constexpr int kTrackChannels = 252;  // the first; tracks beyond that many share
inline constexpr int kLiveChannel = 252;    // what a keyboard plays
inline constexpr int kPreviewChannel = 253;
inline constexpr int kPreviewDrums = 254;
inline constexpr int kMetronomeChannel = 255;

// Of the channels: what is played live and previewed is heard as soon as it can be; the rest is
// planned, and sent ahead of its time.
constexpr bool playedAtOnce(int channel) {
  return channel == kLiveChannel || channel == kPreviewChannel || channel == kPreviewDrums;
}

class MidiSink {
 public:
  virtual ~MidiSink() = default;
  virtual void noteOnRt(int channel, int key, int velocity) noexcept = 0;
  virtual void noteOffRt(int channel, int key) noexcept = 0;
  virtual void controlRt(int channel, int controller, int value) noexcept = 0;
  virtual void pitchBendRt(int channel, int value) noexcept = 0;  // -8192..8191
  virtual void pressureRt(int channel, int value) noexcept = 0;
  virtual void keyPressureRt(int channel, int key, int value) noexcept = 0;
  virtual void programRt(int channel, int program, bool drums) noexcept = 0;
};

inline constexpr int kMidiSlots = 32;   // 0..31; further names share the last and are refused there
inline constexpr int kClockSlots = -1;  // all slots that are sent clock
inline constexpr std::int64_t kAtOnce = 0;

// MIDI ports, as the audio callback sees them: numbered slots, stable for the life of the program,
// whether the port is there or not.
class MidiBus {
 public:
  virtual ~MidiBus() = default;
  // Queues a message to be sent at `when` (steady clock, nanoseconds; the past means now), where
  // the sound's `frame` is heard. Planned messages of a slot are sent in the order of the calls;
  // neither their `when` nor their `frame` falls but by takeBackRt. kAtOnce is for what is played
  // live: sent now, in the order of the calls, before whatever waits. To kClockSlots go clock,
  // start, continue, stop and song position.
  virtual void sendRt(int slot, const MidiMessage& message, std::int64_t when,
                      std::int64_t frame) noexcept = 0;
  // Nothing that was planned for `frame` or later is begun any more. Of what still waits of it,
  // note-ons are dropped, each with its note-off, and clock pulses; the rest is sent at `when`, as
  // if planned for `frame`. The note-offs of all that was begun must have been sent. What is
  // planned from now on is for `frame` and `when` or later.
  virtual void takeBackRt(std::int64_t when, std::int64_t frame) noexcept = 0;
};

class Synth : public MidiSink {
 public:
  // Overwrites both buffers. frames: a multiple of kQuantum.
  virtual void renderRt(float* left, float* right, int frames) noexcept = 0;
};

// Takes everything and makes silence: the synth of a player that has no device or no soundfont.
class SilentSynth final : public Synth {
 public:
  void noteOnRt(int, int, int) noexcept override {}
  void noteOffRt(int, int) noexcept override {}
  void controlRt(int, int, int) noexcept override {}
  void pitchBendRt(int, int) noexcept override {}
  void pressureRt(int, int) noexcept override {}
  void keyPressureRt(int, int, int) noexcept override {}
  void programRt(int, int, bool) noexcept override {}
  void renderRt(float* left, float* right, int frames) noexcept override {
    for (int i = 0; i < frames; ++i) left[i] = right[i] = 0;
  }
};

}  // namespace incipit
