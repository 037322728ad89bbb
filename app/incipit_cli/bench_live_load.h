// What runs beside live playback while it is measured: a model that trains and another job that
// composes, as in the studio, on the studio's two workers.
//
// Thread safety: one thread.
#pragma once

#include <memory>

#include "app/incipit_cli/scratch.h"
#include "core/compose/jobs.h"

namespace incipit {

class LiveLoad {
 public:
  // Starts once the model trains; fails with one line where no model can be loaded.
  Result<void> start(const std::stop_token& stop);
  // Composes the next take when the last is done; to be called now and then.
  void keepBusy();
  std::int64_t trainedSteps() const { return steps_; }
  int composedTakes() const { return takes_; }
  // Ends both jobs.
  void stop();

 private:
  ScratchFolder scratch_;
  std::filesystem::path checkpoint_;
  std::unique_ptr<JobRunner> jobs_;
  std::shared_ptr<TrainJob> training_;
  std::shared_ptr<ComposeJob> composing_;
  std::int64_t steps_ = 0;
  int takes_ = 0;
};

}  // namespace incipit
