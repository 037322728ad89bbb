// The networks of the picture families (picture_presets.h): what draws pictures from latent
// numbers, what judges them, and what finds the latent numbers of a picture. Pictures are [n,
// channels, keys, columns], their values 0..1 where the cells are 0..255.
//
// Names of parameters begin with "generator." (of roll-vae, too), "critic." or "encoder.".
//
// Thread safety: one thread at a time while it learns; afterwards what is const by several.
#pragma once

#include <optional>
#include <utility>

#include "models/convolutions.h"
#include "models/picture_presets.h"

namespace incipit {

// What improved networks keep that checkpoints of 0.4.0 have not, and what it is for those.
inline constexpr int kMostSettling = 8;
inline constexpr std::pair<const char*, float> kSettlingState{"generator.settling", kMostSettling};
inline constexpr std::pair<const char*, float> kFullnessState{"generator.fullness", 1};

class PictureNetwork final : public Network {
 public:
  PictureNetwork(const PicturePreset& preset, std::uint64_t seed, at::Device device);

  // What is drawn from standard normal numbers: the same, or, where a prior was fitted, latent
  // numbers that are distributed as those of music.
  at::Tensor latentsOf(const at::Tensor& noise) const;
  // Lets the prior be the normal distribution that latent numbers of music, [n, latent], have
  // (Ghosh et al. 2020, "From variational to deterministic autoencoders"). `improved` only.
  void fitPrior(const at::Tensor& latents);

  // How often a drawing is read and drawn again before it is given: once turns greys into notes,
  // often makes voices hold, and too often leaves only what is simplest. 8 where nothing else was
  // found. `improved` only.
  int settling() const;
  void setSettling(int times);
  // Of how many keys are expected the share that is drawn: networks that are pulled two ways, by
  // music and by a critic, expect too many or too few. 1 where nothing else was found. `improved`
  // only.
  double fullness() const;
  void setFullness(double share);

  // [n, planes, keys, columns] of [n, latent]. While it learns, batches are normalised by
  // themselves.
  at::Tensor logits(const at::Tensor& latents, bool learning) const;
  // How improbable pictures are by logits, in nats, [n]. Of levels binary cross-entropy, where the
  // cell is on.
  at::Tensor nats(const at::Tensor& logits, const at::Tensor& pictures) const;
  // The pictures of logits, and how probable it is that each cell is on, [n, keys, columns]. Of an
  // improved network as many keys sound in a column as it expects, those most probable (of pictures
  // of starts: as many start in a second): a voice that is unsure which of two keys it plays makes
  // both less than even, but is not to fall silent. Their gradient is that of the probabilities.
  // While it learns, fullness() does not count.
  at::Tensor pictures(const at::Tensor& logits, bool learning = false) const;
  at::Tensor probabilities(const at::Tensor& logits) const;

  // How real pictures are, [n]. `seed` is that of dropout, none where the network is asked only;
  // `frozen`: without gradients of the critic's own weights.
  at::Tensor judge(const at::Tensor& pictures, std::optional<std::uint64_t> seed,
                   bool frozen = false) const;

  struct Posterior {
    at::Tensor mean, logVariance;  // [n, latent]
  };
  // Not of a published adversary.
  Posterior encode(const at::Tensor& pictures) const;

  // How often each cell is on in the corpus, [keys, columns]: the generator begins with it.
  // `improved` only.
  void setMarginals(const at::Tensor& shares);

 private:
  struct Size {
    std::int64_t keys, columns;
  };
  at::Tensor weight(const std::string& name, bool frozen = false) const;
  // What the network keeps account in, without gradients: saved and restored as all parameters are.
  at::Tensor addState(const std::string& name, at::IntArrayRef shape, double value);
  void addLinear(const std::string& name, std::int64_t in, std::int64_t out, Rng& rng);
  void addConvolution(const std::string& name, std::int64_t in, std::int64_t out,
                      const Stencils& stencils, bool transposed, Rng& rng);
  void addNorm(const std::string& name, std::int64_t width);
  void addGenerator(Rng& rng);
  void addCritic(Rng& rng);
  void addEncoder(Rng& rng);

  at::Tensor dense(const std::string& name, const at::Tensor& x, bool frozen = false) const;
  at::Tensor critical(const std::string& name, bool frozen, bool learning) const;
  at::Tensor judging(const std::string& name, const at::Tensor& x,
                     std::optional<std::uint64_t> seed, bool frozen) const;
  at::Tensor normed(const std::string& name, const at::Tensor& x, bool learning) const;
  at::Tensor convolved(const std::string& name, const at::Tensor& x, const Stencils& stencils,
                       bool frozen, bool learning) const;
  // [n, 1, keys, columns], 0 or 1, of probabilities: as many as this share of their sum.
  at::Tensor likeliest(const at::Tensor& probabilities, double share) const;
  // What the critic's last layers judge by, [n, features].
  at::Tensor features(const at::Tensor& pictures, std::optional<std::uint64_t> seed,
                      bool frozen) const;
  // Between pictures and rows of a segment each.
  at::Tensor segmentsOf(const at::Tensor& pictures) const;
  at::Tensor fromSegments(const at::Tensor& rows, std::int64_t n, std::int64_t planes) const;

  // Of convolutions: how often both sides are doubled from startSize() on; how many columns
  // improved draws, and judges, at once: what happens within an eighth or a quarter of a second.
  int doublings() const;
  std::int64_t together() const;
  Stencils columnsTogether() const;
  Stencils criticStencils(int layer) const;
  Size startSize() const;

  PicturePreset preset_;
  PictureShape shape_;
  std::int64_t segments_ = 8;
};

}  // namespace incipit
