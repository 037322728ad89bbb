// The `improved` networks of the roll families; see roll_presets.h.
//
// Thread safety: one thread at a time per network.
#pragma once

#include "models/roll_network.h"

namespace incipit {

class ImprovedRollNetwork : public RollNetwork {
 public:
  ImprovedRollNetwork(const RollPreset& preset, std::uint64_t seed, at::Device device);
  BatchLoss loss(std::span<const RollWindow> windows, Rng* vary,
                 std::optional<std::uint64_t> dropout) override;
  void tally(std::span<const RollWindow> windows, RollTally& into) override;

 private:
  struct Batch;
  Batch batchOf(std::span<const RollWindow> windows, Rng* vary) const;
  // Of the columns that are read, [columns, windows, hidden].
  at::Tensor core(Batch& batch, double rate, std::uint64_t seed);
  at::Tensor attendingCore(Batch& batch, double rate, std::uint64_t seed);
  // Nats of all columns; counts into `tally` where there is one.
  at::Tensor nats(Batch& batch, std::optional<std::uint64_t> dropout, RollTally& tally);

  RollPreset preset_;
  at::Tensor embedding_, encoderEmbedding_;
  RecurrentLayer lstm_[2], encoder_, back_;
  at::Tensor summaryWeights_, summaryBias_, query_, attended_;
  at::Tensor headWeights_, headBias_, given_, outWeights_, outBias_;
};

}  // namespace incipit
