#include "models/trainer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <new>
#include <string_view>

#include "core/compose/model_files.h"
#include "core/compose/run_history.h"
#include "models/family.h"
#include "models/run_files.h"

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

// A mean loss of so many times the lowest epoch's is a divergence, judged at every so many batches.
constexpr double kRise = 2;
constexpr std::int64_t kJudged = 100;
constexpr double kGentler = 0.2;
constexpr std::array<std::string_view, 4> kMemoryErrors{
    "not enough memory", "can't allocate memory", "out of memory", "ALLOC_FAILED"};

// Of LibTorch, of its allocators, or of our own containers.
bool outOfMemory(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr ||
      dynamic_cast<const c10::OutOfMemoryError*>(&e) != nullptr) {
    return true;
  }
  const std::string_view what(e.what());
  return std::any_of(kMemoryErrors.begin(), kMemoryErrors.end(), [&](std::string_view sign) {
    return what.find(sign) != std::string_view::npos;
  });
}

class Trainer {
 public:
  Trainer(const TrainRequest& request, RunRecorder& sink, std::stop_token stop,
          const TrainHooks& hooks)
      : request_(request), sink_(sink), stop_(std::move(stop)), hooks_(hooks) {}

  Result<TrainResult> run();

 private:
  Result<void> prepare();
  Result<void> restore();
  // False where the run ends: stopped, diverged for good, or no better for long.
  Result<bool> epoch();
  // Empty, or what went wrong; the weights are then as before. Fails where even one example is too
  // much for the memory.
  Result<std::string> trainStep(std::int64_t batch);
  struct Learnt {
    double lossSum = 0, correct = 0;
    std::int64_t examples = 0;
  };
  std::string gradient(std::int64_t batch, Learnt& learnt);
  // Examples that are in memory together.
  int partSize() const { return (task_->batchSize() + progress_.parts - 1) / progress_.parts; }
  std::string memoryError() const;
  bool rescue(const std::string& trouble);
  Validation validate();
  Result<bool> endEpoch();
  Result<void> saveLast();
  double rate() const;
  double lowestLoss() const;
  bool overPatience() const;
  void report(bool epochEnded);
  void beginHistory();
  double overAnEpoch(double now, double before) const;
  void forgetSums() { progress_.lossSum = progress_.correct = progress_.lossNotes = 0; }

  const TrainRequest& request_;
  RunRecorder& sink_;
  std::stop_token stop_;
  const TrainHooks& hooks_;
  std::unique_ptr<TrainingTask> task_;
  std::optional<RunFiles> files_;
  std::string lossUnit_;
  Settings settings_;     // every one, also where it is the default
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
  TrainRequest asked = request_;
  // A run that is gone on with keeps its vocabulary, whatever it was started from.
  if (request_.resume) asked.startFrom = lastPath(outOf(*request_.resume));
  auto task = (*family)->task(asked, *values, sink_, stop_);
  if (!task) return fail(task.error().message);
  task_ = std::move(*task);
  if (task_ == nullptr) return {};
  files_.emplace(request_, *task_, values->json());
  settings_ = values->all();
  progress_.epochs = request_.epochs > 0 ? request_.epochs : task_->schedule().epochs;
  if (request_.startFrom) {
    if (auto started = files_->startFrom(*request_.startFrom); !started) return started;
  }
  optimiser_.emplace(task_->network().parameters(), task_->schedule());
  best_ = files_->weights(progress_);
  sink_.message(fmt::format("{} {}: {} parameters", files_->value("family"),
                            files_->value("preset"), task_->network().parameterCount()));
  std::error_code error;
  if (const fs::path folder = request_.out.parent_path(); !folder.empty()) {
    fs::create_directories(folder, error);
    if (error) return fail(fmt::format("{}: {}", folder.string(), error.message()));
  }
  return {};
}

Result<void> Trainer::restore() {
  const auto base = files_->restore(*request_.resume, *optimiser_, progress_);
  if (!base) return fail(base.error().message);
  std::error_code ignored;
  if (fs::exists(request_.out, ignored)) {
    result_.best = request_.out;
    if (auto best = readTensors(request_.out)) best_ = std::move(*best);
  }
  result_.last = lastPath(request_.out);
  resumedFrom_ = historyPath(*base);
  sink_.message(fmt::format("resumed after epoch {}, step {}", progress_.epoch, progress_.step));
  return {};
}

Result<void> Trainer::saveLast() {
  auto saved = files_->saveLast(*optimiser_, progress_);
  if (saved) result_.last = lastPath(request_.out);
  return saved;
}

double Trainer::rate() const {
  const Schedule& s = task_->schedule();
  const double base = progress_.rescues > 0 ? kGentler * s.rate : s.rate;
  if (s.warmUpSteps <= 0) return base;
  const double total = static_cast<double>(task_->batches()) * progress_.epochs;
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

std::string Trainer::memoryError() const {
  const int size = partSize();
  const std::string advice = size > 1 ? fmt::format("--set batch={}", size / 2)
                                      : std::string("a smaller network or another device");
  std::string line = fmt::format("out of memory with batches of {}: try {}", size, advice);
  if (files_->savedEpoch()) line += fmt::format("; epoch {} is saved", *files_->savedEpoch());
  return line;
}

std::string Trainer::gradient(std::int64_t batch, Learnt& learnt) {
  learnt = {};
  const std::uint64_t seed = stepSeed(request_.seed, progress_.step);
  for (int i = 0; i < progress_.parts; ++i) {
    const BatchLoss loss = task_->loss({batch, i, progress_.parts},
                                       i == 0 ? seed : stepSeed(seed, -1 - std::int64_t{i}));
    if (!loss.total.defined()) continue;
    double value = loss.total.item<double>();
    if (hooks_.loss) value = hooks_.loss(progress_.step, value);
    if (!std::isfinite(value)) return "loss became NaN";
    const auto examples = static_cast<double>(loss.examples);
    (progress_.parts > 1 ? loss.total * examples : loss.total).backward();
    learnt.lossSum += value * examples;
    learnt.examples += loss.examples;
    countsCorrect_ = loss.correct.defined();
    if (countsCorrect_) learnt.correct += loss.correct.item<double>();
  }
  if (progress_.parts > 1) optimiser_->divideGradients(static_cast<double>(learnt.examples));
  gradientNorm_ = optimiser_->clip();
  return std::isfinite(gradientNorm_) ? "" : "gradient became NaN";
}

Result<std::string> Trainer::trainStep(std::int64_t batch) {
  Learnt learnt;
  for (;;) {
    try {
      std::string trouble = gradient(batch, learnt);
      if (trouble.empty()) break;
      optimiser_->forgetGradients();
      return trouble;
    } catch (const std::exception& e) {
      if (!outOfMemory(e)) throw;
    }
    // The same step from smaller parts of its batch, one after another.
    optimiser_->forgetGradients();
    const int size = partSize();
    if (size <= 1) return fail(memoryError());
    progress_.parts *= 2;
    sink_.message(fmt::format("out of memory with batches of {}: each is learnt from in {} parts",
                              size, progress_.parts));
  }
  if (progress_.rescues < 2) {
    optimiser_->adam(rate());
  } else {
    optimiser_->momentum(rate());
  }
  progress_.lossSum += learnt.lossSum;
  progress_.lossNotes += learnt.examples;
  progress_.examples += learnt.examples;
  progress_.correct += learnt.correct;
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

double Trainer::overAnEpoch(double now, double before) const {
  const auto batches = static_cast<double>(task_->batches());
  const double done = static_cast<double>(progress_.step) - progress_.epoch * batches;
  const double share = std::min(1.0, done / batches);
  return share * now + (1 - share) * before;
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
    const double loss = progress_.lossSum / examples;
    p.trainLoss =
        progress_.history.empty() ? loss : overAnEpoch(loss, progress_.history.back().trainLoss);
    if (countsCorrect_) {
      const double accuracy = progress_.correct / examples;
      p.trainAccuracy = overAnEpoch(accuracy, trainedAccuracy_.value_or(accuracy));
    }
  }
  p.learningRate = rate();
  p.gradientNorm = gradientNorm_;
  const auto total = static_cast<double>(task_->batches()) * progress_.epochs;
  p.fraction = std::min(1.0, static_cast<double>(progress_.step) / total);
  const double spent = secondsSince(started_);
  p.examplesPerSecond = static_cast<double>(progress_.examples - examplesBefore_) / spent;
  progress_.seconds = secondsBefore_ + spent;
  if (p.fraction > 0) p.secondsLeft = progress_.seconds * (1 - p.fraction) / p.fraction;
  p.figures = task_->figures();
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
  if (best) {
    progress_.best = loss;
    optimiser_->swapAverage();
    best_ = files_->weights(progress_);
    optimiser_->swapAverage();
    best_.half = request_.half;
    if (auto saved = files_->saveBest(best_); !saved) return fail(saved.error().message);
    result_.best = request_.out;
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
    auto learnt = trainStep(i);
    if (!learnt) return fail(learnt.error().message);
    std::string trouble = std::move(*learnt);
    ++progress_.step;
    const bool last = i + 1 == batches;
    const bool judged = last || (i + 1) % kJudged == 0;
    if (trouble.empty() && judged && !task_->schedule().adversarial &&
        progress_.lossSum > kRise * lowest * static_cast<double>(progress_.lossNotes)) {
      trouble = "loss rose suddenly";
      forgetSums();
    }
    if (!trouble.empty() && !rescue(trouble)) return false;
    const bool due = hooks_.everyStep || secondsSince(reported_) >= 1.0;
    if (progress_.lossNotes > 0 && due) report(/*epochEnded=*/false);
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
  whole.preset = files_->value("preset");
  whole.settings = settings_;
  whole.epochs = progress_.epochs;
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
  try {
    while (progress_.epoch < progress_.epochs) {
      auto more = epoch();
      if (!more) return fail(more.error().message);
      if (!*more) break;
    }
  } catch (const std::exception& e) {
    if (!outOfMemory(e)) throw;
    return fail(memoryError());
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
