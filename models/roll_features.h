// What the `improved` roll networks see before each column, and how their outputs become the logits
// of its cells. Training and composing share all of it.
//
// A column is chosen from the highest key down. Only a sounding cell changes what the network knows
// of the column, so the cells from one sounding key to the next (a segment) share one vector of
// outputs; the likelihood of the column is exact.
//
// Thread safety: values and free functions.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/encoding/beat_grid.h"
#include "core/encoding/roll_columns.h"

namespace incipit {

inline constexpr int kRollClasses = 3;             // RollCell
inline constexpr std::array kRollLookbacks{1, 2};  // bars
inline constexpr int kMostBarColumns = 64;
// Columns before one that its inputs depend on.
inline constexpr int kRollPast = 2 * kMostBarColumns;

// Where a column stands.
struct ColumnPlace {
  int bar = 40;       // columns of its bar, 1..kMostBarColumns
  int position = -1;  // units from the bar line; -1 where columns are not on the beat grid
  int meter = 0;      // meterClass()
};

// Rows of the input table.
struct RollRows {
  static constexpr int kCells = 2 * kRollKeys;  // of a column: each key's onset and sustained
  static constexpr int kBefore = 0;
  static constexpr int kLookback = kBefore + kCells;  // kRollLookbacks times
  static constexpr int kPositions = kBarBeats * kUnitsPerQuarter / 2;
  static constexpr int kPosition = kLookback + static_cast<int>(kRollLookbacks.size()) * kCells;
  static constexpr int kBeat = kPosition + kPositions;
  static constexpr int kMeter = kBeat + kUnitsPerQuarter / 2;
  static constexpr int kRows = kMeter + kMeterClasses;
};

// Rows of the table that conditions a segment on the sounding cells above it.
struct GivenRows {
  static constexpr int kCell = 0;                         // each of them
  static constexpr int kLast = kCell + RollRows::kCells;  // the lowest key of them, kRollKeys: none
  static constexpr int kCount = kLast + kRollKeys + 1;
  static constexpr int kCounts = 16;
  static constexpr int kRows = kCount + kCounts;
};

// What is known of a column before its first cell is chosen.
struct ColumnContext {
  // Of each key: its cell in the column before, one and two bars ago, as a number of base 3.
  std::array<std::uint8_t, kRollKeys> states{};
  int top = kRollKeys;  // the highest key of the last onsets; kRollKeys: none nearby
  // How often each key, and each pitch class (key % 12), began of late: 0..kKeyLevels - 1 and
  // 0..kClassLevels - 1. What was not heard in four bars is rarely in the key.
  std::array<std::uint8_t, kRollKeys> keyLevels{};
  std::array<std::uint8_t, 12> classLevels{};
};
inline constexpr int kKeyLevels = 4;
inline constexpr int kClassLevels = 6;
// `past`: whole columns, the last the one before the column; at least kRollPast of them.
ColumnContext columnContext(std::span<const RollCell> past, const ColumnPlace& place);
// Appends the rows of the column's input.
void appendRollRows(std::span<const RollCell> past, const ColumnPlace& place,
                    std::vector<std::int64_t>& rows);

// A sounding cell as a row of kCells.
inline std::int64_t cellRow(int key, RollCell cell) { return 2 * key + static_cast<int>(cell) - 1; }

// The segment below `count` sounding cells of which `last` is the lowest: the rows that change with
// every one; those of the cells themselves are added one by one.
std::array<std::int64_t, 2> segmentRows(int last, int count);

// Outputs of the head: logits of each key's classes, of the classes by state, and of an onset by
// its distance from the last key above and from `top` and by how often key and pitch class began.
struct CellOutputs {
  static constexpr int kStates = 27;
  static constexpr int kMostMove = 24;  // semitones, further ones alike
  static constexpr int kCell = 0;
  static constexpr int kState = kCell + kRollClasses * kRollKeys;
  static constexpr int kFall = kState + kRollClasses * kStates;  // the first: no key above
  static constexpr int kMove = kFall + kRollKeys;                // the first: no top
  static constexpr int kKeyLevel = kMove + 2 * kMostMove + 2;
  static constexpr int kClassLevel = kKeyLevel + kKeyLevels;
  static constexpr int kOutputs = kClassLevel + kClassLevels;
};

// Which outputs add up to a cell's logits: of its classes, the first of three each, and of an
// onset.
struct CellTerms {
  std::array<int, 2> classes;
  std::array<int, 4> onset;
};
CellTerms cellTerms(int key, int last, const ColumnContext& context);

// The logits of a cell's classes. Sustained, after silence, is out of the question.
inline constexpr float kImpossible = -1e9F;
std::array<float, kRollClasses> cellLogits(const float* outputs, int key, int last,
                                           const ColumnContext& context);

// Softmax of a cell's logits.
std::array<float, kRollClasses> cellProbabilities(std::array<float, kRollClasses> logits);

}  // namespace incipit
