// What is played on keyboards, as it sounds: on a channel of its own, with the instrument of one
// track (program, bank, volume and pan as they are at the position) or on that track's MIDI output.
//
// Thread safety: as ChannelBank.
#pragma once

#include <array>
#include <cstdint>

#include "core/playback/channel_bank.h"

namespace incipit {

class LivePlay {
 public:
  explicit LivePlay(ChannelBank& bank) : bank_(&bank) {}

  void setTrackRt(TrackId track, const Plan* plan) noexcept;  // 0: none; what is held ends
  // Another plan: what is held ends where the track is gone or heard elsewhere.
  void planRt(const Plan* plan) noexcept;
  void sinkChangedRt() noexcept { known_ = false; }
  // Lets a channel message sound. Programs, banks and channel modes are the track's, not the
  // player's: those do nothing.
  void playRt(const MidiMessage& message, const Plan* plan, std::int64_t position) noexcept;
  void endRt() noexcept;  // what is held, pedals with it

 private:
  // Of the track at the position: bank, its low half, program, volume, pan.
  using Patch = std::array<int, 5>;
  static Patch patchOf(const TrackPlan& track, std::int64_t position) noexcept;
  void patchRt(const PlanPart& part, std::int64_t position) noexcept;
  const PlanPart* partOf(const Plan* plan) const noexcept;

  ChannelBank* bank_;
  TrackId track_ = 0;
  Patch patch_{};
  bool drums_ = false;
  bool known_ = false;  // the channel was told patch_ and drums_
};

}  // namespace incipit
