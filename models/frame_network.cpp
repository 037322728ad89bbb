#include "models/frame_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "models/frame_features.h"

namespace incipit {
namespace {
constexpr float kNever = -1e9F;
}

struct FrameNetwork::Batch {
  std::int64_t windows = 0;
  std::int64_t steps = 0;
  RaggedRows inputs;         // of each frame, row = step * windows + window
  std::vector<float> valid;  // of each frame
  // Serialised: of each symbol.
  RaggedRows given;
  std::vector<std::int64_t> frame, target, last, voice;
  std::vector<std::int64_t> proposed;  // kProposals each
  // Independent: of each frame, keys, and keys of each proposal.
  std::vector<float> keys, proposedKeys;
};

namespace {

void appendInput(RaggedRows& rows) {
  rows.from.push_back(static_cast<std::int64_t>(rows.rows.size()));
}

void setKeys(const Frame& frame, float* out) {
  for (const std::uint8_t pitch : frame) out[pitch - kFrameLowest] = 1;
}

}  // namespace

FrameNetwork::FrameNetwork(const FramePreset& preset, std::uint64_t seed, at::Device device)
    : Network(device), preset_(preset) {
  Rng rng(seed, 7);
  const std::int64_t h = preset.hidden;
  const auto matrix = [&](const std::string& name, std::int64_t out, std::int64_t in) {
    return add(name, {out, in}, glorot(in, out), rng);
  };
  embedding_ = add("embedding", {FrameRows::kRows, h}, 0.15, rng);
  for (int i = 1; i <= preset.layers; ++i) {
    if (preset.gru()) {
      const std::string name = fmt::format("gru{}.", i);
      grus_.push_back(
          {matrix(name + "input", 3 * h, h),
           add(name + "recurrent", {3 * h, h}, 1 / std::sqrt(static_cast<double>(h)), rng),
           add(name + "bias", {3 * h}, 0, rng)});
    } else {
      const std::string name = fmt::format("block{}.", i);
      blocks_.push_back({matrix(name + "gates", 2 * h, 2 * h),
                         add(name + "gates_bias", {2 * h}, 0, rng), matrix(name + "out", 2 * h, h),
                         add(name + "out_bias", {2 * h}, 0, rng)});
    }
  }
  headWeights_ = matrix("head.weight", preset.head, h);
  headBias_ = add("head.bias", {preset.head}, 0, rng);
  if (preset.serial()) given_ = add("head.given", {SymbolRows::kRows, preset.head}, 0.1, rng);
  const std::int64_t outputs = preset.serial() ? SymbolLogits::kOutputs : kFrameKeys + kProposals;
  outWeights_ = matrix("out.weight", outputs, preset.head);
  outBias_ = add("out.bias", {outputs}, 0, rng);

  std::vector<std::int64_t> fall;
  std::vector<std::int64_t> move;
  std::vector<std::uint8_t> forbidden;
  for (int row = 0; row <= kFrameSymbols; ++row) {
    for (int s = 0; s < kFrameSymbols; ++s) {
      fall.push_back(SymbolLogits::fall(s, row));
      move.push_back(SymbolLogits::move(s, row));
      forbidden.push_back(mayFollow(s, row) ? 0 : 1);
    }
  }
  // Not an IntArrayRef, which would refer to a list that is gone after this line.
  constexpr std::array<std::int64_t, 2> shape{kFrameSymbols + 1, kFrameSymbols};
  fall_ = tensorOf(fall, shape, device);
  move_ = tensorOf(move, shape, device);
  forbidden_ = tensorOf(forbidden, shape, device).to(at::kBool);
}

FrameNetwork::Batch FrameNetwork::batchOf(std::span<const FrameWindow> windows) const {
  Batch b;
  b.windows = static_cast<std::int64_t>(windows.size());
  std::vector<FrameHistory> histories;
  for (const FrameWindow& w : windows) {
    b.steps = std::max(b.steps, w.count);
    const std::int64_t from = std::max<std::int64_t>(0, w.first - kMatchMemory);
    FrameHistory& history = histories.emplace_back(w.sequence->position + from);
    for (std::int64_t i = from; i < w.first; ++i) {
      history.push(w.sequence->frames[static_cast<std::size_t>(i)]);
    }
  }
  const auto rows = static_cast<std::size_t>(b.steps * b.windows);
  b.valid.resize(rows);
  if (!preset_.serial()) {
    b.keys.resize(rows * kFrameKeys);
    b.proposedKeys.resize(rows * kFrameKeys * kProposals);
  }
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t k = row % windows.size();
    const auto step = static_cast<std::int64_t>(row / windows.size());
    const FrameWindow& w = windows[k];
    appendInput(b.inputs);
    if (step >= w.count) continue;
    const Frame& frame = w.sequence->frames[static_cast<std::size_t>(w.first + step)];
    histories[k].appendInputs(b.inputs.rows);
    b.valid[row] = 1;
    const auto proposals = histories[k].proposals();
    if (preset_.serial()) {
      for (std::size_t n = 0; n <= frame.size(); ++n) {
        const SymbolContext c = symbolContext(proposals, std::span(frame).first(n));
        appendInput(b.given);
        b.given.rows.insert(b.given.rows.end(), c.rows.begin(), c.rows.end());
        b.frame.push_back(static_cast<std::int64_t>(row));
        b.target.push_back(n < frame.size() ? frameSymbol(frame[n]) : kFrameEnd);
        b.last.push_back(c.last);
        b.voice.push_back(c.voice);
        b.proposed.insert(b.proposed.end(), c.proposed.begin(), c.proposed.end());
      }
    } else {
      setKeys(frame, b.keys.data() + row * kFrameKeys);
      for (std::size_t p = 0; p < kProposals; ++p) {
        if (proposals[p] == nullptr) continue;
        setKeys(*proposals[p], b.proposedKeys.data() + (p * rows + row) * kFrameKeys);
      }
    }
    histories[k].push(frame);
  }
  return b;
}

at::Tensor FrameNetwork::core(const at::Tensor& input, double rate, std::uint64_t seed) {
  at::Tensor x = drop(input, rate, seed);
  at::Tensor sum = x;
  for (std::size_t i = 0; i < grus_.size(); ++i) {
    x = gru(drop(x, i > 0 ? rate : 0, seed + 1 + i), grus_[i]);
    sum = sum + x;
  }
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const GatedOutput out = gatedConvolution(drop(x, i > 0 ? rate / 2 : 0, seed + 1 + i),
                                             blocks_[i], std::int64_t{1} << i);
    x = out.next;
    sum = sum + out.skip;
  }
  return drop(sum, rate, seed + 20).reshape({-1, preset_.hidden});
}

at::Tensor FrameNetwork::serialNats(Batch& b, const at::Tensor& base, double rate,
                                    std::uint64_t seed) {
  const auto symbols = static_cast<std::int64_t>(b.target.size());
  const at::Tensor frame = tensorOf(b.frame, {symbols}, device_);
  const at::Tensor last = tensorOf(b.last, {symbols}, device_);
  const at::Tensor voice = tensorOf(b.voice, {symbols}, device_);
  const at::Tensor z =
      drop(at::relu(base.index_select(0, frame) + bag(given_, b.given)), rate, seed);
  const at::Tensor o = linear(z, outWeights_, outBias_);
  const at::Tensor own = o.slice(1, 0, kFrameSymbols) + o.gather(1, fall_.index_select(0, last)) +
                         o.gather(1, move_.index_select(0, voice));
  // One column more takes what is said of proposals that are not there.
  const at::Tensor logits =
      at::constant_pad_nd(own, {0, 1})
          .scatter_add(1, tensorOf(b.proposed, {symbols, kProposals}, device_),
                       o.slice(1, SymbolLogits::kFavour))
          .slice(1, 0, kFrameSymbols)
          .masked_fill(forbidden_.index_select(0, last), kNever);
  const at::Tensor target = tensorOf(b.target, {symbols}, device_);
  const at::Tensor nats = -at::log_softmax(logits, 1).gather(1, target.unsqueeze(1)).squeeze(1);
  return at::zeros({b.steps * b.windows}, nats.options()).index_add(0, frame, nats);
}

at::Tensor FrameNetwork::independentNats(Batch& b, const at::Tensor& base, double rate,
                                         std::uint64_t seed) {
  const std::int64_t rows = b.steps * b.windows;
  const at::Tensor o = linear(drop(at::relu(base), rate, seed), outWeights_, outBias_);
  at::Tensor logits = o.slice(1, 0, kFrameKeys);
  const at::Tensor proposed = tensorOf(b.proposedKeys, {kProposals, rows, kFrameKeys}, device_);
  for (std::int64_t p = 0; p < kProposals; ++p) {
    logits = logits + proposed[p] * o.slice(1, kFrameKeys + p, kFrameKeys + p + 1);
  }
  const at::Tensor keys = tensorOf(b.keys, {rows, kFrameKeys}, device_);
  // -log sigmoid(logit) where the key sounds, -log sigmoid(-logit) where not.
  const at::Tensor nats = at::softplus(logits) - logits * keys;
  return nats.sum(1) * tensorOf(b.valid, {rows}, device_);
}

at::Tensor FrameNetwork::nats(std::span<const FrameWindow> windows,
                              std::optional<std::uint64_t> dropout) {
  Batch b = batchOf(windows);
  const double rate = dropout ? preset_.dropout : 0;
  const std::uint64_t seed = dropout.value_or(0) * 32;
  const at::Tensor x = bag(embedding_, b.inputs).view({b.steps, b.windows, preset_.hidden});
  const at::Tensor base = linear(core(x, rate, seed), headWeights_, headBias_);
  const at::Tensor nats = preset_.serial() ? serialNats(b, base, rate, seed + 21)
                                           : independentNats(b, base, rate, seed + 21);
  return nats.view({b.steps, b.windows});
}

}  // namespace incipit
