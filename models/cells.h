// Layers one step at a time, without LibTorch: what decoders are made of. The kernels and the order
// of the weights are those of lstm_kernels.h, so that the bits are the same on every processor;
// tested against LibTorch's layers.
//
// Thread safety: weights are immutable and may be shared; a cell is one thread's.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "models/lstm_kernels.h"
#include "models/tensor_file.h"

namespace incipit {

// The values of a tensor, which is there.
std::vector<float> valuesOf(const TensorFile& file, const std::string& name);

struct Dense {
  Panels weights;
  std::vector<float> bias;  // may be empty

  std::int64_t ins() const { return weights.ins(); }
  std::int64_t outs() const { return weights.outs(); }
  const float* start() const { return bias.empty() ? nullptr : bias.data(); }
  void operator()(const float* in, float* out) const {
    multiplyAdd(weights, 1, in, start(), 0, out);
  }
  void operator()(std::span<const Entry> in, float* out) const {
    multiplyAdd(weights, in, start(), out);
  }
};
Dense denseOf(const TensorFile& file, const std::string& weight, const std::string& bias = {});

// Adds the rows of a table [rows][out.size()] to `out`.
void addRows(std::span<const float> table, std::span<const std::int64_t> rows,
             std::span<float> out);

struct RecurrentWeights {
  Dense input, recurrent;
  std::int64_t hidden = 0;
  bool lstm = false;  // else a GRU
};
// NAME.input, NAME.recurrent, NAME.bias. An LSTM has four gates, a GRU three.
RecurrentWeights recurrentOf(const TensorFile& file, const std::string& name);

class RecurrentCell {
 public:
  explicit RecurrentCell(const RecurrentWeights& weights);  // keeps a reference
  void reset();
  // The output, valid until the next call.
  template <typename In>  // as Dense takes it
  std::span<const float> step(const In& in) {
    weights_.input(in, gates_.data());
    return step();
  }
  // The state, to go on from another's. A GRU has no cell.
  std::span<float> output() { return output_; }
  std::span<float> cell() { return cell_; }

 private:
  std::span<const float> step();

  const RecurrentWeights& weights_;
  std::vector<float> gates_, fromBefore_, cell_, output_;
};

// An LSTM that knows the last `length` inputs and nothing before them: every `stride` inputs a
// window begins, from zero state, and all that are under way go on together.
class WindowedLstm {
 public:
  // `stride` divides `length`; of at most `windows` windows the end is asked for. Keeps a
  // reference.
  WindowedLstm(const RecurrentWeights& weights, int length, int stride,
               std::size_t windows = std::numeric_limits<std::size_t>::max());
  void reset();
  template <typename In>  // as Dense takes it
  void push(const In& in) {
    weights_.input(in, input_.data());
    push();
  }
  // Of the window that ends with the newest input: `length` of them, and then every `stride`.
  std::span<const float> output() const { return row(output_); }
  std::span<const float> cell() const { return row(cell_); }

 private:
  void push();
  void step(std::size_t row, std::size_t rows);
  std::span<const float> row(const std::vector<float>& of) const;

  const RecurrentWeights& weights_;
  std::size_t stride_, together_, windows_;
  std::size_t pushed_ = 0;
  std::vector<float> input_;  // what the newest one gives to the gates of all windows
  std::vector<float> gates_, cell_, output_;  // of the windows, each in its turn
};

// gatedConvolution of layers.h with a queue of what it saw.
struct GatedCellWeights {
  Dense gates, out;
  std::int64_t dilation = 1;
};
class GatedCell {
 public:
  explicit GatedCell(const GatedCellWeights& weights);  // keeps a reference
  void reset();
  // x: the input, replaced by what the next block gets; adds the skip output to `skip`.
  void step(std::span<float> x, std::span<float> skip);

 private:
  const GatedCellWeights& weights_;
  std::vector<float> queue_, both_, gates_, out_;
  std::size_t at_ = 0;
};

}  // namespace incipit
