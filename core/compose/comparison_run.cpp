#include "core/compose/comparison_run.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "core/compose/catalogue.h"

namespace incipit {
namespace fs = std::filesystem;

// What the worker hands over.
class ComparisonRun::Shared {
 public:
  void begin(const std::string& name) {
    const std::lock_guard lock(mutex_);
    current_ = name;
  }
  void say(const std::string& line) {
    const std::lock_guard lock(mutex_);
    fresh_.messages.push_back(line);
  }
  void problem(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (said_.insert(line).second) fresh_.problems.push_back(line);
  }
  void done(ComparedModel model) {
    const std::lock_guard lock(mutex_);
    fresh_.models.push_back(std::move(model));
  }
  News drain() {
    const std::lock_guard lock(mutex_);
    return std::exchange(fresh_, {});
  }
  std::string current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

 private:
  mutable std::mutex mutex_;
  News fresh_;
  std::set<std::string> said_;
  std::string current_;
};

namespace {

// Tells of the progress of one of `count` models.
class ModelSink final : public TrainSink {
 public:
  ModelSink(std::function<void(const std::string&)> say, const TaskJob::Progress& progress,
            std::size_t index, std::size_t count)
      : say_(std::move(say)), progress_(progress), index_(index), count_(count) {}

  void message(const std::string& line) override {
    say_(line);
    tell();
  }
  void point(const TrainPoint& p) override {
    fraction_ = std::clamp(p.fraction, 0.0, 1.0);
    tell();
  }

 private:
  void tell() const {
    progress_((static_cast<double>(index_) + fraction_) / static_cast<double>(count_));
  }

  std::function<void(const std::string&)> say_;
  const TaskJob::Progress& progress_;
  std::size_t index_;
  std::size_t count_;
  double fraction_ = 0;
};

Result<ComparedModel> compareOne(Engine& engine, const EvaluateRequest& request, TrainSink& sink,
                                 const std::stop_token& stop) {
  auto hash = fileSha256(request.checkpoint);
  if (!hash) return tl::unexpected(hash.error());
  auto evaluation = engine.evaluate(request, sink, stop);
  if (!evaluation) return tl::unexpected(evaluation.error());
  return ComparedModel{request.checkpoint, std::move(*hash), std::move(*evaluation)};
}

}  // namespace

ComparisonRun::ComparisonRun(JobRunner& jobs, JobRunner::Where where, EvaluateRequest request,
                             std::vector<fs::path> checkpoints, const Job::Notify& notify)
    : shared_(std::make_shared<Shared>()) {
  job_ = jobs.run(
      where,
      [&jobs, shared = shared_, request = std::move(request), checkpoints = std::move(checkpoints)](
          const TaskJob::Progress& progress, const std::stop_token& stop) -> Result<void> {
        const auto engine = jobs.engine();
        if (!engine) return tl::unexpected(engine.error());
        std::string last;
        bool any = false;
        EvaluateRequest one = request;
        for (std::size_t i = 0; i < checkpoints.size() && !stop.stop_requested(); ++i) {
          one.checkpoint = checkpoints[i];
          shared->begin(one.checkpoint.stem().string());
          ModelSink sink([&](const std::string& line) { shared->say(line); }, progress, i,
                         checkpoints.size());
          auto model = compareOne(**engine, one, sink, stop);
          if (model) {
            shared->done(std::move(*model));
            any = true;
          } else {
            last = model.error().message;
            shared->problem(last);
          }
          progress(static_cast<double>(i + 1) / static_cast<double>(checkpoints.size()));
        }
        if (!any && !last.empty()) return fail(last);
        return {};
      },
      notify);
}

ComparisonRun::News ComparisonRun::drain() { return shared_->drain(); }

std::string ComparisonRun::current() const { return shared_->current(); }

}  // namespace incipit
