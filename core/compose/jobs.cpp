#include "core/compose/jobs.h"

#ifdef __linux__
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <exception>
#include <utility>

namespace incipit {

std::string Job::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

void Job::finish(JobState state, std::string error) {
  {
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
  }
  state_.store(state, std::memory_order_release);
  if (notify_) notify_();
}

void Job::changed() {
  if (!notified_.exchange(true, std::memory_order_acq_rel) && notify_) notify_();
}

std::vector<ComposeJob::Heard> ComposeJob::drain() {
  drained();
  const std::lock_guard lock(mutex_);
  return std::exchange(fresh_, {});
}

std::optional<ComposeResult> ComposeJob::result() const {
  const std::lock_guard lock(mutex_);
  return result_;
}

TrainJob::News TrainJob::drain() {
  drained();
  const std::lock_guard lock(mutex_);
  return std::exchange(fresh_, {});
}

std::optional<TrainResult> TrainJob::result() const {
  const std::lock_guard lock(mutex_);
  return result_;
}

Worker::Worker(std::string name, Priority priority)
    : thread_([this, name = std::move(name), priority](const std::stop_token& stop) {
        loop(stop, name, priority);
      }) {}

Worker::~Worker() {
  thread_.request_stop();
  const std::lock_guard lock(mutex_);
  queue_.clear();
  if (running_) running_->cancel();
}

void Worker::submit(std::shared_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Worker::loop(const std::stop_token& stop, const std::string& name, Priority priority) {
#ifdef __linux__
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  if (priority == Priority::kInteractive) {
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 10);
  } else if (priority == Priority::kBackground) {
    // A thread of this class gives way at once to any other that wakes; a nice one may finish its
    // turn of milliseconds first.
    const sched_param none{};
    sched_setscheduler(0, SCHED_IDLE, &none);
  }
#else
  (void)name;
  (void)priority;
#endif
  while (true) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
      if (stop.stop_requested()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
      running_ = job;
    }
    if (job->stop_.stop_requested()) {
      job->finish(JobState::kCancelled);
    } else {
      job->state_.store(JobState::kRunning, std::memory_order_release);
      try {
        job->run(job->stop_.get_token());
      } catch (const std::exception& e) {
        job->finish(JobState::kFailed, std::string("internal error: ") + e.what());
      }
    }
    const std::lock_guard lock(mutex_);
    running_.reset();
  }
}

namespace {

class RunningCompose final : public ComposeJob, private ComposeSink {
 public:
  RunningCompose(JobRunner& runner, ComposeRequest request, Notify notify) : runner_(runner) {
    request_ = std::move(request);
    notify_ = std::move(notify);
  }

 private:
  void run(std::stop_token stop) override {
    auto engine = runner_.engine();
    if (!engine) return finish(JobState::kFailed, engine.error().message);
    auto result = (*engine)->compose(request_, *this, std::move(stop));
    if (!result) return finish(JobState::kFailed, result.error().message);
    const bool cancelled = result->cancelled;
    {
      const std::lock_guard lock(mutex_);
      result_ = std::move(*result);
    }
    finish(cancelled ? JobState::kCancelled : JobState::kDone);
  }
  void note(TrackId track, const Note& note) override {
    {
      const std::lock_guard lock(mutex_);
      fresh_.push_back({track, note});
    }
    changed();
  }
  void progress(double fraction) override { setProgress(fraction); }

  JobRunner& runner_;
};

class RunningTrain final : public TrainJob, private TrainSink {
 public:
  RunningTrain(JobRunner& runner, TrainRequest request, Notify notify) : runner_(runner) {
    request_ = std::move(request);
    notify_ = std::move(notify);
  }

 private:
  void run(std::stop_token stop) override {
    auto engine = runner_.engine();
    if (!engine) return finish(JobState::kFailed, engine.error().message);
    auto result = (*engine)->train(request_, *this, std::move(stop));
    if (!result) return finish(JobState::kFailed, result.error().message);
    const bool cancelled = result->cancelled;
    {
      const std::lock_guard lock(mutex_);
      result_ = std::move(*result);
    }
    finish(cancelled ? JobState::kCancelled : JobState::kDone);
  }
  void message(const std::string& line) override {
    {
      const std::lock_guard lock(mutex_);
      fresh_.messages.push_back(line);
    }
    changed();
  }
  void point(const TrainPoint& p) override {
    setProgress(p.fraction);
    {
      const std::lock_guard lock(mutex_);
      fresh_.points.push_back(p);
    }
    changed();
  }

  JobRunner& runner_;
};

class RunningTask final : public TaskJob {
 public:
  RunningTask(Work work, Notify notify) {
    work_ = std::move(work);
    notify_ = std::move(notify);
  }

 private:
  void run(std::stop_token stop) override {
    const auto result = work_(
        [this](double p) {
          setProgress(p);
          if (notify_) notify_();
        },
        stop);
    if (!result) return finish(JobState::kFailed, result.error().message);
    finish(stop.stop_requested() ? JobState::kCancelled : JobState::kDone);
  }
};

}  // namespace

JobRunner::JobRunner(EngineLoader loader, Beside beside)
    : loader_(std::move(loader)),
      interactive_("compose", beside == Beside::kSound ? Worker::Priority::kInteractive
                                                       : Worker::Priority::kNormal),
      background_("background", beside == Beside::kSound ? Worker::Priority::kBackground
                                                         : Worker::Priority::kNormal) {}

JobRunner::~JobRunner() = default;

std::shared_ptr<ComposeJob> JobRunner::compose(ComposeRequest request, Job::Notify notify) {
  auto job = std::make_shared<RunningCompose>(*this, std::move(request), std::move(notify));
  interactive_.submit(job);
  return job;
}

std::shared_ptr<TrainJob> JobRunner::train(TrainRequest request, Job::Notify notify) {
  auto job = std::make_shared<RunningTrain>(*this, std::move(request), std::move(notify));
  background_.submit(job);
  return job;
}

std::shared_ptr<TaskJob> JobRunner::run(Where where, TaskJob::Work work, Job::Notify notify) {
  auto job = std::make_shared<RunningTask>(std::move(work), std::move(notify));
  (where == Where::kInteractive ? interactive_ : background_).submit(job);
  return job;
}

void JobRunner::warmUp(Job::Notify notify) {
  run(
      Where::kInteractive,
      [this](const TaskJob::Progress&, const std::stop_token&) -> Result<void> {
        if (auto e = engine(); !e) return tl::unexpected(e.error());
        return {};
      },
      std::move(notify));
}

std::string JobRunner::engineError() const {
  const std::lock_guard lock(mutex_);
  return engineError_;
}

Result<Engine*> JobRunner::engine() {
  const std::lock_guard lock(mutex_);
  if (!engine_) {
    auto made = loader_();
    if (!made) {
      engineError_ = made.error().message;
      return tl::unexpected(made.error());
    }
    engine_ = std::move(*made);
    engineError_.clear();
  }
  return engine_.get();
}

}  // namespace incipit
