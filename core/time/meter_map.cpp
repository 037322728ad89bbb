#include "core/time/meter_map.h"

namespace incipit {

MeterMap::MeterMap(int ppq, std::vector<MeterChange> changes) : ppq_(ppq) {
  constexpr int kLargestDenominator = 1 << 30;
  for (MeterChange& c : changes) {
    c.at = std::max(c.at, Tick{0});
    const bool powerOfTwo = c.denominator > 0 && (c.denominator & (c.denominator - 1)) == 0;
    if (c.numerator < 1 || c.numerator > 255 || !powerOfTwo ||
        c.denominator > kLargestDenominator) {
      c.numerator = 4;
      c.denominator = 4;
    }
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const MeterChange& a, const MeterChange& b) { return a.at < b.at; });
  if (changes.empty() || changes.front().at > Tick{0}) changes_.push_back({});
  for (const MeterChange& c : changes) {
    if (!changes_.empty() && changes_.back().at == c.at) {
      changes_.back() = c;
    } else {
      changes_.push_back(c);
    }
  }
  barAt_.push_back(0);
  for (std::size_t i = 1; i < changes_.size(); ++i) {
    const std::int64_t bar = barLength(changes_[i - 1]).count;
    const std::int64_t ticks = (changes_[i].at - changes_[i - 1].at).count;
    barAt_.push_back(barAt_.back() + (ticks + bar - 1) / bar);
  }
}

std::size_t MeterMap::indexAt(Tick t) const {
  auto it = std::upper_bound(changes_.begin(), changes_.end(), t,
                             [](Tick v, const MeterChange& c) { return v < c.at; });
  return it == changes_.begin() ? 0 : static_cast<std::size_t>(it - changes_.begin()) - 1;
}

const MeterChange& MeterMap::at(Tick t) const { return changes_[indexAt(t)]; }

TickDelta MeterMap::beatLength(const MeterChange& m) const {
  return {std::max<std::int64_t>(1, std::int64_t{ppq_} * 4 / m.denominator)};
}

BarBeat MeterMap::barBeat(Tick t) const {
  const std::size_t i = indexAt(t);
  const std::int64_t beat = beatLength(changes_[i]).count;
  const std::int64_t bar = beat * changes_[i].numerator;
  const std::int64_t ticks = std::max<std::int64_t>(0, (t - changes_[i].at).count);
  return {barAt_[i] + ticks / bar, static_cast<int>(ticks % bar / beat), {ticks % bar % beat}};
}

Tick MeterMap::barStart(std::int64_t bar) const {
  auto it = std::upper_bound(barAt_.begin(), barAt_.end(), bar);
  const std::size_t i =
      it == barAt_.begin() ? 0 : static_cast<std::size_t>(it - barAt_.begin()) - 1;
  return changes_[i].at + barLength(changes_[i]) * (bar - barAt_[i]);
}

Tick MeterMap::barLineFrom(Tick t) const {
  const BarBeat b = barBeat(t);
  return barStart(b.bar) == t ? t : barStart(b.bar + 1);
}

}  // namespace incipit
