// How near composed continuations come to the ones that were written: pieces of a split are
// continued from their first bars, and what is composed is compared with what was written, as in
// Yang and Lerch 2020, "On the evaluation of generative models in music": overlaps of histograms
// (1 is equal) pooled over all pieces.
//
// Thread safety: free functions.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

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

// A piece cut into what is given and what followed.
struct Excerpt {
  ComposeContext context;
  std::vector<EncodedNote> given, followed;  // of all tracks that are not drums
  std::vector<Note> written;                 // what followed, as notes
  std::size_t roles = 1;                     // that play in what followed
};

// Made when they are asked for; none of a piece that does not go on long enough, or changes its
// meter. Refers to what it was made of.
struct Excerpts {
  bool several = false;  // whether tracks go on together
  std::size_t count = 0;
  std::function<std::optional<Excerpt>(std::size_t)> at;
};
// Each track of a split by itself, whose notes the corpus holds.
Excerpts excerptsOfTracks(const Corpus& corpus, Split split, const ContinuationOptions& options);
// Each piece of two tracks or more, drums too; read when it is asked for.
Excerpts excerptsOfPieces(const Corpus& corpus, Split split, const ContinuationOptions& options);

// Adds to `into`: notes a second, the metrics, the distributions, and figures: overlaps (0..1) of
// the histograms of pitch, pitch class, interval between successive notes, step (the time between
// their onsets), duration and position in the bar, all tracks but drums as one; the difference of
// scale consistency (the share of notes in the best-fitting major or minor scale, mean over
// pieces); the ratio of notes per bar (seconds at the written tempo); the share of bars that repeat
// an earlier one of the same piece, in both; of several tracks, how many roles play. Excerpts are
// drawn by seed. `progress` is told the share that is done.
void compareContinuations(const Excerpts& excerpts, const Composer& composer,
                          const ContinuationOptions& options,
                          const std::function<void(double)>& progress, const std::stop_token& stop,
                          Evaluation& into);

}  // namespace incipit
