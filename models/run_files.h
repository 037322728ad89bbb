// What a run keeps on disk and is gone on with: the files that trainer.h names.
//
// Where one cannot be written, those before stay whole and the error says from which epoch the run
// can be resumed. Thread safety: one thread.
#pragma once

#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/compose/engine.h"
#include "models/checkpoint.h"
#include "models/optimiser.h"

namespace incipit {

// What a run is, apart from its weights.
struct Progress {
  int epochs = 0;         // to do in all
  std::int64_t step = 0;  // batches done in all
  int epoch = 0;          // whole epochs done
  double lossSum = 0;     // of the epoch that is under way
  std::int64_t lossNotes = 0;
  double correct = 0;         // of them
  std::int64_t examples = 0;  // notes predicted in all
  double seconds = 0;
  double best = std::numeric_limits<double>::infinity();
  int rescues = 0;  // times that the best weights were loaded again
  int parts = 1;    // that each batch is learnt from in, for want of memory
  std::vector<EpochRecord> history;
};

// NAME.safetensors of any of a run's files.
std::filesystem::path outOf(std::filesystem::path file);

class RunFiles {
 public:
  // Keeps references. `settings` are those that the run has, as JSON.
  RunFiles(const TrainRequest& request, const TrainingTask& task, const std::string& settings);

  const std::string& value(const char* key) const { return metadata_.at(key); }
  // The network's weights as they are, for a checkpoint.
  TensorFile weights(const Progress& progress) const;

  // OUT, and NAME.last with its state: the average in the weights' place, where there is one.
  Result<void> saveBest(const TensorFile& best);
  Result<void> saveLast(Optimiser& optimiser, const Progress& progress);
  // The epoch that a resumed run would begin after; none where nothing is saved.
  std::optional<int> savedEpoch() const { return saved_; }

  // Takes the weights of another checkpoint of the same network.
  Result<void> startFrom(const std::filesystem::path& file);
  // Goes on with the run that a file belongs to: its weights, the optimiser's state and its
  // progress. Returns the run's OUT.
  Result<std::filesystem::path> restore(const std::filesystem::path& file, Optimiser& optimiser,
                                        Progress& progress);

 private:
  Result<void> write(const std::filesystem::path& file, const TensorFile& content) const;
  Result<void> restoreProgress(const TensorFile& state, Optimiser& optimiser, Progress& progress);

  const TrainRequest& request_;
  const TrainingTask& task_;
  std::map<std::string, std::string> metadata_;
  std::optional<int> saved_;
};

}  // namespace incipit
