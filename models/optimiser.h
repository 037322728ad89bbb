// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019), gradient
// descent with momentum for where Adam is too lively, and a running average of the weights (Polyak
// and Juditsky 1992); their state open to be saved exactly. Thread safety: one thread at a time.
#pragma once

#include "models/tensor_file.h"
#include "models/training_task.h"

namespace incipit {

class Optimiser {
 public:
  // Keeps references to the parameters' tensors.
  Optimiser(NamedParameters parameters, const Schedule& schedule);

  // Each uses and clears the gradients; a parameter without one stays as it is, and so does its
  // count of steps, by which Adam's averages are corrected. Matrices decay, vectors do not.
  void adam(double rate);
  void momentum(double rate);
  void forgetGradients();
  void divideGradients(double by);
  // Scales all gradients so that their joint norm is at most the schedule's; returns the norm
  // before.
  double clip();

  // The averaged weights in the parameters' place, and back. Nothing where none is kept.
  void swapAverage();
  // The state before the first step, the average that of the present weights.
  void reset();

  std::int64_t steps() const { return steps_; }
  void appendState(TensorFile& out) const;  // adam.m.NAME, adam.v.NAME, average.NAME, adam.steps
  Result<void> restore(const TensorFile& state, std::int64_t steps);

 private:
  void stepped();

  NamedParameters parameters_;
  std::vector<at::Tensor> mean_, square_, average_;
  Schedule schedule_;
  std::int64_t steps_ = 0;
  std::vector<std::int64_t> stepsOf_;  // of each parameter
};

// Copies between LibTorch's tensors and a file's.
NamedTensor namedTensor(const std::string& name, const at::Tensor& t);
// Fails with one line where the tensor is missing or of another shape.
Result<void> loadTensor(const TensorFile& file, const std::string& name, const at::Tensor& into);
// Every parameter from PREFIX + its name.
Result<void> loadParameters(const TensorFile& file, const Network& network,
                            const std::string& prefix = {});

}  // namespace incipit
