// One piece of the Lab's work at a time on a worker: what it returns comes back to the GUI thread.
// Somebody waits for it, so it runs on the interactive worker; the background worker stands still
// where other programs keep the machine busy.
//
// Thread safety: GUI thread only, but `work`, which runs on the worker and takes values in.
#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "core/compose/jobs.h"
#include "core/compose/lab.h"

namespace incipit {

class LabWork : public QObject {
  Q_OBJECT

 public:
  // Without a JobRunner (nullptr) nothing can be started.
  explicit LabWork(JobRunner* jobs, QObject* parent = nullptr);
  ~LabWork() override;  // cancels; nothing is reported any more

  bool canRun() const { return jobs_ != nullptr; }
  bool running() const { return job_ != nullptr; }
  double progress() const { return running() ? job_->progress() : 0; }
  void cancel();

  // `done` gets what `work` returned, or why there is nothing. Nothing is started while it runs.
  template <typename T>
  void start(JobRunner::Where where,
             std::function<Result<T>(const LabProgress&, const std::stop_token&)> work,
             std::function<void(Result<T>)> done) {
    auto out = std::make_shared<std::optional<Result<T>>>();
    submit(
        where,
        [work = std::move(work), out](const LabProgress& progress, const std::stop_token& stop) {
          out->emplace(work(progress, stop));
        },
        [out, done = std::move(done)](const std::string& error) {
          if (*out) {
            done(std::move(**out));
          } else {
            done(Result<T>(fail(error.empty() ? "cancelled" : error)));
          }
        });
  }
  // The same for what needs the engine's lab.
  template <typename T>
  void ask(JobRunner::Where where,
           std::function<Result<T>(Lab&, const LabProgress&, const std::stop_token&)> work,
           std::function<void(Result<T>)> done) {
    start<T>(
        where,
        [jobs = jobs_, work = std::move(work)](const LabProgress& progress,
                                               const std::stop_token& stop) -> Result<T> {
          auto lab = labOf(*jobs);
          if (!lab) return tl::unexpected(lab.error());
          return work(**lab, progress, stop);
        },
        std::move(done));
  }

 Q_SIGNALS:
  void changed();  // running() or progress()

 private:
  using Work = std::function<void(const LabProgress&, const std::stop_token&)>;
  void submit(JobRunner::Where where, Work work, std::function<void(const std::string&)> done);
  void poll();
  static Result<Lab*> labOf(JobRunner& jobs);

  JobRunner* jobs_;
  std::shared_ptr<TaskJob> job_;
  std::function<void(const std::string&)> done_;
  std::shared_ptr<QObject> alive_;  // what the job wakes; gone with this
};

}  // namespace incipit
