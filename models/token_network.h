// The networks of the token families, as LibTorch sees them: see token_presets.h.
//
// Thread safety: one thread at a time per network.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/token_data.h"
#include "models/token_features.h"
#include "models/training_task.h"

namespace incipit {

class TokenNetwork : public Network {
 public:
  // `augment` moves pitches, and `dropout` seeds its masks; without both the loss is that of
  // validation. Nats a token: of `published` its word, of `improved` its step, word and length.
  virtual BatchLoss loss(const TokenCorpus& data, std::span<const NoteWindow> windows, Rng* augment,
                         std::optional<std::uint64_t> dropout) = 0;

 protected:
  using Network::Network;
  struct Matrix {
    at::Tensor weight, bias;
  };
  Matrix addDense(const std::string& name, std::int64_t in, std::int64_t out, Rng& rng);
};

// Weights drawn from `seed`. The preset's words are set.
std::unique_ptr<TokenNetwork> makeTokenNetwork(const TokenPreset& preset, std::uint64_t seed,
                                               at::Device device);

class PublishedTokens : public TokenNetwork {
 public:
  PublishedTokens(const TokenPreset& preset, std::uint64_t seed, at::Device device);
  // Windows of length + 1 words; only the last one is predicted.
  BatchLoss loss(const TokenCorpus& data, std::span<const NoteWindow> windows, Rng* augment,
                 std::optional<std::uint64_t> dropout) override;
  // histories: words (not markers), [length, examples], the oldest first. Returns logits of the
  // words from kFirstWord on, [examples, words].
  at::Tensor logits(std::vector<std::int64_t>& histories, std::int64_t examples,
                    std::optional<std::uint64_t> dropout);

 private:
  TokenPreset preset_;
  at::Tensor embedding_;
  std::vector<RecurrentLayer> lstms_;
  std::vector<Matrix> convolutions_;
  Matrix dense_, out_;
};

class ImprovedTokens : public TokenNetwork {
 public:
  ImprovedTokens(const TokenPreset& preset, std::uint64_t seed, at::Device device);
  BatchLoss loss(const TokenCorpus& data, std::span<const NoteWindow> windows, Rng* augment,
                 std::optional<std::uint64_t> dropout) override;

  // Of the tokens from the `from`th of each window on, window by window; without gradients.
  struct Scores {
    at::Tensor step, word, length;  // log-probabilities of what was there, each given the former
    // Of every word without knowing the step: summed over the likeliest eight steps, which are
    // taken for all. [tokens, words]
    at::Tensor words;
  };
  Scores score(const TokenCorpus& data, std::span<const NoteWindow> windows, std::uint32_t from);

  // x: [steps, batch, hidden]; what the layers make of it.
  at::Tensor core(const at::Tensor& x, double rate, std::uint64_t seed);
  // Window by window: of each token (and the end, where a window reaches it) the step, of each
  // token the word and the length, all given what was there.
  struct Logits {
    at::Tensor step, word, length;
  };
  Logits logits(const TokenCorpus& data, std::span<const NoteWindow> windows);

 private:
  struct Batch;
  Batch batchOf(const TokenCorpus& data, std::span<const NoteWindow> windows, Rng* augment,
                std::uint32_t from) const;
  at::Tensor heads(Batch& batch, std::optional<std::uint64_t> dropout);
  Logits logitsOf(Batch& batch, const at::Tensor& heads, std::optional<std::uint64_t> dropout);
  at::Tensor wordLogits(const at::Tensor& base, const at::Tensor& given,
                        const at::Tensor& proposals, double rate, std::uint64_t seed);
  at::Tensor wordsWithoutStep(Batch& batch, const at::Tensor& base, const at::Tensor& steps);

  TokenPreset preset_;
  at::Tensor embedding_;
  std::vector<RecurrentLayer> lstms_;
  std::vector<GatedWeights> blocks_;
  Matrix heads_, favour_, step_, length_;
  at::Tensor wordGiven_, lengthGiven_, wordBias_, markers_;
};

}  // namespace incipit
