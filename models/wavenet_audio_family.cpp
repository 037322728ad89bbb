// The family wavenet-audio: training, held-out figures, playing.
#include <fmt/format.h>

#include <chrono>

#include "core/encoding/mel.h"
#include "models/family.h"
#include "models/note_windows.h"
#include "models/optimiser.h"
#include "models/sound_data.h"
#include "models/training_task.h"
#include "models/wavenet_audio_network.h"

namespace incipit {
namespace {

enum Stream : std::uint64_t { kOrder = 2'000'000 };

// Samples [first, first + chunk.length) of a clip; the first `context` of them are not foreseen.
struct ChunkLayout {
  std::int64_t length = 1024;
  std::int64_t context = 0;
};
ChunkLayout layoutOf(const WavenetAudioPreset& p) {
  return p.notes() ? ChunkLayout{4 * p.reach(), p.reach()} : ChunkLayout{1024, 0};
}

struct Chunk {
  const SoundClip* clip = nullptr;
  std::int64_t first = 0;
};

struct Score {
  at::Tensor nats;     // sum, a scalar
  at::Tensor correct;  // how many, a scalar
  std::int64_t samples = 0;
};

Score score(const WavenetAudioNetwork& network, const WavenetAudioPreset& preset,
            const SoundStore& store, std::span<const Chunk> chunks, at::Device device) {
  const ChunkLayout layout = layoutOf(preset);
  const auto steps = static_cast<std::size_t>(layout.length);
  const std::size_t batch = chunks.size();
  std::vector<std::int64_t> classes((steps + 1) * batch, kSilentClass);
  std::vector<float> cues(preset.notes() ? steps * batch * kNoteCues : 0);
  std::vector<float> sound(steps + 1);
  std::vector<float> own(steps * kNoteCues);
  for (std::size_t b = 0; b < batch; ++b) {
    const Chunk& c = chunks[b];
    // Before a clip is silence.
    sound[0] = 0;
    const std::size_t from = c.first == 0 ? 1 : 0;
    store.read(c.clip->at + c.first - (from == 0 ? 1 : 0), std::span(sound).subspan(from));
    for (std::size_t i = 0; i <= steps; ++i) classes[i * batch + b] = classOf(sound[i]);
    if (!preset.notes()) continue;
    noteCues(c.clip->notes, c.first, own);
    for (std::size_t i = 0; i < steps; ++i) {
      std::copy_n(own.begin() + static_cast<std::ptrdiff_t>(i * kNoteCues), kNoteCues,
                  cues.begin() + static_cast<std::ptrdiff_t>((i * batch + b) * kNoteCues));
    }
  }
  const auto n = static_cast<std::int64_t>(batch);
  const at::Tensor all = tensorOf(classes, {layout.length + 1, n}, device);
  const at::Tensor given =
      preset.notes()
          ? tensorOf(cues, {layout.length, n, static_cast<std::int64_t>(kNoteCues)}, device)
          : at::Tensor();
  // What plays notes does not listen to itself.
  const at::Tensor before = preset.notes() ? at::full_like(all, kSilentClass) : all;
  const at::Tensor logits = network.logits(before.slice(0, 0, layout.length), given)
                                .slice(0, layout.context)
                                .reshape({-1, kSampleClasses});
  const at::Tensor target = all.slice(0, layout.context + 1).reshape({-1});
  return {-at::log_softmax(logits, 1).gather(1, target.unsqueeze(1)).sum(),
          logits.argmax(1).eq(target).sum(), target.size(0)};
}

std::vector<Chunk> chunksOf(const std::vector<SoundClip>& clips, const ChunkLayout& layout) {
  std::vector<Chunk> out;
  for (const SoundClip& c : clips) {
    for (std::int64_t at = 0; at + layout.length <= c.frames;
         at += layout.length - layout.context) {
      out.push_back({&c, at});
    }
  }
  return out;
}

// A seeded part of them where there are more.
std::vector<Chunk> some(const std::vector<Chunk>& chunks, std::size_t most) {
  if (chunks.size() <= most) return chunks;
  std::vector<Chunk> out;
  for (const std::uint32_t i : permutation(chunks.size(), Rng(20))) {
    if (out.size() >= most) break;
    out.push_back(chunks[i]);
  }
  return out;
}

Validation validateOn(const WavenetAudioNetwork& network, const WavenetAudioPreset& preset,
                      const SoundStore& store, const std::vector<Chunk>& chunks, at::Device device,
                      const std::function<bool(double)>& progress) {
  const at::NoGradGuard noGrad;
  constexpr std::size_t kTogether = 8;
  double nats = 0;
  double correct = 0;
  std::int64_t samples = 0;
  for (std::size_t i = 0; i < chunks.size(); i += kTogether) {
    const auto part = std::span(chunks).subspan(i, std::min(kTogether, chunks.size() - i));
    const Score s = score(network, preset, store, part, device);
    nats += s.nats.item<double>();
    correct += s.correct.item<double>();
    samples += s.samples;
    if (!progress(static_cast<double>(i) / static_cast<double>(chunks.size()))) break;
  }
  const auto n = static_cast<double>(std::max<std::int64_t>(1, samples));
  return {nats / n, correct / n};
}

class WavenetAudioTask final : public TrainingTask {
 public:
  WavenetAudioTask(const TrainRequest& request, const WavenetAudioPreset& preset,
                   const SettingValues& settings, SoundData data, TrainSink& sink)
      : preset_(preset),
        data_(std::move(data)),
        sets_(request.sets),
        seed_(request.seed),
        batch_(settings.integer("batch")),
        device_(deviceOf(request.device)),
        network_(preset, request.seed, device_),
        schedule_(scheduleOf(preset)) {
    setSchedule(schedule_, settings);
    const ChunkLayout layout = layoutOf(preset_);
    all_ = chunksOf(data_.train, layout);
    if (data_.valid.empty()) {
      sink.message("too few clips for a validation split: validating on the training data");
    }
    constexpr std::size_t kMostValid = 48;
    valid_ = some(chunksOf(data_.valid.empty() ? data_.train : data_.valid, layout), kMostValid);
    const std::int64_t most = request.examples > 0 ? request.examples : kEpoch;
    examples_ = std::min<std::int64_t>(most, std::ssize(all_));
    const int epochs = request.epochs > 0 ? request.epochs : schedule_.epochs;
    schedule_.warmUpSteps = std::clamp(0.05 * epochs * static_cast<double>(batches()), 1.0, 100.0);
  }

  static constexpr std::int64_t kEpoch = 2048;
  static Schedule scheduleOf(const WavenetAudioPreset& p) {
    Schedule s;
    s.epochs = 20;
    s.rate = p.notes() ? 0.004 : 0.002;
    s.clip = 1;
    s.average = p.notes() ? 0.998 : 0;
    return s;
  }

  const Schedule& schedule() const override { return schedule_; }
  const Network& network() const override { return network_; }
  std::map<std::string, std::string> metadata() const override {
    return {{"family", kWavenetAudio},
            {"preset", preset_.name},
            {"config", wavenetAudioConfig(preset_)},
            {"vocabulary", R"({"encoding":"mu-law","classes":256,"rate":16000})"},
            {"corpus", data_.hash},
            {"sets", sets_},
            {"licence", data_.licence},
            {"title", fmt::format("WaveNet of sound ({})", preset_.name)}};
  }
  std::int64_t epochExamples() const override { return examples_; }
  int batchSize() const override { return batch_; }

  void beginEpoch(int number) override {
    Rng rng(seed_, kOrder + static_cast<std::uint64_t>(number));
    order_.clear();
    for (const std::uint32_t i : permutation(all_.size(), rng)) {
      if (std::ssize(order_) >= examples_) break;
      order_.push_back(all_[i]);
    }
  }

  BatchLoss loss(const BatchPart& own, std::uint64_t) override {
    const auto part = examplesOf(order_, batch_, own);
    if (part.empty()) return {};
    const Score s = score(network_, preset_, data_.wanted, part, device_);
    return {s.nats / static_cast<double>(s.samples), s.samples, s.correct};
  }

  Validation validate() override {
    return validateOn(network_, preset_, data_.wanted, valid_, device_,
                      [](double) { return true; });
  }

 private:
  WavenetAudioPreset preset_;
  SoundData data_;  // the chunks refer to it
  std::string sets_;
  std::uint64_t seed_;
  int batch_;
  at::Device device_;
  std::int64_t examples_ = 0;
  std::vector<Chunk> all_, valid_, order_;
  WavenetAudioNetwork network_;
  Schedule schedule_;
};

// What is to be played: so many samples of these notes, or (where the preset knows no notes) what
// follows the primer.
struct Performance {
  std::vector<SoundNote> notes;
  std::vector<float> primer;
  std::int64_t frames = 0;
  std::uint64_t seed = 1;
};

Result<Timbred> perform(const WavenetAudioWeights& weights, const Performance& what,
                        const std::function<Result<void>(std::span<const float>)>& sink,
                        const LabProgress& progress, const std::stop_token& stop) {
  constexpr std::int64_t kBlock = 1600;
  // What is drawn at 1 has the noise of the mu-law classes; a little less and it rings cleaner.
  constexpr double kFree = 0.85;
  // Notes leave little to chance: the mean of the likelier classes rings cleaner still.
  constexpr double kPlaying = 0.5;
  const auto start = std::chrono::steady_clock::now();
  const bool cued = weights.preset.notes();
  WavenetPlayer player(weights);
  Rng rng(what.seed, 50);
  Timbred out;
  std::int64_t before = kSilentClass;
  std::vector<float> block;
  std::vector<float> cues;
  while (out.frames < what.frames && !stop.stop_requested()) {
    block.resize(static_cast<std::size_t>(std::min(kBlock, what.frames - out.frames)));
    cues.resize(cued ? block.size() * kNoteCues : 0);
    noteCues(what.notes, out.frames, cues);
    for (std::size_t i = 0; i < block.size(); ++i) {
      if (cued) {
        player.logits(kSilentClass, std::span(cues).subspan(i * kNoteCues, kNoteCues));
        block[i] = player.mean(kPlaying);
        continue;
      }
      player.logits(before, {});
      const auto at = static_cast<std::size_t>(out.frames) + i;
      before = at < what.primer.size() ? classOf(what.primer[at]) : player.draw(rng, kFree);
      block[i] = sampleOfClass(before);
    }
    if (auto taken = sink(block); !taken) return tl::unexpected(taken.error());
    out.frames += std::ssize(block);
    if (progress) progress(static_cast<double>(out.frames) / static_cast<double>(what.frames));
  }
  out.cancelled = out.frames < what.frames;
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return out;
}

// Plays as many samples as the source has. Where the preset knows no notes, it goes on from the
// source's first samples.
class WavenetTimbre final : public Timbre {
 public:
  explicit WavenetTimbre(WavenetAudioWeights weights) : weights_(std::move(weights)) {}
  int sampleRate() const override { return kWavenetRate; }

  Result<Timbred> run(const TimbreRequest& request, const LabProgress& progress,
                      const std::stop_token& stop) const override {
    Performance what;
    what.frames = request.source->frames();
    what.seed = request.seed;
    if (weights_.preset.notes()) {
      if (request.notes == nullptr) {
        return fail(
            fmt::format("{} improved plays notes: give it a piece, not sound", kWavenetAudio));
      }
      what.notes = soundNotes(*request.notes);
    } else {
      what.primer.resize(static_cast<std::size_t>(weights_.preset.reach()));
      const auto got = request.source->read(what.primer);
      if (!got) return tl::unexpected(got.error());
      what.primer.resize(*got);
    }
    return perform(weights_, what, request.sink, progress, stop);
  }

 private:
  WavenetAudioWeights weights_;
};

// How far what it plays of some clips' beginnings is from how they sound, and how fast it plays.
Result<void> addPlayed(const TensorFile& checkpoint, const SoundStore& store,
                       const std::vector<SoundClip>& clips, const std::stop_token& stop,
                       Evaluation& into) {
  constexpr std::size_t kClips = 3;
  constexpr std::int64_t kSeconds = 5;
  const auto weights = wavenetAudioWeights(checkpoint);
  if (!weights) return tl::unexpected(weights.error());
  double distance = 0;
  double frames = 0;
  double spent = 0;
  const auto some = std::span(clips).first(std::min(kClips, clips.size()));
  for (const SoundClip& clip : some) {
    Performance what{clip.notes, {}, std::min(kSeconds * kWavenetRate, clip.frames)};
    std::vector<float> wanted(static_cast<std::size_t>(what.frames));
    store.read(clip.at, wanted);
    if (!weights->preset.notes()) {
      what.primer.assign(
          wanted.begin(),
          wanted.begin() + std::min<std::int64_t>(weights->preset.reach(), what.frames));
    }
    std::vector<float> played;
    const auto done = perform(
        *weights, what,
        [&](std::span<const float> s) -> Result<void> {
          played.insert(played.end(), s.begin(), s.end());
          return {};
        },
        {}, stop);
    if (!done) return tl::unexpected(done.error());
    distance += melDistance(played, wanted, kWavenetRate).plain / static_cast<double>(some.size());
    frames += static_cast<double>(done->frames);
    spent += done->seconds;
  }
  into.figures.insert(into.figures.end(),
                      {{"played, log-mel distance to the rendering (dB)", distance},
                       {"times real time", frames / kWavenetRate / std::max(1e-9, spent)}});
  return {};
}

class WavenetAudioFamily final : public Family {
 public:
  FamilyInfo info() const override {
    FamilyInfo info;
    info.id = kWavenetAudio;
    info.title = "WaveNet of sound";
    info.description = "gated causal convolutions that make sound sample by sample";
    info.paper = "van den Oord et al. 2016, \"WaveNet: a generative model for raw audio\"";
    info.kind = FamilyInfo::Kind::kSound;
    info.lossUnit = "nats/sample";
    info.presets = {presetInfo("improved", "knows the notes, and plays those of a piece"),
                    presetInfo("published", "sound alone, in chunks of 1,024 samples")};
    return info;
  }

  Result<std::unique_ptr<TrainingTask>> task(const TrainRequest& request,
                                             const SettingValues& settings, TrainSink& sink,
                                             const std::stop_token& stop) const override {
    WavenetAudioPreset preset;
    preset.name = request.preset.empty() ? "improved" : request.preset;
    preset.width = settings.integer("width");
    preset.layers = settings.integer("layers");
    preset.head = settings.integer("head");
    SoundRecipe recipe;
    recipe.sampleRate = kWavenetRate;
    recipe.program = settings.integer("program");
    recipe.trainMinutes = settings.integer("minutes");
    recipe.validMinutes = std::min(2.0, recipe.trainMinutes / 10);
    CorpusOptions options;
    options.sets = request.sets;
    options.shippableOnly = request.shippableOnly;
    auto data = readSoundData(request.data, options, request.sound.get(), recipe, sink, stop);
    if (!data) return tl::unexpected(data.error());
    if (data->cancelled) return nullptr;
    if (preset.notes() && std::all_of(data->train.begin(), data->train.end(),
                                      [](const SoundClip& c) { return c.notes.empty(); })) {
      return fail(
          fmt::format("{}: improved learns from music, whose notes are known; for sound "
                      "files use the preset published",
                      request.data.string()));
    }
    const ChunkLayout layout = layoutOf(preset);
    if (chunksOf(data->train, layout).empty()) {
      return fail(fmt::format(
          "{}: holds no {:.1f} seconds in one piece, which is what {} layers see",
          request.data.string(), static_cast<double>(layout.length) / kWavenetRate, preset.layers));
    }
    return std::make_unique<WavenetAudioTask>(request, preset, settings, std::move(*data), sink);
  }

  Result<Evaluation> evaluate(const EvaluateRequest& request, const TensorFile& checkpoint,
                              TrainSink& sink, const std::stop_token& stop) const override {
    const auto split = splitNamed(request.split);
    if (!split) return tl::unexpected(split.error());
    const auto preset = wavenetAudioCheckpoint(checkpoint);
    if (!preset) return tl::unexpected(preset.error());
    at::set_num_threads(std::max(1, request.threads));
    constexpr double kMinutes = 4;
    SoundRecipe recipe;
    recipe.sampleRate = kWavenetRate;
    recipe.trainMinutes = *split == Split::kTrain ? kMinutes : 0;
    recipe.validMinutes = *split == Split::kValid ? kMinutes : 0;
    recipe.testMinutes = *split == Split::kTest ? kMinutes : 0;
    CorpusOptions options;
    options.sets = request.sets;
    const auto data = readSoundData(request.data, options, request.sound.get(), recipe, sink, stop);
    if (!data) return tl::unexpected(data.error());
    const auto& clips = *split == Split::kTrain   ? data->train
                        : *split == Split::kValid ? data->valid
                                                  : data->test;
    constexpr std::size_t kMost = 256;
    const auto chunks =
        some(chunksOf(clips, layoutOf(*preset)),
             request.examples > 0 ? static_cast<std::size_t>(request.examples) : kMost);
    if (chunks.empty()) {
      return fail(fmt::format("{}: its {} split is empty", request.data.string(), request.split));
    }
    WavenetAudioNetwork network(*preset, 1, at::kCPU);
    if (auto loaded = loadParameters(checkpoint, network); !loaded) {
      return tl::unexpected(loaded.error());
    }
    const Validation v =
        validateOn(network, *preset, data->wanted, chunks, at::kCPU, [&](double fraction) {
          TrainPoint p;
          p.fraction = fraction;
          sink.point(p);
          return !stop.stop_requested();
        });
    Evaluation out;
    out.loss = v.loss;
    out.accuracy = v.accuracy;
    out.figures = {{"chunks", static_cast<double>(chunks.size())},
                   {"NLL (nats/sample)", v.loss},
                   {"class accuracy", *v.accuracy}};
    if (auto played = addPlayed(checkpoint, data->wanted, clips, stop, out); !played) {
      return tl::unexpected(played.error());
    }
    out.cancelled = stop.stop_requested();
    return out;
  }

  Result<std::shared_ptr<const Composer>> load(TensorFile) const override {
    return fail(
        "a model of sound composes no notes: use it with `incipit-cli timbre`, or in the Lab");
  }

  Result<std::shared_ptr<const Timbre>> loadTimbre(TensorFile checkpoint) const override {
    auto weights = wavenetAudioWeights(checkpoint);
    if (!weights) return tl::unexpected(weights.error());
    return std::make_shared<const WavenetTimbre>(std::move(*weights));
  }

 private:
  static PresetInfo presetInfo(const char* name, const char* description) {
    WavenetAudioPreset p;
    p.name = name;
    const Schedule schedule = WavenetAudioTask::scheduleOf(p);
    PresetInfo info{p.name, description, schedule.epochs, WavenetAudioTask::kEpoch,
                    scheduleSettings(schedule, 8)};
    info.settings.insert(
        info.settings.end(),
        {integerSetting("minutes", "Minutes", "How much sound is learnt from, at most", 30, 1, 600),
         integerSetting("program", "Program",
                        "General MIDI program that music is rendered by, 0 to 127", 0, 0, 127),
         integerSetting("width", "Width", "Numbers that each layer hands on", p.width, 4, 512),
         integerSetting("layers", "Layers", "Layers one after another, each seeing twice as far",
                        p.layers, 1, 14),
         integerSetting("head", "Head", "Width of the layer that chooses", p.head, 4, 1024)});
    return info;
  }
};

}  // namespace

const Family& wavenetAudioFamily() {
  static const WavenetAudioFamily family;
  return family;
}

}  // namespace incipit
