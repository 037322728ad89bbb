// What a family gives to the training loop (trainer.h): a network, the loss of a batch, validation.
//
// Thread safety: one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
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
  double epsilon = 1e-8;
  double clip = 0;     // greatest norm of the gradient; 0: none
  double average = 0;  // decay a step of the average of the weights that is validated and saved; 0:
                       // the weights themselves
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

class TrainingTask {
 public:
  virtual ~TrainingTask() = default;
  virtual const Schedule& schedule() const = 0;
  virtual const Network& network() const = 0;
  // Of a checkpoint: family, preset, config, vocabulary, corpus, sets, licence, title. What must be
  // the same to resume: family, preset, config, corpus, sets.
  virtual std::map<std::string, std::string> metadata() const = 0;
  virtual std::int64_t epochExamples() const = 0;  // the request's, or the preset's
  virtual std::int64_t batches() const = 0;        // of an epoch, at least 1
  // Chooses what the batches of this epoch are, as a function of the run's seed and the epoch.
  virtual void beginEpoch(int epoch) = 0;
  // `seed` is all the randomness that there is: dropout and augmentation.
  virtual BatchLoss loss(std::int64_t batch, std::uint64_t seed) = 0;
  virtual Validation validate() = 0;  // called without gradients
};

}  // namespace incipit
