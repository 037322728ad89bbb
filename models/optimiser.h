// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019), its state
// open to be saved exactly. Thread safety: one thread at a time.
#pragma once

#include <torch/torch.h>

#include "models/note_networks.h"
#include "models/tensor_file.h"

namespace incipit {

class Adam {
 public:
  Adam(NamedParameters parameters, double epsilon, double weightDecay);

  // Uses and clears the gradients. Matrices decay, vectors do not.
  void step(double rate);
  // Scales all gradients so that their joint norm is at most `most` (0: leaves them); returns the
  // norm before.
  double clip(double most);

  std::int64_t steps() const { return steps_; }
  void appendState(TensorFile& out) const;  // adam.m.NAME, adam.v.NAME
  Result<void> restore(const TensorFile& state, std::int64_t steps);

 private:
  NamedParameters parameters_;
  std::vector<at::Tensor> mean_, square_;
  double epsilon_;
  double weightDecay_;
  std::int64_t steps_ = 0;
};

// Copies between LibTorch's tensors and a file's.
NamedTensor namedTensor(const std::string& name, const at::Tensor& t);
// Fails with one line where the tensor is missing or of another shape.
Result<void> loadTensor(const TensorFile& file, const std::string& name, const at::Tensor& into);

}  // namespace incipit
