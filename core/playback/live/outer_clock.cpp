#include "core/playback/live/outer_clock.h"

#include <algorithm>
#include <cmath>

namespace incipit {
namespace {

constexpr double kJump = 0.5;      // seconds off: it jumps
constexpr double kCorrection = 4;  // of the speed, for each second off
constexpr double kBend = 0.25;     // of the speed, at most

double quantaOf(const Plan& plan, double quarters) {
  const double ticks = quarters * plan.tempo.ppq();
  const double whole = std::floor(ticks);
  const Tick at{static_cast<std::int64_t>(whole)};
  const double perTick = plan.tempo.at(at).microsPerQuarter * 1e-6 / plan.tempo.ppq();
  return (plan.tempo.seconds(at) + (ticks - whole) * perTick) * plan.sampleRate / kQuantum;
}

}  // namespace

OuterClock::Wish OuterClock::beginRt(Scheduler& scheduler, std::int64_t now,
                                     bool playing) noexcept {
  const Plan* plan = scheduler.plan();
  if (plan == nullptr) return {};
  const bool rolling = follower_.rolling(now);
  const bool moved = follower_.moves() != moves_;
  moves_ = follower_.moves();
  if (leading_ && !rolling) {
    leading_ = false;
    scheduler.leadRt(std::nullopt);
    return {Wish::Kind::kStop, 0};
  }
  if (rolling && !leading_) {
    leading_ = true;
    scheduler.leadRt(1.0);
    return {Wish::Kind::kPlay, std::llround(quantaOf(*plan, follower_.startQuarters()))};
  }
  if (!moved || playing) return {};
  return {Wish::Kind::kSeek, std::llround(quantaOf(*plan, follower_.quarters(now)))};
}

bool OuterClock::quantumRt(Scheduler& scheduler, std::int64_t now, std::int64_t ahead) noexcept {
  const Plan* plan = scheduler.plan();
  if (plan == nullptr) return false;
  const double tempo = follower_.tempo(now);
  const double mapTempo = plan->tempo.at(plan->tickAt(scheduler.position())).bpm();
  double speed = tempo > 0 ? tempo / mapTempo : 1;
  if (follower_.stalled(now)) speed = 0;
  const double running = follower_.stalled(now) ? 0 : static_cast<double>(ahead) * tempo / 60e9;
  const double target = quantaOf(*plan, follower_.quarters(now) + running);
  const double off =
      (target - scheduler.exactPosition()) * kQuantum / plan->sampleRate;  // seconds of the plan
  if (std::abs(off) > kJump) {
    scheduler.seekRt(std::llround(target));
    scheduler.leadRt(speed);
    return true;
  }
  scheduler.leadRt(speed * (1 + std::clamp(kCorrection * off, -kBend, kBend)));
  return false;
}

void OuterClock::releaseRt(Scheduler& scheduler) noexcept {
  follower_.halt();
  leading_ = false;
  scheduler.leadRt(std::nullopt);
}

void OuterClock::forgetRt(Scheduler& scheduler) noexcept {
  if (leading_) releaseRt(scheduler);
  follower_.reset();
  moves_ = 0;
}

}  // namespace incipit
