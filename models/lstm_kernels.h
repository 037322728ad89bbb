// Arithmetic of an LSTM and a GRU that does not need LibTorch: what the trainer runs between its
// matrix products, and what the decoder runs for one note.
//
// Every function gives the same bits on every processor: the order of additions is fixed, nothing
// is contracted to fused multiply-adds (the build sets -ffp-contract=off for this file), and exp is
// our own, of basic operations only. Gates are in the order input, forget, cell, output. Matrices
// are row-major. Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace incipit {

// One step of `batch` cells of `hidden` units. gates: [batch, 4*hidden], pre-activations in,
// activations out. cellBefore may be null (zeros) or cell itself. cell, output: [batch, hidden].
void lstmForward(float* gates, const float* cellBefore, float* cell, float* output,
                 std::int64_t batch, std::int64_t hidden);

// The gradient of that step. gates: activations in, gradients of the pre-activations out (may be
// the same memory as gatesOut). gradOutput: of the output; gradCell: of the cell, in from the step
// after, out to the step before.
void lstmBackward(const float* gates, const float* cellBefore, const float* cell,
                  const float* gradOutput, float* gradCell, float* gatesOut, std::int64_t batch,
                  std::int64_t hidden);

// The same of a GRU. gates: [batch, 3*hidden], what the inputs give in, activations out;
// fromBefore: what the recurrent weights give, [batch, 3*hidden]; before: the output before, may be
// null (zeros) or output itself; candidates: the last third of fromBefore, kept for the backward
// pass, may be null.
void gruForward(float* gates, const float* fromBefore, const float* before, float* candidates,
                float* output, std::int64_t batch, std::int64_t hidden);

// gates, candidates, before: as gruForward left them. gradBefore: the gradient of the output
// before, added to but for the recurrent weights' part; null with before. gradGates, gradRecurrent:
// of what the inputs and what the recurrent weights gave.
void gruBackward(const float* gates, const float* candidates, const float* before,
                 const float* gradOutput, float* gradBefore, float* gradGates, float* gradRecurrent,
                 std::int64_t batch, std::int64_t hidden);

// A matrix in the order that multiplyAdd reads it: panels of kWidth outputs, each [ins][kWidth], in
// whole lines of the cache; what the last one has beyond the outputs is zero.
class Panels {
 public:
  static constexpr std::int64_t kWidth = 32;

  Panels() = default;
  // Of a matrix as LibTorch keeps it, [outs][ins], its rows `stride` values apart.
  Panels(const float* matrix, std::int64_t outs, std::int64_t ins, std::int64_t stride);

  std::int64_t ins() const { return ins_; }
  std::int64_t outs() const { return outs_; }
  const float* data() const { return lines_.empty() ? nullptr : lines_.front().values; }

 private:
  struct alignas(64) Line {
    float values[16];
  };
  std::vector<Line> lines_;
  std::int64_t ins_ = 0;
  std::int64_t outs_ = 0;
};

// out[r][o] = start[r][o] + sum over i of in[r][i] * weights[i][o], i ascending, for each of `rows`
// rows; every weight is read once for some rows together. start: null is zeros; its rows lie
// `startStride` values apart, 0 where all begin alike; may be `out`, whose rows lie outs() apart.
void multiplyAdd(const Panels& weights, std::int64_t rows, const float* in, const float* start,
                 std::int64_t startStride, float* out);

// The same of one row that is zero but for `in`, in ascending order of index.
struct Entry {
  std::int64_t index = 0;
  float value = 0;
};
void multiplyAdd(const Panels& weights, std::span<const Entry> in, const float* start, float* out);

// 0 for a share of `rate`, else 1 / (1 - rate): a function of the seed and the place alone.
void dropMask(std::span<float> mask, double rate, std::uint64_t seed);

// In place. temperature > 0 divides the logits first. Entries of -infinity become 0. The sum runs
// in order, in double.
void softmax(std::span<float> logits, double temperature);

// In place.
void sigmoid(std::span<float> values);
void relu(std::span<float> values);
// Where `by` is larger: that. Both are of one length.
void raiseTo(std::span<float> values, const float* by);

float expOf(float x);
float sigmoidOf(float x);
float tanhOf(float x);

}  // namespace incipit
