#include "models/event_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace incipit {
namespace {

constexpr float kNever = -1e9F;

// References are PITCH symbols; one row more is for none.
std::int64_t referenceRow(int reference) {
  return reference < 0 ? kEventPitch.count : reference - kEventPitch.first;
}

struct Batch {
  std::int64_t steps = 0;
  RaggedRows inputs;  // of each place, row = step * windows + window
  // Of each symbol.
  std::vector<std::int64_t> row, truth, reference, proposal;
  std::vector<std::uint8_t> forbidden;  // kEventSymbols each
};

Batch batchOf(std::span<const EventWindow> windows) {
  Batch b;
  std::vector<EventHistory> histories;
  for (const EventWindow& w : windows) {
    b.steps = std::max(b.steps, static_cast<std::int64_t>(w.count));
    EventHistory& history = histories.emplace_back(w.piece->roles);
    for (std::size_t i = 0; i < w.first; ++i) history.take(w.token(i));
  }
  const std::size_t rows = static_cast<std::size_t>(b.steps) * windows.size();
  for (std::size_t row = 0; row < rows; ++row) {
    const EventWindow& w = windows[row % windows.size()];
    const std::size_t step = row / windows.size();
    b.inputs.from.push_back(static_cast<std::int64_t>(b.inputs.rows.size()));
    if (step >= w.count) continue;
    EventHistory& history = histories[row % windows.size()];
    history.appendInputs(b.inputs.rows);
    const EventToken token = w.token(w.first + step);
    b.row.push_back(static_cast<std::int64_t>(row));
    b.truth.push_back(token);
    b.reference.push_back(referenceRow(history.reference()));
    b.proposal.push_back(history.proposal());
    for (int t = 0; t < kEventSymbols; ++t) {
      b.forbidden.push_back(history.grammar().allows(t) ? 0 : 1);
    }
    history.take(token);
  }
  return b;
}

}  // namespace

EventNetwork::EventNetwork(const EventPreset& preset, std::uint64_t seed, at::Device device)
    : Network(device), preset_(preset) {
  Rng rng(seed, 7);
  const std::int64_t h = preset.hidden;
  embedding_ = add("embedding", {EventRows::kRows, h}, 0.15, rng);
  for (int i = 1; i <= preset.layers; ++i) {
    lstms_.push_back(addLstm(fmt::format("lstm{}", i), h, h, glorot(h, h), rng));
  }
  outWeights_ =
      add("out.weight", {EventLogits::kOutputs, h}, glorot(h, EventLogits::kOutputs), rng);
  outBias_ = add("out.bias", {EventLogits::kOutputs}, 0, rng);

  std::vector<std::int64_t> move;
  for (int r = 0; r <= kEventPitch.count; ++r) {
    const int reference = r < kEventPitch.count ? int{kEventPitch[r]} : -1;
    for (int s = 0; s < kEventSymbols; ++s) {
      const int output = EventLogits::move(s, reference);
      move.push_back(output < 0 ? EventLogits::kOutputs : output);  // the column of zeros
    }
  }
  const std::vector<std::int64_t> shape{kEventPitch.count + 1, kEventSymbols};
  move_ = tensorOf(move, shape, device);
}

EventNetwork::Answers EventNetwork::answers(std::span<const EventWindow> windows,
                                            std::optional<std::uint64_t> dropout) {
  Batch b = batchOf(windows);
  const double rate = dropout ? preset_.dropout : 0;
  const std::uint64_t seed = dropout.value_or(0) * 32;
  const auto count = static_cast<std::int64_t>(windows.size());
  at::Tensor x = drop(bag(embedding_, b.inputs).view({b.steps, count, preset_.hidden}), rate, seed);
  at::Tensor sum = x;
  for (std::size_t i = 0; i < lstms_.size(); ++i) {
    x = lstm(drop(x, i > 0 ? rate : 0, seed + 1 + i), lstms_[i]);
    sum = sum + x;
  }
  const auto symbols = static_cast<std::int64_t>(b.row.size());
  const at::Tensor rows = tensorOf(b.row, {symbols}, device_);
  const at::Tensor inner =
      drop(sum.reshape({-1, preset_.hidden}).index_select(0, rows), rate, seed + 20);
  const at::Tensor o = at::constant_pad_nd(linear(inner, outWeights_, outBias_), {0, 1});
  const at::Tensor reference = tensorOf(b.reference, {symbols}, device_);
  const at::Tensor own =
      o.slice(1, 0, kEventSymbols) + o.gather(1, move_.index_select(0, reference));
  // One column more takes what is said of proposals that are not there.
  const at::Tensor proposal = tensorOf(b.proposal, {symbols, 1}, device_);
  const at::Tensor logits =
      at::constant_pad_nd(own, {0, 1})
          .scatter_add(1, proposal, o.slice(1, EventLogits::kFavour, EventLogits::kFavour + 1))
          .slice(1, 0, kEventSymbols);
  const at::Tensor forbidden =
      tensorOf(b.forbidden, {symbols, kEventSymbols}, device_).to(at::kBool);
  return {logits.masked_fill(forbidden, kNever), tensorOf(b.truth, {symbols}, device_)};
}

}  // namespace incipit
