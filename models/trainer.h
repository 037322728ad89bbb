// The training loop that all families share: what Engine::train does.
//
// Everything random comes from the request's seed and the number of the step, so that a run that
// was stopped and resumed takes the same steps as one that was not. Files: OUT (the weights of the
// best validation), NAME.last.safetensors and NAME.last.state.safetensors (after each epoch, and
// where a run is stopped), NAME.history.jsonl (what the run says, core/compose/run_history.h).
//
// Divergence: where a loss or gradient is not finite, or the mean loss of an epoch rises to twice
// the lowest, the best weights are loaded again and the run goes on more gently: first at a fifth
// of the rate, then by gradient descent with momentum. A third time ends it. Each is a message.
#pragma once

#include <functional>
#include <stop_token>

#include "core/compose/engine.h"
#include "core/compose/model_files.h"

namespace incipit {

// For tests: what the loop takes a step's loss to be.
struct TrainHooks {
  std::function<double(std::int64_t step, double loss)> loss;
};

// One line for what cannot be trained. Never throws.
Result<TrainResult> trainModel(const TrainRequest& request, TrainSink& sink, std::stop_token stop,
                               const TrainHooks& hooks = {});

// "cpu", "cuda", "cuda:1" as LibTorch understands it, or one line why not.
Result<int> cudaIndex(const std::string& device);  // -1 is the CPU

}  // namespace incipit
