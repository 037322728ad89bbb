// The two networks of the family note-lstm, as LibTorch sees them.
//
// `published`: an LSTM of 128 units over the last 25 (pitch / 128, step, duration), times in
// seconds, and three linear heads; 84,354 parameters. The network and the loss are those of the
// well-known tutorial "Generate music with an RNN" (TensorFlow authors, 2021).
//
// `improved`: notes on the beat grid, each predicted as step, then pitch, then duration, then
// velocity, every head conditioned on what was chosen before it (the factorisation of a note as in
// Hawthorne et al. 2018, "Transformer-NADE for piano performances"), from two LSTM layers over a
// sum of embeddings; see note_features.h for the inputs.
//
// Thread safety: one thread at a time per network.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/rng.h"
#include "models/layers.h"
#include "models/note_features.h"
#include "models/note_presets.h"
#include "models/note_windows.h"
#include "models/training_task.h"

namespace incipit {

class NoteNetwork : public Network {
 public:
  // `augment` moves pitches and velocities, and `dropout` seeds its masks; without both the loss is
  // that of validation.
  virtual BatchLoss loss(std::span<const NoteWindow> windows, Rng* augment,
                         std::optional<std::uint64_t> dropout) = 0;

 protected:
  using Network::Network;
};

// Weights drawn from `seed`.
std::unique_ptr<NoteNetwork> makeNetwork(const NotePreset& preset, std::uint64_t seed,
                                         at::Device device);

class PublishedNetwork : public NoteNetwork {
 public:
  PublishedNetwork(const NotePreset& preset, std::uint64_t seed, at::Device device);
  BatchLoss loss(std::span<const NoteWindow> windows, Rng* augment,
                 std::optional<std::uint64_t> dropout) override;
  struct Output {
    at::Tensor pitch;           // logits, [examples, 128]
    at::Tensor step, duration;  // seconds, [examples]
  };
  // input: [25, examples, 3]
  Output forward(const at::Tensor& input);

  // The inputs of one example and its target's step.
  static constexpr int kHistory = 25;
  static void fillInput(std::span<const EncodedNote> history, const EncodedNote* before, float* out,
                        std::int64_t stride);

 private:
  RecurrentLayer lstm_;
  at::Tensor pitchWeights_, pitchBias_, stepWeights_, stepBias_, durationWeights_, durationBias_;
};

class ImprovedNetwork : public NoteNetwork {
 public:
  ImprovedNetwork(const NotePreset& preset, std::uint64_t seed, at::Device device);
  BatchLoss loss(std::span<const NoteWindow> windows, Rng* augment,
                 std::optional<std::uint64_t> dropout) override;

  // Log-probabilities of what was there, each [notes]; rows of windows one after another in time
  // (row = step * windows + window), and `valid`, 0 or 1.
  struct LogProbabilities {
    at::Tensor step, pitch, duration, velocity, valid;
  };
  // For comparison with a network that says pitch, step and duration independently. Rows as above;
  // computed without gradients.
  struct Scores {
    LogProbabilities given;    // each head knowing what the note had before it
    at::Tensor marginalPitch;  // the pitch summed over every step that the note could have had
    at::Tensor medianStep;     // bins
  };
  Scores score(std::span<const NoteWindow> windows);

 private:
  struct Batch;
  Batch batchOf(std::span<const NoteWindow> windows, Rng* augment) const;
  LogProbabilities logProbabilities(const Batch& batch, const std::vector<at::Tensor>& shares);
  at::Tensor marginalPitch(const Batch& batch, const at::Tensor& share, const at::Tensor& steps);
  at::Tensor hidden(const Batch& batch, std::optional<std::uint64_t> dropout);
  at::Tensor pitchLogits(const at::Tensor& base, const at::Tensor& rows, const at::Tensor& before,
                         const at::Tensor& excluded);

  NotePreset preset_;
  at::Tensor embedding_;
  RecurrentLayer lstm_[2];
  at::Tensor headWeights_, headBias_;
  at::Tensor pitchTable_, durationTable_, velocityTable_;
  at::Tensor stepWeights_, stepBias_, pitchWeights_, pitchBias_, durationWeights_, durationBias_,
      velocityWeights_, velocityBias_;
};

}  // namespace incipit
