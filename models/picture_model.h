// A checkpoint of a picture family, ready to draw: what composing, the Lab and evaluation share.
//
// The same latent numbers give the same picture, whatever else is drawn with it. Thread safety: may
// be used by several threads.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/compose/lab.h"
#include "models/family.h"
#include "models/picture_presets.h"

namespace incipit {

class PictureNetwork;

class PictureModel {
 public:
  // One line for what is no whole checkpoint.
  static Result<std::shared_ptr<const PictureModel>> load(const TensorFile& checkpoint);
  // Of a network that learns; `network` must live longer.
  PictureModel(PicturePreset preset, std::shared_ptr<PictureNetwork> network);

  PictureKind kind() const { return preset_.kind; }
  const PicturePreset& preset() const { return preset_; }
  PictureNetwork& network() const { return *network_; }

  // What the model draws by chance: numbers `first` on of `seed`, each a function of the two. The
  // spread is `temperature`. An improved model goes a few steps to and fro between pictures and
  // latent numbers (PictureNetwork::settling), which leads to where music is (Rezende et al. 2014,
  // "Stochastic backpropagation and approximate inference in deep generative models").
  std::vector<Latent> latents(std::uint64_t seed, std::uint64_t first, std::size_t count,
                              double temperature) const;
  // The same before such steps, and one of them.
  std::vector<Latent> unsettled(std::uint64_t seed, std::uint64_t first, std::size_t count,
                                double temperature) const;
  std::vector<Latent> settled(std::span<const Latent> latents) const;
  struct Drawn {
    Picture picture;
    std::vector<float> on;  // how probable each cell [key][column] is, as drawn
  };
  // Latents have preset().latent numbers each.
  std::vector<Drawn> draw(std::span<const Latent> latents) const;
  // The means of the pictures' distributions, but of a published adversary.
  std::vector<Latent> embed(std::span<const Picture> pictures) const;

 private:
  PicturePreset preset_;
  std::shared_ptr<PictureNetwork> network_;
};

// Textures: pictures one after another fill the range. Settings "key" and, of an autoencoder,
// "distance" (settings of FamilyInfo).
std::vector<SettingInfo> pictureComposeSettings(bool vae);
std::shared_ptr<const Composer> pictureComposer(std::shared_ptr<const PictureModel> model);

}  // namespace incipit
