// The `published` networks of the roll families; see roll_presets.h.
//
// Thread safety: one thread at a time per network.
#pragma once

#include "models/roll_network.h"

namespace incipit {

class PublishedRollNetwork : public RollNetwork {
 public:
  PublishedRollNetwork(const RollPreset& preset, std::uint64_t seed, at::Device device);
  BatchLoss loss(std::span<const RollWindow> windows, Rng* vary,
                 std::optional<std::uint64_t> dropout) override;
  void tally(std::span<const RollWindow> windows, RollTally& into) override;

  // cells: the values of columns, [columns, windows, kRollKeys], of which the first kRollContext
  // are read before any is predicted. Returns the outputs for the columns from there on, before the
  // sigmoid, [columns - kRollContext, windows, kRollKeys * classes]. roll-lstm reads every column
  // before the one that it predicts, roll-seq2seq none after the context.
  at::Tensor forward(const at::Tensor& cells);

 private:
  at::Tensor decode(const at::Tensor& cells);
  // The value that a column's outputs stand for, as an input.
  at::Tensor valueOf(const at::Tensor& outputs) const;
  at::Tensor errorOf(const at::Tensor& outputs, const at::Tensor& classes) const;
  struct Batch;
  Batch batchOf(std::span<const RollWindow> windows, Rng* vary) const;

  RollPreset preset_;
  RecurrentLayer encoder_, back_, decoder_;
  at::Tensor denseWeights_, denseBias_, outWeights_, outBias_;
};

}  // namespace incipit
