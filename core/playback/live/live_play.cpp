#include "core/playback/live/live_play.h"

#include <algorithm>

#include "core/playback/controllers.h"

namespace incipit {
namespace {

// The value at the position, and since when.
PlanPoint valueAt(const TrackPlan& track, Controller c, std::int64_t position, int otherwise) {
  for (const PlanLane& lane : track.lanes) {
    if (lane.controller != c) continue;
    const PlanPoint* p = lane.at(position);
    return p == nullptr ? PlanPoint{0, otherwise} : *p;
  }
  return {0, otherwise};
}

}  // namespace

LivePlay::Patch LivePlay::patchOf(const TrackPlan& track, std::int64_t position) noexcept {
  const PlanPoint program = valueAt(track, kProgramChange, position, track.program);
  return {valueAt(track, kBankSelect, program.quantum, 0).value,
          valueAt(track, kBankSelectLow, program.quantum, 0).value, program.value,
          valueAt(track, kVolume, position, track.volume).value,
          valueAt(track, kPan, position, track.pan).value};
}

const PlanPart* LivePlay::partOf(const Plan* plan) const noexcept {
  if (plan == nullptr || track_ == 0) return nullptr;
  const auto part = std::find_if(plan->parts.begin(), plan->parts.end(),
                                 [&](const PlanPart& p) { return p.track->track == track_; });
  return part == plan->parts.end() ? nullptr : &*part;
}

void LivePlay::setTrackRt(TrackId track, const Plan* plan) noexcept {
  if (track == track_) return;
  endRt();
  track_ = track;
  planRt(plan);
}

void LivePlay::planRt(const Plan* plan) noexcept {
  const PlanPart* part = partOf(plan);
  if (part != nullptr && bank_->routeRt(kLiveChannel, part->route)) known_ = false;
  if (part == nullptr || (known_ && part->track->drums != drums_)) endRt();
}

void LivePlay::endRt() noexcept {
  bank_->releasePedalsRt(kLiveChannel);
  bank_->endNotesRt(kLiveChannel);
}

// Only what changed in the piece is sent, so that what the player sets himself stays.
void LivePlay::patchRt(const PlanPart& part, std::int64_t position) noexcept {
  const Patch patch = patchOf(*part.track, position);
  const bool drums = part.track->drums;
  if (known_ && patch == patch_ && drums == drums_) return;
  const bool bank =
      known_ ? patch[0] != patch_[0] || patch[1] != patch_[1] : patch[0] != 0 || patch[1] != 0;
  if (bank) {
    bank_->controllerRt(kLiveChannel, kBankSelect, patch[0]);
    bank_->controllerRt(kLiveChannel, kBankSelectLow, patch[1]);
  }
  if (bank || !known_ || patch[2] != patch_[2] || drums != drums_) {
    bank_->programRt(kLiveChannel, patch[2], drums);
  }
  if (!known_ || patch[3] != patch_[3]) bank_->controllerRt(kLiveChannel, kVolume, patch[3]);
  if (!known_ || patch[4] != patch_[4]) bank_->controllerRt(kLiveChannel, kPan, patch[4]);
  patch_ = patch;
  drums_ = drums;
  known_ = true;
}

void LivePlay::playRt(const MidiMessage& message, const Plan* plan,
                      std::int64_t position) noexcept {
  const PlanPart* part = partOf(plan);
  if (part == nullptr) return;
  patchRt(*part, position);
  const int key = message.data1();
  if (message.noteOn()) {
    bank_->noteOnRt(kLiveChannel, key, message.data2(), 0);
  } else if (message.noteOff()) {
    bank_->noteOffRt(kLiveChannel, key);
  } else if (message.kind() == 0xA0) {
    bank_->keyPressureRt(kLiveChannel, key, message.data2());
  } else if (message.kind() == 0xD0) {
    bank_->controllerRt(kLiveChannel, kChannelPressure, key);
  } else if (message.kind() == 0xE0) {
    bank_->controllerRt(kLiveChannel, kPitchBend, (message.data2() << 7 | key) - 8192);
  } else if (message.kind() == 0xB0 && key != kBankSelect && key != kBankSelectLow) {
    const bool mode = key >= kAllSoundOff && key != kResetControllers;
    if (key == kAllSoundOff || key == kAllNotesOff) endRt();
    if (!mode) bank_->controllerRt(kLiveChannel, key, message.data2());
  }
}

}  // namespace incipit
