#include "models/trainer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <chrono>
#include <cmath>
#include <limits>

#include "core/compose/run_history.h"
#include "core/compose/safetensors_header.h"
#include "models/checkpoint.h"
#include "models/family.h"
#include "models/optimiser.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::uint64_t stepSeed(std::uint64_t seed, std::int64_t step) {
  return seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(step) + 1;
}

// What must be the same to resume.
constexpr std::array kIdentity{"family", "preset", "config", "settings", "corpus", "sets"};
// What must be the same to start from another run's weights.
constexpr std::array kSameNetwork{"family", "preset", "config", "vocabulary"};
// A mean loss of so many times the lowest epoch's is a divergence, judged at every so many batches.
constexpr double kRise = 2;
constexpr std::int64_t kJudged = 100;
constexpr double kGentler = 0.2;

// What a run is, apart from its weights.
struct Progress {
  std::int64_t step = 0;  // batches done in all
  int epoch = 0;          // whole epochs done
  double lossSum = 0;     // of the epoch that is under way
  std::int64_t lossNotes = 0;
  double correct = 0;         // of them
  std::int64_t examples = 0;  // notes predicted in all
  double seconds = 0;
  double best = std::numeric_limits<double>::infinity();
  int rescues = 0;  // times that the best weights were loaded again
  std::vector<EpochRecord> history;
};

class Trainer {
 public:
  Trainer(const TrainRequest& request, RunRecorder& sink, std::stop_token stop,
          const TrainHooks& hooks)
      : request_(request), sink_(sink), stop_(std::move(stop)), hooks_(hooks) {}

  Result<TrainResult> run();

 private:
  Result<void> prepare();
  Result<void> startFrom(const fs::path& file);
  Result<void> restore();
  Result<void> restoreProgress(const TensorFile& state, const fs::path& file);
  // False where the run ends: stopped, diverged for good, or no better for long.
  Result<bool> epoch();
  // Empty, or what went wrong; the weights are then as before.
  std::string trainStep(std::int64_t batch);
  bool rescue(const std::string& trouble);
  Validation validate();
  Result<bool> endEpoch();
  Result<void> saveLast();
  Result<void> saveBest();
  TensorFile weights() const;
  std::string value(const char* key) const { return metadata_.at(key); }
  double rate() const;
  double lowestLoss() const;
  bool overPatience() const;
  void report(bool epochEnded);
  void beginHistory();
  void forgetSums() { progress_.lossSum = progress_.correct = progress_.lossNotes = 0; }

  const TrainRequest& request_;
  RunRecorder& sink_;
  std::stop_token stop_;
  const TrainHooks& hooks_;
  std::unique_ptr<TrainingTask> task_;
  std::map<std::string, std::string> metadata_;  // the task's
  int epochs_ = 0;
  std::string lossUnit_;
  fs::path resumedFrom_;  // its history; empty: a new run
  std::optional<Optimiser> optimiser_;
  TensorFile best_;  // the weights to go back to
  Progress progress_;
  TrainResult result_;
  double gradientNorm_ = 0;
  std::optional<double> accuracy_;         // of the last validation
  std::optional<double> trainedAccuracy_;  // of the last epoch
  bool countsCorrect_ = false;
  Clock::time_point started_, reported_;
  double secondsBefore_ = 0;
  std::int64_t examplesBefore_ = 0;
};

Result<void> Trainer::prepare() {
  const auto family = familyNamed(request_.family);
  if (!family) return fail(family.error().message);
  if (auto cuda = cudaIndex(request_.device); !cuda) return fail(cuda.error().message);
  at::set_num_threads(std::max(1, request_.threads));
  const FamilyInfo info = (*family)->info();
  lossUnit_ = info.lossUnit;
  const PresetInfo* preset = presetOf(info, request_.preset);
  if (preset == nullptr) {
    std::vector<std::string> names;
    for (const PresetInfo& p : info.presets) names.push_back(p.id);
    return fail(fmt::format("{} has no preset \"{}\": use {}", info.id, request_.preset,
                            fmt::join(names, " or ")));
  }
  const auto values = checkSettings(preset->settings, request_.settings);
  if (!values) {
    return fail(fmt::format("{} {}: {}", info.id, preset->id, values.error().message));
  }
  auto task = (*family)->task(request_, *values, sink_, stop_);
  if (!task) return fail(task.error().message);
  task_ = std::move(*task);
  if (task_ == nullptr) return {};
  metadata_ = task_->metadata();
  metadata_["settings"] = values->json();
  epochs_ = request_.epochs > 0 ? request_.epochs : task_->schedule().epochs;
  if (request_.startFrom) {
    if (auto started = startFrom(*request_.startFrom); !started) return started;
  }
  optimiser_.emplace(task_->network().parameters(), task_->schedule());
  best_ = weights();
  sink_.message(fmt::format("{} {}: {} parameters", value("family"), value("preset"),
                            task_->network().parameterCount()));
  std::error_code error;
  if (const fs::path folder = request_.out.parent_path(); !folder.empty()) {
    fs::create_directories(folder, error);
    if (error) return fail(fmt::format("{}: {}", folder.string(), error.message()));
  }
  return {};
}

Result<void> Trainer::startFrom(const fs::path& file) {
  const auto from = readTensors(file);
  if (!from) return fail(from.error().message);
  for (const char* key : kSameNetwork) {
    if (metadataOf(*from, key) != value(key)) {
      return fail(fmt::format("{}: cannot be started from: its {} is \"{}\", this run's is \"{}\"",
                              file.string(), key, metadataOf(*from, key), value(key)));
    }
  }
  if (auto loaded = loadParameters(*from, task_->network()); !loaded) {
    return fail(fmt::format("{}: {}", file.string(), loaded.error().message));
  }
  metadata_["started_from"] = file.filename().string();
  return {};
}

TensorFile Trainer::weights() const {
  TensorFile file;
  for (const auto& [name, p] : task_->network().parameters()) {
    file.tensors.push_back(namedTensor(name, p));
  }
  file.metadata = metadata_;
  file.metadata["format"] = kCheckpointFormat;
  file.metadata["step"] = std::to_string(progress_.step);
  file.metadata["epoch"] = std::to_string(progress_.epoch);
  file.metadata["validation_loss"] = exactText(
      progress_.history.empty() ? progress_.best : progress_.history.back().validationLoss);
  file.metadata["history"] = historyJson(progress_.history);
  file.metadata["trainer"] = "Incipit " INCIPIT_VERSION;
  return file;
}

Result<void> Trainer::saveLast() {
  optimiser_->swapAverage();
  auto written = writeTensors(lastPath(request_.out), weights(), request_.shardSize);
  optimiser_->swapAverage();
  if (!written) return written;
  TensorFile state;
  optimiser_->appendState(state);
  // The weights once more, so that the state is whole even where a crash fell between the two
  // files.
  for (const auto& [name, p] : task_->network().parameters()) {
    state.tensors.push_back(namedTensor("weight." + name, p));
  }
  for (const char* key : kIdentity) state.metadata[key] = value(key);
  state.metadata["format"] = kTrainingStateFormat;
  const std::map<const char*, std::string> progress{
      {"seed", std::to_string(request_.seed)},
      {"epochs", std::to_string(epochs_)},
      {"epoch_examples", std::to_string(task_->epochExamples())},
      {"adam_steps", std::to_string(optimiser_->steps())},
      {"step", std::to_string(progress_.step)},
      {"epoch", std::to_string(progress_.epoch)},
      {"loss_sum", exactText(progress_.lossSum)},
      {"loss_notes", std::to_string(progress_.lossNotes)},
      {"correct", exactText(progress_.correct)},
      {"examples", std::to_string(progress_.examples)},
      {"seconds", exactText(progress_.seconds)},
      {"best", exactText(progress_.best)},
      {"rescues", std::to_string(progress_.rescues)},
      {"history", historyJson(progress_.history)}};
  state.metadata.insert(progress.begin(), progress.end());
  written = writeTensors(statePath(request_.out), state, request_.shardSize);
  if (written) result_.last = lastPath(request_.out);
  return written;
}

Result<void> Trainer::saveBest() {
  optimiser_->swapAverage();
  best_ = weights();
  optimiser_->swapAverage();
  best_.half = request_.half;
  auto written = writeTensors(request_.out, best_, request_.shardSize);
  if (written) result_.best = request_.out;
  return written;
}

Result<void> Trainer::restore() {
  // Any of a run's files names it.
  fs::path base = *request_.resume;
  for (const char* ending : {".last.state", ".last"}) {
    const std::string stem = base.stem().string();
    const std::string_view tail(ending);
    if (stem.size() > tail.size() && stem.ends_with(tail)) {
      base.replace_filename(stem.substr(0, stem.size() - tail.size()) + ".safetensors");
      break;
    }
  }
  const fs::path file = statePath(base);
  auto state = readTensors(file);
  if (!state) return fail(state.error().message);
  if (metadataOf(*state, "format") != kTrainingStateFormat) {
    return fail(fmt::format("{}: is not a training state of Incipit", file.string()));
  }
  for (const char* key : kIdentity) {
    // A state from before there were settings has none.
    const bool before = std::string_view(key) == "settings" && !state->metadata.contains(key);
    if (!before && metadataOf(*state, key) != value(key)) {
      return fail(fmt::format("{}: cannot be resumed: its {} is \"{}\", this run's is \"{}\"",
                              file.string(), key, metadataOf(*state, key), value(key)));
    }
  }
  if (auto restored = restoreProgress(*state, file); !restored) return restored;
  std::error_code ignored;
  if (fs::exists(request_.out, ignored)) {
    result_.best = request_.out;
    if (auto best = readTensors(request_.out)) best_ = std::move(*best);
  }
  result_.last = lastPath(request_.out);
  resumedFrom_ = historyPath(base);
  sink_.message(fmt::format("resumed after epoch {}, step {}", progress_.epoch, progress_.step));
  return {};
}

Result<void> Trainer::restoreProgress(const TensorFile& state, const fs::path& file) {
  const auto text = [&state](const char* key) { return metadataOf(state, key); };
  auto loaded = loadParameters(state, task_->network(), "weight.");
  if (!loaded) return fail(fmt::format("{}: {}", file.string(), loaded.error().message));
  try {
    loaded = optimiser_->restore(state, std::stoll(text("adam_steps")));
    if (!loaded) return fail(fmt::format("{}: {}", file.string(), loaded.error().message));
    if (std::stoull(text("seed")) != request_.seed ||
        std::stoll(text("epoch_examples")) != task_->epochExamples()) {
      return fail(fmt::format("{}: was trained with seed {} and {} examples an epoch: use the same",
                              file.string(), text("seed"), text("epoch_examples")));
    }
    if (request_.epochs <= 0) epochs_ = std::stoi(text("epochs"));
    progress_.step = std::stoll(text("step"));
    progress_.epoch = std::stoi(text("epoch"));
    progress_.lossSum = std::stod(text("loss_sum"));
    progress_.lossNotes = std::stoll(text("loss_notes"));
    progress_.correct = text("correct").empty() ? 0 : std::stod(text("correct"));
    progress_.examples = std::stoll(text("examples"));
    progress_.seconds = std::stod(text("seconds"));
    progress_.best = std::stod(text("best"));
    // A state from before there were any says nothing.
    progress_.rescues = text("rescues").empty() ? 0 : std::stoi(text("rescues"));
  } catch (const std::exception&) {
    return fail(fmt::format("{}: its metadata is damaged", file.string()));
  }
  progress_.history = historyOf(text("history"));
  return {};
}

double Trainer::rate() const {
  const Schedule& s = task_->schedule();
  const double base = progress_.rescues > 0 ? kGentler * s.rate : s.rate;
  if (s.warmUpSteps <= 0) return base;
  const double total = static_cast<double>(task_->batches()) * epochs_;
  const auto now = static_cast<double>(progress_.step + 1);
  if (now < s.warmUpSteps) return base * now / s.warmUpSteps;
  constexpr double kFloor = 0.02;
  const double fraction =
      std::min(1.0, (now - s.warmUpSteps) / std::max(1.0, total - s.warmUpSteps));
  return base * (kFloor + (1 - kFloor) * 0.5 * (1 + std::cos(M_PI * fraction)));
}

double Trainer::lowestLoss() const {
  double lowest = std::numeric_limits<double>::infinity();
  for (const EpochRecord& r : progress_.history) lowest = std::min(lowest, r.trainLoss);
  return lowest;
}

bool Trainer::overPatience() const {
  const int patience = task_->schedule().patience;
  if (patience <= 0) return false;
  int since = 0;
  for (const EpochRecord& r : progress_.history) {
    since = r.validationLoss <= progress_.best ? 0 : since + 1;
  }
  return since >= patience;
}

std::string Trainer::trainStep(std::int64_t batch) {
  const BatchLoss loss = task_->loss(batch, stepSeed(request_.seed, progress_.step));
  double value = loss.total.item<double>();
  if (hooks_.loss) value = hooks_.loss(progress_.step, value);
  if (!std::isfinite(value)) return "loss became NaN";
  loss.total.backward();
  gradientNorm_ = optimiser_->clip();
  if (!std::isfinite(gradientNorm_)) {
    optimiser_->forgetGradients();
    return "gradient became NaN";
  }
  if (progress_.rescues < 2) {
    optimiser_->adam(rate());
  } else {
    optimiser_->momentum(rate());
  }
  progress_.lossSum += value * static_cast<double>(loss.examples);
  progress_.lossNotes += loss.examples;
  progress_.examples += loss.examples;
  countsCorrect_ = loss.correct.defined();
  if (countsCorrect_) progress_.correct += loss.correct.item<double>();
  return {};
}

bool Trainer::rescue(const std::string& trouble) {
  const std::string what = fmt::format("{} in epoch {}", trouble, progress_.epoch + 1);
  constexpr int kMost = 2;
  if (progress_.rescues >= kMost) {
    result_.warning = result_.best.empty() ? what + ": stopped, nothing to keep yet"
                                           : fmt::format("{}: stopped, kept epoch {}", what,
                                                         metadataOf(best_, "epoch"));
    return false;
  }
  ++progress_.rescues;
  for (const auto& [name, p] : task_->network().parameters()) {
    if (auto loaded = loadTensor(best_, name, p); !loaded) {
      result_.warning = fmt::format("{}: stopped ({})", what, loaded.error().message);
      return false;
    }
  }
  optimiser_->reset();
  sink_.message(fmt::format(
      "{}: went back to the best weights (epoch {}), on with {}", what, metadataOf(best_, "epoch"),
      progress_.rescues == 1 ? "a fifth of the learning rate" : "momentum instead of Adam"));
  return true;
}

Validation Trainer::validate() {
  const at::NoGradGuard noGrad;
  optimiser_->swapAverage();
  const Validation v = task_->validate();
  optimiser_->swapAverage();
  return v;
}

void Trainer::report(bool epochEnded) {
  TrainPoint p;
  p.epoch = progress_.epoch + (epochEnded ? 0 : 1);
  p.step = progress_.step;
  if (epochEnded) {
    p.trainLoss = progress_.history.back().trainLoss;
    p.validationLoss = progress_.history.back().validationLoss;
    p.trainAccuracy = trainedAccuracy_;
    p.validationAccuracy = accuracy_;
  } else {
    const auto examples = static_cast<double>(progress_.lossNotes);
    p.trainLoss = progress_.lossSum / examples;
    if (countsCorrect_) p.trainAccuracy = progress_.correct / examples;
  }
  p.learningRate = rate();
  p.gradientNorm = gradientNorm_;
  const auto total = static_cast<double>(task_->batches()) * epochs_;
  p.fraction = std::min(1.0, static_cast<double>(progress_.step) / total);
  const double spent = secondsSince(started_);
  p.examplesPerSecond = static_cast<double>(progress_.examples - examplesBefore_) / spent;
  progress_.seconds = secondsBefore_ + spent;
  if (p.fraction > 0) p.secondsLeft = progress_.seconds * (1 - p.fraction) / p.fraction;
  sink_.point(p);
  reported_ = Clock::now();
}

Result<bool> Trainer::endEpoch() {
  Validation validation = validate();
  if (!std::isfinite(validation.loss)) {
    if (!rescue("validation loss became NaN")) return false;
    validation = validate();
  }
  const double loss = validation.loss;
  accuracy_ = validation.accuracy;
  ++progress_.epoch;
  progress_.seconds = secondsBefore_ + secondsSince(started_);
  // Where a rescue has left no batch to speak of, the validation speaks for both.
  const double trained =
      progress_.lossNotes > 0 ? progress_.lossSum / static_cast<double>(progress_.lossNotes) : loss;
  progress_.history.push_back(
      {progress_.epoch, progress_.step, progress_.examples, trained, loss, progress_.seconds});
  trainedAccuracy_.reset();
  if (countsCorrect_ && progress_.lossNotes > 0) {
    trainedAccuracy_ = progress_.correct / static_cast<double>(progress_.lossNotes);
  }
  forgetSums();
  const bool best = loss < progress_.best;
  if (best) progress_.best = loss;
  if (best) {
    if (auto saved = saveBest(); !saved) return fail(saved.error().message);
  }
  if (auto saved = saveLast(); !saved) return fail(saved.error().message);
  // Who hears of an epoch finds its weights.
  report(/*epochEnded=*/true);
  return true;
}

Result<bool> Trainer::epoch() {
  task_->beginEpoch(progress_.epoch);
  const double lowest = lowestLoss();
  const std::int64_t batches = task_->batches();
  // After a resume the epoch may be under way.
  for (std::int64_t i = progress_.step - progress_.epoch * batches; i < batches; ++i) {
    if (stop_.stop_requested()) {
      result_.cancelled = true;
      progress_.seconds = secondsBefore_ + secondsSince(started_);
      if (auto saved = saveLast(); !saved) return fail(saved.error().message);
      return false;
    }
    std::string trouble = trainStep(i);
    ++progress_.step;
    const bool last = i + 1 == batches;
    const bool judged = last || (i + 1) % kJudged == 0;
    if (trouble.empty() && judged &&
        progress_.lossSum > kRise * lowest * static_cast<double>(progress_.lossNotes)) {
      trouble = "loss rose suddenly";
      forgetSums();
    }
    if (!trouble.empty() && !rescue(trouble)) return false;
    if (progress_.lossNotes > 0 && secondsSince(reported_) >= 1.0) report(/*epochEnded=*/false);
  }
  auto more = endEpoch();
  if (!more || !*more) return more;
  if (overPatience()) {
    sink_.message(fmt::format("no better for {} epochs: stopped", task_->schedule().patience));
    return false;
  }
  return true;
}

void Trainer::beginHistory() {
  TrainRequest whole = request_;
  whole.preset = value("preset");
  whole.epochs = epochs_;
  sink_.begin(whole, lossUnit_, resumedFrom_, progress_.step);
}

Result<TrainResult> Trainer::run() {
  if (auto prepared = prepare(); !prepared) return fail(prepared.error().message);
  if (task_ == nullptr) {
    result_.cancelled = true;
    return result_;
  }
  if (request_.resume) {
    if (auto restored = restore(); !restored) return fail(restored.error().message);
  }
  beginHistory();
  started_ = reported_ = Clock::now();
  secondsBefore_ = progress_.seconds;
  examplesBefore_ = progress_.examples;
  while (progress_.epoch < epochs_) {
    auto more = epoch();
    if (!more) return fail(more.error().message);
    if (!*more) break;
  }
  result_.epochs = progress_.epoch;
  result_.bestValidationLoss = progress_.best;
  return result_;
}

}  // namespace

Result<int> cudaIndex(const std::string& device) {
  if (device.empty() || device == "cpu") return -1;
  try {
    const at::Device d(device);
    if (d.is_cpu()) return -1;
    if (d.is_cuda()) {
      const int index = d.has_index() ? d.index() : 0;
      if (torch::cuda::is_available() && index < static_cast<int>(torch::cuda::device_count())) {
        return index;
      }
      return fail(fmt::format("device {} is not there: use cpu", device));
    }
  } catch (const c10::Error&) {
    // Falls through to the line below.
  }
  return fail(fmt::format("\"{}\" is no device: use cpu, cuda or cuda:N", device));
}

Result<TrainResult> trainModel(const TrainRequest& request, TrainSink& sink, std::stop_token stop,
                               const TrainHooks& hooks) {
  RunRecorder recorder(sink);
  try {
    auto result = Trainer(request, recorder, std::move(stop), hooks).run();
    if (!result) {
      recorder.end(RunEnd::kFailed, result.error().message);
    } else {
      recorder.end(result->cancelled ? RunEnd::kStopped : RunEnd::kDone, result->warning);
    }
    return result;
  } catch (const std::exception& e) {
    const std::string text = e.what();
    const std::string line = fmt::format("training failed: {}", text.substr(0, text.find('\n')));
    recorder.end(RunEnd::kFailed, line);
    return fail(line);
  }
}

}  // namespace incipit
