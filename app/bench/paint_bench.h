// How long the piano roll takes to draw, and to find notes under the pointer, at three document
// sizes. Needs a QGuiApplication, no display (the offscreen platform will do).
#pragma once

#include <cstddef>
#include <iosfwd>
#include <vector>

namespace incipit {

struct PaintBenchRow {
  std::size_t notes = 0;
  double windowMs = 0;  // 16 bars at 1600 x 900, median
  double songMs = 0;    // the whole song, median
  double dragMs = 0;    // 16 bars while 1000 notes are dragged: preview and frame, median
  double hitMs = 0;     // one hit test, median
  double bandMs = 0;    // a rubber band over the window, median
};

// The document that is drawn: 8 tracks, 25 notes a bar in all, fixed seed.
struct Document;
Document paintBenchDocument(std::size_t notes);

// Measures 1k, 100k and 500k notes; writes one line each to `out` as it goes.
std::vector<PaintBenchRow> paintBenchmark(std::ostream& out);

}  // namespace incipit
