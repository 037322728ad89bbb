// Long work off the GUI thread: two workers for the life of the program, so that composing never
// waits for training. Interactive runs compose and audition jobs, background runs training, scans
// and exports at low priority. A worker runs one job at a time, in the order given.
//
// A job takes values in and gives values out: the owner polls or is notified. `notify` is called on
// the worker whenever there is something new; it must only wake the owner (coalescing is done here:
// once until the next drain()).
//
// Thread safety: every public function may be called from any thread. Destroying JobRunner cancels
// what runs, drops what is queued and joins.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/compose/engine.h"

namespace incipit {

enum class JobState { kQueued, kRunning, kDone, kFailed, kCancelled };

class Job {
 public:
  virtual ~Job() = default;
  JobState state() const { return state_.load(std::memory_order_acquire); }
  bool finished() const {
    const JobState s = state();
    return s != JobState::kQueued && s != JobState::kRunning;
  }
  // A running job stops within one token or training step; a queued one never starts.
  void cancel() { stop_.request_stop(); }
  double progress() const { return progress_.load(std::memory_order_relaxed); }
  std::string error() const;  // one line; empty unless kFailed

  using Notify = std::function<void()>;

 protected:
  friend class Worker;
  virtual void run(std::stop_token stop) = 0;  // calls finish() last
  // Sets the state and, for kFailed, the error; then notifies.
  void finish(JobState state, std::string error = {});
  void changed();  // notifies once until drained
  void drained() { notified_.store(false, std::memory_order_release); }
  void setProgress(double p) { progress_.store(p, std::memory_order_relaxed); }

  mutable std::mutex mutex_;  // guards error_ and what derived classes hand over
  Notify notify_;

 private:
  std::atomic<JobState> state_{JobState::kQueued};
  std::atomic<double> progress_{0};
  std::atomic<bool> notified_{false};
  std::string error_;
  std::stop_source stop_;
};

// One take. Notes arrive while they are sampled.
class ComposeJob : public Job {
 public:
  const ComposeRequest& request() const { return request_; }
  // The notes since the last call.
  struct Heard {
    TrackId track = 0;
    Note note;
  };
  std::vector<Heard> drain();
  // Once finished: set when done or cancelled.
  std::optional<ComposeResult> result() const;

 protected:
  friend class JobRunner;
  ComposeRequest request_;
  std::vector<Heard> fresh_;
  std::optional<ComposeResult> result_;
};

class TrainJob : public Job {
 public:
  const TrainRequest& request() const { return request_; }
  struct News {
    std::vector<TrainPoint> points;
    std::vector<std::string> messages;
  };
  News drain();
  std::optional<TrainResult> result() const;

 protected:
  friend class JobRunner;
  TrainRequest request_;
  News fresh_;
  std::optional<TrainResult> result_;
};

// Any other work: a scan, an export, an import.
class TaskJob : public Job {
 public:
  // Reports 0..1; returns what Job::error then holds.
  using Progress = std::function<void(double)>;
  using Work = std::function<Result<void>(const Progress&, std::stop_token)>;

 protected:
  friend class JobRunner;
  Work work_;
};

class Worker {
 public:
  // kInteractive and kBackground are below that of threads that play: sound never waits for a
  // network.
  enum class Priority { kNormal, kInteractive, kBackground };
  Worker(std::string name, Priority priority);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  void submit(std::shared_ptr<Job> job);

 private:
  void loop(const std::stop_token& stop, const std::string& name, Priority priority);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::shared_ptr<Job>> queue_;
  std::shared_ptr<Job> running_;
  std::jthread thread_;
};

class JobRunner {
 public:
  // A program that plays has its workers give way to what plays; one that only computes needs none
  // of that, and would wait for every other program of the machine.
  enum class Beside { kSound, kNothing };
  explicit JobRunner(EngineLoader loader, Beside beside = Beside::kSound);
  ~JobRunner();

  std::shared_ptr<ComposeJob> compose(ComposeRequest request, Job::Notify notify);
  std::shared_ptr<TrainJob> train(TrainRequest request, Job::Notify notify);
  enum class Where { kInteractive, kBackground };
  std::shared_ptr<TaskJob> run(Where where, TaskJob::Work work, Job::Notify notify);
  // Loads the engine on the interactive worker, so that the first Generate finds it there.
  void warmUp(Job::Notify notify = {});
  // Why there is no engine; empty while unknown or when it is there.
  std::string engineError() const;

  // Blocks while it loads; for jobs only. The pointer lives as long as this runner.
  Result<Engine*> engine();

 private:
  EngineLoader loader_;
  mutable std::mutex mutex_;  // guards engine_ and engineError_
  std::unique_ptr<Engine> engine_;
  std::string engineError_;
  // Last, so that the threads end before what they use does.
  Worker interactive_;
  Worker background_;
};

}  // namespace incipit
