#include "core/encoding/beat_grid.h"

#include <algorithm>

namespace incipit {
namespace {

constexpr int kLastFineUnit = 24;
// Coarser spans: values up to `last`, `stride` apart.
struct Span {
  int last;
  int stride;
};
constexpr std::array<Span, 4> kSpans{{{96, 6}, {192, 12}, {384, 24}, {768, 48}}};
// Between one and two quarters: dotted values and triplets.
constexpr std::array<int, 13> kMiddle{26, 27, 28, 30, 32, 33, 36, 39, 40, 42, 44, 45, 48};

constexpr std::array<int, kStepBins> makeValues() {
  std::array<int, kStepBins> values{};
  std::size_t n = 0;
  for (int v = 0; v <= kLastFineUnit; ++v) values[n++] = v;
  for (const int v : kMiddle) values[n++] = v;
  int v = 48;
  for (const Span s : kSpans) {
    while (v < s.last && n < values.size()) values[n++] = v += s.stride;
  }
  return values;
}
constexpr std::array<int, kStepBins> kValues = makeValues();

constexpr std::array<BarMeter, kMeterClasses - 1> kMeters{
    {{4, 4}, {3, 4}, {2, 4}, {6, 8}, {3, 8}, {2, 2}, {9, 8}, {12, 8}, {3, 2}, {4, 2}, {6, 4}}};

static_assert(kValues.back() == 768 && kDurationBins == kStepBins - 1);

int nearest(std::int64_t units, int first) {
  const auto begin = kValues.begin() + first;
  const auto above = std::lower_bound(begin, kValues.end(), units);
  if (above == kValues.end()) return kStepBins - 1 - first;
  if (above == begin) return 0;
  const auto below = above - 1;
  const auto pick = units - *below <= *above - units ? below : above;
  return static_cast<int>(pick - begin);
}

}  // namespace

int stepBin(std::int64_t units) { return nearest(units, 0); }
int stepUnits(int bin) { return kValues[static_cast<std::size_t>(bin)]; }
int durationBin(std::int64_t units) { return nearest(units, 1); }
int durationUnits(int bin) { return kValues[static_cast<std::size_t>(bin) + 1]; }

double stepBinLow(int bin) { return bin == 0 ? -1e9 : 0.5 * (stepUnits(bin - 1) + stepUnits(bin)); }
double durationBinLow(int bin) {
  return bin == 0 ? -1e9 : 0.5 * (durationUnits(bin - 1) + durationUnits(bin));
}

int meterClass(int numerator, int denominator) {
  for (std::size_t i = 0; i < kMeters.size(); ++i) {
    if (kMeters[i].numerator == numerator && kMeters[i].denominator == denominator) {
      return static_cast<int>(i);
    }
  }
  return kMeterClasses - 1;
}

BarMeter meterOfClass(int meter) {
  return meter < kMeterClasses - 1 ? kMeters[static_cast<std::size_t>(meter)] : BarMeter{};
}

std::int64_t unitsOf(Tick t, int ppq) {
  const std::int64_t scaled = 2 * t.count * kUnitsPerQuarter + ppq;
  const std::int64_t divisor = 2 * std::int64_t{ppq};
  return scaled >= 0 ? scaled / divisor : -((-scaled + divisor - 1) / divisor);
}

Tick tickOf(std::int64_t units, int ppq) {
  const std::int64_t scaled = 2 * units * ppq + kUnitsPerQuarter;
  return {scaled / (2 * kUnitsPerQuarter)};
}

}  // namespace incipit
