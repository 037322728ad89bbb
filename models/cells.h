// Layers one step at a time, without LibTorch: what decoders are made of. Plain loops over weights
// kept in the order that they are read; the same bits on every processor (see lstm_kernels.h);
// tested against LibTorch's layers.
//
// Thread safety: weights are immutable and may be shared; a cell is one thread's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/tensor_file.h"

namespace incipit {

// The values of a tensor, and those of a matrix [out][in] as [in][out]. The tensor is there.
std::vector<float> valuesOf(const TensorFile& file, const std::string& name);
std::vector<float> transposed(const TensorFile& file, const std::string& name);

struct Dense {
  std::int64_t ins = 0, outs = 0;
  std::vector<float> weights;  // [in][out]
  std::vector<float> bias;     // may be empty

  void operator()(const float* in, float* out) const;
};
// NAME + weightEnding and NAME + biasEnding.
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
  std::span<const float> step(const float* in);
  // The state, to go on from another's. A GRU has no cell.
  std::span<float> output() { return output_; }
  std::span<float> cell() { return cell_; }

 private:
  const RecurrentWeights& weights_;
  std::vector<float> gates_, fromBefore_, cell_, output_;
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
