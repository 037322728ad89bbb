// The network of wavenet-audio as LibTorch sees it; WavenetPlayer is the same, sample by sample.
// Thread safety: one thread at a time per network.
#pragma once

#include "models/layers.h"
#include "models/wavenet_audio.h"

namespace incipit {

class WavenetAudioNetwork : public Network {
 public:
  WavenetAudioNetwork(const WavenetAudioPreset& preset, std::uint64_t seed, at::Device device);
  // Logits of each sample's class, [samples, batch, kSampleClasses]. before: the class of the
  // sample before each, [samples, batch]; cues: [samples, batch, kNoteCues], undefined where the
  // preset has none.
  at::Tensor logits(const at::Tensor& before, const at::Tensor& cues) const;

 private:
  at::Tensor embedding_, cuesWeights_, cuesBias_, headWeights_, headBias_, outWeights_, outBias_;
  std::vector<GatedWeights> blocks_;
};

}  // namespace incipit
