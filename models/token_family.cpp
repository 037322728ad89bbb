// The families token-lstm and wavenet: their data and training.
#include <fmt/format.h>

#include <algorithm>

#include "models/family.h"
#include "models/token_composer.h"
#include "models/token_evaluation.h"
#include "models/token_network.h"
#include "models/training_data.h"

namespace incipit {
namespace {

enum Stream : std::uint64_t { kDraw = 1'000'000, kAugment = 3 };
constexpr std::uint64_t kValidationSeed = 20;

std::int64_t windowLength(const TokenPreset& p) { return p.published() ? p.length + 1 : p.window; }
std::int64_t leastOnsets(const TokenPreset& p) { return p.published() ? p.length + 1 : 2; }

class TokenTask final : public TrainingTask {
 public:
  TokenTask(const TrainRequest& request, TokenPreset preset, const SettingValues& settings,
            TokenCorpus data, TrainSink& sink)
      : preset_(std::move(preset)),
        data_(std::move(data)),
        sets_(request.sets),
        seed_(request.seed),
        examples_(request.examples > 0 ? request.examples : preset_.examples),
        train_(data_.corpus, Split::kTrain, leastOnsets(preset_)) {
    const int epochs = request.epochs > 0 ? request.epochs : preset_.epochs;
    schedule_ = scheduleOf(preset_);
    setSchedule(schedule_, settings);
    if (!preset_.published()) {
      schedule_.warmUpSteps = std::clamp(0.1 * epochs * static_cast<double>(batches()), 1.0, 100.0);
    }
    WindowSampler valid(data_.corpus, Split::kValid, leastOnsets(preset_));
    if (valid.empty()) {
      sink.message("too few pieces for a validation split: validating on the training data");
      valid = train_;
    }
    // No more than a quarter of what an epoch trains on, so that a small run is not all validation.
    const std::int64_t most = preset_.published() ? 4096 : 40'000 / preset_.window;
    const std::int64_t count = std::clamp<std::int64_t>(examples_ / 4, 8, most);
    valid_ = valid.draw(count, windowLength(preset_), Rng(kValidationSeed));
    network_ = makeTokenNetwork(preset_, request.seed, deviceOf(request.device));
  }

  static Schedule scheduleOf(const TokenPreset& p) {
    Schedule s;
    s.epochs = p.epochs;
    if (p.published()) {
      s.rate = 0.001;
      s.epsilon = 1e-7;
      return s;
    }
    s.rate = p.lstm() ? 0.003 : 0.002;
    s.weightDecay = 0.02;
    s.clip = 1;
    s.average = 0.995;
    return s;
  }

  // Whether the training split has a window at all.
  bool empty() const { return train_.empty(); }

  const Schedule& schedule() const override { return schedule_; }
  const Network& network() const override { return *network_; }
  std::map<std::string, std::string> metadata() const override {
    return {
        {"family", preset_.family},
        {"preset", preset_.name},
        {"config", tokenConfig(preset_)},
        {"vocabulary", data_.vocabulary->vocabulary().json()},
        {"corpus", data_.corpus.manifestHash},
        {"sets", sets_},
        {"licence", dataLicences(data_.corpus)},
        {"title", fmt::format("{} ({})", preset_.lstm() ? "Token LSTM" : "WaveNet", preset_.name)}};
  }
  std::int64_t epochExamples() const override { return examples_; }
  int batchSize() const override { return preset_.batch; }

  void beginEpoch(int epoch) override {
    windows_ = train_.draw(examples_, windowLength(preset_),
                           Rng(seed_, kDraw + static_cast<std::uint64_t>(epoch)));
  }

  BatchLoss loss(const BatchPart& own, std::uint64_t seed) override {
    Rng augment(seed, kAugment);
    const auto part = examplesOf(windows_, preset_.batch, own);
    if (part.empty()) return {};
    return network_->loss(data_, part, preset_.augment ? &augment : nullptr, seed);
  }

  Validation validate() override {
    double sum = 0;
    double correct = 0;
    std::int64_t tokens = 0;
    const auto chunk = static_cast<std::size_t>(preset_.published() ? 512 : preset_.batch);
    for (std::size_t i = 0; i < valid_.size(); i += chunk) {
      const auto part = std::span(valid_).subspan(i, std::min(chunk, valid_.size() - i));
      const BatchLoss loss = network_->loss(data_, part, nullptr, std::nullopt);
      sum += loss.total.item<double>() * static_cast<double>(loss.examples);
      correct += loss.correct.item<double>();
      tokens += loss.examples;
    }
    return {sum / static_cast<double>(tokens), correct / static_cast<double>(tokens)};
  }

 private:
  TokenPreset preset_;
  TokenCorpus data_;  // the sampler refers to it
  std::string sets_;
  std::uint64_t seed_;
  std::int64_t examples_;
  WindowSampler train_;
  std::vector<NoteWindow> valid_, windows_;
  std::unique_ptr<TokenNetwork> network_;
  Schedule schedule_;
};

class TokenFamily final : public Family {
 public:
  TokenFamily(const char* id, const char* title, const char* description, const char* paper)
      : id_(id), title_(title), description_(description), paper_(paper) {}

  FamilyInfo info() const override {
    FamilyInfo info;
    info.id = id_;
    info.title = title_;
    info.description = description_;
    info.paper = paper_;
    info.lossUnit = "nats/token";
    info.presets = {presetInfo("published"), presetInfo("improved")};
    info.settings = tokenComposeSettings();
    return info;
  }

  Result<std::unique_ptr<TrainingTask>> task(const TrainRequest& request,
                                             const SettingValues& settings, TrainSink& sink,
                                             const std::stop_token& stop) const override {
    auto preset = tokenPresetNamed(id_, request.preset);
    if (!preset) return fail(preset.error().message);
    if (auto good = apply(settings, *preset); !good) return fail(good.error().message);
    auto corpus = readTrainingCorpus(request, leastOnsets(*preset), sink, stop);
    if (!corpus) return fail(corpus.error().message);
    if (corpus->cancelled) return nullptr;
    auto vocabulary = request.startFrom ? vocabularyAt(*request.startFrom, *preset)
                                        : tokenVocabulary(*corpus, *preset);
    if (!vocabulary) return fail(vocabulary.error().message);
    preset->words = vocabulary->size();
    const auto words = std::make_shared<const TokenWords>(std::move(*vocabulary));
    TokenCorpus data = tokensOf(std::move(*corpus), words, false);
    sink.message(fmt::format("vocabulary of {} notes and chords",
                             preset->words - ChordVocabulary::kFirstWord));
    if (const std::int64_t field = receptiveField(*preset); field > 0) {
      sink.message(fmt::format("each answer depends on the last {} notes and chords", field));
    }
    auto task =
        std::make_unique<TokenTask>(request, std::move(*preset), settings, std::move(data), sink);
    if (task->empty()) {
      return fail(
          fmt::format("{}: holds no track of at least {} notes and chords of the "
                      "vocabulary to train on",
                      request.data.string(), leastOnsets(*preset)));
    }
    return task;
  }

  Result<Evaluation> evaluate(const EvaluateRequest& request, const TensorFile& checkpoint,
                              TrainSink& sink, const std::stop_token& stop) const override {
    return evaluateTokens(request, checkpoint, sink, stop);
  }

  Result<std::shared_ptr<const Composer>> load(TensorFile checkpoint) const override {
    return loadTokenComposer(checkpoint);
  }

 private:
  PresetInfo presetInfo(const char* name) const {
    const TokenPreset p = *tokenPresetNamed(id_, name);
    PresetInfo info{p.name, describe(p), p.epochs, p.examples,
                    scheduleSettings(TokenTask::scheduleOf(p), p.batch)};
    const auto dropout = numberSetting(
        "dropout", "Dropout", "Share of a layer that a step leaves out", p.dropout, 0, 0.9);
    if (p.published()) {
      info.settings.insert(
          info.settings.end(),
          {integerSetting("length", "Look back", "Notes and chords that a model is shown", p.length,
                          8, 512),
           integerSetting("least-count", "Least count",
                          "Rarer notes and chords are left out of the music", p.leastCount, 1,
                          100'000)});
      if (!p.lstm()) info.settings.push_back(dropout);
      return info;
    }
    info.settings.insert(
        info.settings.end(),
        {dropout,
         switchSetting("augment", "Vary the data", "Transposes every example at random", p.augment),
         integerSetting("window", "Window", "Notes and chords of an example", p.window, 8, 4096),
         integerSetting("words", "Vocabulary", "Notes and chords that a model knows, at most",
                        p.mostWords, 100, 20'000),
         integerSetting("hidden", "Width", "Numbers that each layer hands on", p.hidden, 8, 1024),
         integerSetting("layers", "Layers",
                        p.lstm() ? "Layers one after another"
                                 : "Convolutions with dilations 1, 2, 4 and so on",
                        p.layers, 1, 12)});
    return info;
  }

  static std::string describe(const TokenPreset& p) {
    if (p.published()) {
      return fmt::format("{} chords of pitch classes in, one out, without time", p.length);
    }
    if (p.lstm()) return "chords with octaves, each with its step and length, on the beat grid";
    return fmt::format(
        "gated causal convolutions over chords with step and length; the last {} "
        "count",
        receptiveField(p));
  }

  static Result<void> apply(const SettingValues& settings, TokenPreset& p) {
    p.batch = settings.integer("batch");
    if (settings.has("dropout")) p.dropout = settings.number("dropout");
    if (p.published()) {
      p.length = settings.integer("length");
      p.leastCount = settings.integer("least-count");
      const int unit = 1 << p.layers;
      if (!p.lstm() && p.length % unit != 0) {
        return fail(fmt::format("length {}: use a multiple of {}, which pooling halves {} times",
                                p.length, unit, p.layers));
      }
      return {};
    }
    p.augment = settings.on("augment");
    p.window = settings.integer("window");
    p.mostWords = settings.integer("words");
    p.hidden = settings.integer("hidden");
    p.layers = settings.integer("layers");
    return {};
  }

  static Result<ChordVocabulary> vocabularyAt(const std::filesystem::path& file,
                                              const TokenPreset& preset) {
    const auto from = readTensors(file);
    if (!from) return fail(from.error().message);
    auto vocabulary = ChordVocabulary::fromJson(metadataOf(*from, "vocabulary"));
    if (!vocabulary) {
      return fail(fmt::format("{}: {}", file.string(), vocabulary.error().message));
    }
    if (vocabulary->options().spelling != preset.spelling()) {
      return fail(fmt::format("{}: was trained as another preset", file.string()));
    }
    return vocabulary;
  }

  const char* id_;
  const char* title_;
  const char* description_;
  const char* paper_;
};

}  // namespace

const Family& tokenLstmFamily() {
  static const TokenFamily family(kTokenLstm, "Token LSTM",
                                  "an LSTM that continues a track chord by chord",
                                  "Hochreiter and Schmidhuber 1997, \"Long short-term memory\"");
  return family;
}

const Family& wavenetFamily() {
  static const TokenFamily family(
      kWavenet, "WaveNet", "dilated causal convolutions that continue a track chord by chord",
      "van den Oord et al. 2016, \"WaveNet: a generative model for raw audio\"");
  return family;
}

}  // namespace incipit
