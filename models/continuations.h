// How near composed continuations come to the ones that were written.
//
// Thread safety: free functions.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/corpus/corpus.h"
#include "models/note_decoder.h"

namespace incipit {

struct ContinuationOptions {
  int count = 100;
  std::uint64_t seed = 1;
  int seedBars = 4;  // of the piece that are given
  int bars = 8;      // that are composed and compared
  double temperature = 0.9;
  double topP = 0.9;
};

// Figures in the order to print: overlaps (0..1) of the histograms of pitch class, interval between
// successive onsets' notes, duration and position in the bar; the difference of scale consistency
// (the share of notes in the best-fitting major or minor scale, mean over pieces); the ratio of
// notes per bar (seconds at the written tempo); the share of bars that repeat an earlier one of the
// same piece, in both. Pieces are drawn by seed from the tracks of the split that go on long
// enough.
std::vector<std::pair<std::string, double>> compareContinuations(
    const Corpus& corpus, Split split, const std::shared_ptr<const NoteWeights>& weights,
    const ContinuationOptions& options, const std::stop_token& stop);

}  // namespace incipit
