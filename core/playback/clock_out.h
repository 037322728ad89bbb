// MIDI clock for those who follow us: 24 messages a quarter along the tempo map while the transport
// runs, start, stop, and the song position where it does not start at the beginning.
//
// A song position counts sixteenths. From a place between two of them the position of the next is
// sent, and continue when it is reached. Beyond 16383 of them (1024 bars of 4/4) no place can be
// said; the last is. A jump while playing is stop, position and continue at once.
//
// Thread safety: as ChannelBank.
#pragma once

#include <cstdint>

#include "core/playback/channel_bank.h"

namespace incipit {

class ClockOut {
 public:
  explicit ClockOut(ChannelBank& bank) : bank_(&bank) {}

  void startRt(const Plan* plan, std::int64_t position) noexcept;  // plays, or has jumped
  void stopRt() noexcept;
  void placeRt(const Plan* plan, std::int64_t position) noexcept;  // another tempo, the same place
  // Sends what is due; at most `free` quanta until more is.
  std::int64_t dueRt(const Plan& plan, std::int64_t position, std::int64_t free) noexcept;

 private:
  ChannelBank* bank_;
  bool running_ = false;           // start was sent and not stop
  std::int64_t pulse_ = 0;         // the next
  std::int64_t next_ = INT64_MAX;  // its quantum
  std::int64_t continueAt_ = -1;   // the pulse before which continue is sent; -1: none
};

}  // namespace incipit
