// The networks of the family hilbert-ae: a picture of 65,536 samples along a Hilbert curve
// (core/encoding/hilbert.h), values in [0, 1], through fewer numbers and back to a picture.
//
// `published`: a convolutional autoencoder of a paper of 2020 on Hilbert curves for sound, layer
// for layer: convolutions of 16, 32, 64 and 64 kernels of 4x4 with a maximum of each 2x2 between
// them, then back with 32, 16 and 1. Its narrowest place has as many values as the picture.
//
// `improved` reads the picture along the curve, where neighbours in time are neighbours whichever
// way the curve turns. A lapped transform (MDCT, Princen and Bradley 1986; 512 coefficients each
// 11.6 ms) is its first layer and its last. Of the coefficients, 60 numbers a hop go through the
// bottleneck, 8.5 times fewer than samples: the 48 below 2.1 kHz as they are, and what the encoder
// says of the bands above in 12 more. The decoder is a stack of dilated convolutions over hops. It
// says by how much each of the 48 is to be louder or softer, and how loud the bands above are,
// which it fills with the spectrum below (spectral band replication) and noise. It learns from the
// levels of mel bands: a phase that is another is no error.
//
// Thread safety: one thread at a time per network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "models/checkpoint.h"
#include "models/layers.h"

namespace incipit {

inline constexpr const char* kHilbertAe = "hilbert-ae";
inline constexpr int kHilbertOrder = 8;
inline constexpr int kHilbertRate = 44100;

struct HilbertPreset {
  std::string name = "improved";  // or "published"
  int width = 256;                // of improved's decoder
  int layers = 6;
  bool published() const { return name == "published"; }
};
std::string hilbertConfig(const HilbertPreset& preset);
// The preset of a whole checkpoint. One line for what is none.
Result<HilbertPreset> hilbertCheckpoint(const TensorFile& file);

class HilbertNetwork : public Network {
 public:
  // pictures: [n, 1, 256, 256]; the answer, likewise.
  virtual at::Tensor answer(const at::Tensor& pictures) = 0;
  // How far the answer to `heard` is from `wanted`, a scalar: published's mean square of a pixel;
  // improved's mean difference of the levels of mel bands, in dB.
  virtual at::Tensor loss(const at::Tensor& heard, const at::Tensor& wanted) = 0;
  // How many numbers a picture is at the narrowest place.
  virtual std::int64_t bottleneck() const = 0;

 protected:
  using Network::Network;
};
std::unique_ptr<HilbertNetwork> makeHilbertNetwork(const HilbertPreset& preset, std::uint64_t seed,
                                                   at::Device device);

}  // namespace incipit
