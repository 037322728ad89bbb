// An incoming MIDI clock: 24 pulses a quarter, start, continue, stop and song position, made into a
// smooth song position. Pulses come with the jitter of their way here (JACK delivers them at period
// starts); an alpha-beta filter, of growing memory at first and of constant bandwidth then, follows
// phase and tempo.
//
// The first pulse after start or continue is the place itself; it begins to roll there. The
// master's pulses alone say how far it is: between them, and a few beyond the last, the position
// goes on in their tempo. After half a second without any it does not roll any more, and waits for
// the next start or continue.
//
// Thread safety: one thread calls everything; nothing allocates or waits.
#pragma once

#include <cstdint>

#include "core/playback/midi_message.h"

namespace incipit {

class ClockFollower {
 public:
  void reset() noexcept { *this = {}; }

  // A system message that came at `now` (nanoseconds). Others are ignored.
  void take(const MidiMessage& message, std::int64_t now) noexcept;
  // As if stop had come: for when the transport is worked by hand.
  void halt() noexcept;

  bool rolling(std::int64_t now) const noexcept;
  // Quarters from the start of the song; not rolling: where it will go on.
  double quarters(std::int64_t now) const noexcept;
  // Where it began to roll.
  double startQuarters() const noexcept;
  // Quarters a minute; 0 while no pulses come, or only one has.
  double tempo(std::int64_t now) const noexcept;
  // No pulse where there should have been several: the position stands.
  bool stalled(std::int64_t now) const noexcept;
  // Grows with each start, continue and song position.
  std::uint32_t moves() const noexcept { return moves_; }

 private:
  void pulse(std::int64_t now) noexcept;

  std::int64_t base_ = 0;  // nanoseconds; what follows counts from there
  double last_ = 0;        // when the last pulse came
  double time_ = 0;        // of the last pulse, filtered
  double period_ = 0;      // nanoseconds; 0: not known
  int measured_ = 0;       // pulses that the filter knows
  bool off_ = false;       // the last was far from where it was expected

  bool started_ = false;   // start or continue, and no stop
  bool pulsed_ = false;    // and a pulse since
  std::int64_t next_ = 0;  // the song position of the next pulse, in pulses
  std::int64_t first_ = 0;
  std::uint32_t moves_ = 0;
};

}  // namespace incipit
