#include "core/playback/live/clock_follower.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace incipit {
namespace {

constexpr double kPulses = 24;          // a quarter
constexpr std::int64_t kSixteenth = 6;  // pulses
constexpr double kSilence = 0.5e9;      // nanoseconds without a pulse: the clock is gone
constexpr double kBandwidth = 0.7;      // hertz
constexpr double kJitter = 8e6;         // nanoseconds that a pulse may be off without a new tempo
constexpr double kAhead = 4;            // pulses

}  // namespace

void ClockFollower::take(const MidiMessage& message, std::int64_t now) noexcept {
  switch (message.status()) {
    case kMidiClock:
      pulse(now);
      break;
    case kMidiStart:
      next_ = 0;
      [[fallthrough]];
    case kMidiContinue:
      started_ = true;
      pulsed_ = false;
      ++moves_;
      break;
    case kMidiStop:
      halt();
      break;
    case kMidiSongPosition:
      next_ = kSixteenth * (message.bytes[1] | message.bytes[2] << 7);
      ++moves_;
      break;
    default:
      break;
  }
}

void ClockFollower::halt() noexcept { started_ = pulsed_ = false; }

void ClockFollower::pulse(std::int64_t now) noexcept {
  if (measured_ == 0) base_ = now;
  const auto t = static_cast<double>(now - base_);
  const bool gone = measured_ > 0 && t - last_ > kSilence;
  if (gone && pulsed_) halt();
  if (started_) {
    if (!pulsed_) first_ = next_;
    pulsed_ = true;
    ++next_;
  }
  const double error = t - (time_ + period_);
  if (measured_ == 0 || gone) {
    measured_ = 1;
    time_ = t;
    period_ = 0;
  } else if (measured_ == 1) {
    period_ = std::max(t - time_, 1.0);
    time_ = t;
    measured_ = 2;
  } else if (std::abs(error) > std::max(kJitter, period_ / 2)) {
    // Another tempo, or pulses that were held up: there at once, the tempo within a few.
    if (off_) period_ = std::max(t - last_, 1.0);
    time_ = t;
    measured_ = 3;
    off_ = true;
  } else {
    off_ = false;
    ++measured_;
    const double k = std::min(measured_, 1000000);
    const double omega = std::min(2 * std::numbers::pi * kBandwidth * period_ * 1e-9, 0.5);
    const double alpha = std::max(2 * (2 * k - 1) / (k * (k + 1)), std::numbers::sqrt2 * omega);
    const double beta = std::max(6 / (k * (k + 1)), omega * omega);
    time_ += period_ + std::min(alpha, 1.0) * error;
    period_ = std::max(period_ + beta * error, 1e6);
  }
  last_ = t;
}

bool ClockFollower::rolling(std::int64_t now) const noexcept {
  return pulsed_ && static_cast<double>(now - base_) - last_ <= kSilence;
}

double ClockFollower::quarters(std::int64_t now) const noexcept {
  if (!pulsed_) return static_cast<double>(next_) / kPulses;
  const double since = period_ <= 0 ? 0 : (static_cast<double>(now - base_) - time_) / period_;
  return std::max(static_cast<double>(next_ - 1) + std::min(since, kAhead), 0.0) / kPulses;
}

double ClockFollower::startQuarters() const noexcept {
  return static_cast<double>(first_) / kPulses;
}

double ClockFollower::tempo(std::int64_t now) const noexcept {
  const bool comes = measured_ > 1 && static_cast<double>(now - base_) - last_ <= kSilence;
  return comes && period_ > 0 ? 60e9 / (kPulses * period_) : 0;
}

bool ClockFollower::stalled(std::int64_t now) const noexcept {
  return period_ > 0 && static_cast<double>(now - base_) - time_ > kAhead * period_;
}

}  // namespace incipit
