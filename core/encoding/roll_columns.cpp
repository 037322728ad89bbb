#include "core/encoding/roll_columns.h"

#include <algorithm>
#include <cmath>

namespace incipit {
namespace {

constexpr float kOnsetValue = 125.0F / 255.0F;

bool sounds(RollCell cell) { return cell != RollCell::kSilent; }

}  // namespace

float rollValue(RollCell cell) {
  switch (cell) {
    case RollCell::kSilent:
      return 0;
    case RollCell::kOnset:
      return kOnsetValue;
    case RollCell::kSustained:
      break;
  }
  return 1;
}

RollCell rollCellOf(float value) {
  if (value >= 0.5F * (kOnsetValue + 1)) return RollCell::kSustained;
  return value >= 0.5F * kOnsetValue ? RollCell::kOnset : RollCell::kSilent;
}

std::vector<float> Roll::values() const {
  std::vector<float> out(cells_.size());
  std::transform(cells_.begin(), cells_.end(), out.begin(), rollValue);
  return out;
}

std::vector<float> Roll::binary() const {
  std::vector<float> out(cells_.size());
  std::transform(cells_.begin(), cells_.end(), out.begin(),
                 [](RollCell c) { return sounds(c) ? 1.0F : 0.0F; });
  return out;
}

Roll Roll::fromValues(std::span<const float> values) {
  Roll roll(static_cast<int>(values.size() / kRollKeys));
  std::transform(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(roll.cells_.size()),
                 roll.cells_.begin(), rollCellOf);
  return roll;
}

Roll Roll::fromBinary(std::span<const float> values) {
  Roll roll(static_cast<int>(values.size() / kRollKeys));
  for (std::size_t i = 0; i < roll.cells_.size(); ++i) {
    if (values[i] < 0.5F) continue;
    const bool goesOn = i >= kRollKeys && sounds(roll.cells_[i - kRollKeys]);
    roll.cells_[i] = goesOn ? RollCell::kSustained : RollCell::kOnset;
  }
  return roll;
}

std::int64_t columnOf(Tick t, const TempoMap& tempo) {
  return std::llround(tempo.seconds(t) / kColumnSeconds);
}

Tick tickOfColumn(std::int64_t column, const TempoMap& tempo) {
  const double seconds = static_cast<double>(column) * kColumnSeconds;
  const Tick below = tempo.tick(seconds);
  const Tick above = below + TickDelta{1};
  return seconds - tempo.seconds(below) <= tempo.seconds(above) - seconds ? below : above;
}

std::int64_t columnsOf(std::span<const Note> notes, const TempoMap& tempo) {
  std::int64_t columns = 0;
  for (const Note& n : notes) {
    columns = std::max({columns, columnOf(n.start, tempo) + 1, columnOf(n.end(), tempo)});
  }
  return columns;
}

EncodedRoll encodeRoll(std::span<const Note> notes, const TempoMap& tempo, std::int64_t first,
                       int columns) {
  std::vector<RollNote> inside;
  inside.reserve(notes.size());
  std::int64_t outside = 0;
  for (const Note& n : notes) {
    const std::int64_t from = columnOf(n.start, tempo);
    const std::int64_t to = std::max(columnOf(n.end(), tempo), from + 1);
    if (from >= first + columns || to <= first) continue;
    const int key = n.pitch - kRollLowest;
    if (key < 0 || key >= kRollKeys) {
      ++outside;
    } else {
      inside.push_back({from, to, key});
    }
  }
  EncodedRoll out = encodeRoll(inside, first, columns);
  out.loss.outside = outside;
  return out;
}

EncodedRoll encodeRoll(std::span<const RollNote> notes, std::int64_t first, int columns) {
  EncodedRoll out{Roll(columns), {}};
  const auto begin = [first](std::int64_t from) {
    return static_cast<int>(std::max(from, first) - first);
  };
  const auto end = [first, columns](const RollNote& n) {
    return static_cast<int>(std::min<std::int64_t>(n.to - first, columns));
  };
  const auto starts = [first, columns](const RollNote& n) {
    return n.from >= first && n.from < first + columns;
  };
  for (const RollNote& n : notes) {
    for (int c = begin(n.from); c < end(n); ++c) out.roll.at(c, n.key) = RollCell::kSustained;
  }
  for (const RollNote& n : notes) {
    if (!starts(n)) continue;
    RollCell& cell = out.roll.at(static_cast<int>(n.from - first), n.key);
    if (cell == RollCell::kOnset) ++out.loss.merged;
    cell = RollCell::kOnset;
  }
  for (const RollNote& n : notes) {
    for (int c = begin(n.from + 1); c < end(n); ++c) {
      if (out.roll.at(c, n.key) != RollCell::kOnset) continue;
      ++out.loss.cut;
      break;
    }
  }
  return out;
}

std::vector<Note> decodeRoll(const Roll& roll, const TempoMap& tempo, std::int64_t first,
                             int velocity) {
  std::vector<Note> notes;
  for (int from = 0; from < roll.columns(); ++from) {
    for (int key = 0; key < kRollKeys; ++key) {
      const RollCell cell = roll.at(from, key);
      const bool begins =
          cell == RollCell::kOnset ||
          (cell == RollCell::kSustained && (from == 0 || !sounds(roll.at(from - 1, key))));
      if (!begins) continue;
      int to = from + 1;
      while (to < roll.columns() && roll.at(to, key) == RollCell::kSustained) ++to;
      Note n;
      n.start = tickOfColumn(first + from, tempo);
      n.length = std::max(tickOfColumn(first + to, tempo) - n.start, TickDelta{1});
      n.pitch = static_cast<std::uint8_t>(kRollLowest + key);
      n.velocity = static_cast<std::uint8_t>(velocity);
      notes.push_back(n);
    }
  }
  return notes;
}

}  // namespace incipit
