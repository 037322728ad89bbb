// The networks of the roll families, as LibTorch sees them. See roll_presets.h for what they are.
//
// Thread safety: one thread at a time per network.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "models/roll_presets.h"
#include "models/roll_tally.h"
#include "models/roll_windows.h"
#include "models/training_task.h"

namespace incipit {

class RollNetwork : public Network {
 public:
  // The loss of the windows' columns, a column each: nats, or by the preset's RollLossKind summed
  // over the keys. The windows have the same context. `vary` moves notes, `dropout` seeds the
  // masks; without both it is that of validation. `correct` counts the share of each column's cells
  // whose likeliest class is right.
  virtual BatchLoss loss(std::span<const RollWindow> windows, Rng* vary,
                         std::optional<std::uint64_t> dropout) = 0;
  // Counts every column of the windows; called without gradients.
  virtual void tally(std::span<const RollWindow> windows, RollTally& into) = 0;

 protected:
  using Network::Network;
};

// Weights drawn from `seed`.
std::unique_ptr<RollNetwork> makeRollNetwork(const RollPreset& preset, std::uint64_t seed,
                                             at::Device device);

}  // namespace incipit
