// The families roll-lstm and roll-seq2seq: training, held-out figures, composing.
//
// Both presets are measured on the same columns: every one from the 101st of each sequence on, by
// the likelihood of its cells' classes given what comes before (of roll-seq2seq: `published` sees
// the 100 columns before those that it writes at once, and not those that it writes). See
// roll_tally.h for what is made of a network that answers with numbers. Columns of a sixteenth and
// of a twentieth of a second are different columns: compare presets trained on the same.
#include <fmt/format.h>

#include <algorithm>

#include "models/family.h"
#include "models/optimiser.h"
#include "models/roll_composer.h"
#include "models/roll_improved.h"
#include "models/roll_published.h"
#include "models/training_data.h"

namespace incipit {

std::unique_ptr<RollNetwork> makeRollNetwork(const RollPreset& preset, std::uint64_t seed,
                                             at::Device device) {
  if (preset.published()) return std::make_unique<PublishedRollNetwork>(preset, seed, device);
  return std::make_unique<ImprovedRollNetwork>(preset, seed, device);
}

namespace {

// Streams of a run's seed.
enum Stream : std::uint64_t { kDraw = 1'000'000, kVary = 3 };
constexpr std::uint64_t kValidationSeed = 20;

int contextOf(const RollPreset& p, bool training) {
  if (p.published()) return kRollContext;
  return training && !p.seq2seq() ? 0 : kImprovedRollContext;
}

// Windows that are computed together where nothing is learnt.
std::size_t chunkOf(const RollPreset& p) { return p.published() && p.out == 1 ? 128 : 32; }

Schedule scheduleOf(const RollPreset& p) {
  Schedule s;
  s.epochs = p.epochs;
  s.rate = p.rate;
  s.weightDecay = p.weightDecay;
  s.epsilon = p.published() ? 1e-7 : 1e-8;
  s.clip = p.clip;
  s.average = p.average;
  return s;
}

// Leaves out the sequences that are too short to be drawn from; whether one to train on is left.
bool keepLongEnough(Corpus& corpus, const RollPreset& preset) {
  bool some = false;
  std::erase_if(corpus.sequences, [&](const CorpusSequence& s) {
    const auto [begin, end] = rollExtent(s.notes, preset.unitsPerColumn);
    if (end - begin < leastColumns(preset)) return true;
    some = some || corpus.pieces[s.piece].split == Split::kTrain;
    return false;
  });
  return some;
}

class RollTask final : public TrainingTask {
 public:
  RollTask(const TrainRequest& request, const char* title, RollPreset preset,
           const SettingValues& settings, Corpus corpus, TrainSink& sink)
      : title_(title),
        preset_(std::move(preset)),
        corpus_(std::move(corpus)),
        sets_(request.sets),
        seed_(request.seed),
        examples_(request.examples > 0 ? request.examples : preset_.examples),
        train_(corpus_, Split::kTrain, preset_),
        network_(makeRollNetwork(preset_, request.seed, deviceOf(request.device))) {
    schedule_ = scheduleOf(preset_);
    setSchedule(schedule_, settings);
    if (!preset_.published()) {
      const int epochs = request.epochs > 0 ? request.epochs : preset_.epochs;
      schedule_.warmUpSteps = std::clamp(0.1 * epochs * static_cast<double>(batches()), 1.0, 100.0);
    }
    RollSampler valid(corpus_, Split::kValid, preset_);
    if (valid.empty()) {
      sink.message("too few pieces for a validation split: validating on the training data");
      valid = train_;
    }
    // No more than a quarter of what an epoch trains on, so that a small run is not all validation.
    const std::int64_t most = preset_.published() ? 2048 : 160;
    const std::int64_t count = std::clamp<std::int64_t>(examples_ / 4, 16, most);
    valid_ = valid.draw(count, contextOf(preset_, false), Rng(kValidationSeed));
  }

  const Schedule& schedule() const override { return schedule_; }
  const Network& network() const override { return *network_; }
  std::map<std::string, std::string> metadata() const override {
    return {{"family", preset_.family},
            {"preset", preset_.name},
            {"config", rollConfig(preset_)},
            {"vocabulary", rollVocabulary(preset_)},
            {"corpus", corpus_.manifestHash},
            {"sets", sets_},
            {"licence", dataLicences(corpus_)},
            {"title", fmt::format("{} ({})", title_, preset_.name)}};
  }
  std::int64_t epochExamples() const override { return examples_; }
  int batchSize() const override { return preset_.batch; }

  void beginEpoch(int number) override {
    const auto epoch = static_cast<std::uint64_t>(number);
    windows_ = train_.draw(examples_, contextOf(preset_, true), Rng(seed_, kDraw + epoch));
  }

  BatchLoss loss(const BatchPart& own, std::uint64_t seed) override {
    Rng vary(seed, kVary);
    const auto part = examplesOf(windows_, preset_.batch, own);
    if (part.empty()) return {};
    const bool varies = preset_.transpose || preset_.pitchNoise > 0;
    return network_->loss(part, varies ? &vary : nullptr, seed);
  }

  Validation validate() override {
    double sum = 0;
    double correct = 0;
    double columns = 0;
    const std::size_t chunk = chunkOf(preset_);
    for (std::size_t i = 0; i < valid_.size(); i += chunk) {
      const auto part = std::span(valid_).subspan(i, std::min(chunk, valid_.size() - i));
      const BatchLoss loss = network_->loss(part, nullptr, std::nullopt);
      sum += loss.total.item<double>() * static_cast<double>(loss.examples);
      correct += loss.correct.item<double>();
      columns += static_cast<double>(loss.examples);
    }
    return {sum / columns, correct / columns};
  }

 private:
  const char* title_;
  RollPreset preset_;
  Corpus corpus_;  // the samplers refer to it
  std::string sets_;
  std::uint64_t seed_;
  std::int64_t examples_;
  RollSampler train_;
  std::vector<RollWindow> valid_, windows_;
  std::unique_ptr<RollNetwork> network_;
  Schedule schedule_;
};

Result<Evaluation> evaluateRolls(const EvaluateRequest& request, const TensorFile& checkpoint,
                                 TrainSink& sink, const std::stop_token& stop) {
  const auto split = splitNamed(request.split);
  if (!split) return fail(split.error().message);
  const auto preset = rollCheckpoint(checkpoint);
  if (!preset) return fail(preset.error().message);
  CorpusOptions options;
  options.sets = request.sets;
  const auto corpus = readCorpus(request.data, options, {}, stop);
  if (!corpus) return fail(corpus.error().message);
  const auto windows = heldOutWindows(*corpus, *split, *preset, contextOf(*preset, false),
                                      request.examples, request.seed);
  if (windows.empty() && !corpus->cancelled) {
    return fail(fmt::format("{}: its {} split holds no track of more than {} columns",
                            request.data.string(), request.split, kRollContext));
  }
  at::set_num_threads(std::max(1, request.threads));
  const auto network = makeRollNetwork(*preset, 1, at::kCPU);
  if (auto loaded = loadParameters(checkpoint, *network); !loaded) {
    return fail(loaded.error().message);
  }
  const at::NoGradGuard noGrad;
  RollTally tally;
  const std::size_t chunk = chunkOf(*preset);
  for (std::size_t i = 0; i < windows.size() && !stop.stop_requested(); i += chunk) {
    const auto part = std::span(windows).subspan(i, std::min(chunk, windows.size() - i));
    network->tally(part, tally);
    TrainPoint p;
    p.fraction = static_cast<double>(i + part.size()) / static_cast<double>(windows.size());
    sink.point(p);
  }
  Evaluation out;
  if (tally.columns() > 0) {
    out.loss = tally.nats();
    out.accuracy = tally.accuracy();
    out.figures = {{"columns", static_cast<double>(tally.columns())},
                   {"NLL (nats/column)", tally.nats()},
                   {"onset F1", tally.onsetF1()}};
  }
  out.cancelled = stop.stop_requested();
  return out;
}

class RollFamily final : public Family {
 public:
  RollFamily(const char* id, const char* title, const char* description)
      : id_(id), title_(title), description_(description) {}

  FamilyInfo info() const override {
    const bool seq2seq = std::string_view(id_) == kRollSeq2seq;
    FamilyInfo info;
    info.id = id_;
    info.title = title_;
    info.description = description_;
    info.paper = "a paper of 2020 on music as pictures of the piano roll";
    // Losses of `published` that are no likelihoods are sums over a column, too.
    info.lossUnit = "nats/column";
    info.presets = {
        presetInfo("published", seq2seq ? "100 columns in, 10 or 100 out, every key by itself"
                                        : "100 columns in, one out, every key by itself"),
        presetInfo("improved", seq2seq ? "sixteenths; a decoder that attends to the last 8 bars, "
                                         "the keys of a column knowing each other"
                                       : "sixteenths that know their bars, the keys of a column "
                                         "knowing each other"),
    };
    info.settings = rollComposeSettings();
    return info;
  }

  Result<std::unique_ptr<TrainingTask>> task(const TrainRequest& request,
                                             const SettingValues& settings, TrainSink& sink,
                                             const std::stop_token& stop) const override {
    auto preset = rollPresetNamed(id_, request.preset);
    if (!preset) return fail(preset.error().message);
    setRollSettings(*preset, settings);
    auto corpus = readTrainingCorpus(request, CorpusOptions().leastNotes, sink, stop);
    if (!corpus) return fail(corpus.error().message);
    if (corpus->cancelled) return nullptr;
    if (!keepLongEnough(*corpus, *preset)) {
      return fail(
          fmt::format("{}: holds no melodic track of at least {} columns ({}) to train on",
                      request.data.string(), leastColumns(*preset),
                      preset->unitsPerColumn == 0 ? "twentieths of a second" : "sixteenths"));
    }
    return std::make_unique<RollTask>(request, title_, std::move(*preset), settings,
                                      std::move(*corpus), sink);
  }

  Result<Evaluation> evaluate(const EvaluateRequest& request, const TensorFile& checkpoint,
                              TrainSink& sink, const std::stop_token& stop) const override {
    return evaluateRolls(request, checkpoint, sink, stop);
  }

  Result<std::shared_ptr<const Composer>> load(TensorFile checkpoint) const override {
    return loadRollComposer(checkpoint);
  }

 private:
  PresetInfo presetInfo(const char* name, const char* description) const {
    const RollPreset p = *rollPresetNamed(id_, name);
    PresetInfo info{p.name, description, p.epochs, p.examples,
                    scheduleSettings(scheduleOf(p), p.batch)};
    const auto own = rollSettings(p);
    info.settings.insert(info.settings.end(), own.begin(), own.end());
    return info;
  }

  const char* id_;
  const char* title_;
  const char* description_;
};

}  // namespace

const Family& rollLstmFamily() {
  static const RollFamily family(kRollLstm, "Roll LSTM",
                                 "an LSTM that continues the picture of a piano roll column by "
                                 "column");
  return family;
}

const Family& rollSeq2seqFamily() {
  static const RollFamily family(kRollSeq2seq, "Roll Seq2seq",
                                 "an encoder reads the last columns of a piano roll, a decoder "
                                 "writes the next ones");
  return family;
}

}  // namespace incipit
