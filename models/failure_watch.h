// Convergence failure of adversarial training: a critic that is nearly always right while the
// generator's loss climbs, so that the generator learns nothing more.
//
// Of losses that say how sure a critic is (logistic, hinge); a Wasserstein critic is meant to win.
//
// Thread safety: a value.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace incipit {

class FailureWatch {
 public:
  // The means of an epoch. A line for the user, once a run.
  std::optional<std::string> epoch(int number, double criticAccuracy, double generatorLoss) {
    constexpr double kAlwaysRight = 0.97;
    constexpr double kRise = 0.2;  // of the lowest, which may lie below 0
    const bool failed = lowest_ && criticAccuracy > kAlwaysRight &&
                        generatorLoss > *lowest_ + kRise * std::abs(*lowest_);
    lowest_ = std::min(lowest_.value_or(generatorLoss), generatorLoss);
    if (!failed || said_) return {};
    said_ = true;
    return fmt::format(
        "convergence failure in epoch {}: the critic is right in {:.0f} % of the cases and the "
        "generator's loss climbs ({:.2f}): it learns nothing more; try the preset improved, a "
        "lower critic-rate, or more music",
        number, 100 * criticAccuracy, generatorLoss);
  }

 private:
  std::optional<double> lowest_;  // of the generator's losses
  bool said_ = false;
};

}  // namespace incipit
