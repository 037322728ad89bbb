#include "core/playback/device_clock.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace incipit {
namespace {

constexpr double kBandwidth = 0.5;  // hertz
constexpr int kSettling = 16;      // callbacks whose times are averaged before the rate is measured
constexpr double kGapPeriods = 4;  // a callback so far off, and
constexpr double kGap = 20e6;      // by at least so many nanoseconds, is no jitter
constexpr double kRateTolerance = 0.02;

}  // namespace

DeviceClock::DeviceClock(int sampleRate) : nominal_(1e9 / sampleRate), perFrame_(nominal_) {}

void DeviceClock::callbackRt(std::int64_t frame, int frames, std::int64_t now,
                             std::int64_t reserve) noexcept {
  const auto passed = static_cast<double>(frame - frame_);
  const double expected = time_ + passed * perFrame_;
  const double error = static_cast<double>(now - base_) - expected;
  const double gap = std::max(kGap, kGapPeriods * frames * nominal_);
  late_ = callbacks_ == 0 ? 0 : std::llround(error);
  frame_ = frame;
  const bool lasts = error < static_cast<double>(reserve) &&
                     (heldUp_ == 0 || error < heldUp_ - passed * nominal_ / 2);
  const bool heldUp = callbacks_ > 0 && error > gap && lasts;
  heldUp_ = heldUp ? error : 0;
  if (heldUp) {
    time_ = expected;
    return;
  }
  if (callbacks_ == 0 || std::abs(error) > gap) {
    restarts_ += callbacks_ == 0 ? 0 : 1;
    base_ = now;
    time_ = 0;
    callbacks_ = 1;
    return;
  }
  ++callbacks_;
  const double omega = std::min(2 * std::numbers::pi * kBandwidth * passed * nominal_ * 1e-9, 0.5);
  // At first the mean of all errors: many drivers fill their buffer in a burst.
  const double phase = std::max(std::numbers::sqrt2 * omega, 1.0 / callbacks_);
  time_ = expected + phase * error;
  if (callbacks_ > kSettling && passed > 0) {
    perFrame_ += omega * omega * error / passed;
    perFrame_ =
        std::clamp(perFrame_, nominal_ * (1 - kRateTolerance), nominal_ * (1 + kRateTolerance));
  }
}

std::int64_t DeviceClock::timeRt(double frame) const noexcept {
  return base_ + std::llround(time_ + (frame - static_cast<double>(frame_)) * perFrame_);
}

double DeviceClock::frameRt(std::int64_t time) const noexcept {
  return static_cast<double>(frame_) + (static_cast<double>(time - base_) - time_) / perFrame_;
}

}  // namespace incipit
