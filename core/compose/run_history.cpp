#include "core/compose/run_history.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <string_view>
#include <system_error>

#include "core/io/atomic_file.h"
#include "core/io/json_fields.h"
#include "core/io/number_text.h"
#include "core/io/table.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kEnding = ".history.jsonl";
constexpr const char* kFormat = "incipit-run-1";
constexpr const char* kEnds[] = {"", "done", "stopped", "failed"};

Json headOf(const TrainRequest& r, const std::string& lossUnit, const std::string& date) {
  Json j{{"run", kFormat},
         {"family", r.family},
         {"preset", r.preset},
         {"settings", r.settings},
         {"data", r.data.string()},
         {"sets", r.sets},
         {"shippable_only", r.shippableOnly},
         {"epochs", r.epochs},
         {"examples", r.examples},
         {"seed", r.seed},
         {"device", r.device},
         {"threads", r.threads},
         {"half", r.half},
         {"shard_size", r.shardSize},
         {"loss_unit", lossUnit},
         {"date", date}};
  if (r.startFrom) j["started_from"] = r.startFrom->string();
  return j;
}

Json pointJson(const TrainPoint& p) {
  Json j{{"epoch", p.epoch}, {"step", p.step}, {"loss", p.trainLoss}};
  if (p.trainAccuracy) j["accuracy"] = *p.trainAccuracy;
  if (p.validationLoss) j["validation_loss"] = *p.validationLoss;
  if (p.validationAccuracy) j["validation_accuracy"] = *p.validationAccuracy;
  j["learning_rate"] = p.learningRate;
  j["gradient_norm"] = p.gradientNorm;
  j["examples_per_second"] = p.examplesPerSecond;
  j["seconds_left"] = p.secondsLeft;
  j["fraction"] = p.fraction;
  if (!p.figures.empty()) {
    Json figures = Json::object();
    for (const auto& [name, value] : p.figures) figures[name] = value;
    j["figures"] = std::move(figures);
  }
  return j;
}

TrainPoint pointOf(const Json& j) {
  TrainPoint p;
  p.epoch = smallOf(j, "epoch");
  p.step = integerOf(j, "step");
  p.trainLoss = numberOf(j, "loss");
  p.trainAccuracy = maybeOf(j, "accuracy");
  p.validationLoss = maybeOf(j, "validation_loss");
  p.validationAccuracy = maybeOf(j, "validation_accuracy");
  p.learningRate = numberOf(j, "learning_rate");
  p.gradientNorm = numberOf(j, "gradient_norm");
  p.examplesPerSecond = numberOf(j, "examples_per_second");
  p.secondsLeft = numberOf(j, "seconds_left");
  p.fraction = numberOf(j, "fraction");
  if (const auto figures = j.find("figures"); figures != j.end() && figures->is_object()) {
    for (const auto& [name, value] : figures->items()) {
      p.figures.emplace_back(name, numberOf(*figures, name.c_str()));
    }
  }
  return p;
}

RunHistory headOf(const Json& j) {
  RunHistory run;
  TrainRequest& r = run.request;
  r.family = textOf(j, "family");
  r.preset = textOf(j, "preset");
  r.data = textOf(j, "data");
  r.sets = textOf(j, "sets");
  r.epochs = smallOf(j, "epochs");
  r.examples = integerOf(j, "examples");
  r.seed = static_cast<std::uint64_t>(integerOf(j, "seed"));
  r.device = textOf(j, "device");
  r.threads = std::max(1, smallOf(j, "threads"));
  r.shardSize = integerOf(j, "shard_size");
  r.shippableOnly = switchOf(j, "shippable_only");
  r.half = switchOf(j, "half");
  if (const std::string from = textOf(j, "started_from"); !from.empty()) r.startFrom = from;
  if (const auto settings = j.find("settings"); settings != j.end() && settings->is_object()) {
    for (const auto& [id, value] : settings->items()) {
      if (value.is_string()) r.settings[id] = value.get<std::string>();
    }
  }
  run.lossUnit = textOf(j, "loss_unit");
  run.date = textOf(j, "date");
  return run;
}

void take(const Json& j, RunHistory& run) {
  if (j.contains("message")) {
    run.messages.push_back({integerOf(j, "step"), textOf(j, "message")});
  } else if (j.contains("end")) {
    const std::string end = textOf(j, "end");
    for (int i = 1; i < 4; ++i) {
      if (end == kEnds[i]) run.end = static_cast<RunEnd>(i);
    }
  } else if (j.contains("loss")) {
    TrainPoint p = pointOf(j);
    if (run.points.empty() || p.step >= run.points.back().step) run.points.push_back(std::move(p));
  }
}

// The points and messages up to `step`, as lines.
std::string linesUpTo(const fs::path& file, std::int64_t step) {
  std::string kept;
  const auto run = readRunHistory(file);
  if (!run) return kept;
  auto message = run->messages.begin();
  const auto messagesBefore = [&](std::int64_t limit) {
    for (; message != run->messages.end() && message->step < limit; ++message) {
      kept += lineOf({{"step", message->step}, {"message", message->text}});
    }
  };
  for (const TrainPoint& p : run->points) {
    if (p.step > step) break;
    messagesBefore(p.step);
    kept += lineOf(pointJson(p));
  }
  messagesBefore(step + 1);
  return kept;
}

std::string cell(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? fmt::format("{}", *value) : std::string();
}

}  // namespace

fs::path historyPath(const fs::path& out) {
  fs::path p = out;
  return p.replace_filename(out.stem().string() + std::string(kEnding));
}

fs::path checkpointOfHistory(const fs::path& history) {
  std::string name = history.filename().string();
  if (name.ends_with(kEnding)) name.resize(name.size() - kEnding.size());
  fs::path p = history;
  return p.replace_filename(name + ".safetensors");
}

Result<RunHistory> parseRunHistory(const std::string& text, const fs::path& file) {
  RunHistory run;
  bool first = true;
  bool good = false;
  eachLine(text, [&](std::string_view line) {
    const Json j = parseJson(line);
    if (first) {
      first = false;
      good = j.is_object() && textOf(j, "run") == kFormat;
      if (good) run = headOf(j);
    } else if (good && j.is_object()) {
      take(j, run);
    }
  });
  if (!good) return fail(fmt::format("{}: is not the history of a training run", file.string()));
  run.request.out = checkpointOfHistory(file);
  return run;
}

Result<RunHistory> readRunHistory(const fs::path& file) {
  const auto bytes = readFile(file);
  if (!bytes) return fail(bytes.error().message);
  return parseRunHistory(std::string(bytes->begin(), bytes->end()), file);
}

RunList listRuns(const std::vector<fs::path>& folders) {
  RunList out;
  for (const fs::path& folder : folders) {
    std::error_code error;
    std::vector<fs::path> files;
    fs::directory_iterator it(folder, error);
    for (; !error && it != fs::directory_iterator(); it.increment(error)) {
      if (it->path().filename().string().ends_with(kEnding)) files.push_back(it->path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      auto run = readRunHistory(file);
      if (run) {
        out.runs.push_back(std::move(*run));
      } else {
        out.problems.push_back(run.error().message);
      }
    }
  }
  std::stable_sort(out.runs.begin(), out.runs.end(),
                   [](const RunHistory& a, const RunHistory& b) { return a.date > b.date; });
  return out;
}

std::string runCsv(const RunHistory& run) {
  std::string out =
      "epoch,step,loss,accuracy,validation_loss,validation_accuracy,learning_rate,gradient_norm,"
      "examples_per_second";
  if (!run.points.empty()) {
    for (const auto& [name, value] : run.points.front().figures) out += "," + csvField(name);
  }
  out += '\n';
  for (const TrainPoint& p : run.points) {
    out += fmt::format("{},{},{},{},{},{},{},{},{}", p.epoch, p.step, cell(p.trainLoss),
                       cell(p.trainAccuracy), cell(p.validationLoss), cell(p.validationAccuracy),
                       cell(p.learningRate), cell(p.gradientNorm), cell(p.examplesPerSecond));
    // The same names at each point, unless the file was written by another hand.
    for (std::size_t i = 0; i < run.points.front().figures.size(); ++i) {
      out += ',';
      if (i < p.figures.size()) out += cell(p.figures[i].second);
    }
    out += '\n';
  }
  return out;
}

RunRecorder::~RunRecorder() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RunRecorder::begin(const TrainRequest& request, const std::string& lossUnit,
                        const fs::path& resumed, std::int64_t step) {
  file_ = historyPath(request.out);
  step_ = written_ = step;
  begun_ = true;
  std::string date = utcNow();
  std::string kept;
  if (!resumed.empty()) {
    if (const auto before = readRunHistory(resumed)) date = before->date;
    kept = linesUpTo(resumed, step);
  }
  const auto written =
      writeFileAtomically(file_, lineOf(headOf(request, lossUnit, date)) + kept, false);
  if (written) descriptor_ = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0) {
    next_.message(
        fmt::format("no history of this run is kept: {}",
                    written ? file_.string() + " cannot be opened" : written.error().message));
  }
  for (const std::string& line : early_) append(lineOf({{"step", step_}, {"message", line}}));
  early_.clear();
}

void RunRecorder::append(const std::string& line) {
  if (descriptor_ < 0) return;
  unwritten_ += line;
  const off_t end = ::lseek(descriptor_, 0, SEEK_END);
  std::size_t done = 0;
  while (done < unwritten_.size()) {
    const ssize_t n = ::write(descriptor_, unwritten_.data() + done, unwritten_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  if (done == unwritten_.size()) {
    unwritten_.clear();
    return;
  }
  const int error = errno;
  // No line is left cut: the next one would be lost with it.
  if (done > 0 && ::ftruncate(descriptor_, end) == 0) done = 0;
  unwritten_.erase(0, done);
  if (std::exchange(said_, true)) return;
  next_.message(fmt::format("{}: the history of this run cannot be written: {}", file_.string(),
                            writeAdvice(error)));
}

void RunRecorder::message(const std::string& line) {
  next_.message(line);
  if (begun_) {
    append(lineOf({{"step", step_}, {"message", line}}));
  } else {
    early_.push_back(line);
  }
}

void RunRecorder::point(const TrainPoint& p) {
  next_.point(p);
  step_ = p.step;
  constexpr std::int64_t kShare = 1000;
  if (!p.validationLoss && p.step - written_ < p.step / kShare) return;
  written_ = p.step;
  append(lineOf(pointJson(p)));
}

void RunRecorder::end(RunEnd end, const std::string& last) {
  if (end == RunEnd::kNone) return;
  if (!last.empty()) append(lineOf({{"step", step_}, {"message", last}}));
  append(lineOf({{"step", step_}, {"end", kEnds[static_cast<int>(end)]}}));
}

}  // namespace incipit
