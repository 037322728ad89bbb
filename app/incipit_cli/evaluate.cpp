// evaluate: the held-out figures of a checkpoint.
#include <fmt/core.h>

#include "app/incipit_cli/support.h"
#include "core/compose/comparison_run.h"
#include "core/compose/paths.h"
#include "core/io/atomic_file.h"

namespace incipit {
namespace {

struct Options {
  EvaluateRequest request;
  std::vector<std::string> arguments;  // checkpoints, and the data last
  std::string csv;
};

Json modelJson(const ComparedModel& model, const std::string& split,
               const RatingSummaries& ratings) {
  Json j = {{"event", "evaluation"}, {"checkpoint", model.file.string()}, {"split", split}};
  j.update(Json::parse(evaluationJson(model.evaluation)));
  if (const auto found = ratings.find(model.hash); found != ratings.end()) {
    j["rating"] = {{"mean", found->second.mean}, {"ratings", found->second.count}};
  }
  return j;
}

// Without the line feed that text() ends with.
void showTable(Console& console, const Table& table) {
  std::string text = tableText(table);
  text.pop_back();
  console.text(text);
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

RatingSummaries ratingsSoFar(Console& console) {
  const auto ratings = readRatings(ratingsFile());
  if (!ratings) {
    console.warning(ratings.error().message);
    return {};
  }
  if (!ratings->problem.empty()) console.warning(ratings->problem);
  return summarise(ratings->ratings);
}

// Follows the run to its end; what it has said and measured is shown as it comes.
std::vector<ComparedModel> followRun(Context& context, ComparisonRun& run, Wake& wake,
                                     const std::string& split, const RatingSummaries& ratings,
                                     int& status) {
  Console& console = context.console;
  std::vector<ComparedModel> all;
  follow(run.job(), wake, context.interrupt.token(), [&] {
    ComparisonRun::News news = run.drain();
    for (const std::string& m : news.messages) console.remark(m);
    for (const std::string& p : news.problems) status = console.error(p);
    for (ComparedModel& m : news.models) {
      console.result(modelJson(m, split, ratings));
      all.push_back(std::move(m));
    }
    // An error is the last line.
    if (run.job().finished()) return;
    console.progress(run.job().progress(), "evaluating " + run.current());
  });
  console.clearProgress();
  return all;
}

int evaluate(Context& context, const Options& o) {
  Console& console = context.console;
  if (o.arguments.size() < 2) {
    console.error("CKPT and DIR are required; see incipit-cli evaluate --help");
    return kUsage;
  }
  const auto models = modelsOf({o.arguments.begin(), o.arguments.end() - 1});
  if (!models) return console.error(models.error());
  EvaluateRequest request = o.request;
  request.data = o.arguments.back();
  std::vector<std::filesystem::path> files;
  for (const CheckpointInfo& m : *models) files.push_back(m.path);
  JobRunner runner(engineLoader(), JobRunner::Beside::kNothing);
  Wake wake;
  ComparisonRun run(runner, JobRunner::Where::kInteractive, request, files, wake.notify());
  const RatingSummaries ratings = ratingsSoFar(console);
  int status = kDone;
  const auto all = followRun(context, run, wake, request.split, ratings, status);
  if (run.job().state() == JobState::kCancelled) status = kInterrupted;
  // No engine: nothing was said yet.
  if (run.job().state() == JobState::kFailed && status == kDone) {
    return console.error(run.job().error());
  }
  if (all.empty()) return status;
  showTable(console, modelTable(all, ratings));
  for (const Table& t : {figureTable(all), metricTable(all)}) {
    if (t.rows.empty()) continue;
    console.text("");
    showTable(console, t);
  }
  if (!o.csv.empty()) {
    const auto written = writeFileAtomically(o.csv, tableCsv(wholeTable(all, ratings)), false);
    if (!written) return console.error(written.error());
  }
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
  c->add_option("--csv", o->csv, "Also write the tables as one, for a spreadsheet")
      ->type_name("FILE");
  return {c, [o](Context& context) { return evaluate(context, *o); }};
}

}  // namespace incipit
