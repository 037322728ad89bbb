// evaluate: the held-out figures of a checkpoint.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "app/common/engine_module.h"
#include "app/incipit_cli/support.h"
#include "core/compose/paths.h"

namespace incipit {
namespace {

struct Options {
  EvaluateRequest request;
  std::vector<std::string> arguments;  // checkpoints, and the data last
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

// Evaluates one model as a job; nothing where it failed or was interrupted, which is then said.
std::optional<Evaluation> evaluateOne(Context& context, JobRunner& runner, EvaluateRequest request,
                                      int& status) {
  Console& console = context.console;
  Wake wake;
  Relay relay(wake.notify());
  std::optional<Evaluation> evaluation;
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
  const std::string name = request.checkpoint.stem().string();
  follow(*job, wake, context.interrupt.token(), [&] {
    const TrainJob::News news = relay.drain();
    for (const std::string& m : news.messages) console.remark(m);
    if (!news.points.empty()) {
      console.progress(news.points.back().fraction, "evaluating " + name);
    }
  });
  console.clearProgress();
  status = statusOf(*job, console);
  return evaluation;
}

Json numberJson(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json evaluationJson(const CheckpointInfo& model, const std::string& split, const Evaluation& e) {
  Json figures = Json::object();
  for (const auto& [name, value] : e.figures) figures[name] = numberJson(value);
  Json metrics = Json::object();
  for (const Evaluation::Metric& m : e.metrics) {
    metrics[m.name] = {{"composed", numberJson(m.composed)}, {"written", numberJson(m.written)}};
  }
  Json j = {{"event", "evaluation"},
            {"checkpoint", model.path.string()},
            {"split", split},
            {"complete", !e.cancelled},
            {"family", e.family},
            {"preset", e.preset},
            {"parameters", e.parameters},
            {"training_seconds", e.trainingSeconds},
            {"loss_unit", e.lossUnit}};
  if (e.loss) j["loss"] = numberJson(*e.loss);
  if (e.accuracy) j["accuracy"] = numberJson(*e.accuracy);
  if (e.notesPerSecond) j["notes_per_second"] = numberJson(*e.notesPerSecond);
  j["metrics"] = metrics;
  j["figures"] = figures;
  return j;
}

void showOne(Console& console, const Evaluation& e) {
  for (const auto& [name, value] : e.figures) {
    console.text(fmt::format("{:<56} {:>12.5g}", name, value));
  }
}

std::string meanText(double value) {
  return std::isfinite(value) ? fmt::format("{:.4f}", value) : "-";
}

// One row a model, then the metrics, one column a model.
void showTable(Console& console, const std::vector<std::pair<std::string, Evaluation>>& all) {
  console.text(fmt::format("{:<28} {:<22} {:>10} {:>9} {:>8} {:<11} {:>7} {:>8}", "model",
                           "network", "parameters", "trained", "NLL", "unit", "top-1", "notes/s"));
  for (const auto& [name, e] : all) {
    console.text(fmt::format("{:<28} {:<22} {:>10} {:>9} {:>8} {:<11} {:>7} {:>8}", name,
                             e.family + " " + e.preset, grouped(e.parameters),
                             e.trainingSeconds > 0 ? duration(e.trainingSeconds) : "-",
                             e.loss ? fmt::format("{:.4f}", *e.loss) : "-", e.lossUnit,
                             e.accuracy ? fmt::format("{:.1f} %", 100 * *e.accuracy) : "-",
                             e.notesPerSecond ? fmt::format("{:.0f}", *e.notesPerSecond) : "-"));
  }
  const auto measured = std::find_if(all.begin(), all.end(),
                                     [](const auto& row) { return !row.second.metrics.empty(); });
  if (measured == all.end()) return;
  std::string head = fmt::format("\n{:<28} {:>10}", "mean over continuations", "written");
  for (const auto& [name, e] : all) head += fmt::format(" {:>22}", name.substr(0, 22));
  console.text(head);
  for (std::size_t i = 0; i < measured->second.metrics.size(); ++i) {
    const Evaluation::Metric& first = measured->second.metrics[i];
    std::string line = fmt::format("{:<28} {:>10}", first.name, meanText(first.written));
    for (const auto& [name, e] : all) {
      const bool there = i < e.metrics.size();
      line += fmt::format(" {:>22}", there ? meanText(e.metrics[i].composed) : "-");
    }
    console.text(line);
  }
}

Result<std::vector<CheckpointInfo>> modelsOf(const std::vector<std::string>& names) {
  if (names == std::vector<std::string>{"installed"}) {
    auto installed = listModels(modelFolders()).models;
    if (installed.empty()) return fail("no model is installed");
    return installed;
  }
  std::vector<CheckpointInfo> out;
  for (const std::string& name : names) {
    auto model = chooseModel(name);
    if (!model) return tl::unexpected(model.error());
    out.push_back(std::move(*model));
  }
  return out;
}

int evaluate(Context& context, const Options& o) {
  Console& console = context.console;
  if (o.arguments.size() < 2) {
    console.error("CKPT and DIR are required; see incipit-cli evaluate --help");
    return kUsage;
  }
  const auto models = modelsOf({o.arguments.begin(), o.arguments.end() - 1});
  if (!models) return console.error(models.error());
  JobRunner runner(engineModuleLoader(), JobRunner::Beside::kNothing);
  std::vector<std::pair<std::string, Evaluation>> all;
  int status = kDone;
  for (const CheckpointInfo& model : *models) {
    EvaluateRequest request = o.request;
    request.checkpoint = model.path;
    request.data = o.arguments.back();
    int one = kDone;
    const auto evaluation = evaluateOne(context, runner, std::move(request), one);
    if (one != kDone) status = one;
    if (!evaluation) {
      if (one == kInterrupted) break;
      continue;  // the others can still be compared
    }
    console.result(evaluationJson(model, o.request.split, *evaluation));
    all.emplace_back(model.path.stem().string(), *evaluation);
    if (evaluation->cancelled) break;
  }
  if (models->size() == 1 && !all.empty()) showOne(console, all.front().second);
  if (!all.empty()) showTable(console, all);
  return status;
}

}  // namespace

Verb addEvaluate(CLI::App& app) {
  auto o = std::make_shared<Options>();
  EvaluateRequest& r = o->request;
  CLI::App* c = app.add_subcommand("evaluate", "Held-out figures of checkpoints, compared");
  c->add_option("CKPT", o->arguments,
                "Checkpoint files or names of installed models (or `installed`: all of them), then "
                "a folder of MIDI files, one with a manifest.jsonl, or (frame families) sets of "
                "frames")
      ->type_name("... DIR")
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
