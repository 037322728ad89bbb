#include "models/lstm_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

// The same source for each instruction set, chosen when the module is loaded.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define INCIPIT_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define INCIPIT_CLONES
#endif

namespace incipit {
namespace {

// exp by x = n ln 2 + r and a polynomial of degree 6 in r; relative error below 3e-7 for x in
// [-87, 88], where it is clamped.
__attribute__((always_inline)) inline float fastExp(float x) {
  constexpr float kLog2e = 1.44269504F;
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  x = x < -87.0F ? -87.0F : x;
  x = x > 88.0F ? 88.0F : x;
  const float shifted = x * kLog2e + kRound;
  const float n = shifted - kRound;
  const float r = (x - n * kLn2High) - n * kLn2Low;
  float p = 1.0F / 720.0F;
  p = p * r + 1.0F / 120.0F;
  p = p * r + 1.0F / 24.0F;
  p = p * r + 1.0F / 6.0F;
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  const auto bits = std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(kRound);
  return p * std::bit_cast<float>((bits + 127) << 23);
}

__attribute__((always_inline)) inline float sigmoid(float x) { return 1.0F / (1.0F + fastExp(-x)); }
__attribute__((always_inline)) inline float fastTanh(float x) {
  return 2.0F * sigmoid(2.0F * x) - 1.0F;
}

// Outputs of a block stay in registers while the inputs are walked through.
template <int kBlock>
__attribute__((always_inline)) inline void multiplyBlock(const float* in, const float* weights,
                                                         const float* start, float* out,
                                                         std::int64_t ins, std::int64_t outs) {
  float sum[kBlock];
  for (int j = 0; j < kBlock; ++j) sum[j] = start != nullptr ? start[j] : 0.0F;
  for (std::int64_t i = 0; i < ins; ++i) {
    const float x = in[i];
    const float* row = weights + i * outs;
    for (int j = 0; j < kBlock; ++j) sum[j] += x * row[j];
  }
  for (int j = 0; j < kBlock; ++j) out[j] = sum[j];
}

}  // namespace

float expOf(float x) { return fastExp(x); }
float sigmoidOf(float x) { return sigmoid(x); }
float tanhOf(float x) { return fastTanh(x); }

INCIPIT_CLONES void lstmForward(float* gates, const float* cellBefore, float* cell, float* output,
                                std::int64_t batch, std::int64_t hidden) {
  for (std::int64_t b = 0; b < batch; ++b) {
    float* g = gates + b * 4 * hidden;
    float* c = cell + b * hidden;  // may be the memory of `before`
    float* h = output + b * hidden;
    const float* before = cellBefore == nullptr ? nullptr : cellBefore + b * hidden;
#pragma GCC ivdep
    for (std::int64_t j = 0; j < hidden; ++j) {
      const float in = sigmoid(g[j]);
      const float forget = sigmoid(g[hidden + j]);
      const float candidate = fastTanh(g[2 * hidden + j]);
      const float out = sigmoid(g[3 * hidden + j]);
      const float kept = before != nullptr ? forget * before[j] : 0.0F;
      const float now = kept + in * candidate;
      g[j] = in;
      g[hidden + j] = forget;
      g[2 * hidden + j] = candidate;
      g[3 * hidden + j] = out;
      h[j] = out * fastTanh(now);
      c[j] = now;
    }
  }
}

INCIPIT_CLONES void lstmBackward(const float* gates, const float* cellBefore, const float* cell,
                                 const float* gradOutput, float* gradCell, float* gatesOut,
                                 std::int64_t batch, std::int64_t hidden) {
  for (std::int64_t b = 0; b < batch; ++b) {
    const float* g = gates + b * 4 * hidden;
    float* o = gatesOut + b * 4 * hidden;
    float* gc = gradCell + b * hidden;
    const float* c = cell + b * hidden;
    const float* gh = gradOutput + b * hidden;
    const float* before = cellBefore == nullptr ? nullptr : cellBefore + b * hidden;
#pragma GCC ivdep
    for (std::int64_t j = 0; j < hidden; ++j) {
      const float in = g[j];
      const float forget = g[hidden + j];
      const float candidate = g[2 * hidden + j];
      const float out = g[3 * hidden + j];
      const float squashed = fastTanh(c[j]);
      const float grad = gc[j] + gh[j] * out * (1.0F - squashed * squashed);
      const float previous = before != nullptr ? before[j] : 0.0F;
      o[j] = grad * candidate * in * (1.0F - in);
      o[hidden + j] = grad * previous * forget * (1.0F - forget);
      o[2 * hidden + j] = grad * in * (1.0F - candidate * candidate);
      o[3 * hidden + j] = gh[j] * squashed * out * (1.0F - out);
      gc[j] = grad * forget;
    }
  }
}

INCIPIT_CLONES void gruForward(float* gates, const float* fromBefore, const float* before,
                               float* candidates, float* output, std::int64_t batch,
                               std::int64_t hidden) {
  for (std::int64_t b = 0; b < batch; ++b) {
    float* g = gates + b * 3 * hidden;
    const float* r = fromBefore + b * 3 * hidden;
    const float* was = before == nullptr ? nullptr : before + b * hidden;
    float* kept = candidates == nullptr ? nullptr : candidates + b * hidden;
    float* h = output + b * hidden;  // may be the memory of `before`
#pragma GCC ivdep
    for (std::int64_t j = 0; j < hidden; ++j) {
      const float reset = sigmoid(g[j] + r[j]);
      const float update = sigmoid(g[hidden + j] + r[hidden + j]);
      const float recurrent = r[2 * hidden + j];
      const float candidate = fastTanh(g[2 * hidden + j] + reset * recurrent);
      const float last = was != nullptr ? was[j] : 0.0F;
      g[j] = reset;
      g[hidden + j] = update;
      g[2 * hidden + j] = candidate;
      if (kept != nullptr) kept[j] = recurrent;
      h[j] = candidate + update * (last - candidate);
    }
  }
}

INCIPIT_CLONES void gruBackward(const float* gates, const float* candidates, const float* before,
                                const float* gradOutput, float* gradBefore, float* gradGates,
                                float* gradRecurrent, std::int64_t batch, std::int64_t hidden) {
  for (std::int64_t b = 0; b < batch; ++b) {
    const float* g = gates + b * 3 * hidden;
    const float* recurrent = candidates + b * hidden;
    const float* was = before == nullptr ? nullptr : before + b * hidden;
    const float* gh = gradOutput + b * hidden;
    float* earlier = gradBefore == nullptr ? nullptr : gradBefore + b * hidden;
    float* o = gradGates + b * 3 * hidden;
    float* r = gradRecurrent + b * 3 * hidden;
#pragma GCC ivdep
    for (std::int64_t j = 0; j < hidden; ++j) {
      const float reset = g[j];
      const float update = g[hidden + j];
      const float candidate = g[2 * hidden + j];
      const float last = was != nullptr ? was[j] : 0.0F;
      const float gradCandidate = gh[j] * (1.0F - update) * (1.0F - candidate * candidate);
      const float gradReset = gradCandidate * recurrent[j] * reset * (1.0F - reset);
      const float gradUpdate = gh[j] * (last - candidate) * update * (1.0F - update);
      if (earlier != nullptr) earlier[j] += gh[j] * update;
      o[j] = r[j] = gradReset;
      o[hidden + j] = r[hidden + j] = gradUpdate;
      o[2 * hidden + j] = gradCandidate;
      r[2 * hidden + j] = gradCandidate * reset;
    }
  }
}

INCIPIT_CLONES void multiplyAdd(const float* in, const float* weights, const float* start,
                                float* out, std::int64_t ins, std::int64_t outs) {
  constexpr int kWide = 64;
  constexpr int kNarrow = 16;
  std::int64_t o = 0;
  for (; o + kWide <= outs; o += kWide) {
    multiplyBlock<kWide>(in, weights + o, start == nullptr ? nullptr : start + o, out + o, ins,
                         outs);
  }
  for (; o + kNarrow <= outs; o += kNarrow) {
    multiplyBlock<kNarrow>(in, weights + o, start == nullptr ? nullptr : start + o, out + o, ins,
                           outs);
  }
  for (; o < outs; ++o) {
    multiplyBlock<1>(in, weights + o, start == nullptr ? nullptr : start + o, out + o, ins, outs);
  }
}

void softmax(std::span<float> logits, double temperature) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  const auto scale = static_cast<float>(1.0 / temperature);
  double sum = 0;
  for (float& x : logits) {
    x = x == -std::numeric_limits<float>::infinity() ? 0.0F : fastExp((x - highest) * scale);
    sum += x;
  }
  for (float& x : logits) x = static_cast<float>(x / sum);
}

}  // namespace incipit
