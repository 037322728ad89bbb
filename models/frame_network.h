// The network of the frame families, as LibTorch sees it.
//
// Thread safety: one thread at a time per network.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "models/frame_data.h"
#include "models/frame_presets.h"
#include "models/training_task.h"

namespace incipit {

// Frames [first, first + count) of a sequence, given all before them.
struct FrameWindow {
  const FrameSequence* sequence = nullptr;
  std::int64_t first = 0;
  std::int64_t count = 0;
};

class FrameNetwork : public Network {
 public:
  FrameNetwork(const FramePreset& preset, std::uint64_t seed, at::Device device);

  // Nats of each frame, [frames of the longest window, windows]; 0 for those that are not there.
  at::Tensor nats(std::span<const FrameWindow> windows, std::optional<std::uint64_t> dropout);

 private:
  struct Batch;
  Batch batchOf(std::span<const FrameWindow> windows) const;
  at::Tensor core(const at::Tensor& x, double rate, std::uint64_t seed);
  at::Tensor serialNats(Batch& batch, const at::Tensor& base, double rate, std::uint64_t seed);
  at::Tensor independentNats(Batch& batch, const at::Tensor& base, double rate, std::uint64_t seed);

  FramePreset preset_;
  at::Tensor embedding_, headWeights_, headBias_, given_, outWeights_, outBias_;
  std::vector<RecurrentLayer> grus_;
  std::vector<GatedWeights> blocks_;
  // Which outputs make the logit of each symbol, by the last symbol and by the voice's; what may
  // not follow the last symbol. [kFrameSymbols or one more, kFrameSymbols]
  at::Tensor fall_, move_, forbidden_;
};

}  // namespace incipit
