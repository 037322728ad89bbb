#include "models/roll_published.h"

#include <algorithm>
#include <cmath>

namespace incipit {
namespace {

// The state that columns leave.
LstmState encode(const RecurrentLayer& lstm, const at::Tensor& columns) {
  const LstmState zeros = zeroLstmState(columns.size(1), lstm.hidden(), columns.options());
  return lstmFrom(zeros, columns, lstm).last;
}

}  // namespace

// Windows side by side; those that are shorter than the longest end in silence that does not count.
struct PublishedRollNetwork::Batch {
  at::Tensor cells;    // values, [columns, windows, keys]
  at::Tensor classes;  // of the predicted columns, [columns - context, windows, keys]
  at::Tensor valid;    // [columns - context, windows], 1 where there is one
  std::int64_t count = 0;
};

PublishedRollNetwork::PublishedRollNetwork(const RollPreset& preset, std::uint64_t seed,
                                           at::Device device)
    : RollNetwork(device), preset_(preset) {
  Rng rng(seed, 7);
  const std::int64_t h = preset.hidden;
  const std::int64_t outs = std::int64_t{preset.classes} * kRollKeys;
  const auto lstmOf = [&](const char* name, std::int64_t hidden) {
    return addLstm(name, kRollKeys, hidden, glorot(kRollKeys, 4 * hidden), rng);
  };
  if (!preset.seq2seq()) {
    encoder_ = lstmOf("lstm", h);
  } else {
    encoder_ = lstmOf("encoder", preset.bidirectional ? h / 2 : h);
    if (preset.bidirectional) back_ = lstmOf("encoder_back", h / 2);
    decoder_ = lstmOf("decoder", h);
    denseWeights_ = add("dense.weight", {h, h}, glorot(h, h), rng);
    denseBias_ = add("dense.bias", {h}, 0, rng);
  }
  outWeights_ = add("out.weight", {outs, h}, glorot(h, outs), rng);
  outBias_ = add("out.bias", {outs}, 0, rng);
}

at::Tensor PublishedRollNetwork::valueOf(const at::Tensor& outputs) const {
  if (preset_.classes == 1) return at::sigmoid(outputs);
  // The mean of the classes' values.
  const at::Tensor p = at::softmax(outputs.view({outputs.size(0), kRollKeys, kRollClasses}), 2);
  return p.select(2, 1) * rollValue(RollCell::kOnset) + p.select(2, 2);
}

at::Tensor PublishedRollNetwork::decode(const at::Tensor& cells) {
  const at::Tensor context = cells.slice(0, 0, kRollContext);
  LstmState state = encode(encoder_, context);
  if (preset_.bidirectional) {
    const LstmState back = encode(back_, context.flip(0));
    state = {at::cat({state.output, back.output}, 1), at::cat({state.cell, back.cell}, 1)};
  }
  std::vector<at::Tensor> out;
  at::Tensor value = context[kRollContext - 1];
  for (std::int64_t t = kRollContext; t < cells.size(0); ++t) {
    state = lstmFrom(state, value.unsqueeze(0), decoder_).last;
    const at::Tensor dense = at::relu(linear(state.output, denseWeights_, denseBias_));
    out.push_back(linear(dense, outWeights_, outBias_));
    value = valueOf(out.back());
  }
  return at::stack(out);
}

at::Tensor PublishedRollNetwork::forward(const at::Tensor& cells) {
  if (preset_.seq2seq()) return decode(cells);
  const at::Tensor read = cells.slice(0, 0, cells.size(0) - 1);
  const at::Tensor said = lstm(read, encoder_).slice(0, kRollContext - 1);
  return linear(said.reshape({-1, preset_.hidden}), outWeights_, outBias_)
      .view({said.size(0), said.size(1), -1});
}

PublishedRollNetwork::Batch PublishedRollNetwork::batchOf(std::span<const RollWindow> windows,
                                                          Rng* vary) const {
  Batch b;
  const auto n = static_cast<std::int64_t>(windows.size());
  int most = 0;
  for (const RollWindow& w : windows) most = std::max(most, w.count);
  const std::int64_t columns = kRollContext + most;
  const RollVariation variation{preset_.transpose, preset_.pitchNoise};
  b.cells = at::zeros({columns, n, kRollKeys}, at::kFloat);
  b.classes = at::zeros({most, n, kRollKeys}, at::kLong);
  b.valid = at::zeros({most, n}, at::kFloat);
  for (std::int64_t i = 0; i < n; ++i) {
    const RollWindow& w = windows[static_cast<std::size_t>(i)];
    const Roll roll = rollOf(w.sequence->notes, preset_.unitsPerColumn, w.first - kRollContext,
                             kRollContext + w.count, variation, vary);
    for (int c = 0; c < roll.columns(); ++c) {
      float* values = b.cells.data_ptr<float>() + (c * n + i) * kRollKeys;
      for (int key = 0; key < kRollKeys; ++key) values[key] = rollValue(roll.at(c, key));
      if (c < kRollContext) continue;
      const std::int64_t row = (c - kRollContext) * n + i;
      std::int64_t* classes = b.classes.data_ptr<std::int64_t>() + row * kRollKeys;
      for (int key = 0; key < kRollKeys; ++key) classes[key] = static_cast<int>(roll.at(c, key));
      b.valid.data_ptr<float>()[row] = 1;
    }
    b.count += w.count;
  }
  b.cells = b.cells.to(device_);
  b.classes = b.classes.to(device_);
  b.valid = b.valid.to(device_);
  return b;
}

// Of each key, [columns, windows, keys].
at::Tensor PublishedRollNetwork::errorOf(const at::Tensor& outputs,
                                         const at::Tensor& classes) const {
  if (preset_.loss == RollLossKind::kClasses) {
    const at::Tensor logs = at::log_softmax(
        outputs.view({outputs.size(0), outputs.size(1), kRollKeys, kRollClasses}), 3);
    return -logs.gather(3, classes.unsqueeze(3)).squeeze(3);
  }
  const at::Tensor said = at::sigmoid(outputs);
  const at::Tensor sounds = (classes > 0).to(at::kFloat);
  if (preset_.loss == RollLossKind::kSquares) {
    const at::Tensor onset = (classes == 1).to(at::kFloat);
    return at::square(said - sounds + onset * (1 - rollValue(RollCell::kOnset)));
  }
  constexpr double kAlpha = 1.5;
  constexpr double kBeta = 0.8;
  return at::square(said - sounds) * (kBeta + (kAlpha - kBeta) * sounds);
}

BatchLoss PublishedRollNetwork::loss(std::span<const RollWindow> windows, Rng* vary,
                                     std::optional<std::uint64_t>) {
  const Batch b = batchOf(windows, vary);
  const at::Tensor outputs = forward(b.cells);
  const auto columns = static_cast<double>(b.count);
  BatchLoss out;
  out.total = (errorOf(outputs, b.classes).sum(2) * b.valid).sum() / columns;
  out.examples = b.count;
  const at::NoGradGuard noGrad;
  at::Tensor said;
  if (preset_.classes == kRollClasses) {
    said = outputs.view({outputs.size(0), outputs.size(1), kRollKeys, kRollClasses}).argmax(3);
  } else {
    // As rollCellOf.
    const at::Tensor value = at::sigmoid(outputs);
    const float onset = rollValue(RollCell::kOnset);
    said = (value >= 0.5F * onset).to(at::kLong) + (value >= 0.5F * (onset + 1)).to(at::kLong);
  }
  out.correct = ((said == b.classes).to(at::kFloat).mean(2) * b.valid).sum();
  return out;
}

void PublishedRollNetwork::tally(std::span<const RollWindow> windows, RollTally& into) {
  const Batch b = batchOf(windows, nullptr);
  const at::Tensor outputs = forward(b.cells).to(at::kCPU).contiguous();
  const at::Tensor classes = b.classes.to(at::kCPU);
  const auto n = static_cast<std::int64_t>(windows.size());
  for (std::int64_t i = 0; i < n; ++i) {
    const int count = windows[static_cast<std::size_t>(i)].count;
    for (int c = 0; c < count; ++c) {
      const std::int64_t at = (c * n + i) * kRollKeys;
      const float* said = outputs.data_ptr<float>() + at * preset_.classes;
      for (int key = 0; key < kRollKeys; ++key) {
        const auto truth = static_cast<RollCell>(classes.data_ptr<std::int64_t>()[at + key]);
        if (preset_.classes == 1) {
          into.addNumber(said[key], truth);
        } else {
          into.addCell({said[3 * key], said[3 * key + 1], said[3 * key + 2]}, truth);
        }
      }
    }
    into.addColumns(count);
  }
}

}  // namespace incipit
