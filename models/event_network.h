// The network of the family event-lstm, as LibTorch sees it.
//
// Thread safety: one thread at a time per network.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "models/event_data.h"
#include "models/event_presets.h"
#include "models/training_task.h"

namespace incipit {

class EventNetwork : public Network {
 public:
  EventNetwork(const EventPreset& preset, std::uint64_t seed, at::Device device);

  // Of each window's symbols: the logits of all symbols, -1e9 for those that the grammar forbids,
  // [symbols of all windows, kEventSymbols], and what they were, in the order step by step, window
  // by window.
  struct Answers {
    at::Tensor logits, truth;
  };
  Answers answers(std::span<const EventWindow> windows, std::optional<std::uint64_t> dropout);

 private:
  EventPreset preset_;
  at::Tensor embedding_, outWeights_, outBias_;
  std::vector<RecurrentLayer> lstms_;
  at::Tensor move_;  // of each reference, then of none: which output is added to each symbol's
};

}  // namespace incipit
