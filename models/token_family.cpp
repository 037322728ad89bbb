// The families token-lstm and wavenet: training, held-out figures.
//
// Both presets of both families are measured by the same question on the same tokens: which of the
// words of the published vocabulary (pitch classes, at least 50 times in the training split of the
// evaluated data) stands at the next onset? Tokens are the onsets from the 101st of each window on
// whose word is in that vocabulary; what a network says of other words is left out and the rest
// scaled to one, and a fiftieth is spread as the words are in the training split, for words that it
// cannot say. `improved` is not told when the onset is: its words are summed over the steps, and
// over all chords of the same pitch classes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/family.h"
#include "models/optimiser.h"
#include "models/token_composer.h"
#include "models/token_network.h"
#include "models/training_data.h"

namespace incipit {
namespace {

constexpr std::uint32_t kContext = 100;
constexpr std::uint32_t kWindow = 256;
constexpr int kLeastCount = 50;

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
  std::int64_t batches() const override { return (examples_ + preset_.batch - 1) / preset_.batch; }

  void beginEpoch(int epoch) override {
    windows_ = train_.draw(examples_, windowLength(preset_),
                           Rng(seed_, kDraw + static_cast<std::uint64_t>(epoch)));
  }

  BatchLoss loss(std::int64_t batch, std::uint64_t seed) override {
    Rng augment(seed, kAugment);
    const auto size = static_cast<std::size_t>(preset_.batch);
    const std::size_t first = static_cast<std::size_t>(batch) * size;
    const auto part = std::span(windows_).subspan(first, std::min(size, windows_.size() - first));
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

// --- held-out figures ---

// The published vocabulary of the evaluated data, and how frequent its words are.
struct Question {
  std::shared_ptr<const TokenWords> words;
  std::vector<double> share;  // of each word from kFirstWord on
};

Result<Question> questionOf(const Corpus& corpus) {
  WordCounts counts = countWords(corpus, Split::kTrain, ChordSpelling::kPitchClasses);
  if (counts.empty()) counts = countWords(corpus, Split::kTest, ChordSpelling::kPitchClasses);
  ChordVocabularyOptions options;
  options.leastCount = kLeastCount;
  auto vocabulary = ChordVocabulary::build(counts, options);
  if (!vocabulary) {
    // A small collection.
    options.leastCount = 1;
    vocabulary = ChordVocabulary::build(counts, options);
  }
  if (!vocabulary) return fail(vocabulary.error().message);
  Question q;
  double sum = 0;
  for (int id = ChordVocabulary::kFirstWord; id < vocabulary->size(); ++id) {
    q.share.push_back(static_cast<double>(counts[vocabulary->word(id)]));
    sum += q.share.back();
  }
  for (double& s : q.share) s /= sum;
  q.words = std::make_shared<const TokenWords>(std::move(*vocabulary));
  return q;
}

// Every onset from the 101st on of every sequence once; a seeded part of them where fewer are
// wanted.
std::vector<NoteWindow> evaluationWindows(const Corpus& corpus, Split split, std::int64_t tokens,
                                          std::uint64_t seed) {
  std::vector<NoteWindow> all;
  for (const CorpusSequence& s : corpus.sequences) {
    if (corpus.pieces[s.piece].split != split) continue;
    const auto count = static_cast<std::uint32_t>(s.notes.size());
    for (std::uint32_t first = 0; first + kContext < count; first += kWindow - kContext) {
      all.push_back({&s, first, std::min(kWindow, count - first)});
    }
  }
  if (tokens <= 0) return all;
  std::vector<NoteWindow> some;
  std::int64_t sum = 0;
  for (const std::uint32_t i : permutation(all.size(), Rng(seed, 11))) {
    if (sum >= tokens) break;
    some.push_back(all[i]);
    sum += all[i].count - kContext;
  }
  return some;
}

class Evaluator {
 public:
  Evaluator(const TokenPreset& preset, TokenNetwork& network, const Question& question,
            const TokenCorpus& own, const TokenCorpus& asked)
      : preset_(preset), network_(network), question_(question), own_(own), asked_(asked) {
    // Which of the question's words each own word is heard as.
    for (int id = ChordVocabulary::kFirstWord; id < own.vocabulary->size(); ++id) {
      const std::vector<int>& pitches = own.vocabulary->pitches(id);
      const std::string& word = own.vocabulary->vocabulary().word(id);
      const auto& known = question.words->vocabulary();
      const int same = preset.published()
                           ? known.id(word)
                           : known.id(chordWord(pitches, ChordSpelling::kPitchClasses));
      heardAs_.push_back(same == ChordVocabulary::kUnknown
                             ? static_cast<std::int64_t>(question.share.size())
                             : same - ChordVocabulary::kFirstWord);
    }
  }

  void add(std::span<const NoteWindow> windows) {
    const at::NoGradGuard noGrad;
    at::Tensor own;  // [tokens, own words]
    if (preset_.published()) {
      own = published(windows);
    } else {
      const auto scores = static_cast<ImprovedTokens&>(network_).score(own_, windows, kContext);
      step_ -= scores.step.sum().item<double>();
      word_ -= scores.word.sum().item<double>();
      length_ -= scores.length.sum().item<double>();
      own = scores.words.slice(1, ChordVocabulary::kFirstWord);
    }
    all_ += own.size(0);
    const auto words = static_cast<std::int64_t>(question_.share.size());
    const at::Tensor heard =
        at::zeros({own.size(0), words + 1}, own.options())
            .index_add(
                1, tensorOf(heardAs_, {static_cast<std::int64_t>(heardAs_.size())}, at::kCPU), own)
            .slice(1, 0, words)
            .contiguous();
    std::int64_t row = 0;
    for (const NoteWindow& w : windows) {
      const auto index = w.sequence - own_.corpus.sequences.data();
      const std::span<const std::int32_t> asked(asked_.words[static_cast<std::size_t>(index)]);
      for (const std::int32_t id : asked.subspan(w.first + kContext, w.count - kContext)) {
        if (id != ChordVocabulary::kUnknown) {
          answer({heard.data_ptr<float>() + row * words, static_cast<std::size_t>(words)},
                 static_cast<std::size_t>(id - ChordVocabulary::kFirstWord));
        }
        ++row;
      }
    }
  }

  void addFigures(Evaluation& out) const {
    if (tokens_ == 0) return;
    const auto n = static_cast<double>(tokens_);
    out.loss = nats_ / n;
    out.accuracy = static_cast<double>(correct_) / n;
    out.figures = {{"tokens", n},
                   {"NLL of note and chord words (nats/token)", *out.loss},
                   {"top-1 accuracy", *out.accuracy},
                   {"words asked for", static_cast<double>(question_.share.size())}};
    if (preset_.published()) return;
    const auto all = static_cast<double>(all_);
    out.figures.insert(
        out.figures.end(),
        {{"joint NLL of step, word and length (nats/token)", (step_ + word_ + length_) / all},
         {"step NLL (nats/token)", step_ / all},
         {"NLL of words with octaves given the step (nats/token)", word_ / all},
         {"length NLL (nats/token)", length_ / all}});
  }

 private:
  void answer(std::span<const float> said, std::size_t truth) {
    constexpr double kSpread = 0.02;
    double sum = 0;
    for (const float p : said) sum += p;
    const double known = sum > 0 ? said[truth] / sum : 0;
    nats_ -= std::log((1 - kSpread) * known + kSpread * question_.share[truth]);
    const auto best = std::max_element(said.begin(), said.end()) - said.begin();
    correct_ += static_cast<std::size_t>(best) == truth ? 1 : 0;
    ++tokens_;
  }

  // Each onset from the last words that the network knows; where those are too few they are
  // repeated in front of themselves.
  at::Tensor published(std::span<const NoteWindow> windows) {
    const auto length = static_cast<std::size_t>(preset_.length);
    std::vector<std::vector<int>> histories;
    for (const NoteWindow& w : windows) {
      const auto words = own_.wordsOf(*w.sequence);
      std::vector<int> known;
      for (std::size_t i = 0; i < w.first + w.count; ++i) {
        if (i >= w.first + kContext) {
          const std::size_t n = std::min(length, known.size());
          histories.emplace_back(known.end() - static_cast<std::ptrdiff_t>(n), known.end());
        }
        if (words[i] != ChordVocabulary::kUnknown) known.push_back(words[i]);
      }
    }
    const std::size_t n = histories.size();
    std::vector<std::int64_t> input(length * n, ChordVocabulary::kFirstWord);
    for (std::size_t k = 0; k < n; ++k) {
      const std::vector<int>& h = histories[k];
      for (std::size_t i = 0; i < length && !h.empty(); ++i) {
        input[i * n + k] = h[(i + h.size() - length % h.size()) % h.size()];
      }
    }
    return at::softmax(static_cast<PublishedTokens&>(network_).logits(
                           input, static_cast<std::int64_t>(n), std::nullopt),
                       1);
  }

  const TokenPreset& preset_;
  TokenNetwork& network_;
  const Question& question_;
  const TokenCorpus& own_;    // in the words of the network
  const TokenCorpus& asked_;  // the same onsets in the words of the question
  std::vector<std::int64_t> heardAs_;
  double nats_ = 0, step_ = 0, word_ = 0, length_ = 0;
  std::int64_t tokens_ = 0, correct_ = 0, all_ = 0;
};

Result<Evaluation> evaluateTokens(const EvaluateRequest& request, const TensorFile& file,
                                  TrainSink& sink, const std::stop_token& stop) {
  const auto split = splitNamed(request.split);
  if (!split) return fail(split.error().message);
  auto checkpoint = tokenCheckpoint(file);
  if (!checkpoint) return fail(checkpoint.error().message);
  CorpusOptions options;
  options.sets = request.sets;
  auto corpus = readCorpus(request.data, options, {}, stop);
  if (!corpus) return fail(corpus.error().message);
  Evaluation out;
  out.cancelled = corpus->cancelled;
  if (out.cancelled) return out;
  const auto question = questionOf(*corpus);
  if (!question) return fail(question.error().message);
  // Of the other splits nothing is needed any more.
  for (CorpusSequence& s : corpus->sequences) {
    if (corpus->pieces[s.piece].split != *split) s.notes.clear();
  }
  const TokenCorpus asked = tokensOf(*corpus, question->words, true);
  const TokenCorpus own =
      tokensOf(std::move(*corpus),
               std::make_shared<const TokenWords>(std::move(checkpoint->vocabulary)), true);
  const auto windows = evaluationWindows(own.corpus, *split, request.examples, request.seed);
  if (windows.empty()) {
    return fail(fmt::format("{}: its {} split holds no track of more than {} notes and chords",
                            request.data.string(), request.split, kContext));
  }
  at::set_num_threads(std::max(1, request.threads));
  const auto network = makeTokenNetwork(checkpoint->preset, 1, at::kCPU);
  if (auto loaded = loadParameters(file, *network); !loaded) return fail(loaded.error().message);
  Evaluator evaluator(checkpoint->preset, *network, *question, own, asked);
  constexpr std::size_t kChunk = 8;
  for (std::size_t i = 0; i < windows.size() && !stop.stop_requested(); i += kChunk) {
    const auto part = std::span(windows).subspan(i, std::min(kChunk, windows.size() - i));
    evaluator.add(part);
    TrainPoint p;
    p.fraction = static_cast<double>(i + part.size()) / static_cast<double>(windows.size());
    sink.point(p);
  }
  evaluator.addFigures(out);
  out.cancelled = stop.stop_requested();
  return out;
}

// --- the families ---

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
