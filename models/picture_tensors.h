// Between pictures and tensors, and the losses of the picture families.
//
// Thread safety: free functions.
#pragma once

#include <span>
#include <vector>

#include "core/encoding/picture.h"
#include "models/picture_networks.h"

namespace incipit {

// [n, channels, keys, columns], 0..1, on a device.
at::Tensor tensorOfPictures(std::span<const Picture> pictures, PictureKind kind, at::Device device);
// A tensor of that shape, rounded and bounded to 0..255.
std::vector<Picture> picturesOf(const at::Tensor& values, PictureKind kind);
// Standard normal numbers, [n, width], a function of the seed.
at::Tensor normalNoise(std::int64_t n, std::int64_t width, std::uint64_t seed, at::Device device);

// Of judgements of real and drawn pictures, means over them.
at::Tensor criticLoss(AdversarialLoss kind, const at::Tensor& real, const at::Tensor& drawn);
at::Tensor generatorLoss(AdversarialLoss kind, const at::Tensor& drawn);
// How often the critic is right: of pictures, or, for Wasserstein distances, of pairs.
double criticAccuracy(AdversarialLoss kind, const at::Tensor& real, const at::Tensor& drawn);
// The mean square of how far the critic's gradient between real and drawn pictures is from length
// 1 (Gulrajani et al. 2017).
at::Tensor gradientPenalty(const PictureNetwork& network, const at::Tensor& real,
                           const at::Tensor& drawn, std::uint64_t seed);
// Half the mean square of the length of the critic's gradient at real pictures (R1).
at::Tensor realPenalty(const PictureNetwork& network, const at::Tensor& real, std::uint64_t seed);

// Nats a picture, means over a batch.
struct AutoencoderLoss {
  at::Tensor reconstruction;
  at::Tensor divergence;
  at::Tensor priced;  // the divergence without each latent number's free bits
};
// What PictureNetwork::nats says and the Kullback-Leibler divergence from a standard normal
// distribution; latent numbers are drawn with `noise`, [n, latent].
AutoencoderLoss autoencoderLoss(const PictureNetwork& network, const at::Tensor& pictures,
                                const at::Tensor& noise, double freeBits, bool learning);

}  // namespace incipit
