// The family note-lstm: its data, training and held-out figures.
//
// Both presets are measured on the same notes and in the same units, so that they can be compared:
// the likelihood of pitch, step and duration on the common beat grid (core/encoding/beat_grid.h).
// `published` answers step and duration with one number of seconds each; it is given the benefit of
// the Laplace or Gaussian distribution around that number whose width fits the evaluated notes
// best, whichever is likelier, turned into units by the tempo at each note and integrated over the
// bins. Pitch is scored without knowing the step: `improved` is summed over every step that the
// note could have had. Notes are those from the 26th of each window on, so that `published` sees
// its 25.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/checkpoint.h"
#include "models/family.h"
#include "models/note_composer.h"
#include "models/note_networks.h"
#include "models/optimiser.h"
#include "models/trainer.h"
#include "models/training_data.h"

namespace incipit {
namespace {

constexpr std::uint32_t kWindow = 128;
constexpr std::uint32_t kContext = PublishedNetwork::kHistory;

// Sums over notes.
struct Sums {
  double step = 0, pitch = 0, duration = 0, velocity = 0;
  double pitchAlone = 0;  // without knowing the step
  double stepError = 0;   // units
  std::int64_t notes = 0;
};

void addImproved(ImprovedNetwork& network, std::span<const NoteWindow> windows, Sums& sums) {
  const ImprovedNetwork::Scores s = network.score(windows);
  const auto batch = static_cast<std::int64_t>(windows.size());
  const std::int64_t from = kContext * batch;
  const at::Tensor valid = s.given.valid.slice(0, from);
  const auto total = [&](const at::Tensor& logProbability) {
    return -(logProbability.slice(0, from) * valid).sum().item<double>();
  };
  sums.step += total(s.given.step);
  sums.pitch += total(s.given.pitch);
  sums.duration += total(s.given.duration);
  sums.velocity += total(s.given.velocity);
  sums.pitchAlone += total(s.marginalPitch);
  const at::Tensor median = s.medianStep.to(at::kCPU).contiguous();
  const auto* bins = median.data_ptr<std::int64_t>();
  for (std::int64_t b = 0; b < batch; ++b) {
    const auto notes = windows[static_cast<std::size_t>(b)].notes();
    for (std::size_t i = kContext; i < notes.size(); ++i) {
      const auto bin = static_cast<int>(bins[static_cast<std::int64_t>(i) * batch + b]);
      sums.stepError += std::abs(stepUnits(bin) - (notes[i].onset - notes[i - 1].onset));
      ++sums.notes;
    }
  }
}

// What `published` said about a note, in units of the grid, and what was true.
struct PointAnswer {
  double step, duration;
  int stepBin, durationBin;
  double trueStep;
};

// Seconds of a unit around a note.
double unitSeconds(std::span<const EncodedNote> notes, std::size_t at) {
  constexpr std::size_t kAround = 4;
  double seconds = 0;
  double units = 0;
  const std::size_t first = at > kAround ? at - kAround : 0;
  for (std::size_t i = first; i < std::min(notes.size(), at + kAround + 1); ++i) {
    seconds += notes[i].lengthSeconds;
    units += notes[i].duration;
  }
  return std::max(1e-4, seconds / units);
}

void addPublished(PublishedNetwork& network, std::span<const NoteWindow> windows, Sums& sums,
                  std::vector<PointAnswer>& answers) {
  const at::NoGradGuard noGrad;
  std::int64_t examples = 0;
  for (const NoteWindow& w : windows) examples += w.count - kContext;
  at::Tensor input = at::empty({kContext, examples, 3}, at::kFloat);
  std::vector<std::int64_t> pitch;
  std::int64_t row = 0;
  for (const NoteWindow& w : windows) {
    const auto notes = w.notes();
    for (std::size_t i = kContext; i < notes.size(); ++i, ++row) {
      const std::size_t at = w.first + i - kContext;
      PublishedNetwork::fillInput(notes.subspan(i - kContext, kContext),
                                  at > 0 ? &w.sequence->notes[at - 1] : nullptr,
                                  input.data_ptr<float>() + row * 3, examples * 3);
      pitch.push_back(notes[i].pitch);
    }
  }
  const PublishedNetwork::Output out = network.forward(input);
  const at::Tensor logs = at::log_softmax(out.pitch, 1);
  const auto step = out.step.contiguous();
  const auto duration = out.duration.contiguous();
  row = 0;
  for (const NoteWindow& w : windows) {
    const auto notes = w.notes();
    for (std::size_t i = kContext; i < notes.size(); ++i, ++row) {
      const double unit = unitSeconds(notes, i);
      const int trueStep = notes[i].onset - notes[i - 1].onset;
      PointAnswer a{std::max(0.0F, step.data_ptr<float>()[row]) / unit,
                    std::max(0.0F, duration.data_ptr<float>()[row]) / unit, stepBin(trueStep),
                    durationBin(notes[i].duration), static_cast<double>(trueStep)};
      sums.pitch -= logs.data_ptr<float>()[row * kPitches + pitch[static_cast<std::size_t>(row)]];
      sums.stepError += std::abs(a.step - a.trueStep);
      ++sums.notes;
      answers.push_back(a);
    }
  }
}

double laplace(double x) { return x < 0 ? 0.5 * std::exp(x) : 1 - 0.5 * std::exp(-x); }
double gaussian(double x) { return 0.5 * std::erfc(-x * M_SQRT1_2); }

// The mean negative log-likelihood at the best width and shape.
double bestWidth(const std::vector<PointAnswer>& answers, bool steps) {
  // A little of every bin, so that a single surprise does not decide.
  constexpr double kFloor = 1e-4;
  double best = 1e300;
  for (const bool peaked : {true, false}) {
    for (double width = 0.25; width < 200; width *= 1.15) {
      double sum = 0;
      for (const PointAnswer& a : answers) {
        const int bin = steps ? a.stepBin : a.durationBin;
        const int bins = steps ? kStepBins : kDurationBins;
        const double centre = steps ? a.step : a.duration;
        const auto below = [&](double edge) {
          return peaked ? laplace((edge - centre) / width) : gaussian((edge - centre) / width);
        };
        const auto low = [&](int b) { return steps ? stepBinLow(b) : durationBinLow(b); };
        const double high = bin + 1 < bins ? below(low(bin + 1)) : 1;
        const double mass = std::max(0.0, high - below(low(bin)));
        sum -= std::log((1 - kFloor) * mass + kFloor / bins);
      }
      best = std::min(best, sum / static_cast<double>(answers.size()));
    }
  }
  return best;
}

void addFigures(const Sums& s, bool velocity, Evaluation& out) {
  const auto n = static_cast<double>(s.notes);
  out.loss = (s.step + s.pitch + s.duration) / n;
  out.figures.emplace_back("notes", n);
  out.figures.emplace_back("joint NLL of pitch, step and duration (nats/note)",
                           (s.step + s.pitch + s.duration) / n);
  out.figures.emplace_back("step NLL (nats/note)", s.step / n);
  out.figures.emplace_back("pitch NLL (nats/note)", s.pitchAlone / n);
  out.figures.emplace_back("duration NLL (nats/note)", s.duration / n);
  if (velocity) {
    out.figures.emplace_back("pitch NLL given the step (nats/note)", s.pitch / n);
    out.figures.emplace_back("velocity NLL (nats/note)", s.velocity / n);
  }
  out.figures.emplace_back("step MAE (quarters)", s.stepError / n / kUnitsPerQuarter);
}

Result<Evaluation> evaluateNotes(const EvaluateRequest& request, const TensorFile& file,
                                 TrainSink& sink, const std::stop_token& stop) {
  const auto split = splitNamed(request.split);
  if (!split) return fail(split.error().message);
  auto checkpoint = noteCheckpoint(file);
  if (!checkpoint) return fail(checkpoint.error().message);
  CorpusOptions options;
  options.sets = request.sets;
  auto corpus = readCorpus(request.data, options, {}, stop);
  if (!corpus) return fail(corpus.error().message);
  Evaluation out;
  const auto windows =
      evaluationWindows(*corpus, *split, kWindow, kContext, request.examples, request.seed);
  if (windows.empty() && !corpus->cancelled) {
    return fail(fmt::format("{}: its {} split holds no track of more than {} notes",
                            request.data.string(), request.split, kContext));
  }
  const NotePreset& preset = checkpoint->preset;
  at::set_num_threads(std::max(1, request.threads));
  const auto network = makeNetwork(preset, 1, at::kCPU);
  if (auto loaded = loadParameters(file, *network); !loaded) return fail(loaded.error().message);
  Sums sums;
  std::vector<PointAnswer> answers;
  constexpr std::size_t kChunk = 24;
  for (std::size_t i = 0; i < windows.size() && !stop.stop_requested(); i += kChunk) {
    const auto part = std::span(windows).subspan(i, std::min(kChunk, windows.size() - i));
    if (preset.published()) {
      addPublished(static_cast<PublishedNetwork&>(*network), part, sums, answers);
    } else {
      addImproved(static_cast<ImprovedNetwork&>(*network), part, sums);
    }
    TrainPoint p;
    p.fraction = static_cast<double>(i + part.size()) / static_cast<double>(windows.size());
    sink.point(p);
  }
  if (preset.published() && !answers.empty()) {
    sums.pitchAlone = sums.pitch;
    sums.step = bestWidth(answers, true) * static_cast<double>(sums.notes);
    sums.duration = bestWidth(answers, false) * static_cast<double>(sums.notes);
  }
  if (sums.notes > 0) addFigures(sums, !preset.published(), out);
  out.cancelled = stop.stop_requested();
  return out;
}

// Streams of a run's seed.
enum Stream : std::uint64_t { kSubset = 1'000'000, kOrder = 2'000'000, kAugment = 3 };
constexpr std::uint64_t kValidationSeed = 20;

class NoteTask final : public TrainingTask {
 public:
  NoteTask(const TrainRequest& request, NotePreset preset, const SettingValues& settings,
           Corpus corpus, TrainSink& sink)
      : preset_(std::move(preset)),
        corpus_(std::move(corpus)),
        sets_(request.sets),
        seed_(request.seed),
        examples_(request.examples > 0 ? request.examples : preset_.examples),
        length_(windowLength(preset_)),
        train_(corpus_, Split::kTrain, leastNotes(preset_)) {
    schedule_ = scheduleOf(preset_);
    setSchedule(schedule_, settings);
    WindowSampler valid(corpus_, Split::kValid, leastNotes(preset_));
    if (valid.empty()) {
      sink.message("too few pieces for a validation split: validating on the training data");
      valid = train_;
    }
    // No more than a quarter of what an epoch trains on, so that a small run is not all validation.
    const std::int64_t most = preset_.published() ? 8192 : 160;
    const std::int64_t count = std::clamp<std::int64_t>(examples_ / 4, 16, most);
    valid_ = valid.draw(count, length_, Rng(kValidationSeed));
    network_ = makeNetwork(preset_, request.seed, deviceOf(request.device));
  }

  static Schedule scheduleOf(const NotePreset& p) {
    Schedule s;
    s.epochs = p.epochs;
    s.rate = p.rate;
    s.warmUpSteps = p.warmUpSteps;
    s.weightDecay = p.weightDecay;
    s.epsilon = p.epsilon;
    s.clip = p.clip;
    return s;
  }
  static std::int64_t windowLength(const NotePreset& p) {
    return p.published() ? PublishedNetwork::kHistory + 1 : p.window;
  }
  static std::int64_t leastNotes(const NotePreset& p) {
    return p.published() ? windowLength(p) : CorpusOptions().leastNotes;
  }

  const Schedule& schedule() const override { return schedule_; }
  const Network& network() const override { return *network_; }
  std::map<std::string, std::string> metadata() const override {
    return {{"family", kNoteLstm},
            {"preset", preset_.name},
            {"config", presetConfig(preset_)},
            {"vocabulary", vocabularyJson(preset_)},
            {"corpus", corpus_.manifestHash},
            {"sets", sets_},
            {"licence", dataLicences(corpus_)},
            {"title", fmt::format("Note LSTM ({})", preset_.name)}};
  }
  std::int64_t epochExamples() const override { return examples_; }
  int batchSize() const override { return preset_.batch; }

  void beginEpoch(int number) override {
    const auto epoch = static_cast<std::uint64_t>(number);
    const std::uint64_t subset = kSubset + (preset_.freshEachEpoch ? epoch : 0);
    windows_ = train_.draw(examples_, length_, Rng(seed_, subset));
    if (preset_.freshEachEpoch) return;
    const std::vector<NoteWindow> drawn = std::move(windows_);
    windows_.clear();
    for (const std::uint32_t i : permutation(drawn.size(), Rng(seed_, kOrder + epoch))) {
      windows_.push_back(drawn[i]);
    }
  }

  BatchLoss loss(const BatchPart& own, std::uint64_t seed) override {
    Rng augment(seed, kAugment);
    const auto part = examplesOf(windows_, preset_.batch, own);
    if (part.empty()) return {};
    return network_->loss(part, preset_.augment ? &augment : nullptr, seed);
  }

  Validation validate() override {
    double sum = 0;
    std::int64_t notes = 0;
    const std::size_t chunk = preset_.published() ? 512 : 32;
    for (std::size_t i = 0; i < valid_.size(); i += chunk) {
      const auto part = std::span(valid_).subspan(i, std::min(chunk, valid_.size() - i));
      const BatchLoss loss = network_->loss(part, nullptr, std::nullopt);
      sum += loss.total.item<double>() * static_cast<double>(loss.examples);
      notes += loss.examples;
    }
    return {sum / static_cast<double>(notes), std::nullopt};
  }

 private:
  NotePreset preset_;
  Corpus corpus_;  // the samplers refer to it
  std::string sets_;
  std::uint64_t seed_;
  std::int64_t examples_;
  std::int64_t length_;
  WindowSampler train_;
  std::vector<NoteWindow> valid_, windows_;
  std::unique_ptr<NoteNetwork> network_;
  Schedule schedule_;
};

PresetInfo presetInfo(const char* name, const char* description) {
  const NotePreset p = *presetNamed(name);
  PresetInfo info{p.name, description, p.epochs, p.examples,
                  scheduleSettings(NoteTask::scheduleOf(p), p.batch)};
  if (!p.published()) {
    info.settings.push_back(numberSetting(
        "dropout", "Dropout", "Share of a layer that a step leaves out", p.dropout, 0, 0.9));
    info.settings.push_back(
        switchSetting("augment", "Vary the data",
                      "Transposes, stretches and colours every example at random", p.augment));
  }
  return info;
}

class NoteFamily final : public Family {
 public:
  FamilyInfo info() const override {
    FamilyInfo info;
    info.id = kNoteLstm;
    info.title = "Note LSTM";
    info.description =
        "an LSTM that continues a track note by note: pitch, time to the next note, length";
    info.paper = "Hochreiter and Schmidhuber 1997, \"Long short-term memory\"";
    info.lossUnit = "nats/note";
    info.presets = {
        presetInfo("published", "25 notes in, one out, as three numbers: pitch, step, duration"),
        presetInfo("improved", "two layers over embeddings on the beat grid, every note predicted"),
    };
    return info;
  }
  Result<std::unique_ptr<TrainingTask>> task(const TrainRequest& request,
                                             const SettingValues& settings, TrainSink& sink,
                                             const std::stop_token& stop) const override {
    auto preset = presetNamed(request.preset);
    if (!preset) return fail(preset.error().message);
    preset->batch = settings.integer("batch");
    if (!preset->published()) {
      preset->dropout = settings.number("dropout");
      preset->augment = settings.on("augment");
    }
    auto corpus = readTrainingCorpus(request, NoteTask::leastNotes(*preset), sink, stop);
    if (!corpus) return fail(corpus.error().message);
    if (corpus->cancelled) return nullptr;
    return std::make_unique<NoteTask>(request, std::move(*preset), settings, std::move(*corpus),
                                      sink);
  }
  Result<Evaluation> evaluate(const EvaluateRequest& request, const TensorFile& checkpoint,
                              TrainSink& sink, const std::stop_token& stop) const override {
    return evaluateNotes(request, checkpoint, sink, stop);
  }
  Result<std::shared_ptr<const Composer>> load(TensorFile checkpoint) const override {
    return loadNoteComposer(std::move(checkpoint));
  }
};

}  // namespace

const Family& noteFamily() {
  static const NoteFamily family;
  return family;
}

}  // namespace incipit
