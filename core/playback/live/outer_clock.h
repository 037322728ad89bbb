// Lets an incoming MIDI clock lead the scheduler: says when to start, stop and move it, and bends
// its speed so that what is heard follows the song position. Small errors are made good by speed,
// large ones by a jump, which ends what sounds. A start is played from its place exactly, a little
// late, and catches up.
//
// Thread safety: one thread calls everything; the functions ending in Rt may be called from the
// audio callback.
#pragma once

#include <cstdint>

#include "core/playback/live/clock_follower.h"
#include "core/playback/scheduler.h"

namespace incipit {

class OuterClock {
 public:
  void takeRt(const MidiMessage& message, std::int64_t now) noexcept {
    follower_.take(message, now);
  }
  // What the clock wants of the transport, before a callback is rendered; the caller does it.
  struct Wish {
    enum class Kind { kNone, kPlay, kStop, kSeek } kind = Kind::kNone;
    std::int64_t quantum = 0;
  };
  // playing: the transport is heard to run.
  Wish beginRt(Scheduler& scheduler, std::int64_t now, bool playing) noexcept;
  // Before each quantum while leading, which is heard `ahead` nanoseconds from now. True: it was
  // moved.
  bool quantumRt(Scheduler& scheduler, std::int64_t now, std::int64_t ahead) noexcept;
  // The transport was worked by hand: it runs freely until the next start.
  void releaseRt(Scheduler& scheduler) noexcept;
  void forgetRt(Scheduler& scheduler) noexcept;  // no clock is followed any more

  bool leading() const noexcept { return leading_; }
  double tempo(std::int64_t now) const noexcept { return follower_.tempo(now); }

 private:
  ClockFollower follower_;
  std::uint32_t moves_ = 0;
  bool leading_ = false;
};

}  // namespace incipit
