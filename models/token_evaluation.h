// Held-out figures of the token families.
//
// Both presets of both families are measured by the same question on the same tokens: which of the
// words of the published vocabulary (pitch classes, at least 50 times in the training split of the
// evaluated data) stands at the next onset? Tokens are the onsets from the 101st of each track on
// whose word is in that vocabulary; what a network says of other words is left out and the rest
// scaled to one, and a fiftieth is spread as the words are in the training split, for words that it
// cannot say. `improved` is not told when the onset is: its words are summed over the likeliest
// steps, and over all chords of the same pitch classes.
//
// Thread safety: a free function.
#pragma once

#include <stop_token>

#include "core/compose/engine.h"
#include "models/tensor_file.h"

namespace incipit {

// Family::evaluate of both families.
Result<Evaluation> evaluateTokens(const EvaluateRequest& request, const TensorFile& file,
                                  TrainSink& sink, const std::stop_token& stop);

}  // namespace incipit
