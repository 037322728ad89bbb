#include "core/playback/clock_out.h"

#include <algorithm>

namespace incipit {
namespace {

constexpr std::int64_t kPulses = 24;    // a quarter
constexpr std::int64_t kSixteenth = 6;  // pulses
constexpr std::int64_t kLastSongPosition = 16383;

std::int64_t quantumOf(const Plan& plan, std::int64_t pulse) {
  // The document's resolution need not be a multiple of 24; a tick is less than a quantum.
  return plan.quantumAt(Tick{(pulse * plan.tempo.ppq() + kPulses / 2) / kPulses});
}

// The first at or after the position.
std::int64_t pulseFrom(const Plan& plan, std::int64_t position) {
  const std::int64_t tick = std::max<std::int64_t>(plan.tickAt(position).count, 0);
  std::int64_t pulse = std::max<std::int64_t>(tick * kPulses / plan.tempo.ppq() - 1, 0);
  while (quantumOf(plan, pulse) < position) ++pulse;
  return pulse;
}

}  // namespace

void ClockOut::startRt(const Plan* plan, std::int64_t position) noexcept {
  stopRt();
  if (!bank_->hasBus() || plan == nullptr) return;
  placeRt(plan, position);
  running_ = true;
  continueAt_ = -1;
  if (pulse_ == 0) {
    bank_->clockRt(midiRealtime(kMidiStart));
    return;
  }
  const std::int64_t sixteenth =
      std::min((pulse_ + kSixteenth - 1) / kSixteenth, kLastSongPosition);
  bank_->clockRt(midiSongPosition(static_cast<int>(sixteenth)));
  continueAt_ = std::max(sixteenth * kSixteenth, pulse_);
}

void ClockOut::stopRt() noexcept {
  next_ = INT64_MAX;
  if (!running_) return;
  running_ = false;
  bank_->clockRt(midiRealtime(kMidiStop));
}

void ClockOut::placeRt(const Plan* plan, std::int64_t position) noexcept {
  next_ = INT64_MAX;
  if (plan == nullptr) return;
  pulse_ = pulseFrom(*plan, position);
  next_ = quantumOf(*plan, pulse_);
}

std::int64_t ClockOut::dueRt(const Plan& plan, std::int64_t position, std::int64_t free) noexcept {
  if (!running_) return free;
  while (next_ <= position) {
    if (pulse_ == continueAt_) bank_->clockRt(midiRealtime(kMidiContinue));
    bank_->clockRt(midiRealtime(kMidiClock));
    next_ = quantumOf(plan, ++pulse_);
  }
  return std::min(free, next_ - position);
}

}  // namespace incipit
