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
//
// Points: trainLoss and trainAccuracy are means over as many examples as an epoch has; what an
// epoch that is under way has not come to counts as the one before was, so that the curve has no
// teeth.
//
// Memory: where it does not suffice for a batch, the batch is learnt from in two parts, four, and
// so on, one after another; the steps stay the same (but for what is drawn by chance). A disk that
// fills ends the run; what was saved before stays whole.
#pragma once

#include <functional>
#include <stop_token>

#include "core/compose/engine.h"
#include "core/compose/model_files.h"

namespace incipit {

// For tests: what the loop takes a step's loss to be (what it throws is thrown by the step), and
// whether each step is reported, not one a second.
struct TrainHooks {
  std::function<double(std::int64_t step, double loss)> loss;
  bool everyStep = false;
};

// One line for what cannot be trained. Never throws.
Result<TrainResult> trainModel(const TrainRequest& request, TrainSink& sink, std::stop_token stop,
                               const TrainHooks& hooks = {});

// "cpu", "cuda", "cuda:1" as LibTorch understands it, or one line why not.
Result<int> cudaIndex(const std::string& device);  // -1 is the CPU

}  // namespace incipit
