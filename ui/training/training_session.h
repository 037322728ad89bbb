// The training run of this window: starts it on the background worker, keeps what it says, pauses
// and goes on. A run that is paused or stopped has saved its exact state; pausing keeps it as the
// run of this window, to be gone on with.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <QString>
#include <filesystem>
#include <memory>
#include <string>

#include "core/compose/jobs.h"
#include "core/compose/run_history.h"

namespace incipit {

class TrainingSession : public QObject {
  Q_OBJECT

 public:
  // kEnding: told to pause or stop and saving.
  enum class State { kIdle, kRunning, kEnding, kPaused };

  // Without a JobRunner (nullptr) nothing can be started.
  explicit TrainingSession(JobRunner* jobs, QObject* parent = nullptr);
  ~TrainingSession() override;  // cancels; the job saves and ends on its worker

  State state() const { return state_; }
  bool running() const { return state_ == State::kRunning || state_ == State::kEnding; }
  // The run that goes on or was the last; what it has said so far. A resumed run has its curve from
  // the beginning.
  const RunHistory& run() const { return run_; }
  // What a resumed run goes on from is `request.resume`. Does nothing while one runs.
  void start(TrainRequest request, const std::string& lossUnit);
  void pause();
  void goOn();  // with the paused one
  void stop();  // for good; a paused one is let go

 Q_SIGNALS:
  void stateChanged();
  void runReplaced();  // another run, or the same from its file: look at all of run()
  void pointAdded(const incipit::TrainPoint& point);
  void messageAdded(const QString& line);
  void finished(const QString& verdict);  // one line; also of a failed run
  void trained(const std::filesystem::path& best);
  void failed(const QString& message);

 private:
  void poll();
  void take(const TrainPoint& p);
  void say(const std::string& line);
  void end();
  void setState(State s);

  JobRunner* jobs_;
  std::shared_ptr<TrainJob> job_;
  RunHistory run_;
  State state_ = State::kIdle;
  bool pausing_ = false;
  bool resumed_ = false;            // and no point has come yet
  std::shared_ptr<QObject> alive_;  // what the job wakes; gone with this
};

}  // namespace incipit
