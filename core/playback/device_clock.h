// When a frame of the device is due, from callbacks that come early and late: a delay-locked loop
// turns their times into a smooth map between frames and the steady clock. After F. Adriaensen,
// "Using a DLL to filter time" (Linux Audio Conference 2005).
//
// A callback that comes far too late, but before the device had played all that it was given, was
// held up, and the map stays as it is; else (frames were lost, the computer slept), and where those
// after it do not catch up, it starts anew from the callback's own time. A frame's time is that of
// the callback that would begin with it; when it is heard is the device's latency later.
//
// Thread safety: one thread calls everything; the functions ending in Rt may be called from the
// audio callback.
#pragma once

#include <cstdint>

namespace incipit {

class DeviceClock {
 public:
  explicit DeviceClock(int sampleRate = 48000);  // 8000..192000

  // A callback that begins with `frame`, of `frames`, came at `now`; on time, the device has
  // `reserve` to play before it (both nanoseconds). Frames ascend.
  void callbackRt(std::int64_t frame, int frames, std::int64_t now,
                  std::int64_t reserve = 0) noexcept;

  std::int64_t timeRt(double frame) const noexcept;  // nanoseconds
  double frameRt(std::int64_t time) const noexcept;
  std::int64_t lateness() const noexcept { return late_; }  // of the last callback, nanoseconds
  int restarts() const noexcept { return restarts_; }

 private:
  double nominal_;   // nanoseconds a frame
  double perFrame_;  // as measured
  std::int64_t frame_ = 0;
  std::int64_t base_ = 0;  // nanoseconds
  double time_ = 0;        // of frame_, since base_
  std::int64_t late_ = 0;
  double heldUp_ = 0;  // nanoseconds that the last callback was; 0: it was not
  int callbacks_ = 0;  // since the last start
  int restarts_ = 0;
};

}  // namespace incipit
