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

// How often keys and pitch classes began in the last columns, as levels.
void setLevels(std::span<const RollCell> past, ColumnContext& c) {
  constexpr int kRecent = 64;  // columns
  std::array<int, kRollKeys> keys{};
  for (int back = 1; back <= kRecent; ++back) {
    const auto column = columnBefore(past, back);
    for (std::size_t key = 0; key < kRollKeys; ++key) {
      keys[key] += column[key] == RollCell::kOnset ? 1 : 0;
    }
  }
  std::array<int, 12> classes{};
  int all = 0;
  for (std::size_t key = 0; key < kRollKeys; ++key) {
    classes[key % 12] += keys[key];
    all += keys[key];
    c.keyLevels[key] = static_cast<std::uint8_t>(keys[key] < 2   ? keys[key]
                                                 : keys[key] < 4 ? 2
                                                                 : kKeyLevels - 1);
  }
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const double share = static_cast<double>(classes[i]) / std::max(1, all);
    c.classLevels[i] = static_cast<std::uint8_t>(all == 0          ? 0
                                                 : classes[i] == 0 ? 1
                                                 : share < 0.04    ? 2
                                                 : share < 0.1     ? 3
                                                 : share < 0.2     ? 4
                                                                   : kClassLevels - 1);
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
  setLevels(past, c);
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

CellTerms cellTerms(int key, int last, const ColumnContext& c) {
  using O = CellOutputs;
  const auto i = static_cast<std::size_t>(key);
  const int by = std::clamp(key - c.top, -O::kMostMove, O::kMostMove);
  return {{O::kCell + kRollClasses * key, O::kState + kRollClasses * c.states[i]},
          {O::kFall + (last == kRollKeys ? 0 : last - key),
           O::kMove + (c.top == kRollKeys ? 0 : 1 + O::kMostMove + by),
           O::kKeyLevel + c.keyLevels[i], O::kClassLevel + c.classLevels[i % 12]}};
}

std::array<float, kRollClasses> cellLogits(const float* outputs, int key, int last,
                                           const ColumnContext& context) {
  const CellTerms terms = cellTerms(key, last, context);
  std::array<float, kRollClasses> logits{};
  for (const int term : terms.classes) {
    for (int c = 0; c < kRollClasses; ++c) logits[static_cast<std::size_t>(c)] += outputs[term + c];
  }
  for (const int term : terms.onset) logits[1] += outputs[term];
  // Nothing sounded in the column before.
  if (context.states[static_cast<std::size_t>(key)] < 9) logits[2] = kImpossible;
  return logits;
}

std::array<float, kRollClasses> cellProbabilities(std::array<float, kRollClasses> logits) {
  softmax(logits, 1);
  return logits;
}

}  // namespace incipit
