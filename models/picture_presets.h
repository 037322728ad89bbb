// The presets of the picture families: roll-gan, roll-dcgan, roll-wgan-gp and roll-vae.
//
// `published` is the network of the paper or thesis: dense layers (roll-gan; Goodfellow et al.
// 2014, "Generative adversarial nets"), strided convolutions (roll-dcgan; Radford et al. 2016,
// "Unsupervised representation learning with deep convolutional generative adversarial networks"),
// a critic with gradient penalty (roll-wgan-gp; Gulrajani et al. 2017, "Improved training of
// Wasserstein GANs"), and a variational autoencoder (roll-vae; Kingma and Welling 2014).
//
// `improved`: cells are on or off where they leave the generator, with a gradient that passes
// through (Dong and Yang 2018, "Convolutional generative adversarial networks with binary
// neurons"), and start as often on as those of the corpus; the weights are averaged; the critic's
// weights are bounded by their spectral norm (Miyato et al. 2018) or its gradient by a penalty, it
// learns at a rate of its own (Heusel et al. 2017), and sees part of a picture now and then (Zhao
// et al. 2020). The generator also learns to give music back from what the critic sees in it
// (Larsen et al. 2016, "Autoencoding beyond pixels using a learned similarity metric"), and draws
// from the distribution that the latent numbers of music have: it draws music before the critic
// knows much. Lengths, velocities, instruments and tempos come out as often as the corpus has them
// (PictureNetwork::fitLevels). All but roll-dcgan work on segments of a beat or a second with one
// set of weights for all.
//
// Thread safety: values and free functions.
#pragma once

#include <string>
#include <vector>

#include "core/compose/settings.h"
#include "core/encoding/picture.h"
#include "models/checkpoint.h"
#include "models/training_task.h"

namespace incipit {

inline constexpr const char* kRollGan = "roll-gan";
inline constexpr const char* kRollDcgan = "roll-dcgan";
inline constexpr const char* kRollWganGp = "roll-wgan-gp";
inline constexpr const char* kRollVae = "roll-vae";

enum class AdversarialLoss { kLogistic, kHinge, kWasserstein };
enum class PictureLayers { kDense, kConvolutions, kSegments };

struct PicturePreset {
  std::string family;
  std::string name;  // "published" or "improved"
  // The network: what a checkpoint's config keeps.
  PictureKind kind = PictureKind::kTicks;
  PictureLayers layers = PictureLayers::kDense;
  int latent = 100;  // numbers that a picture is drawn from
  int width = 256;   // of the layer next to the cells (segments); channels there (convolutions)
  // Training.
  AdversarialLoss loss = AdversarialLoss::kLogistic;
  int criticSteps = 1;         // steps of the critic for each of the generator
  double gradientPenalty = 0;  // weight, between real and drawn pictures
  double realPenalty = 0;      // weight of R1 (Mescheder et al. 2018), at real pictures
  double dropout = 0;          // of the critic's convolutions
  double hidden = 0;           // share of the pictures of which the critic sees a part
  bool spectral = false;       // norm of the critic's weights
  double reconstruction = 0;   // weight of an autoencoder's loss beside the adversary's
  double beta = 1;             // weight of the Kullback-Leibler divergence
  double freeBits = 0;         // of each latent number, in nats, that cost nothing
  double noisyNotes = 0;       // share of the notes with noise in the pitch
  bool transpose = false;
  Schedule schedule;
  int batch = 64;
  int epoch = 0;  // pictures in an epoch; 0: each once

  bool vae() const { return family == kRollVae; }
  bool improved() const { return name == "improved"; }
  // Planes that a network draws for a kind of picture; of an improved network what a cell is and
  // whether it is on are apart.
  int planes() const;
};

Result<PicturePreset> picturePresetNamed(const std::string& family, const std::string& name);
// The settings that a preset's user may choose, and the preset with them.
std::vector<SettingInfo> pictureSettings(const PicturePreset& preset);
void setPicturePreset(PicturePreset& preset, const SettingValues& settings);

std::string pictureConfig(const PicturePreset& preset);
// The preset of a checkpoint's family, preset and config. One line for what is none; its tensors
// are not looked at.
Result<PicturePreset> pictureCheckpoint(const TensorFile& file);

}  // namespace incipit
