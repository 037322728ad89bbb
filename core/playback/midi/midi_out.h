// The MIDI-out thread: takes what the audio callback has planned and sends each message at its
// time, by sleeping to absolute deadlines.
//
// It knows every key that sounds on every port: a note-on for a key that sounds already is preceded
// by its note-off, and a key of which several tracks play a note is ended by the last of them. A
// port that is closed, refused by its device or removed has its keys ended first; nothing is sent
// to a slot without a port, and a key that was begun before is not remembered there.
//
// A device that never returns from a message stops the others, but nobody else: what waits for the
// thread gives up after three seconds.
//
// Thread safety: sendRt and takeBackRt for one audio thread; everything else for any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/playback/sinks.h"

namespace incipit {

// Where a slot's bytes go: an open port. Called on the MIDI-out thread. False: the device is gone.
class MidiPortWriter {
 public:
  virtual ~MidiPortWriter() = default;
  virtual bool write(const MidiMessage& message) = 0;
};

class MidiOut final : public MidiBus {
 public:
  MidiOut();
  ~MidiOut() override;  // ends what sounds

  void sendRt(int slot, const MidiMessage& message, std::int64_t when,
              std::int64_t frame) noexcept override;
  void takeBackRt(std::int64_t when, std::int64_t frame) noexcept override;

  // Ends what sounds on the slot's port, lets it go and takes this one; null: none. Returns when
  // the thread no longer uses the old one.
  void setPort(int slot, std::shared_ptr<MidiPortWriter> port);
  void setLatency(int slot, double milliseconds);  // sent so much before `when`
  void setClock(int slot, bool on);                // what is sent to kClockSlots reaches the slot
  // False after write() has failed, until the next setPort.
  bool works(int slot) const;
  // Keys that sound on all ports, as the thread last knew; for tests and the benchmark.
  int soundingNotes() const;
  // Messages that found the queue full, so far; then everything that sounded was ended.
  std::uint64_t lostMessages() const;
  // Returns once everything that is due has been sent.
  void drain();
  // Empty, or why the thread runs without real-time priority. One line.
  std::string priorityProblem() const;

  // For measuring: called on the MIDI-out thread right after each write. Set while nothing plays.
  struct Sent {
    int slot = 0;
    MidiMessage message;
    std::int64_t when = 0;   // planned, with the slot's latency taken off
    std::int64_t frame = 0;  // -1: not planned, it ends a note of a port that goes
    std::int64_t began = 0;  // steady clock, just before write()
  };
  void setProbe(std::function<void(const Sent&)> probe);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace incipit
