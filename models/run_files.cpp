#include "models/run_files.h"

#include <fmt/format.h>

#include <array>

#include "core/compose/model_files.h"
#include "core/compose/safetensors_header.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

// What must be the same to resume.
constexpr std::array kIdentity{"family",   "preset", "config", "vocabulary",
                               "settings", "corpus", "sets"};
// What must be the same to start from another run's weights.
constexpr std::array kSameNetwork{"family", "preset", "config", "vocabulary"};

// As part of an error: a vocabulary is too long to be shown.
std::string differing(const char* key, const std::string& theirs, const std::string& own) {
  constexpr std::size_t kShown = 300;
  if (theirs.size() + own.size() > kShown) return fmt::format("its {} is another", key);
  return fmt::format("its {} is \"{}\", this run's is \"{}\"", key, theirs, own);
}

}  // namespace

fs::path outOf(fs::path file) {
  for (const char* ending : {".last.state", ".last"}) {
    const std::string stem = file.stem().string();
    const std::string_view tail(ending);
    if (stem.size() > tail.size() && stem.ends_with(tail)) {
      return file.replace_filename(stem.substr(0, stem.size() - tail.size()) + ".safetensors");
    }
  }
  return file;
}

RunFiles::RunFiles(const TrainRequest& request, const TrainingTask& task,
                   const std::string& settings)
    : request_(request), task_(task), metadata_(task.metadata()) {
  metadata_["settings"] = settings;
}

TensorFile RunFiles::weights(const Progress& progress) const {
  TensorFile file;
  for (const auto& [name, p] : task_.network().parameters()) {
    file.tensors.push_back(namedTensor(name, p));
  }
  file.metadata = metadata_;
  file.metadata["format"] = kCheckpointFormat;
  file.metadata["step"] = std::to_string(progress.step);
  file.metadata["epoch"] = std::to_string(progress.epoch);
  file.metadata["validation_loss"] =
      exactText(progress.history.empty() ? progress.best : progress.history.back().validationLoss);
  file.metadata["history"] = historyJson(progress.history);
  if (progress.parts > 1) file.metadata["batch_parts"] = std::to_string(progress.parts);
  file.metadata["trainer"] = "Incipit " INCIPIT_VERSION;
  return file;
}

Result<void> RunFiles::write(const fs::path& file, const TensorFile& content) const {
  auto written = writeTensors(file, content, request_.shardSize);
  if (written) return written;
  return fail(written.error().message +
              (saved_ ? fmt::format("; the run is whole up to epoch {}: resume it then", *saved_)
                      : "; nothing of this run is saved yet"));
}

Result<void> RunFiles::saveBest(const TensorFile& best) { return write(request_.out, best); }

Result<void> RunFiles::saveLast(Optimiser& optimiser, const Progress& progress) {
  optimiser.swapAverage();
  auto written = write(lastPath(request_.out), weights(progress));
  optimiser.swapAverage();
  if (!written) return written;
  TensorFile state;
  optimiser.appendState(state);
  // The weights once more, so that the state is whole even where a crash fell between the two
  // files.
  for (const auto& [name, p] : task_.network().parameters()) {
    state.tensors.push_back(namedTensor("weight." + name, p));
  }
  for (const char* key : kIdentity) state.metadata[key] = value(key);
  state.metadata["format"] = kTrainingStateFormat;
  const std::map<const char*, std::string> texts{
      {"seed", std::to_string(request_.seed)},
      {"epochs", std::to_string(progress.epochs)},
      {"epoch_examples", std::to_string(task_.epochExamples())},
      {"adam_steps", std::to_string(optimiser.steps())},
      {"step", std::to_string(progress.step)},
      {"epoch", std::to_string(progress.epoch)},
      {"loss_sum", exactText(progress.lossSum)},
      {"loss_notes", std::to_string(progress.lossNotes)},
      {"correct", exactText(progress.correct)},
      {"examples", std::to_string(progress.examples)},
      {"seconds", exactText(progress.seconds)},
      {"best", exactText(progress.best)},
      {"rescues", std::to_string(progress.rescues)},
      {"parts", std::to_string(progress.parts)},
      {"history", historyJson(progress.history)}};
  state.metadata.insert(texts.begin(), texts.end());
  written = write(statePath(request_.out), state);
  if (written) saved_ = progress.epoch;
  return written;
}

Result<void> RunFiles::startFrom(const fs::path& file) {
  const auto from = readTensors(file);
  if (!from) return fail(from.error().message);
  for (const char* key : kSameNetwork) {
    if (metadataOf(*from, key) != value(key)) {
      return fail(fmt::format("{}: cannot be started from: {}", file.string(),
                              differing(key, metadataOf(*from, key), value(key))));
    }
  }
  if (auto loaded = loadParameters(*from, task_.network()); !loaded) {
    return fail(fmt::format("{}: {}", file.string(), loaded.error().message));
  }
  metadata_["started_from"] = file.filename().string();
  return {};
}

Result<fs::path> RunFiles::restore(const fs::path& resumed, Optimiser& optimiser,
                                   Progress& progress) {
  fs::path base = outOf(resumed);
  const fs::path file = statePath(base);
  const auto state = readTensors(file);
  if (!state) return fail(state.error().message);
  if (metadataOf(*state, "format") != kTrainingStateFormat) {
    return fail(fmt::format("{}: is not a training state of Incipit", file.string()));
  }
  for (const char* key : kIdentity) {
    // A state of an earlier version does not have them all.
    const auto found = state->metadata.find(key);
    if (found != state->metadata.end() && found->second != value(key)) {
      return fail(fmt::format("{}: cannot be resumed: {}", file.string(),
                              differing(key, found->second, value(key))));
    }
  }
  if (auto restored = restoreProgress(*state, optimiser, progress); !restored) {
    return fail(fmt::format("{}: {}", file.string(), restored.error().message));
  }
  saved_ = progress.epoch;
  return base;
}

Result<void> RunFiles::restoreProgress(const TensorFile& state, Optimiser& optimiser,
                                       Progress& progress) {
  const auto text = [&state](const char* key) { return metadataOf(state, key); };
  auto loaded = loadParameters(state, task_.network(), "weight.");
  if (!loaded) return loaded;
  try {
    loaded = optimiser.restore(state, std::stoll(text("adam_steps")));
    if (!loaded) return loaded;
    if (std::stoull(text("seed")) != request_.seed ||
        std::stoll(text("epoch_examples")) != task_.epochExamples()) {
      return fail(fmt::format("was trained with seed {} and {} examples an epoch: use the same",
                              text("seed"), text("epoch_examples")));
    }
    if (request_.epochs <= 0) progress.epochs = std::stoi(text("epochs"));
    progress.step = std::stoll(text("step"));
    progress.epoch = std::stoi(text("epoch"));
    progress.lossSum = std::stod(text("loss_sum"));
    progress.lossNotes = std::stoll(text("loss_notes"));
    progress.correct = text("correct").empty() ? 0 : std::stod(text("correct"));
    progress.examples = std::stoll(text("examples"));
    progress.seconds = std::stod(text("seconds"));
    progress.best = std::stod(text("best"));
    // A state from before there were any says nothing.
    progress.rescues = text("rescues").empty() ? 0 : std::stoi(text("rescues"));
    progress.parts = text("parts").empty() ? 1 : std::max(1, std::stoi(text("parts")));
  } catch (const std::exception&) {
    return fail("its metadata is damaged");
  }
  progress.history = historyOf(text("history"));
  return {};
}

}  // namespace incipit
