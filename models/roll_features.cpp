#include "models/roll_features.h"

#include <algorithm>
#include <cmath>

#include "models/lstm_kernels.h"

namespace incipit {
namespace {

// The column `back` columns before the one to come.
std::span<const RollCell> columnBefore(std::span<const RollCell> past, int back) {
  return past.subspan(past.size() - static_cast<std::size_t>(back) * kRollKeys, kRollKeys);
}

void appendCells(std::span<const RollCell> column, int base, std::vector<std::int64_t>& rows) {
  for (int key = 0; key < kRollKeys; ++key) {
    const RollCell cell = column[static_cast<std::size_t>(key)];
    if (cell != RollCell::kSilent) rows.push_back(base + cellRow(key, cell));
  }
}

}  // namespace

ColumnContext columnContext(std::span<const RollCell> past, const ColumnPlace& place) {
  ColumnContext c;
  const auto before = columnBefore(past, 1);
  const auto bar = columnBefore(past, place.bar);
  const auto bars = columnBefore(past, 2 * place.bar);
  for (std::size_t key = 0; key < kRollKeys; ++key) {
    c.states[key] =
        static_cast<std::uint8_t>(9 * static_cast<int>(before[key]) +
                                  3 * static_cast<int>(bar[key]) + static_cast<int>(bars[key]));
  }
  constexpr int kNear = 16;
  for (int back = 1; back <= kNear && c.top == kRollKeys; ++back) {
    const auto column = columnBefore(past, back);
    const auto found = std::find(column.rbegin(), column.rend(), RollCell::kOnset);
    if (found != column.rend()) c.top = static_cast<int>(column.rend() - found) - 1;
  }
  return c;
}

void appendRollRows(std::span<const RollCell> past, const ColumnPlace& place,
                    std::vector<std::int64_t>& rows) {
  appendCells(columnBefore(past, 1), RollRows::kBefore, rows);
  int base = RollRows::kLookback;
  for (const int bars : kRollLookbacks) {
    appendCells(columnBefore(past, bars * place.bar), base, rows);
    base += RollRows::kCells;
  }
  if (place.position < 0) return;
  rows.push_back(RollRows::kPosition + place.position / 2 % RollRows::kPositions);
  rows.push_back(RollRows::kBeat + place.position % kUnitsPerQuarter / 2);
  rows.push_back(RollRows::kMeter + place.meter);
}

std::array<std::int64_t, 2> segmentRows(int last, int count) {
  return {GivenRows::kLast + last, GivenRows::kCount + std::min(count, GivenRows::kCounts - 1)};
}

std::array<float, kRollClasses> cellLogits(const float* outputs, int key, int last,
                                           const ColumnContext& context) {
  const int state = context.states[static_cast<std::size_t>(key)];
  const float* own = outputs + CellOutputs::kCell + std::ptrdiff_t{kRollClasses} * key;
  const float* by = outputs + CellOutputs::kState + std::ptrdiff_t{kRollClasses} * state;
  std::array<float, kRollClasses> logits{own[0] + by[0], own[1] + by[1], own[2] + by[2]};
  logits[1] += outputs[CellOutputs::fall(key, last)] + outputs[CellOutputs::move(key, context.top)];
  if (state < 9) logits[2] = kImpossible;
  return logits;
}

std::array<float, kRollClasses> cellProbabilities(std::array<float, kRollClasses> logits) {
  softmax(logits, 1);
  return logits;
}

}  // namespace incipit
