#include "ui/lab/lab_work.h"

#include <QMetaObject>

namespace incipit {

LabWork::LabWork(JobRunner* jobs, QObject* parent)
    : QObject(parent), jobs_(jobs), alive_(std::make_shared<QObject>()) {}

LabWork::~LabWork() { cancel(); }

void LabWork::cancel() {
  if (running()) job_->cancel();
}

void LabWork::submit(JobRunner::Where where, Work work,
                     std::function<void(const std::string&)> done) {
  if (jobs_ == nullptr || running()) return;
  done_ = std::move(done);
  const auto wake = [this, alive = std::weak_ptr<QObject>(alive_)] {
    // alive_ lives in this thread; the call is queued to it and dropped with it.
    if (const auto target = alive.lock()) {
      QMetaObject::invokeMethod(
          target.get(), [this] { poll(); }, Qt::QueuedConnection);
    }
  };
  job_ = jobs_->run(
      where,
      [work = std::move(work)](const TaskJob::Progress& progress,
                               const std::stop_token& stop) -> Result<void> {
        work(progress, stop);
        return {};
      },
      wake);
  Q_EMIT changed();
}

void LabWork::poll() {
  if (!running()) return;
  if (job_->finished()) {
    const auto job = std::exchange(job_, nullptr);
    const auto done = std::exchange(done_, nullptr);
    done(job->error());
  }
  Q_EMIT changed();
}

Result<Lab*> LabWork::labOf(JobRunner& jobs) {
  auto engine = jobs.engine();
  if (!engine) return tl::unexpected(engine.error());
  Lab* lab = (*engine)->lab();
  if (lab == nullptr) return fail("these models have no lab");
  return lab;
}

}  // namespace incipit
