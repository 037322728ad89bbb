// Counts what a roll network foresaw, cell by cell, for the figures that are printed.
//
// A network that answers with one number a cell is given the benefit of the best reading of it: the
// numbers are sorted into narrow bins, and a bin's probabilities of silent, onset and sustained are
// their frequencies in the very cells that are measured.
//
// Thread safety: a value.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/roll_features.h"

namespace incipit {

class RollTally {
 public:
  // One cell by its classes' logits.
  void addCell(const std::array<float, kRollClasses>& logits, RollCell truth);
  // One cell by the number before the sigmoid.
  void addNumber(float logit, RollCell truth);
  void addColumns(std::int64_t columns) { columns_ += columns; }

  std::int64_t columns() const { return columns_; }
  double nats() const;      // a column
  double accuracy() const;  // share of the cells whose likeliest class is right
  double onsetF1() const;   // of the onsets among the likeliest classes; 0 for none

 private:
  void addAnswer(RollCell said, RollCell truth);

  static constexpr int kBins = 200;
  std::int64_t columns_ = 0;
  double nats_ = 0;
  std::int64_t right_ = 0, hits_ = 0, said_ = 0, true_ = 0;
  std::vector<std::array<std::int64_t, kRollClasses>> bins_;
};

}  // namespace incipit
