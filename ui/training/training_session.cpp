#include "ui/training/training_session.h"

#include <QMetaObject>
#include <system_error>
#include <utility>

#include "core/compose/model_files.h"

namespace incipit {

TrainingSession::TrainingSession(JobRunner* jobs, QObject* parent)
    : QObject(parent), jobs_(jobs), alive_(std::make_shared<QObject>()) {}

TrainingSession::~TrainingSession() {
  if (job_ != nullptr) job_->cancel();
}

void TrainingSession::setState(State s) {
  if (s == state_) return;
  state_ = s;
  Q_EMIT stateChanged();
}

void TrainingSession::start(TrainRequest request, const std::string& lossUnit) {
  if (running() || jobs_ == nullptr) return;
  std::error_code error;
  std::filesystem::create_directories(request.out.parent_path(), error);
  if (error) {
    Q_EMIT failed(QString::fromStdString(request.out.parent_path().string() + ": " +
                                         error.message() + ": choose another place"));
    return;
  }
  RunHistory run;
  if (request.resume) {
    // Any of a run's files may be named; the history beside the checkpoint is the one gone on with.
    if (auto before = readRunHistory(historyPath(request.out))) run = std::move(*before);
    if (run.points.empty() && run_.request.out == request.out) run = std::move(run_);
  }
  resumed_ = request.resume.has_value();
  pausing_ = false;
  run.end = RunEnd::kNone;
  run.lossUnit = lossUnit;
  run.request = request;
  run.request.resume.reset();
  run_ = std::move(run);
  const auto wake = [this, alive = std::weak_ptr<QObject>(alive_)] {
    // alive_ lives in this thread; the call is queued to it and dropped with it.
    if (const auto target = alive.lock()) {
      QMetaObject::invokeMethod(
          target.get(), [this] { poll(); }, Qt::QueuedConnection);
    }
  };
  job_ = jobs_->train(std::move(request), wake);
  Q_EMIT runReplaced();
  setState(State::kRunning);
}

void TrainingSession::pause() {
  if (state_ != State::kRunning) return;
  pausing_ = true;
  job_->cancel();
  setState(State::kEnding);
}

void TrainingSession::goOn() {
  if (state_ != State::kPaused) return;
  TrainRequest request = run_.request;
  // One that was paused before it had begun begins.
  std::error_code ignored;
  if (const auto last = lastPath(request.out);
      !run_.points.empty() && std::filesystem::exists(last, ignored)) {
    request.resume = last;
  }
  start(std::move(request), run_.lossUnit);
}

void TrainingSession::stop() {
  if (state_ == State::kPaused) setState(State::kIdle);
  if (!running()) return;
  pausing_ = false;
  job_->cancel();
  setState(State::kEnding);
}

void TrainingSession::poll() {
  if (job_ == nullptr) return;
  const bool done = job_->finished();  // before draining, so that nothing is missed
  const TrainJob::News news = job_->drain();
  for (const std::string& line : news.messages) say(line);
  for (const TrainPoint& p : news.points) take(p);
  if (done) end();
}

void TrainingSession::take(const TrainPoint& p) {
  if (std::exchange(resumed_, false)) {
    // By now the run has cut its history where it went on; without one, the points tell.
    if (auto cut = readRunHistory(historyPath(run_.request.out))) {
      run_.points = std::move(cut->points);
      run_.messages = std::move(cut->messages);
    }
    std::erase_if(run_.points, [&](const TrainPoint& q) { return q.step >= p.step; });
    run_.points.push_back(p);
    Q_EMIT runReplaced();
    return;
  }
  run_.points.push_back(p);
  Q_EMIT pointAdded(p);
}

void TrainingSession::say(const std::string& line) {
  run_.messages.push_back({run_.points.empty() ? 0 : run_.points.back().step, line});
  Q_EMIT messageAdded(QString::fromStdString(line));
}

void TrainingSession::end() {
  const auto job = std::exchange(job_, nullptr);
  const auto result = job->result();
  if (job->state() == JobState::kFailed) {
    run_.end = RunEnd::kFailed;
    setState(State::kIdle);
    Q_EMIT finished(QString::fromStdString(job->error()));
    Q_EMIT failed(QString::fromStdString(job->error()));
    return;
  }
  const bool cancelled = !result || result->cancelled;
  run_.end = cancelled ? RunEnd::kStopped : RunEnd::kDone;
  const QString warning = result ? QString::fromStdString(result->warning) : QString();
  if (!warning.isEmpty()) say(warning.toStdString());
  setState(cancelled && pausing_ ? State::kPaused : State::kIdle);
  Q_EMIT finished(!warning.isEmpty() ? warning
                  : !cancelled       ? tr("Done.")
                  : pausing_         ? tr("Paused; its state is saved.")
                                     : tr("Stopped; its state is saved, and it can be continued."));
  if (!warning.isEmpty()) Q_EMIT failed(warning);
  if (result && !result->best.empty()) Q_EMIT trained(result->best);
}

}  // namespace incipit
