// The click: on the beats of the plan's meter map while it plays, accented on the first of a bar,
// and for so many bars before it plays. On a channel of the synth of its own.
//
// Times of a count-in are computed from its end, each rounded to its quantum: the first note of
// what follows is on the next beat, and nothing drifts.
//
// Thread safety: as ChannelBank.
#pragma once

#include <cstdint>

#include "core/playback/channel_bank.h"

namespace incipit {

class Metronome {
 public:
  explicit Metronome(ChannelBank& bank) : bank_(&bank) {}

  // The next click is the first beat at or after the position. plan: null is none.
  void placeRt(const Plan* plan, std::int64_t position) noexcept;
  // Clicks if it is time; quanta (at least 1) until something is to be done again, at most `free`.
  std::int64_t dueRt(const Plan& plan, std::int64_t position, std::int64_t free) noexcept;
  void advanceRt(int quanta) noexcept;  // of sound: ends a click in time
  void endRt() noexcept;

  // Counts in to the position. Where that is between two beats, the last click is on the beat
  // before.
  void countInRt(const Plan& plan, std::int64_t position, int bars) noexcept;
  // The meter or tempo there has changed: goes on from the same beat.
  void retimeRt(const Plan& plan, std::int64_t position) noexcept;
  void cancelCountInRt() noexcept { left_ = 0; }
  // To where so many quanta of the same count-in are left; 0: it is over.
  void returnCountInRt(std::int64_t left) noexcept;
  bool countingIn() const noexcept { return left_ > 0; }
  std::int64_t countInLeft() const noexcept { return left_; }  // quanta
  int countInBeats() const noexcept;                           // begun and to come
  std::int64_t countInDueRt(std::int64_t free) noexcept;
  void countInAdvanceRt(int quanta) noexcept;

 private:
  void clickRt(bool accent) noexcept;
  std::int64_t clickAtRt(int remaining) const noexcept;  // in quanta before the end

  ChannelBank* bank_;
  std::int64_t next_ = INT64_MAX;  // the quantum of the next click
  bool accent_ = false;
  int sounding_ = 0;  // quanta until the sounding click ends

  std::int64_t left_ = 0;  // quanta of the count-in
  int clicks_ = 0;         // to come
  double beat_ = 0;        // quanta
  double last_ = 0;        // quanta from the last click to the end
  int beatInBar_ = 0;      // of the last click
  int beatsInBar_ = 4;
};

}  // namespace incipit
