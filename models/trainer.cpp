#include "models/trainer.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "core/compose/safetensors_header.h"
#include "core/corpus/corpus.h"
#include "models/checkpoint.h"
#include "models/note_networks.h"
#include "models/optimiser.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Streams of the run's seed.
enum Stream : std::uint64_t { kSubset = 1'000'000, kOrder = 2'000'000, kAugment = 3 };
constexpr std::uint64_t kValidationSeed = 20;

std::uint64_t stepSeed(std::uint64_t seed, std::int64_t step) {
  return seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(step) + 1;
}

fs::path beside(const fs::path& out, const char* ending) {
  fs::path p = out;
  return p.replace_filename(out.stem().string() + ending);
}

// Whoever trains a model decides on its licence; what the data asks for is known.
std::string dataLicences(const Corpus& corpus) {
  std::set<std::string> licences;
  for (const CorpusPiece& p : corpus.pieces) {
    if (p.split == Split::kTrain && !p.licence.empty()) licences.insert(p.licence);
  }
  return licences.empty() ? std::string() : fmt::format("data: {}", fmt::join(licences, "; "));
}

// What a run is, apart from its weights.
struct Progress {
  std::int64_t step = 0;  // batches done in all
  int epoch = 0;          // whole epochs done
  double lossSum = 0;     // of the epoch that is under way
  std::int64_t lossNotes = 0;
  std::int64_t examples = 0;  // notes predicted in all
  double seconds = 0;
  double best = std::numeric_limits<double>::infinity();
  std::vector<EpochRecord> history;
};

class Trainer {
 public:
  Trainer(const TrainRequest& request, TrainSink& sink, std::stop_token stop,
          const TrainHooks& hooks)
      : request_(request), sink_(sink), stop_(std::move(stop)), hooks_(hooks) {}

  Result<TrainResult> run();

 private:
  Result<void> prepare();
  Result<void> loadData();
  Result<void> restore();
  // False where the run ends: stopped, or the loss was not finite.
  Result<bool> epoch();
  bool trainStep(std::span<const NoteWindow> windows);
  double validate();
  Result<void> endEpoch();
  Result<void> saveLast();
  Result<void> saveBest();
  TensorFile weights() const;
  double rate() const;
  void report(bool epochEnded);
  std::vector<NoteWindow> epochWindows() const;
  std::int64_t batchesPerEpoch() const { return (examples_ + preset_.batch - 1) / preset_.batch; }

  const TrainRequest& request_;
  TrainSink& sink_;
  std::stop_token stop_;
  const TrainHooks& hooks_;
  NotePreset preset_;
  int epochs_ = 0;
  std::int64_t examples_ = 0;
  std::int64_t windowLength_ = 0;
  Corpus corpus_;
  std::optional<WindowSampler> train_, valid_;
  std::vector<NoteWindow> validWindows_;
  std::unique_ptr<NoteNetwork> network_;
  std::optional<Adam> adam_;
  Progress progress_;
  TrainResult result_;
  Clock::time_point started_, reported_;
  double secondsBefore_ = 0;
  std::int64_t examplesBefore_ = 0;
};

Result<void> Trainer::prepare() {
  if (request_.family != kNoteLstm) {
    return fail(fmt::format("there is no family \"{}\": use {}", request_.family, kNoteLstm));
  }
  auto preset = presetNamed(request_.preset);
  if (!preset) return fail(preset.error().message);
  preset_ = *preset;
  epochs_ = request_.epochs > 0 ? request_.epochs : preset_.epochs;
  examples_ = request_.examples > 0 ? request_.examples : preset_.examples;
  windowLength_ = preset_.published() ? PublishedNetwork::kHistory + 1 : preset_.window;
  auto cuda = cudaIndex(request_.device);
  if (!cuda) return fail(cuda.error().message);
  const at::Device device =
      *cuda < 0 ? at::Device(at::kCPU) : at::Device(at::kCUDA, static_cast<at::DeviceIndex>(*cuda));
  at::set_num_threads(std::max(1, request_.threads));
  network_ = makeNetwork(preset_, request_.seed, device);
  adam_.emplace(network_->parameters(), preset_.epsilon, preset_.weightDecay);
  std::error_code error;
  if (const fs::path folder = request_.out.parent_path(); !folder.empty()) {
    fs::create_directories(folder, error);
    if (error) return fail(fmt::format("{}: {}", folder.string(), error.message()));
  }
  return {};
}

Result<void> Trainer::loadData() {
  const auto start = Clock::now();
  CorpusOptions options;
  options.sets = request_.sets;
  options.shippableOnly = request_.shippableOnly;
  auto corpus = readCorpus(request_.data, options, {}, stop_);
  if (!corpus) return fail(corpus.error().message);
  corpus_ = std::move(*corpus);
  const std::int64_t least = preset_.published() ? windowLength_ : options.leastNotes;
  train_.emplace(corpus_, Split::kTrain, least);
  valid_.emplace(corpus_, Split::kValid, least);
  if (corpus_.cancelled) return {};
  if (train_->empty()) {
    return fail(fmt::format("{}: holds no melodic track of at least {} notes to train on",
                            request_.data.string(), least));
  }
  if (valid_->empty()) {
    sink_.message("too few pieces for a validation split: validating on the training data");
    valid_.emplace(corpus_, Split::kTrain, least);
  }
  // No more than a quarter of what an epoch trains on, so that a small run is not all validation.
  const std::int64_t most = preset_.published() ? 8192 : 160;
  const std::int64_t count = std::clamp<std::int64_t>(examples_ / 4, 16, most);
  validWindows_ = valid_->draw(count, windowLength_, Rng(kValidationSeed));
  sink_.message(
      fmt::format("{} pieces, {} notes, {:.1f} hours read in {:.1f} s ({} files rejected, {} of "
                  "them duplicates)",
                  corpus_.pieces.size(), corpus_.notes, corpus_.seconds / 3600, secondsSince(start),
                  corpus_.rejected.size(), corpus_.duplicates));
  sink_.message(
      fmt::format("{} {}: {} parameters", kNoteLstm, preset_.name, network_->parameterCount()));
  return {};
}

TensorFile Trainer::weights() const {
  TensorFile file;
  for (const auto& [name, p] : network_->parameters()) file.tensors.push_back(namedTensor(name, p));
  file.metadata = {{"format", kCheckpointFormat},
                   {"family", kNoteLstm},
                   {"preset", preset_.name},
                   {"config", presetConfig(preset_)},
                   {"vocabulary", vocabularyJson(preset_)},
                   {"corpus", corpus_.manifestHash},
                   {"sets", request_.sets},
                   {"step", std::to_string(progress_.step)},
                   {"epoch", std::to_string(progress_.epoch)},
                   {"validation_loss",
                    exactText(progress_.history.empty() ? progress_.best
                                                        : progress_.history.back().validationLoss)},
                   {"history", historyJson(progress_.history)},
                   {"licence", dataLicences(corpus_)},
                   {"title", fmt::format("Note LSTM ({})", preset_.name)},
                   {"trainer", "Incipit " INCIPIT_VERSION}};
  return file;
}

Result<void> Trainer::saveLast() {
  auto written = writeTensors(lastPath(request_.out), weights(), request_.shardSize);
  if (!written) return written;
  TensorFile state;
  adam_->appendState(state);
  // The weights once more, so that the state is whole even where a crash fell between the two
  // files.
  for (const auto& [name, p] : network_->parameters()) {
    state.tensors.push_back(namedTensor("weight." + name, p));
  }
  state.metadata = {{"format", kTrainingStateFormat},
                    {"family", kNoteLstm},
                    {"preset", preset_.name},
                    {"config", presetConfig(preset_)},
                    {"corpus", corpus_.manifestHash},
                    {"sets", request_.sets},
                    {"seed", std::to_string(request_.seed)},
                    {"epochs", std::to_string(epochs_)},
                    {"epoch_examples", std::to_string(examples_)},
                    {"adam_steps", std::to_string(adam_->steps())},
                    {"step", std::to_string(progress_.step)},
                    {"epoch", std::to_string(progress_.epoch)},
                    {"loss_sum", exactText(progress_.lossSum)},
                    {"loss_notes", std::to_string(progress_.lossNotes)},
                    {"examples", std::to_string(progress_.examples)},
                    {"seconds", exactText(progress_.seconds)},
                    {"best", exactText(progress_.best)},
                    {"history", historyJson(progress_.history)}};
  written = writeTensors(statePath(request_.out), state, request_.shardSize);
  if (written) result_.last = lastPath(request_.out);
  return written;
}

Result<void> Trainer::saveBest() {
  auto written = writeTensors(request_.out, weights(), request_.shardSize);
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
  const auto& m = state->metadata;
  const auto value = [&m](const char* key) {
    const auto found = m.find(key);
    return found == m.end() ? std::string() : found->second;
  };
  if (value("format") != kTrainingStateFormat) {
    return fail(fmt::format("{}: is not a training state of Incipit", file.string()));
  }
  const std::map<const char*, std::string> same{{"family", kNoteLstm},
                                                {"preset", preset_.name},
                                                {"config", presetConfig(preset_)},
                                                {"corpus", corpus_.manifestHash},
                                                {"sets", request_.sets}};
  for (const auto& [key, wanted] : same) {
    if (value(key) != wanted) {
      return fail(fmt::format("{}: cannot be resumed: its {} is \"{}\", this run's is \"{}\"",
                              file.string(), key, value(key), wanted));
    }
  }
  for (const auto& [name, p] : network_->parameters()) {
    auto loaded = loadTensor(*state, "weight." + name, p);
    if (!loaded) return fail(fmt::format("{}: {}", file.string(), loaded.error().message));
  }
  try {
    auto adam = adam_->restore(*state, std::stoll(value("adam_steps")));
    if (!adam) return fail(fmt::format("{}: {}", file.string(), adam.error().message));
    if (std::stoull(value("seed")) != request_.seed ||
        std::stoll(value("epoch_examples")) != examples_) {
      return fail(fmt::format("{}: was trained with seed {} and {} examples an epoch: use the same",
                              file.string(), value("seed"), value("epoch_examples")));
    }
    if (request_.epochs <= 0) epochs_ = std::stoi(value("epochs"));
    progress_.step = std::stoll(value("step"));
    progress_.epoch = std::stoi(value("epoch"));
    progress_.lossSum = std::stod(value("loss_sum"));
    progress_.lossNotes = std::stoll(value("loss_notes"));
    progress_.examples = std::stoll(value("examples"));
    progress_.seconds = std::stod(value("seconds"));
    progress_.best = std::stod(value("best"));
  } catch (const std::exception&) {
    return fail(fmt::format("{}: its metadata is damaged", file.string()));
  }
  progress_.history = historyOf(value("history"));
  std::error_code ignored;
  if (fs::exists(request_.out, ignored)) result_.best = request_.out;
  result_.last = lastPath(request_.out);
  sink_.message(fmt::format("resumed after epoch {}, step {}", progress_.epoch, progress_.step));
  return {};
}

double Trainer::rate() const {
  if (preset_.warmUpSteps <= 0) return preset_.rate;
  const double total = static_cast<double>(batchesPerEpoch()) * epochs_;
  const auto now = static_cast<double>(progress_.step + 1);
  if (now < preset_.warmUpSteps) return preset_.rate * now / preset_.warmUpSteps;
  constexpr double kFloor = 0.02;
  const double fraction =
      std::min(1.0, (now - preset_.warmUpSteps) / std::max(1.0, total - preset_.warmUpSteps));
  return preset_.rate * (kFloor + (1 - kFloor) * 0.5 * (1 + std::cos(M_PI * fraction)));
}

std::vector<NoteWindow> Trainer::epochWindows() const {
  const auto epoch = static_cast<std::uint64_t>(progress_.epoch);
  const std::uint64_t subset = kSubset + (preset_.freshEachEpoch ? epoch : 0);
  std::vector<NoteWindow> drawn =
      train_->draw(examples_, windowLength_, Rng(request_.seed, subset));
  if (preset_.freshEachEpoch) return drawn;
  std::vector<NoteWindow> shuffled;
  shuffled.reserve(drawn.size());
  for (const std::uint32_t i : permutation(drawn.size(), Rng(request_.seed, kOrder + epoch))) {
    shuffled.push_back(drawn[i]);
  }
  return shuffled;
}

bool Trainer::trainStep(std::span<const NoteWindow> windows) {
  const std::uint64_t seed = stepSeed(request_.seed, progress_.step);
  Rng augment(seed, kAugment);
  const NoteLoss loss = network_->loss(windows, preset_.augment ? &augment : nullptr, seed);
  double value = loss.total.item<double>();
  if (hooks_.loss) value = hooks_.loss(progress_.step, value);
  if (!std::isfinite(value)) return false;
  loss.total.backward();
  if (!std::isfinite(adam_->clip(preset_.clip))) return false;
  adam_->step(rate());
  ++progress_.step;
  progress_.lossSum += value * static_cast<double>(loss.examples);
  progress_.lossNotes += loss.examples;
  progress_.examples += loss.examples;
  return true;
}

double Trainer::validate() {
  const at::NoGradGuard noGrad;
  double sum = 0;
  std::int64_t notes = 0;
  const auto chunk = static_cast<std::size_t>(preset_.published() ? 512 : 32);
  for (std::size_t i = 0; i < validWindows_.size(); i += chunk) {
    const auto n = std::min(chunk, validWindows_.size() - i);
    const NoteLoss loss =
        network_->loss(std::span(validWindows_).subspan(i, n), nullptr, std::nullopt);
    sum += loss.total.item<double>() * static_cast<double>(loss.examples);
    notes += loss.examples;
  }
  return sum / static_cast<double>(notes);
}

void Trainer::report(bool epochEnded) {
  TrainPoint p;
  p.epoch = progress_.epoch + (epochEnded ? 0 : 1);
  p.step = progress_.step;
  if (epochEnded) {
    p.trainLoss = progress_.history.back().trainLoss;
    p.validationLoss = progress_.history.back().validationLoss;
  } else {
    p.trainLoss = progress_.lossSum / static_cast<double>(progress_.lossNotes);
  }
  const auto total = static_cast<double>(batchesPerEpoch()) * epochs_;
  p.fraction = std::min(1.0, static_cast<double>(progress_.step) / total);
  const double spent = secondsSince(started_);
  p.examplesPerSecond = static_cast<double>(progress_.examples - examplesBefore_) / spent;
  progress_.seconds = secondsBefore_ + spent;
  if (p.fraction > 0) p.secondsLeft = progress_.seconds * (1 - p.fraction) / p.fraction;
  sink_.point(p);
  reported_ = Clock::now();
}

Result<void> Trainer::endEpoch() {
  const double loss = validate();
  ++progress_.epoch;
  progress_.seconds = secondsBefore_ + secondsSince(started_);
  progress_.history.push_back({progress_.epoch, progress_.step, progress_.examples,
                               progress_.lossSum / static_cast<double>(progress_.lossNotes), loss,
                               progress_.seconds});
  progress_.lossSum = 0;
  progress_.lossNotes = 0;
  const bool best = loss < progress_.best;
  if (best) progress_.best = loss;
  report(/*epochEnded=*/true);
  if (!std::isfinite(loss)) {
    result_.warning = fmt::format("validation loss became {} in epoch {}: stopped, kept epoch {}",
                                  loss, progress_.epoch, progress_.epoch - 1);
    return {};
  }
  if (best) {
    if (auto saved = saveBest(); !saved) return saved;
  }
  return saveLast();
}

Result<bool> Trainer::epoch() {
  const std::vector<NoteWindow> windows = epochWindows();
  const auto batch = static_cast<std::size_t>(preset_.batch);
  // After a resume the epoch may be under way.
  auto first =
      static_cast<std::size_t>(progress_.step - progress_.epoch * batchesPerEpoch()) * batch;
  for (; first < windows.size(); first += batch) {
    if (stop_.stop_requested()) {
      result_.cancelled = true;
      progress_.seconds = secondsBefore_ + secondsSince(started_);
      if (auto saved = saveLast(); !saved) return fail(saved.error().message);
      return false;
    }
    const std::size_t n = std::min(batch, windows.size() - first);
    if (!trainStep(std::span(windows).subspan(first, n))) {
      result_.warning =
          progress_.epoch > 0
              ? fmt::format("loss became NaN in epoch {}: stopped, kept epoch {}",
                            progress_.epoch + 1, progress_.epoch)
              : std::string("loss became NaN in epoch 1: stopped, nothing to keep yet");
      return false;
    }
    if (secondsSince(reported_) >= 1.0) report(/*epochEnded=*/false);
  }
  if (auto ended = endEpoch(); !ended) return fail(ended.error().message);
  return result_.warning.empty();
}

Result<TrainResult> Trainer::run() {
  if (auto prepared = prepare(); !prepared) return fail(prepared.error().message);
  if (auto loaded = loadData(); !loaded) return fail(loaded.error().message);
  if (corpus_.cancelled) {
    result_.cancelled = true;
    return result_;
  }
  if (request_.resume) {
    if (auto restored = restore(); !restored) return fail(restored.error().message);
  }
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

fs::path lastPath(const fs::path& out) { return beside(out, ".last.safetensors"); }
fs::path statePath(const fs::path& out) { return beside(out, ".last.state.safetensors"); }

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

Result<TrainResult> trainNotes(const TrainRequest& request, TrainSink& sink, std::stop_token stop,
                               const TrainHooks& hooks) {
  try {
    return Trainer(request, sink, std::move(stop), hooks).run();
  } catch (const std::exception& e) {
    const std::string text = e.what();
    return fail(fmt::format("training failed: {}", text.substr(0, text.find('\n'))));
  }
}

}  // namespace incipit
