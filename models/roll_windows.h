// Stretches of piano roll cut from a corpus: drawing them, and making their cells.
//
// Columns are counted from the start of the document: twentieths of a second, or units of the beat
// grid, rounded to the nearest. A note that began more than kMostSustain columns before a stretch
// is not in it.
//
// Thread safety: values and free functions; a RollSampler is const after construction.
#pragma once

#include <span>
#include <vector>

#include "core/corpus/corpus.h"
#include "core/rng.h"
#include "models/note_windows.h"
#include "models/roll_features.h"
#include "models/roll_presets.h"

namespace incipit {

inline constexpr std::int64_t kMostSustain = 1024;

// The columns [first, first + count) of a sequence; a network reads `context` columns before them.
struct RollWindow {
  const CorpusSequence* sequence = nullptr;
  std::int64_t first = 0;
  int count = 0;
  int context = 0;
};

// A note on columns of `unitsPerColumn` (0: kColumnSeconds). Its key may lie outside the roll.
RollNote rollNoteOf(const EncodedNote& note, int unitsPerColumn);
// The columns that hold notes: [first, second).
std::pair<std::int64_t, std::int64_t> rollExtent(std::span<const EncodedNote> notes,
                                                 int unitsPerColumn);

// What is done to the notes of a batch, each window with draws of its own.
struct RollVariation {
  bool transpose = false;  // by -5..6 semitones, within the roll
  double pitchNoise = 0;   // share of the notes; see AugmentOptions::noisyNotes
};

// The columns [first, first + columns) of notes ordered by onset. No variation where `rng` is null.
Roll rollOf(std::span<const EncodedNote> notes, int unitsPerColumn, std::int64_t first, int columns,
            const RollVariation& variation = {}, Rng* rng = nullptr);
// Where those columns stand, by the bars that the notes before them are in.
std::vector<ColumnPlace> placesOf(std::span<const EncodedNote> notes, int unitsPerColumn,
                                  std::int64_t first, int columns);
// The place of a column that begins at this place of a bar.
ColumnPlace columnPlace(int barUnits, int position, int meter, int unitsPerColumn);

// Columns that a sequence must have to be drawn from.
int leastColumns(const RollPreset& preset);

// Draws windows by note: columns near notes are as likely as the notes (note_windows.h).
class RollSampler {
 public:
  // Keeps a reference to the corpus, whose sequences all have leastColumns().
  RollSampler(const Corpus& corpus, Split split, const RollPreset& preset);
  bool empty() const { return notes_.empty(); }
  std::vector<RollWindow> draw(std::int64_t windows, int context, Rng rng) const;

 private:
  WindowSampler notes_;
  RollPreset preset_;
};

// Every column from the 101st of each sequence on, once, in windows of at most `count`; a seeded
// part of them where fewer columns are wanted. Which columns do not depend on `count` where all
// are.
std::vector<RollWindow> heldOutWindows(const Corpus& corpus, Split split, const RollPreset& preset,
                                       int context, std::int64_t columns, std::uint64_t seed);

}  // namespace incipit
