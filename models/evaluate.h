// Held-out figures of a note-lstm checkpoint: what Engine::evaluate does.
//
// Both presets are measured on the same notes and in the same units, so that they can be compared:
// the likelihood of pitch, step and duration on the common beat grid (core/encoding/beat_grid.h).
// `published` answers step and duration with one number of seconds each; it is given the benefit of
// the Laplace or Gaussian distribution around that number whose width fits the evaluated notes
// best, whichever is likelier, turned into units by the tempo at each note and integrated over the
// bins. Pitch is scored without knowing the step: `improved` is summed over every step that the
// note could have had. Notes are those from the 26th of each window on, so that `published` sees
// its 25.
//
// With continuations: pieces of the split are continued from their first notes, and what is
// composed is compared with what was written, as in Yang and Lerch 2020, "On the evaluation of
// generative models in music": overlaps of histograms (1 is equal) pooled over all pieces.
#pragma once

#include <stop_token>

#include "core/compose/engine.h"

namespace incipit {

Result<Evaluation> evaluateNotes(const EvaluateRequest& request, TrainSink& sink,
                                 const std::stop_token& stop);

}  // namespace incipit
