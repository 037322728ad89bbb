// What keyboards bring, on its way to the audio thread, which lets it sound and tells the window.
//
// Thread safety: each source is pushed to by one thread at a time; one audio thread takes. Neither
// waits for the other, nothing is allocated after construction.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "core/playback/midi_message.h"

namespace incipit {

struct TimedMessage {
  MidiMessage message;           // size 0: the source is gone, what it holds down must end
  std::int64_t nanoseconds = 0;  // steady clock, when it was played (port latency taken off)
  int source = 0;
};

class LiveInput {
 public:
  static constexpr int kPorts = 16;         // sources 0..15 are MIDI inputs
  static constexpr int kKeyboard = kPorts;  // the computer's keys
  static constexpr int kSources = kPorts + 1;

  LiveInput();
  ~LiveInput();

  // A full queue (the audio thread stands still) drops the message and sets overflowed.
  void push(const TimedMessage& m) noexcept;
  bool takeRt(TimedMessage& m) noexcept;
  // Something was dropped since the last call: held keys must be ended.
  bool overflowedRt() noexcept;

  // The source whose clock messages the transport follows; -1: none. Others' are not pushed.
  std::atomic<int> clockSource{-1};

 private:
  struct Queues;
  std::unique_ptr<Queues> queues_;
  std::atomic<bool> overflowed_{false};
  int next_ = 0;  // the source to look at first
};

}  // namespace incipit
