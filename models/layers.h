// What networks are made of: named parameters, and layers over whole sequences.
//
// An LSTM or GRU layer over a sequence is one differentiable operation: one matrix product for all
// inputs, one small one and a fused loop per step, and one product per weight matrix in the
// backward pass. It has one bias vector, as in Keras, not LibTorch's two. It starts from zero
// state unless it is given another.
//
// Hochreiter and Schmidhuber 1997, "Long short-term memory", with the forget gate of Gers et al.
// 2000; gate order: input, forget, cell, output. Cho et al. 2014, "Learning phrase representations
// using RNN encoder-decoder", with the reset gate before the recurrent product's sum; gate order:
// reset, update, candidate.
//
// Thread safety: one thread at a time per network; the layers are free functions.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/rng.h"

namespace incipit {

// Leaves that require gradients. Names and shapes are the checkpoint's.
using NamedParameters = std::vector<std::pair<std::string, at::Tensor>>;

// An LSTM or GRU layer: [g*hidden, in], [g*hidden, hidden] and [g*hidden], of g = 4 or 3 gates.
struct RecurrentLayer {
  at::Tensor input, recurrent, bias;
  std::int64_t hidden() const { return recurrent.size(1); }
};

class Network {
 public:
  virtual ~Network() = default;
  const NamedParameters& parameters() const { return parameters_; }
  std::int64_t parameterCount() const;
  // Whether a checkpoint of an earlier version may lack a parameter, which then keeps the value that
  // it was made with.
  virtual bool mayBeMissing(const std::string& /*name*/) const { return false; }

 protected:
  explicit Network(at::Device device) : device_(device) {}
  // Values are drawn uniformly from [-bound, bound].
  at::Tensor add(const std::string& name, at::IntArrayRef shape, double bound, Rng& rng);
  // NAME.input within `bound`, NAME.recurrent and NAME.bias, whose forget gate starts open.
  RecurrentLayer addLstm(const std::string& name, std::int64_t in, std::int64_t hidden,
                         double bound, Rng& rng);

  NamedParameters parameters_;
  at::Device device_;
};

// Of a name that cudaIndex (trainer.h) knows.
at::Device deviceOf(const std::string& name);

// The bound of Glorot and Bengio 2010.
double glorot(std::int64_t in, std::int64_t out);

// x: [rows, in]; weights: [out, in].
at::Tensor linear(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& bias);

// Inverted dropout with a mask from a seed, so that a step can be repeated exactly.
at::Tensor drop(const at::Tensor& x, double rate, std::uint64_t seed);

// The rows of a table that each row of indices names, summed. rows: [n, k] integers.
at::Tensor bag(const at::Tensor& table, const at::Tensor& rows);

// The same of rows of different lengths, one after another.
struct RaggedRows {
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> from;  // where each begins in `rows`
};
at::Tensor bag(const at::Tensor& table, RaggedRows& rows);

template <typename T>
at::Tensor tensorOf(std::vector<T>& values, at::IntArrayRef shape, at::Device device) {
  return at::from_blob(values.data(), shape, at::CppTypeToScalarType<T>::value).clone().to(device);
}

// input: [steps, batch, in]. Returns the outputs, [steps, batch, hidden]. On a CPU in single
// precision it runs our own kernels, elsewhere LibTorch's; both are tested against each other.
at::Tensor lstm(const at::Tensor& input, const RecurrentLayer& layer);
at::Tensor gru(const at::Tensor& input, const RecurrentLayer& layer);

// An LSTM from a state on: [batch, hidden] each; it returns the state after the last step, too.
struct LstmState {
  at::Tensor output, cell;
};
struct LstmRun {
  at::Tensor outputs;
  LstmState last;
};
LstmState zeroLstmState(std::int64_t batch, std::int64_t hidden, const at::TensorOptions& options);
LstmRun lstmFrom(const LstmState& start, const at::Tensor& input, const RecurrentLayer& layer);

// By LibTorch's elementary operations and its own differentiation: the references.
LstmRun lstmReference(const LstmState& start, const at::Tensor& input, const RecurrentLayer& layer);
at::Tensor gruReference(const at::Tensor& input, const RecurrentLayer& layer);

// A causal convolution in time. x: [steps, batch, in]; weights: [out, kernel*in] over the taps,
// `dilation` steps apart, the earliest first. Returns [steps, batch, out].
at::Tensor causalConvolution(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& bias,
                             std::int64_t dilation);

// The larger of each two steps, counted from the last; a first one alone is left out.
at::Tensor pairMaximum(const at::Tensor& x);

// A gated causal convolution of two taps, `dilation` steps apart, with its residual and skip
// outputs (van den Oord et al. 2016, "WaveNet"). x: [steps, batch, width]; gates: [2*width,
// 2*width] over (earlier, now), gives the halves of tanh and sigmoid; out: [2*width, width], gives
// residual and skip.
struct GatedOutput {
  at::Tensor next, skip;  // [steps, batch, width]
};
struct GatedWeights {
  at::Tensor gates, gatesBias, out, outBias;
};
GatedOutput gatedConvolution(const at::Tensor& x, const GatedWeights& weights,
                             std::int64_t dilation);

}  // namespace incipit
