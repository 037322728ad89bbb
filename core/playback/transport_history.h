// Where the transport is at the frames just past and those planned ahead: what was played then is
// told where it belongs, though a loop has wrapped or the transport has stopped since; and what is
// heard is known, though the scheduler is beyond it.
//
// Thread safety: one thread calls everything; nothing allocates or waits.
#pragma once

#include <array>
#include <cstdint>

#include "core/playback/sinks.h"

namespace incipit {

// From a frame of the device on, until the next stretch.
struct TransportStretch {
  double frame = 0;
  double position = 0;   // quanta of the plan
  double rate = 0;       // quanta a quantum of sound; 0: it stands
  double countIn = 0;    // quanta of sound until it starts from the position; 0: it plays or stands
  int countInBeats = 0;  // begun and to come
  bool rolling = false;
  bool ended = false;  // by itself
  std::uint32_t run = 0;
  std::uint32_t pass = 0;

  double positionAt(double at) const noexcept { return position + rate * (at - frame) / kQuantum; }
  double countInAt(double at) const noexcept {
    return countIn > 0 ? countIn - (at - frame) / kQuantum : 0;
  }
};

class TransportHistory {
 public:
  void clear() noexcept { count_ = 0; }
  // Stretches come in the order of their frames; one at the frame of the last replaces it.
  void beginRt(const TransportStretch& s) noexcept {
    if (count_ > 0 && at(count_ - 1).frame == s.frame) --count_;
    at(count_++) = s;
  }
  // Those that begin beyond the frame never come.
  void forgetAfterRt(double frame) noexcept {
    while (count_ > 0 && at(count_ - 1).frame > frame) --count_;
  }
  // The stretch that holds the frame; the oldest that is remembered for one before it.
  const TransportStretch& holdingRt(double frame) noexcept {
    std::uint64_t i = count_ == 0 ? 0 : count_ - 1;
    const std::uint64_t oldest = count_ > kLength ? count_ - kLength : 0;
    while (i > oldest && at(i).frame > frame) --i;
    return at(i);
  }
  // Another plan has other quanta for the same places: `place` gives them. The last stretch has
  // come to frame `end`.
  template <typename Place>
  void movePlacesRt(double end, Place place) noexcept {
    const std::uint64_t oldest = count_ > kLength ? count_ - kLength : 0;
    for (std::uint64_t i = oldest; i < count_; ++i) {
      TransportStretch& s = at(i);
      const double frames = (i + 1 < count_ ? at(i + 1).frame : end) - s.frame;
      const double to = place(s.position + s.rate * frames / kQuantum);
      s.position = place(s.position);
      if (s.rate > 0 && frames > 0) s.rate = (to - s.position) * kQuantum / frames;
    }
  }

 private:
  static constexpr std::uint64_t kLength = 256;  // more than a second's, at any period
  TransportStretch& at(std::uint64_t i) noexcept { return stretches_[i % kLength]; }

  std::array<TransportStretch, kLength> stretches_{};
  std::uint64_t count_ = 0;
};

}  // namespace incipit
