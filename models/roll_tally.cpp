#include "models/roll_tally.h"

#include <algorithm>
#include <cmath>

#include "models/lstm_kernels.h"

namespace incipit {

void RollTally::addAnswer(RollCell said, RollCell truth) {
  right_ += said == truth ? 1 : 0;
  said_ += said == RollCell::kOnset ? 1 : 0;
  true_ += truth == RollCell::kOnset ? 1 : 0;
  hits_ += said == truth && truth == RollCell::kOnset ? 1 : 0;
}

void RollTally::addCell(const std::array<float, kRollClasses>& logits, RollCell truth) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float x : logits) sum += expOf(x - highest);
  nats_ += std::log(sum) + highest - logits[static_cast<std::size_t>(truth)];
  addAnswer(static_cast<RollCell>(std::max_element(logits.begin(), logits.end()) - logits.begin()),
            truth);
}

void RollTally::addNumber(float logit, RollCell truth) {
  constexpr float kWidth = 0.1F;
  if (std::isnan(logit)) {
    nats_ = logit;
    return;
  }
  if (bins_.empty()) bins_.resize(kBins);
  const int bin = std::clamp(
      static_cast<int>(std::floor(std::clamp(logit, -100.0F, 100.0F) / kWidth)) + kBins / 2, 0,
      kBins - 1);
  ++bins_[static_cast<std::size_t>(bin)][static_cast<std::size_t>(truth)];
  addAnswer(rollCellOf(sigmoidOf(logit)), truth);
}

double RollTally::nats() const {
  double nats = nats_;
  for (const auto& bin : bins_) {
    const auto sum = static_cast<double>(bin[0] + bin[1] + bin[2]);
    for (const std::int64_t n : bin) {
      if (n > 0) nats -= static_cast<double>(n) * std::log(static_cast<double>(n) / sum);
    }
  }
  return nats / static_cast<double>(std::max<std::int64_t>(1, columns_));
}

double RollTally::accuracy() const {
  return static_cast<double>(right_) /
         static_cast<double>(std::max<std::int64_t>(1, columns_ * kRollKeys));
}

double RollTally::onsetF1() const {
  return hits_ == 0 ? 0 : 2 * static_cast<double>(hits_) / static_cast<double>(said_ + true_);
}

}  // namespace incipit
