// What a family gives to the training loop (trainer.h): a network, the loss of a batch, validation.
//
// Thread safety: one thread.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/compose/settings.h"
#include "models/layers.h"

namespace incipit {

// How a network is trained.
struct Schedule {
  int epochs = 1;
  double rate = 0.001;
  double warmUpSteps = 0;  // 0: the rate is constant; else it then falls along a cosine to 2 %
  double weightDecay = 0;
  double beta1 = 0.9;  // of Adam
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double criticRate = 1;  // times the rate: of the parameters whose names begin with "critic."
  double clip = 0;     // greatest norm of the gradient; 0: none
  double average = 0;  // decay a step of the average of the weights that is validated and saved; 0:
                       // the weights themselves
  // Two networks against each other: their losses say nothing of how good a run is, so that a
  // sudden rise is no divergence.
  bool adversarial = false;
  int patience = 0;    // epochs without a better validation after which a run ends; 0: never
};

// The settings that every preset has: "rate", "batch", "weight-decay", "clip", "average" and
// "patience", with these defaults.
std::vector<SettingInfo> scheduleSettings(const Schedule& schedule, int batch);
void setSchedule(Schedule& schedule, const SettingValues& settings);

// Losses in nats per example where they are likelihoods.
struct BatchLoss {
  at::Tensor total;           // what is minimised, a scalar, the mean over the examples
  std::int64_t examples = 0;  // what was predicted: notes, frames, tokens
  at::Tensor correct;  // a scalar: how many most probable answers were right; may be undefined
};

struct Validation {
  double loss = 0;
  std::optional<double> accuracy;  // share of the examples whose most probable answer was right
};

// A part of a batch, of some that are of nearly one size.
struct BatchPart {
  std::int64_t batch = 0;
  int part = 0;
  int parts = 1;
};
// Of an epoch's examples in batches of `size`; may be none of the last batch.
template <typename T>
std::span<const T> examplesOf(const std::vector<T>& epoch, int size, const BatchPart& p) {
  const auto batch = static_cast<std::size_t>(size);
  const auto all = std::span(epoch).subspan(static_cast<std::size_t>(p.batch) * batch);
  const auto own = all.first(std::min(batch, all.size()));
  const std::size_t share =
      (own.size() + static_cast<std::size_t>(p.parts) - 1) / static_cast<std::size_t>(p.parts);
  const std::size_t from = std::min(own.size(), static_cast<std::size_t>(p.part) * share);
  return own.subspan(from, std::min(share, own.size() - from));
}

class TrainingTask {
 public:
  virtual ~TrainingTask() = default;
  virtual const Schedule& schedule() const = 0;
  virtual const Network& network() const = 0;
  // Of a checkpoint: family, preset, config, vocabulary, corpus, sets, licence, title. What must be
  // the same to resume: family, preset, config, corpus, sets.
  virtual std::map<std::string, std::string> metadata() const = 0;
  virtual std::int64_t epochExamples() const = 0;  // the request's, or the preset's
  virtual int batchSize() const = 0;               // examples, at least 1
  // Of an epoch, at least 1.
  std::int64_t batches() const { return (epochExamples() + batchSize() - 1) / batchSize(); }
  // Chooses what the batches of this epoch are, as a function of the run's seed and the epoch.
  virtual void beginEpoch(int epoch) = 0;
  // `seed` is all the randomness that there is: dropout and augmentation. Without a total where the
  // part has no examples.
  virtual BatchLoss loss(const BatchPart& part, std::uint64_t seed) = 0;
  virtual Validation validate() = 0;  // called without gradients
  // What else there is to tell, since it was last asked: TrainPoint::figures.
  virtual std::vector<std::pair<std::string, double>> figures() { return {}; }
};

}  // namespace incipit
