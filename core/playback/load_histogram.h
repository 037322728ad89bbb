// How long audio callbacks take, as shares of their period: counted by the audio thread, read by
// another.
//
// Thread safety: noteRt for one audio thread, figures() for any. Wait-free.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

namespace incipit {

struct PlaybackFigures {
  std::int64_t callbacks = 0;
  double longestPercent = 0;  // of the period
  double p999Percent = 0;     // the 99.9th percentile, to half a percent; 256 at most
  int late = 0;               // came more than a period late
  int overruns = 0;           // took longer than a period
};

class LoadHistogram {
 public:
  void clear() noexcept {
    // relaxed, here and below: figures, each on its own.
    for (auto& bin : bins_) bin.store(0, std::memory_order_relaxed);
    longest_.store(0, std::memory_order_relaxed);
    late_.store(0, std::memory_order_relaxed);
    overruns_.store(0, std::memory_order_relaxed);
  }

  // A callback that came `late` nanoseconds after it was expected and took `took` of `period`.
  void noteRt(std::int64_t took, std::int64_t late, std::int64_t period) noexcept {
    const double share = static_cast<double>(took) / static_cast<double>(period);
    const auto bin = static_cast<std::size_t>(std::clamp(share * kBinsAPeriod, 0.0, kBins - 1.0));
    bins_[bin].fetch_add(1, std::memory_order_relaxed);
    if (share > longest_.load(std::memory_order_relaxed)) {
      longest_.store(share, std::memory_order_relaxed);
    }
    if (late > period) late_.fetch_add(1, std::memory_order_relaxed);
    if (took > period) overruns_.fetch_add(1, std::memory_order_relaxed);
  }

  // Of either kind.
  int xruns() const noexcept {
    return late_.load(std::memory_order_relaxed) + overruns_.load(std::memory_order_relaxed);
  }

  PlaybackFigures figures() const noexcept {
    PlaybackFigures f;
    std::array<std::int64_t, kBins> counts{};
    for (std::size_t i = 0; i < kBins; ++i) {
      counts[i] = bins_[i].load(std::memory_order_relaxed);
      f.callbacks += counts[i];
    }
    std::int64_t above = f.callbacks / 1000;
    std::size_t i = kBins;
    while (i > 0 && above >= counts[i - 1]) above -= counts[--i];
    f.p999Percent = 100.0 * static_cast<double>(i) / kBinsAPeriod;  // the bin's upper end
    f.longestPercent = 100 * longest_.load(std::memory_order_relaxed);
    f.late = late_.load(std::memory_order_relaxed);
    f.overruns = overruns_.load(std::memory_order_relaxed);
    return f;
  }

 private:
  static constexpr double kBinsAPeriod = 200;
  static constexpr std::size_t kBins = 512;
  std::array<std::atomic<std::uint32_t>, kBins> bins_{};
  std::atomic<double> longest_{0};
  std::atomic<int> late_{0};
  std::atomic<int> overruns_{0};
};

}  // namespace incipit
