// How near composed continuations come to the ones that were written: pieces of a split are
// continued from their first bars, and what is composed is compared with what was written, as in
// Yang and Lerch 2020, "On the evaluation of generative models in music": overlaps of histograms
// (1 is equal) pooled over all pieces.
//
// Thread safety: free functions.
#pragma once

#include <functional>
#include <stop_token>

#include "core/corpus/corpus.h"
#include "models/family.h"

namespace incipit {

struct ContinuationOptions {
  int count = 100;
  std::uint64_t seed = 1;
  int seedBars = 4;  // of the piece that are given
  int bars = 8;      // that are composed and compared
  double temperature = ComposeRequest().temperature;
  double topP = ComposeRequest().topP;
  SettingValues settings;  // of the family
};

// Adds to `into`: notes a second, the metrics, the distributions, and figures: overlaps (0..1) of
// the histograms of pitch, pitch class, interval between successive notes, step (the time between
// their onsets), duration and position in the bar; the difference of scale consistency (the share
// of notes in the best-fitting major or minor scale, mean over pieces); the ratio of notes per bar
// (seconds at the written tempo); the share of bars that repeat an earlier one of the same piece,
// in both. Pieces are drawn by seed from the tracks of the split that go on long enough. `progress`
// is told the share that is done.
void compareContinuations(const Corpus& corpus, Split split, const Composer& composer,
                          const ContinuationOptions& options,
                          const std::function<void(double)>& progress, const std::stop_token& stop,
                          Evaluation& into);

}  // namespace incipit
