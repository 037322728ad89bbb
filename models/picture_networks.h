// The networks of the picture families (picture_presets.h): what draws pictures from latent
// numbers, what judges them, and what finds the latent numbers of a picture. Pictures are [n,
// channels, keys, columns], their values 0..1 where the cells are 0..255.
//
// Names of parameters begin with "generator." (of roll-vae, too), "critic." or "encoder.".
//
// Thread safety: one thread at a time while it learns; afterwards what is const by several.
#pragma once

#include <array>
#include <optional>
#include <utility>

#include "models/convolutions.h"
#include "models/picture_presets.h"

namespace incipit {

// What improved networks keep that earlier checkpoints may lack, and what it is for those.
inline constexpr int kMostSettling = 8;
inline constexpr std::pair<const char*, float> kSettlingState{"generator.settling", kMostSettling};
inline constexpr std::pair<const char*, float> kFullnessState{"generator.fullness", 1};
inline constexpr std::pair<const char*, float> kDitherState{"generator.dither", 0};
inline constexpr std::array kDrawingStates{kSettlingState, kFullnessState, kDitherState};

class PictureNetwork final : public Network {
 public:
  PictureNetwork(const PicturePreset& preset, std::uint64_t seed, at::Device device);

  bool mayBeMissing(const std::string& name) const override;

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
  // How much chance there is in which keys are drawn, 0..1: 0 takes the most probable ones, always
  // the same while a network knows little; 1 as often as each is probable (Gumbel noise; Kool et
  // al. 2019, "Stochastic beams and where to find them"), the same for the same latent numbers. 0
  // where nothing else was found. `improved` only.
  double dither() const;
  void setDither(double share);

  // Lets the levels of what is drawn (lengths, velocities, instruments, tempos) be spread as those
  // of music: the network says which note has more of it, the corpus how much there is. An average
  // of two instruments is none. `logits` [n, planes, keys, columns] of what is drawn; `counts`
  // [channels, 256]: how often the cells of music that are on have each level. `improved` of image
  // 1 and 2 only.
  bool hasLevels() const { return preset_.improved() && preset_.planes() > 2; }
  void fitLevels(const at::Tensor& logits, const at::Tensor& counts);

  // [n, planes, keys, columns] of [n, latent]. While it learns, batches are normalised by
  // themselves.
  at::Tensor logits(const at::Tensor& latents, bool learning) const;
  // How improbable pictures are by logits, in nats, [n]. Of levels binary cross-entropy, where the
  // cell is on.
  at::Tensor nats(const at::Tensor& logits, const at::Tensor& pictures) const;
  // The pictures of logits, and how probable it is that each cell is on, [n, keys, columns]. Of an
  // improved network as many keys sound in a column as it expects, those most probable (of pictures
  // of starts: as many start in a quarter of a second): a voice that is unsure which of two keys it
  // plays makes both less than even, but is not to fall silent. Their gradient is that of the
  // probabilities. While it learns, fullness() and dither() do not count.
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

  // What logits are to say of pictures, [n, planes, keys, columns] in 0..1: of an improved network
  // whether a cell is on, then, where it is, its levels.
  at::Tensor targets(const at::Tensor& pictures) const;
  // How often each cell is on in the corpus, [keys, columns], and the mean of each of the other
  // targets where one is, [planes - 1]: the generator begins with them. `improved` only.
  void setMarginals(const at::Tensor& shares, const at::Tensor& levels);

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
  void addDrawingStates();
  void addCritic(Rng& rng);
  void addEncoder(Rng& rng);

  at::Tensor dense(const std::string& name, const at::Tensor& x, bool frozen = false) const;
  at::Tensor critical(const std::string& name, bool frozen, bool learning) const;
  at::Tensor judging(const std::string& name, const at::Tensor& x,
                     std::optional<std::uint64_t> seed, bool frozen) const;
  at::Tensor normed(const std::string& name, const at::Tensor& x, bool learning) const;
  at::Tensor convolved(const std::string& name, const at::Tensor& x, const Stencils& stencils,
                       bool frozen, bool learning) const;
  // [n, 1, keys, columns], 0 or 1, of probabilities: as many as this share of their sum, the most
  // probable ones after dither().
  at::Tensor likeliest(const at::Tensor& probabilities, double share, double dither) const;
  // What the logarithms of probabilities are dithered with, [1, 1, keys, columns].
  at::Tensor dithering() const;
  // 0..1, the levels of logits, whose gradient is that of their sigmoid.
  at::Tensor leveled(const at::Tensor& logits, std::int64_t plane) const;
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
