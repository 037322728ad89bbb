// The preset improved of hilbert-ae: see hilbert_network.h.
#pragma once

#include "models/hilbert_network.h"

namespace incipit {

std::unique_ptr<HilbertNetwork> makeImprovedHilbert(const HilbertPreset& preset, std::uint64_t seed,
                                                    at::Device device);

// The differences of levels of mel bands (core/encoding/mel.h) that improved learns from, in dB,
// a mean over moments and bands. Sounds: [n, samples], single precision.
class MelLoss {
 public:
  MelLoss(int window, int hop, int bands, at::Device device);
  at::Tensor operator()(const at::Tensor& is, const at::Tensor& wanted) const;

 private:
  at::Tensor powers(const at::Tensor& sound) const;

  std::int64_t length_, hop_;
  at::Tensor window_;
  at::Tensor bands_;  // [bins, bands]
};

}  // namespace incipit
