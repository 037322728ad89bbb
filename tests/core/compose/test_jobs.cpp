// The two workers: order, cancel, failure, streaming, and that composing does not wait for
// training.
#include <QtTest>
#include <future>

#include "core/compose/jobs.h"
#include "core/compose/request_json.h"

using namespace incipit;

namespace {

// Gives `bars` notes; while `gate` is set, waits for it (or for stop) after the first.
class ScriptedEngine final : public Engine {
 public:
  std::shared_future<void> gate;
  std::atomic<int> composed{0};

  std::vector<FamilyInfo> families() const override { return {}; }
  Result<ComposeResult> compose(const ComposeRequest& request, ComposeSink& sink,
                                std::stop_token stop) override {
    if (request.checkpoint == "missing") return fail("missing: no such file; choose another model");
    ComposeResult result;
    for (int i = 0; i < request.bars; ++i) {
      if (stop.stop_requested()) {
        result.cancelled = true;
        return result;
      }
      Note n;
      n.start = request.from + TickDelta{i * 960};
      n.length = {960};
      sink.note(request.track, n);
      result.notes.push_back(n);
      while (gate.valid() &&
             gate.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
        if (stop.stop_requested()) {
          result.cancelled = true;
          return result;
        }
      }
    }
    ++composed;
    return result;
  }
  Result<TrainResult> train(const TrainRequest&, TrainSink& sink, std::stop_token stop) override {
    sink.message("training");
    TrainResult r;
    while (!stop.stop_requested()) std::this_thread::yield();
    r.cancelled = true;
    return r;
  }
  Result<Evaluation> evaluate(const EvaluateRequest&, TrainSink&, std::stop_token) override {
    return Evaluation{};
  }
  ComputeReport compute() override { return {}; }
};

}  // namespace

class TestJobs : public QObject {
  Q_OBJECT

  ScriptedEngine* engine_ = nullptr;
  std::unique_ptr<JobRunner> runner_;

 private Q_SLOTS:
  void init() {
    runner_ = std::make_unique<JobRunner>([this]() -> Result<std::unique_ptr<Engine>> {
      auto e = std::make_unique<ScriptedEngine>();
      engine_ = e.get();
      return e;
    });
    QVERIFY(runner_->engine());
  }
  void cleanup() { runner_.reset(); }

  void notesStreamAndTheResultHoldsThemAll() {
    ComposeRequest request;
    request.bars = 5;
    const auto job = runner_->compose(request, {});
    std::vector<Note> streamed;
    QTRY_VERIFY(job->finished());
    for (const ComposeJob::Heard& h : job->drain()) streamed.push_back(h.note);
    QCOMPARE(job->state(), JobState::kDone);
    QCOMPARE(streamed, job->result()->notes);
    QCOMPARE(streamed.size(), std::size_t{5});
  }

  void cancelKeepsWhatWasSampled() {
    std::promise<void> never;
    engine_->gate = never.get_future().share();
    ComposeRequest request;
    request.bars = 100;
    const auto job = runner_->compose(request, {});
    std::vector<Note> notes;
    const auto collect = [&] {
      for (const ComposeJob::Heard& h : job->drain()) notes.push_back(h.note);
      return notes.size();
    };
    QTRY_COMPARE(collect(), std::size_t{1});
    job->cancel();
    QTRY_COMPARE(job->state(), JobState::kCancelled);
    QCOMPARE(job->result()->notes.size(), std::size_t{1});
  }

  void aQueuedJobThatIsCancelledNeverStarts() {
    std::promise<void> opens;
    engine_->gate = opens.get_future().share();
    const auto first = runner_->compose({}, {});
    const auto second = runner_->compose({}, {});
    QCOMPARE(second->state(), JobState::kQueued);
    second->cancel();
    opens.set_value();
    QTRY_COMPARE(second->state(), JobState::kCancelled);
    QCOMPARE(first->state(), JobState::kDone);
    QVERIFY(!second->result());
    QCOMPARE(engine_->composed.load(), 1);
  }

  void composingDoesNotWaitForTraining() {
    const auto training = runner_->train({}, {});
    QTRY_COMPARE(training->state(), JobState::kRunning);
    const auto job = runner_->compose({}, {});
    QTRY_COMPARE(job->state(), JobState::kDone);
    QCOMPARE(training->state(), JobState::kRunning);
    training->cancel();
    QTRY_COMPARE(training->state(), JobState::kCancelled);
    QCOMPARE(training->drain().messages.size(), std::size_t{1});
  }

  void aFailureIsOneLine() {
    ComposeRequest request;
    request.checkpoint = "missing";
    const auto job = runner_->compose(request, {});
    QTRY_COMPARE(job->state(), JobState::kFailed);
    QCOMPARE(job->error(), std::string("missing: no such file; choose another model"));
  }

  void anExceptionFailsTheJobOnly() {
    const auto bad = runner_->run(JobRunner::Where::kBackground,
                                  [](const TaskJob::Progress&, std::stop_token) -> Result<void> {
                                    throw std::runtime_error("broken");
                                  },
                                  {});
    QTRY_COMPARE(bad->state(), JobState::kFailed);
    QVERIFY(bad->error().find("broken") != std::string::npos);
    const auto good = runner_->run(JobRunner::Where::kBackground,
                                   [](const TaskJob::Progress& p, std::stop_token) -> Result<void> {
                                     p(1);
                                     return {};
                                   },
                                   {});
    QTRY_COMPARE(good->state(), JobState::kDone);
    QCOMPARE(good->progress(), 1.0);
  }

  void noEngineIsAnErrorThatSaysWhy() {
    JobRunner none(
        []() -> Result<std::unique_ptr<Engine>> { return fail("no module; install it"); });
    const auto job = none.compose({}, {});
    QTRY_COMPARE(job->state(), JobState::kFailed);
    QCOMPARE(job->error(), std::string("no module; install it"));
    QCOMPARE(none.engineError(), std::string("no module; install it"));
  }

  void destroyingCancelsWhatRuns() {
    std::promise<void> never;
    engine_->gate = never.get_future().share();
    const auto job = runner_->compose({}, {});
    const auto queued = runner_->compose({}, {});
    QTRY_COMPARE(job->state(), JobState::kRunning);
    runner_.reset();
    QCOMPARE(job->state(), JobState::kCancelled);
    QVERIFY(!queued->result());
  }

  void notifyIsCoalescedUntilDrained() {
    std::atomic<int> calls{0};
    ComposeRequest request;
    request.bars = 50;
    const auto job = runner_->compose(request, [&] { ++calls; });
    QTRY_VERIFY(job->finished());
    QTRY_COMPARE(calls.load(), 2);  // once for the undrained notes, once for the end
  }

  void aRequestSurvivesItsRegion() {
    ComposeRequest r;
    r.bars = 7;
    r.seed = 0xFFFFFFFFFFFFFFFFULL;
    r.temperature = 0.85;
    r.take = 3;
    r.from = {1920};
    r.track = 4;
    GeneratedRegion region;
    region.settings = settingsJson(r);
    region.track = r.track;
    region.context = "[]";
    const auto back = requestOf(region);
    QVERIFY(back);
    QCOMPARE(back->bars, 7);
    QCOMPARE(back->seed, r.seed);
    QCOMPARE(back->temperature, 0.85);
    QCOMPARE(back->take, 3);
    QCOMPARE(back->from, r.from);
    QCOMPARE(*back->context, std::string("[]"));
    region.settings = "{\"bars\": \"many\"}";
    QVERIFY(!requestOf(region));
    region.settings = "nonsense";
    QVERIFY(!requestOf(region));
  }
};

QTEST_APPLESS_MAIN(TestJobs)
#include "test_jobs.moc"
