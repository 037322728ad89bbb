// Evaluates several models one after another as one job: what `incipit-cli evaluate` and the window
// run. A model that fails is one line, and the others go on.
//
// Thread safety: of one thread, but for the job, which runs on its worker. It may be destroyed
// while the job runs.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/compose/comparison.h"
#include "core/compose/jobs.h"

namespace incipit {

class ComparisonRun {
 public:
  struct News {
    std::vector<std::string> messages;
    std::vector<std::string> problems;  // one line each; no two are the same
    std::vector<ComparedModel> models;  // the last may be cancelled: a part of what was asked
  };

  // `request` says all but the checkpoint. `jobs` outlives the job; `notify` is called on the
  // worker whenever there is news.
  ComparisonRun(JobRunner& jobs, JobRunner::Where where, EvaluateRequest request,
                std::vector<std::filesystem::path> checkpoints, const Job::Notify& notify);

  // Its progress is that of all models together. It fails where there is no engine, and where no
  // model could be evaluated.
  TaskJob& job() const { return *job_; }
  News drain();                 // since the last call
  std::string current() const;  // the name of the model that is evaluated; empty before the first

 private:
  class Shared;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<TaskJob> job_;
};

}  // namespace incipit
