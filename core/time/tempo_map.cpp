#include "core/time/tempo_map.h"

#include <cmath>

namespace incipit {

TempoMap::TempoMap(int ppq, std::vector<TempoChange> changes) : ppq_(ppq) {
  for (TempoChange& c : changes) {
    c.at = std::max(c.at, Tick{0});
    c.microsPerQuarter = std::clamp(c.microsPerQuarter, 1U, 0xFFFFFFU);
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const TempoChange& a, const TempoChange& b) { return a.at < b.at; });
  if (changes.empty() || changes.front().at > Tick{0}) changes_.push_back({});
  for (const TempoChange& c : changes) {
    if (!changes_.empty() && changes_.back().at == c.at) {
      changes_.back() = c;
    } else {
      changes_.push_back(c);
    }
  }
  secondsAt_.reserve(changes_.size());
  secondsAt_.push_back(0);
  for (std::size_t i = 1; i < changes_.size(); ++i) {
    const auto ticks = static_cast<double>((changes_[i].at - changes_[i - 1].at).count);
    secondsAt_.push_back(secondsAt_.back() +
                         ticks * changes_[i - 1].microsPerQuarter * 1e-6 / ppq_);
  }
}

const TempoChange& TempoMap::at(Tick t) const {
  auto it = std::upper_bound(changes_.begin(), changes_.end(), t,
                             [](Tick v, const TempoChange& c) { return v < c.at; });
  return it == changes_.begin() ? changes_.front() : *(it - 1);
}

double TempoMap::seconds(Tick t) const {
  const TempoChange& c = at(t);
  const double base = secondsAt_[static_cast<std::size_t>(&c - changes_.data())];
  return base + static_cast<double>((t - c.at).count) * c.microsPerQuarter * 1e-6 / ppq_;
}

Tick TempoMap::tick(double seconds) const {
  auto it = std::upper_bound(secondsAt_.begin(), secondsAt_.end(), seconds);
  const std::size_t i =
      it == secondsAt_.begin() ? 0 : static_cast<std::size_t>(it - secondsAt_.begin()) - 1;
  const double ticks = (seconds - secondsAt_[i]) * 1e6 * ppq_ / changes_[i].microsPerQuarter;
  constexpr double kRounding = 1e-6;  // of a tick: undoes the error of seconds()
  return changes_[i].at + TickDelta{static_cast<std::int64_t>(std::floor(ticks + kRounding))};
}

}  // namespace incipit
