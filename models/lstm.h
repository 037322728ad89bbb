// An LSTM layer over a whole sequence as one differentiable operation: one matrix product for all
// inputs, one small one and a fused loop per step, and one product per weight matrix in the
// backward pass. One bias vector (4*hidden), not LibTorch's two.
//
// Hochreiter and Schmidhuber 1997, "Long short-term memory"; with the forget gate of Gers et al.
// 2000. Gate order: input, forget, cell, output. Starts from zero state.
#pragma once

#include <torch/torch.h>

namespace incipit {

// input: [steps, batch, in]; inputWeights: [4*hidden, in]; recurrentWeights: [4*hidden, hidden];
// bias: [4*hidden]. Returns the outputs, [steps, batch, hidden]. On a CPU in single precision it
// runs our own kernels, elsewhere LibTorch's; both are tested against each other.
at::Tensor lstm(const at::Tensor& input, const at::Tensor& inputWeights,
                const at::Tensor& recurrentWeights, const at::Tensor& bias);

// The same by LibTorch's elementary operations and its own differentiation: the reference.
at::Tensor lstmReference(const at::Tensor& input, const at::Tensor& inputWeights,
                         const at::Tensor& recurrentWeights, const at::Tensor& bias);

}  // namespace incipit
