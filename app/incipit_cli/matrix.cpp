// matrix: networks x encodings x sizes of the corpus, each trained for the same time and measured,
// in one table. What is measured is kept, so that a matrix that was interrupted goes on.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>

#include "app/incipit_cli/support.h"
#include "core/compose/model_files.h"
#include "core/io/atomic_file.h"
#include "core/io/table.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string data;
  std::string out;
  std::string folder = "matrix";
  std::vector<std::string> families{"roll-gan", "roll-dcgan", "roll-wgan-gp", "roll-vae"};
  std::vector<std::string> presets{"published", "improved"};
  std::vector<std::string> kinds{"image1", "image2", "image3", "ticks"};
  std::vector<std::int64_t> sizes{300, 3200, 16400};
  double minutes = 10;
  std::uint64_t seed = 1;
  std::string sets;
  std::string split = "test";
  int threads = 1;
};

struct Cell {
  std::string family, preset, kind;
  std::int64_t size = 0;
  std::string name() const { return fmt::format("{}-{}-{}-{}", family, preset, kind, size); }
};

std::vector<Cell> cellsOf(const Options& o) {
  std::vector<Cell> out;
  for (const std::int64_t size : o.sizes) {
    for (const std::string& kind : o.kinds) {
      for (const std::string& family : o.families) {
        for (const std::string& preset : o.presets) out.push_back({family, preset, kind, size});
      }
    }
  }
  return out;
}

// Follows a run and stops it when its time is over.
class Budget final : public TrainSink {
 public:
  Budget(Console& console, std::string label, double seconds, const std::stop_token& outer)
      : console_(console),
        label_(std::move(label)),
        seconds_(seconds),
        forward_(outer, [this] { stop_.request_stop(); }) {}

  std::stop_token token() const { return stop_.get_token(); }
  const std::vector<std::string>& warnings() const { return warnings_; }

  void message(const std::string& line) override {
    // Reading the corpus and drawing its pictures is not training.
    start_ = Clock::now();
    if (line.starts_with("convergence failure")) warnings_.push_back(line);
    console_.remark(label_ + ": " + line);
  }
  void point(const TrainPoint& p) override {
    const std::chrono::duration<double> spent = Clock::now() - begun();
    if (p.step > 0 && spent.count() > seconds_) stop_.request_stop();
    console_.progress(std::min(1.0, spent.count() / seconds_), label_);
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begun() {
    if (!first_) first_ = start_;
    return *first_;
  }

  Console& console_;
  std::string label_;
  double seconds_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> forward_;
  Clock::time_point start_ = Clock::now();
  std::optional<Clock::time_point> first_;  // of training
  std::vector<std::string> warnings_;
};

// The weights to measure: the best where an epoch has ended, else the last.
Result<fs::path> trainCell(Engine& engine, const Options& o, const Cell& cell, Console& console,
                           const std::stop_token& stop, std::string& warning) {
  TrainRequest r;
  r.family = cell.family;
  r.preset = cell.preset;
  r.data = o.data;
  r.sets = o.sets;
  r.out = fs::path(o.folder) / (cell.name() + ".safetensors");
  // Epochs are equally long whatever the size, so that each cell is as often validated, and the
  // slowest at least once.
  constexpr const char* kEpoch = "2048";
  r.settings = {{"kind", cell.kind}, {"epoch", kEpoch}};
  r.examples = cell.size;
  r.epochs = 100000;
  r.seed = o.seed;
  r.threads = o.threads;
  Budget budget(console, cell.name(), 60 * o.minutes, stop);
  const auto trained = engine.train(r, budget, budget.token());
  if (!trained) return tl::unexpected(trained.error());
  if (!budget.warnings().empty()) warning = budget.warnings().front();
  return trained->best.empty() ? trained->last : trained->best;
}

Json resultJson(const Options& o, const Cell& cell, const Evaluation& e,
                const std::string& warning) {
  Json figures = Json::object();
  for (const auto& [name, value] : e.figures) figures[name] = value;
  return {{"event", "cell"},
          {"family", cell.family},
          {"preset", cell.preset},
          {"kind", cell.kind},
          {"size", cell.size},
          {"minutes", o.minutes},
          {"parameters", e.parameters},
          {"figures", figures},
          {"warning", warning}};
}

// What a cell's file says; nothing where it has not been measured with this budget.
std::optional<Json> knownResult(const fs::path& file, const Options& o) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  const auto bytes = readFile(file);
  if (!bytes) return {};
  const Json j = Json::parse(bytes->begin(), bytes->end(), nullptr, /*allow_exceptions=*/false);
  const bool whole = j.is_object() && j.contains("figures") && j["figures"].is_object() &&
                     j.contains("minutes") && j["minutes"].is_number();
  if (!whole || j["minutes"].get<double>() != o.minutes) return {};
  return j;
}

Result<std::optional<Json>> measureCell(Engine& engine, const Options& o, const Cell& cell,
                                        Console& console, const std::stop_token& stop) {
  const fs::path file = fs::path(o.folder) / (cell.name() + ".json");
  if (auto known = knownResult(file, o)) return known;
  std::string warning;
  const auto checkpoint = trainCell(engine, o, cell, console, stop, warning);
  if (!checkpoint) return tl::unexpected(checkpoint.error());
  if (stop.stop_requested()) return std::nullopt;
  EvaluateRequest r;
  r.checkpoint = *checkpoint;
  r.data = o.data;
  r.sets = o.sets;
  r.split = o.split;
  r.threads = o.threads;
  Budget quiet(console, cell.name() + ", measured", 1e9, stop);
  const auto evaluation = engine.evaluate(r, quiet, quiet.token());
  if (!evaluation) return tl::unexpected(evaluation.error());
  if (evaluation->cancelled) return std::nullopt;
  Json j = resultJson(o, cell, *evaluation, warning);
  auto written = writeFileAtomically(file, j.dump(2) + "\n", false);
  if (!written) return tl::unexpected(written.error());
  // What a run is gone on with, which a cell never is, is several times as large as its weights.
  std::error_code ignored;
  const fs::path out = fs::path(o.folder) / (cell.name() + ".safetensors");
  fs::remove(statePath(out), ignored);
  if (*checkpoint != lastPath(out)) fs::remove(lastPath(out), ignored);
  return j;
}

Table tableOf(const std::vector<Json>& results) {
  Table table;
  table.columns = {{"size", true}, {"pictures", false}, {"family", false}, {"preset", false}};
  std::vector<std::string> names;
  for (const Json& j : results) {
    for (const auto& [name, value] : j["figures"].items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  for (const std::string& name : names) table.columns.push_back({name, true});
  table.columns.push_back({"warning", false});
  for (const Json& j : results) {
    std::vector<TableCell> row{numberCell(j.value("size", 0.0), 0), textCell(j.value("kind", "")),
                               textCell(j.value("family", "")), textCell(j.value("preset", ""))};
    for (const std::string& name : names) {
      const auto found = j["figures"].find(name);
      const bool number = found != j["figures"].end() && found->is_number();
      row.push_back(numberCell(number ? std::optional(found->get<double>()) : std::nullopt, 4));
    }
    row.push_back(textCell(j.value("warning", "")));
    table.rows.push_back(std::move(row));
  }
  return table;
}

int matrix(Context& context, const Options& o) {
  Console& console = context.console;
  std::error_code error;
  fs::create_directories(o.folder, error);
  if (error) return console.error(fmt::format("{}: {}", o.folder, error.message()));
  const auto engine = engineLoader()();
  if (!engine) return console.error(engine.error());
  std::vector<Json> results;
  int status = kDone;
  for (const Cell& cell : cellsOf(o)) {
    auto result = measureCell(**engine, o, cell, console, context.interrupt.token());
    console.clearProgress();
    if (!result) {
      // One that cannot be trained leaves the others.
      status = console.error(fmt::format("{}: {}", cell.name(), result.error().message));
      continue;
    }
    if (!*result) return kInterrupted;
    console.result(**result, cell.name());
    results.push_back(std::move(**result));
    const auto written = writeFileAtomically(o.out, tableCsv(tableOf(results)), false);
    if (!written) return console.error(written.error());
  }
  return status;
}

}  // namespace

Verb addMatrix(CLI::App& app) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand(
      "matrix", "Networks x kinds of picture x sizes of the corpus, measured in one table");
  c->add_option("DIR", o->data, "Folder of MIDI files, or one with a manifest.jsonl")->required();
  c->add_option("--out,-o", o->out, "The table, for a spreadsheet")->required()->type_name("FILE");
  c->add_option("--work", o->folder,
                "Folder for checkpoints and what is measured of them; a cell "
                "that is there is not run again")
      ->type_name("DIR")
      ->capture_default_str();
  c->add_option("--minutes", o->minutes, "Of training, for each cell")
      ->check(CLI::Range(0.01, 10000.0))
      ->capture_default_str();
  c->add_option("--models", o->families, "Families, with commas")->delimiter(',');
  c->add_option("--presets", o->presets, "Presets, with commas")->delimiter(',');
  c->add_option("--kinds", o->kinds, "Kinds of picture, with commas")
      ->delimiter(',')
      ->check(CLI::IsMember({"image1", "image2", "image3", "ticks"}));
  c->add_option("--sizes", o->sizes, "Pictures to learn from, with commas")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  c->add_option("--sets", o->sets, "Sets of the manifest, with commas (default: all)");
  c->add_option("--split", o->split, "What is compared with")
      ->check(CLI::IsMember({"train", "valid", "test"}))
      ->capture_default_str();
  c->add_option("--seed", o->seed, "Random seed")->capture_default_str();
  c->add_option("--threads", o->threads, "Threads to compute with")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  return {c, [o](Context& context) { return matrix(context, *o); }};
}

}  // namespace incipit
