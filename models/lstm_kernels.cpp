#include "models/lstm_kernels.h"

#include <algorithm>
#include <array>
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

// kRows rows of kPanels panels; the sums stay in registers while the inputs are walked through.
// `width` outputs of them are there.
template <int kRows, int kPanels>
__attribute__((always_inline)) inline void multiplyBlock(const float* __restrict in,
                                                         std::int64_t ins,
                                                         const float* __restrict panels,
                                                         const float* start,
                                                         std::int64_t startStride, float* out,
                                                         std::int64_t outs, std::int64_t width) {
  constexpr int kPanel = Panels::kWidth;
  constexpr int kWide = kPanels * kPanel;
  const auto* aligned = static_cast<const float*>(__builtin_assume_aligned(panels, 64));
  // What is read and written as a whole, so that the compiler keeps `sum` in registers.
  alignas(64) float edge[kRows * kWide];
  alignas(64) float sum[kRows * kWide];
  for (int r = 0; r < kRows; ++r) {
    for (int j = 0; j < kWide; ++j) {
      edge[r * kWide + j] = start != nullptr && j < width ? start[r * startStride + j] : 0.0F;
    }
  }
  for (int k = 0; k < kRows * kWide; ++k) sum[k] = edge[k];
  for (std::int64_t i = 0; i < ins; ++i) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const float x = in[r * ins + i];
#pragma GCC unroll 2
      for (int p = 0; p < kPanels; ++p) {
        const float* row = aligned + (p * ins + i) * kPanel;
        for (int j = 0; j < kPanel; ++j) sum[r * kWide + p * kPanel + j] += x * row[j];
      }
    }
  }
  for (int k = 0; k < kRows * kWide; ++k) edge[k] = sum[k];
  for (int r = 0; r < kRows; ++r) {
    for (int j = 0; j < width; ++j) out[r * outs + j] = edge[r * kWide + j];
  }
}

// All bits of a number depend on all of the one before (the finaliser of Appleby's MurmurHash3).
constexpr std::uint32_t kGolden = 0x9e3779b9U;
__attribute__((always_inline)) inline std::uint32_t mixed(std::uint32_t x) {
  x = (x ^ (x >> 16U)) * 0x85ebca6bU;
  x = (x ^ (x >> 13U)) * 0xc2b2ae35U;
  return x ^ (x >> 16U);
}

// Of multiplyAdd: some rows, by all panels.
struct Rows {
  const float* panels;
  std::int64_t ins, outs;
  const float* in;
  const float* start;
  std::int64_t startStride;
  float* out;
};

template <int kRows>
__attribute__((always_inline)) inline void multiplyRows(const Rows& r) {
  // One row alone has too few sums in one panel to keep the processor busy.
  constexpr int kPanels = kRows == 1 ? 2 : 1;
  constexpr std::int64_t kStep = kPanels * Panels::kWidth;
  std::int64_t o = 0;
  for (; o + kStep <= r.outs; o += kStep) {
    multiplyBlock<kRows, kPanels>(r.in, r.ins, r.panels + o * r.ins,
                                  r.start == nullptr ? nullptr : r.start + o, r.startStride,
                                  r.out + o, r.outs, kStep);
  }
  for (; o < r.outs; o += Panels::kWidth) {
    multiplyBlock<kRows, 1>(r.in, r.ins, r.panels + o * r.ins,
                            r.start == nullptr ? nullptr : r.start + o, r.startStride, r.out + o,
                            r.outs, std::min(Panels::kWidth, r.outs - o));
  }
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

Panels::Panels(const float* matrix, std::int64_t outs, std::int64_t ins, std::int64_t stride)
    : ins_(ins), outs_(outs) {
  const std::int64_t panels = (outs + kWidth - 1) / kWidth;
  lines_.resize(static_cast<std::size_t>(panels * ins * kWidth / 16), Line{});
  for (std::int64_t o = 0; o < outs; ++o) {
    float* to = lines_.front().values + o / kWidth * ins * kWidth + o % kWidth;
    for (std::int64_t i = 0; i < ins; ++i) to[i * kWidth] = matrix[o * stride + i];
  }
}

// A function each: in one of all the compiler would not keep the sums in registers.
namespace {
INCIPIT_CLONES void multiply1(const Rows& r) { multiplyRows<1>(r); }
INCIPIT_CLONES void multiply2(const Rows& r) { multiplyRows<2>(r); }
INCIPIT_CLONES void multiply3(const Rows& r) { multiplyRows<3>(r); }
INCIPIT_CLONES void multiply4(const Rows& r) { multiplyRows<4>(r); }
INCIPIT_CLONES void multiply5(const Rows& r) { multiplyRows<5>(r); }

// Whose sums fit into the registers.
std::int64_t mostRows() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512f") != 0 ? 5 : 3;
#else
  return 3;
#endif
}
}  // namespace

void multiplyAdd(const Panels& weights, std::int64_t rows, const float* in, const float* start,
                 std::int64_t startStride, float* out) {
  static constexpr std::array kOf{multiply1, multiply2, multiply3, multiply4, multiply5};
  static const std::int64_t most = mostRows();
  Rows r{weights.data(), weights.ins(), weights.outs(), in, start, startStride, out};
  for (std::int64_t groups = (rows + most - 1) / most; groups > 0; --groups) {
    const std::int64_t count = (rows + groups - 1) / groups;
    kOf[static_cast<std::size_t>(count - 1)](r);
    rows -= count;
    r.in += count * r.ins;
    if (r.start != nullptr) r.start += count * startStride;
    r.out += count * r.outs;
  }
}

INCIPIT_CLONES void multiplyAdd(const Panels& weights, std::span<const Entry> in,
                                const float* start, float* out) {
  constexpr std::int64_t kPanel = Panels::kWidth;
  for (std::int64_t o = 0; o < weights.outs(); o += kPanel) {
    const float* panel = weights.data() + o * weights.ins();
    const std::int64_t width = std::min(kPanel, weights.outs() - o);
    float sum[kPanel];
    for (std::int64_t j = 0; j < kPanel; ++j) {
      sum[j] = start != nullptr && j < width ? start[o + j] : 0.0F;
    }
    for (const Entry& e : in) {
      const float* row = panel + e.index * kPanel;
      for (std::int64_t j = 0; j < kPanel; ++j) sum[j] += e.value * row[j];
    }
    for (std::int64_t j = 0; j < width; ++j) out[o + j] = sum[j];
  }
}

INCIPIT_CLONES void sigmoid(std::span<float> values) {
  for (float& x : values) x = sigmoid(x);
}

INCIPIT_CLONES void relu(std::span<float> values) {
  for (float& x : values) x = x > 0.0F ? x : 0.0F;
}

INCIPIT_CLONES void raiseTo(std::span<float> values, const float* by) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = values[i] < by[i] ? by[i] : values[i];
}

INCIPIT_CLONES void dropMask(std::span<float> mask, double rate, std::uint64_t seed) {
  const auto low = static_cast<std::uint32_t>(seed);
  const std::uint32_t high = mixed(static_cast<std::uint32_t>(seed >> 32U) + kGolden);
  const auto keep = static_cast<float>(1.0 / (1.0 - rate));
  // Of 31 bits, which compare as signed numbers.
  const auto limit = static_cast<std::int32_t>(rate * 2147483648.0);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const std::uint32_t x = mixed(mixed(static_cast<std::uint32_t>(i) ^ high) + low * kGolden);
    mask[i] = static_cast<std::int32_t>(x >> 1U) < limit ? 0.0F : keep;
  }
}

INCIPIT_CLONES void softmax(std::span<float> logits, double temperature) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  const float highest = *std::max_element(logits.begin(), logits.end());
  const auto scale = static_cast<float>(1.0 / temperature);
  for (float& x : logits) {
    const float e = fastExp((x - highest) * scale);
    x = x == kNever ? 0.0F : e;
  }
  double sum = 0;
  for (const float x : logits) sum += x;
  for (float& x : logits) x = static_cast<float>(x / sum);
}

}  // namespace incipit
