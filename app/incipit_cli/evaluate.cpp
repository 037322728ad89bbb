// evaluate: the held-out figures of a checkpoint.
#include <fmt/core.h>

#include "app/common/engine_module.h"
#include "app/incipit_cli/support.h"

namespace incipit {
namespace {

struct Options {
  EvaluateRequest request;
  std::string checkpoint;
  std::string data;
};

// Hands what the engine says on the worker to the main thread.
class Relay final : public TrainSink {
 public:
  explicit Relay(Job::Notify wake) : wake_(std::move(wake)) {}

  void message(const std::string& line) override {
    {
      const std::lock_guard lock(mutex_);
      fresh_.messages.push_back(line);
    }
    wake_();
  }
  void point(const TrainPoint& p) override {
    {
      const std::lock_guard lock(mutex_);
      fresh_.points.push_back(p);
    }
    wake_();
  }
  TrainJob::News drain() {
    const std::lock_guard lock(mutex_);
    return std::exchange(fresh_, {});
  }

 private:
  std::mutex mutex_;
  TrainJob::News fresh_;
  Job::Notify wake_;
};

int evaluate(Context& context, const Options& o) {
  Console& console = context.console;
  EvaluateRequest request = o.request;
  const auto model = chooseModel(o.checkpoint);
  if (!model) return console.error(model.error());
  request.checkpoint = model->path;
  request.data = o.data;

  JobRunner runner(engineModuleLoader(), JobRunner::Beside::kNothing);
  Wake wake;
  Relay relay(wake.notify());
  Evaluation evaluation;
  const auto job = runner.run(
      JobRunner::Where::kInteractive,
      [&](const TaskJob::Progress&, const std::stop_token& stop) -> Result<void> {
        const auto engine = runner.engine();
        if (!engine) return tl::unexpected(engine.error());
        auto result = (*engine)->evaluate(request, relay, stop);
        if (!result) return tl::unexpected(result.error());
        evaluation = std::move(*result);
        return {};
      },
      wake.notify());
  follow(*job, wake, context.interrupt.token(), [&] {
    const TrainJob::News news = relay.drain();
    for (const std::string& m : news.messages) console.remark(m);
    if (!news.points.empty()) console.progress(news.points.back().fraction, "evaluating");
  });
  const int status = statusOf(*job, console);
  if (status == kFailed) return status;

  Json figures = Json::object();
  for (const auto& [name, value] : evaluation.figures) figures[name] = value;
  console.result({{"event", "evaluation"},
                  {"checkpoint", model->path.string()},
                  {"split", request.split},
                  {"complete", !evaluation.cancelled},
                  {"figures", figures}});
  for (const auto& [name, value] : evaluation.figures) {
    console.text(fmt::format("{:<56} {:>12.5g}", name, value));
  }
  return status;
}

}  // namespace

Verb addEvaluate(CLI::App& app) {
  auto o = std::make_shared<Options>();
  EvaluateRequest& r = o->request;
  CLI::App* c = app.add_subcommand("evaluate", "Held-out figures of a checkpoint");
  c->add_option("CKPT", o->checkpoint, "A checkpoint file or the name of an installed model")
      ->required();
  c->add_option(
       "DIR", o->data,
       "Folder of MIDI files, one with a manifest.jsonl, or (frame families) sets of frames")
      ->required();
  c->add_option("--split", r.split, "Which part of the corpus")
      ->check(CLI::IsMember({"train", "valid", "test"}))
      ->capture_default_str();
  c->add_option("--examples", r.examples, "Windows to look at, at most (default: all)")
      ->check(CLI::NonNegativeNumber);
  c->add_option("--continuations", r.continuations,
                "Also compose this many continuations and compare them with the true ones")
      ->check(CLI::Range(0, 100000));
  c->add_option("--seed", r.seed, "Random seed")->capture_default_str();
  c->add_option("--sets", r.sets,
                "Sets of the manifest, with commas (default: all), or the set of frames");
  c->add_option("--threads", r.threads, "Threads to compute with")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  return {c, [o](Context& context) { return evaluate(context, *o); }};
}

}  // namespace incipit
