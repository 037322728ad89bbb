// How fast a model composes: notes a second and the time to the first note, for a seed of eight
// notes and for one of 256.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <vector>

#include "core/compose/engine.h"

namespace incipit {

struct GenerateBenchRow {
  int seedNotes = 0;
  double notesPerSecond = 0;   // after the first note, median of the takes
  double firstNoteMs = 0;      // from the call to the first note, median
  double coldFirstNoteMs = 0;  // of the first take: the checkpoint is read
};

// Composes takes of 16 bars in 4/4 at the default settings; writes a line a row to `out`. Fails
// with what the engine says.
Result<std::vector<GenerateBenchRow>> generateBenchmark(Engine& engine,
                                                        const std::filesystem::path& checkpoint,
                                                        std::ostream& out);

}  // namespace incipit
