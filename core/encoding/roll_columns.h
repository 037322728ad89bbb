// Music as an image: the 88 keys of a piano by columns of a twentieth of a second.
//
// A cell is silent, the onset of a note, or sustained. Networks see a cell as its class, as one of
// two values (binary: silent or not), or as a value in [0, 1]: 0 silent, 125/255 onset, 1
// sustained. The column of a tick is its time in seconds, under the tempo map, divided by
// kColumnSeconds and rounded to the nearest. A tick shorter than half a column (slower tempos
// cannot be written) makes the encoding of a decoded roll the roll itself, for rolls whose
// sustained cells follow an onset.
//
// Loss: onsets and ends move by at most half a column; notes outside the 88 keys are dropped;
// velocity, and which track plays (encode each track alone to keep it). On one key, notes that
// begin in one column become one, and a note that begins while another sounds ends it; what is
// left of the longer belongs to the later. A binary roll also joins notes that touch. RollLoss
// counts; tests/core/encoding/test_roll_columns.cpp prints figures for real music.
//
// Thread safety: values and free functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/score/note.h"
#include "core/time/tempo_map.h"

namespace incipit {

inline constexpr int kRollKeys = 88;
inline constexpr int kRollLowest = 21;  // A0
inline constexpr double kColumnSeconds = 0.05;

enum class RollCell : std::uint8_t { kSilent = 0, kOnset = 1, kSustained = 2 };

// The value that networks see, and the cell that is nearest to a value (any float).
float rollValue(RollCell cell);
RollCell rollCellOf(float value);

struct RollLoss {
  std::int64_t outside = 0;  // notes that are not on the 88 keys
  std::int64_t merged = 0;   // notes that began in the same column as another of the same key
  std::int64_t cut = 0;      // notes whose sound a later one of the same key took over
  bool operator==(const RollLoss&) const = default;
};

class Roll {
 public:
  explicit Roll(int columns = 0)
      : columns_(columns), cells_(static_cast<std::size_t>(columns) * kRollKeys) {}

  int columns() const { return columns_; }
  RollCell& at(int column, int key) { return cells_[index(column, key)]; }  // key 0..87
  RollCell at(int column, int key) const { return cells_[index(column, key)]; }
  // Column after column, key after key: (columns, 88).
  const std::vector<RollCell>& cells() const { return cells_; }
  std::vector<float> values() const;
  std::vector<float> binary() const;
  // Values beyond the last whole column are ignored.
  static Roll fromValues(std::span<const float> values);
  // From 0.5 on a cell sounds; a run of sounding cells is one note.
  static Roll fromBinary(std::span<const float> values);

  bool operator==(const Roll&) const = default;

 private:
  static std::size_t index(int column, int key) {
    return static_cast<std::size_t>(column) * kRollKeys + static_cast<std::size_t>(key);
  }

  int columns_;
  std::vector<RollCell> cells_;
};

// The column nearest to a tick, and the tick nearest to a column's time.
std::int64_t columnOf(Tick t, const TempoMap& tempo);
Tick tickOfColumn(std::int64_t column, const TempoMap& tempo);

// How many columns hold the notes; 0 for none.
std::int64_t columnsOf(std::span<const Note> notes, const TempoMap& tempo);

struct EncodedRoll {
  Roll roll;
  RollLoss loss;
};

// A note that sounds in the columns [from, to), to > from. key 0..87.
struct RollNote {
  std::int64_t from = 0;
  std::int64_t to = 1;
  int key = 0;
};
// The columns [first, first + columns) of notes in any order, whatever a column's time is.
EncodedRoll encodeRoll(std::span<const RollNote> notes, std::int64_t first, int columns);
// The columns [first, first + columns) of notes in any order; a note that began earlier is
// sustained from the first column on.
EncodedRoll encodeRoll(std::span<const Note> notes, const TempoMap& tempo, std::int64_t first,
                       int columns);

// Notes in order of column, then pitch. An onset begins a note, sustained cells lengthen it; a
// sustained cell that follows silence begins one too. The roll's first column is column `first`.
std::vector<Note> decodeRoll(const Roll& roll, const TempoMap& tempo, std::int64_t first,
                             int velocity = kDefaultVelocity);

}  // namespace incipit
