// The family hilbert-ae: training, figures, and timbre.
//
// Examples are stretches of 65,536 samples, from any place of a clip. What improved hears may be
// another instrument than what it is to answer, playing the same notes (the setting "pairs").
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/encoding/hilbert.h"
#include "core/encoding/mel.h"
#include "core/encoding/overlap_add.h"
#include "models/family.h"
#include "models/hilbert_network.h"
#include "models/note_windows.h"
#include "models/optimiser.h"
#include "models/sound_data.h"
#include "models/training_task.h"

namespace incipit {
namespace {

enum Stream : std::uint64_t { kOrder = 2'000'000 };

constexpr int kGuitar = 24;  // General MIDI: nylon; what evaluate() moves
constexpr FrameLayout kFrames{65536, 8192};

const HilbertCurve& curve() {
  static const HilbertCurve whole(kHilbertOrder);
  return whole;
}

// The programs that are heard, of a setting "pairs".
std::vector<int> programsOf(const std::string& pairs) {
  if (pairs == "guitars") return {24, 25, 26, 27};
  if (pairs == "instruments")
    return {24, 25, 26, 27, 6, 11, 46, 45, 16, 19, 48, 40, 42, 71, 73, 56};
  return {};
}

struct Example {
  const SoundClip* clip = nullptr;
  std::int64_t first = 0;  // sample of the clip
};

at::Tensor picturesOf(const SoundStore& store, std::span<const Example> examples,
                      at::Device device) {
  const int side = curve().side();
  at::Tensor out = at::empty({std::ssize(examples), 1, side, side}, at::kFloat);
  std::vector<float> sound(curve().size());
  auto* pixels = out.data_ptr<float>();
  for (const Example& e : examples) {
    store.read(e.clip->at + e.first, sound);
    // What a clip has no more of is not the next one's beginning.
    const auto own = std::clamp<std::int64_t>(e.clip->frames - e.first, 0, std::ssize(sound));
    std::fill(sound.begin() + own, sound.end(), 0.0F);
    for (float& s : sound) s = pixelOf(s);
    curve().encode(sound, {pixels, curve().size()});
    pixels += curve().size();
  }
  return out.to(device);
}

// One after another, `hop` apart.
std::vector<Example> windowsOf(const std::vector<SoundClip>& clips, std::int64_t hop) {
  std::vector<Example> out;
  for (const SoundClip& c : clips) {
    for (std::int64_t at = 0; at + hop <= std::max(c.frames, hop); at += hop)
      out.push_back({&c, at});
  }
  return out;
}

double meanLoss(HilbertNetwork& network, const SoundData& data, const std::vector<Example>& windows,
                at::Device device) {
  const at::NoGradGuard noGrad;
  constexpr std::size_t kTogether = 4;
  double sum = 0;
  for (std::size_t i = 0; i < windows.size(); i += kTogether) {
    const auto part = std::span(windows).subspan(i, std::min(kTogether, windows.size() - i));
    sum +=
        static_cast<double>(part.size()) * network
                                               .loss(picturesOf(data.heardOrWanted(), part, device),
                                                     picturesOf(data.wanted, part, device))
                                               .item<double>();
  }
  return sum / static_cast<double>(std::max<std::size_t>(1, windows.size()));
}

class HilbertTask final : public TrainingTask {
 public:
  HilbertTask(const TrainRequest& request, const HilbertPreset& preset,
              const SettingValues& settings, SoundData data, TrainSink& sink)
      : preset_(preset),
        data_(std::move(data)),
        sets_(request.sets),
        seed_(request.seed),
        batch_(settings.integer("batch")),
        device_(deviceOf(request.device)),
        network_(makeHilbertNetwork(preset, request.seed, device_)),
        schedule_(scheduleOf(preset)) {
    setSchedule(schedule_, settings);
    const std::int64_t length = std::ssize(curve().cells());
    const auto all = windowsOf(data_.train, length);
    examples_ = request.examples > 0 ? request.examples : std::ssize(all);
    for (std::size_t i = 0; i < data_.train.size(); ++i) {
      const std::int64_t windows = std::max<std::int64_t>(1, data_.train[i].frames / length);
      clipOf_.insert(clipOf_.end(), static_cast<std::size_t>(windows), i);
    }
    if (data_.valid.empty()) {
      sink.message("too few clips for a validation split: validating on the training data");
    }
    valid_ = windowsOf(data_.valid.empty() ? data_.train : data_.valid, length);
    constexpr std::size_t kMostValid = 64;
    if (valid_.size() > kMostValid) valid_.resize(kMostValid);
    const int epochs = request.epochs > 0 ? request.epochs : schedule_.epochs;
    if (!preset_.published()) {
      schedule_.warmUpSteps =
          std::clamp(0.05 * epochs * static_cast<double>(batches()), 1.0, 100.0);
    }
  }

  static Schedule scheduleOf(const HilbertPreset& p) {
    Schedule s;
    s.epochs = p.published() ? 20 : 40;
    s.rate = p.published() ? 0.001 : 0.002;
    if (!p.published()) {
      s.weightDecay = 0.01;
      s.clip = 1;
      s.average = 0.995;
    }
    return s;
  }

  const Schedule& schedule() const override { return schedule_; }
  const Network& network() const override { return *network_; }
  std::map<std::string, std::string> metadata() const override {
    return {{"family", kHilbertAe},
            {"preset", preset_.name},
            {"config", hilbertConfig(preset_)},
            {"vocabulary", R"({"encoding":"hilbert","order":8,"rate":44100})"},
            {"corpus", data_.hash},
            {"sets", sets_},
            {"licence", data_.licence},
            {"title", fmt::format("Hilbert autoencoder ({})", preset_.name)}};
  }
  std::int64_t epochExamples() const override { return examples_; }
  int batchSize() const override { return batch_; }

  void beginEpoch(int number) override {
    Rng rng(seed_, kOrder + static_cast<std::uint64_t>(number));
    order_.clear();
    for (std::int64_t i = 0; i < examples_; ++i) {
      const SoundClip& clip =
          data_.train[clipOf_[rng.below(static_cast<std::uint32_t>(clipOf_.size()))]];
      const auto room =
          static_cast<double>(std::max<std::int64_t>(0, clip.frames - std::ssize(curve().cells())));
      order_.push_back({&clip, static_cast<std::int64_t>(rng.uniform() * room)});
    }
  }

  BatchLoss loss(const BatchPart& own, std::uint64_t) override {
    const auto part = examplesOf(order_, batch_, own);
    if (part.empty()) return {};
    const at::Tensor wanted = picturesOf(data_.wanted, part, device_);
    const at::Tensor heard = data_.heard ? picturesOf(*data_.heard, part, device_) : wanted;
    return {network_->loss(heard, wanted), std::ssize(part)};
  }

  Validation validate() override {
    return {meanLoss(*network_, data_, valid_, device_), std::nullopt};
  }

 private:
  HilbertPreset preset_;
  SoundData data_;  // the examples refer to it
  std::string sets_;
  std::uint64_t seed_;
  int batch_;
  at::Device device_;
  std::int64_t examples_ = 0;
  std::vector<std::size_t> clipOf_;  // a clip is drawn as often as it is long
  std::vector<Example> valid_, order_;
  std::unique_ptr<HilbertNetwork> network_;
  Schedule schedule_;
};

class HilbertTimbre final : public Timbre {
 public:
  explicit HilbertTimbre(std::shared_ptr<HilbertNetwork> network) : network_(std::move(network)) {}
  int sampleRate() const override { return kHilbertRate; }

  Result<Timbred> run(const TimbreRequest& request, const LabProgress& progress,
                      const std::stop_token& stop) const override {
    const auto start = std::chrono::steady_clock::now();
    const auto done = overlapAdd(
        *request.source, kFrames, [this](std::span<float> frame) { change(frame); }, request.sink,
        progress, stop);
    if (!done) return tl::unexpected(done.error());
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    return Timbred{done->frames, spent.count(), done->cancelled};
  }

 private:
  void change(std::span<float> frame) const {
    const at::NoGradGuard noGrad;
    const int side = curve().side();
    at::Tensor picture = at::empty({1, 1, side, side}, at::kFloat);
    const std::span pixels(picture.data_ptr<float>(), curve().size());
    for (float& s : frame) s = pixelOf(s);
    curve().encode(frame, pixels);
    const at::Tensor answer = network_->answer(picture).contiguous();
    curve().decode({answer.data_ptr<float>(), curve().size()}, frame);
    for (float& s : frame) s = sampleOf(s);
  }

  std::shared_ptr<HilbertNetwork> network_;
};

Result<std::shared_ptr<HilbertNetwork>> networkOf(const TensorFile& checkpoint) {
  const auto preset = hilbertCheckpoint(checkpoint);
  if (!preset) return tl::unexpected(preset.error());
  std::shared_ptr<HilbertNetwork> network = makeHilbertNetwork(*preset, 1, at::kCPU);
  if (auto loaded = loadParameters(checkpoint, *network); !loaded) {
    return tl::unexpected(loaded.error());
  }
  return network;
}

// Samples of a clip, one after another.
class ClipReader final : public SoundReader {
 public:
  ClipReader(const SoundStore& store, const SoundClip& clip) : store_(store), clip_(clip) {}
  int sampleRate() const override { return kHilbertRate; }
  std::int64_t frames() const override { return clip_.frames; }
  Result<std::size_t> read(std::span<float> into) override {
    const auto n =
        static_cast<std::size_t>(std::min<std::int64_t>(std::ssize(into), clip_.frames - given_));
    store_.read(clip_.at + given_, into.first(n));
    given_ += static_cast<std::int64_t>(n);
    return n;
  }

 private:
  const SoundStore& store_;
  const SoundClip& clip_;
  std::int64_t given_ = 0;
};

// Means over clips of how far sounds are from what is wanted, and how fast the model was.
class TimbreFigures {
 public:
  Result<void> add(const Timbre& timbre, const SoundData& data, const SoundClip& clip,
                   const std::stop_token& stop) {
    std::vector<float> wanted(static_cast<std::size_t>(clip.frames));
    std::vector<float> heard(wanted.size());
    data.wanted.read(clip.at, wanted);
    data.heardOrWanted().read(clip.at, heard);
    const auto moved = through(timbre, data.heardOrWanted(), clip, stop);
    if (!moved) return tl::unexpected(moved.error());
    const auto kept = through(timbre, data.wanted, clip, stop);
    if (!kept) return tl::unexpected(kept.error());
    const MelDistance before = melDistance(heard, wanted, kHilbertRate);
    unprocessed_ += before.plain;
    equalised_ += before.equalised;
    processed_ += melDistance(*moved, wanted, kHilbertRate).plain;
    reproduced_ += melDistance(*kept, wanted, kHilbertRate).plain;
    ++clips_;
    return {};
  }

  void addTo(Evaluation& into, bool paired) const {
    const double n = std::max(1, clips_);
    into.figures.insert(into.figures.end(),
                        {{"clips", clips_},
                         {"its own sound through it, log-mel distance (dB)", reproduced_ / n},
                         {"times real time", seconds_ / std::max(1e-9, spent_)}});
    if (!paired || unprocessed_ <= 0) return;
    into.figures.insert(into.figures.end(),
                        {{"guitar as it is, log-mel distance (dB)", unprocessed_ / n},
                         {"guitar, best fixed equaliser (dB)", equalised_ / n},
                         {"guitar through it, log-mel distance (dB)", processed_ / n},
                         {"moved towards it (%)", 100 * (1 - processed_ / unprocessed_)}});
  }

 private:
  Result<std::vector<float>> through(const Timbre& timbre, const SoundStore& store,
                                     const SoundClip& clip, const std::stop_token& stop) {
    std::vector<float> out;
    TimbreRequest request;
    request.source = std::make_shared<ClipReader>(store, clip);
    request.sink = [&](std::span<const float> s) -> Result<void> {
      out.insert(out.end(), s.begin(), s.end());
      return {};
    };
    const auto done = timbre.run(request, {}, stop);
    if (!done) return tl::unexpected(done.error());
    spent_ += done->seconds;
    seconds_ += static_cast<double>(done->frames) / kHilbertRate;
    return out;
  }

  int clips_ = 0;
  double unprocessed_ = 0, equalised_ = 0, processed_ = 0, reproduced_ = 0;
  double seconds_ = 0, spent_ = 0;
};

// The program that a checkpoint learned to sound like.
int programOf(const TensorFile& checkpoint) {
  const auto settings =
      nlohmann::json::parse(metadataOf(checkpoint, "settings"), nullptr, /*exceptions=*/false);
  if (!settings.is_object() || !settings.contains("program")) return 0;
  const auto& program = settings["program"];
  return program.is_string() ? std::clamp(std::atoi(program.get<std::string>().c_str()), 0, 127)
                             : 0;
}

class HilbertFamily final : public Family {
 public:
  FamilyInfo info() const override {
    FamilyInfo info;
    info.id = kHilbertAe;
    info.title = "Hilbert autoencoder";
    info.description = "sound as pictures along a Hilbert curve: gives a sound another's timbre";
    info.paper = "a convolutional autoencoder on Hilbert curve pictures of sound, 2020";
    info.kind = FamilyInfo::Kind::kSound;
    info.lossUnit = "dB (published: square)";
    info.presets = {
        presetInfo("improved", "pairs of the same notes through an 8.5 times smaller bottleneck"),
        presetInfo("published", "the paper's autoencoder, layer for layer"),
    };
    return info;
  }

  Result<std::unique_ptr<TrainingTask>> task(const TrainRequest& request,
                                             const SettingValues& settings, TrainSink& sink,
                                             const std::stop_token& stop) const override {
    HilbertPreset preset;
    preset.name = request.preset.empty() ? "improved" : request.preset;
    SoundRecipe recipe;
    recipe.sampleRate = kHilbertRate;
    recipe.program = settings.integer("program");
    recipe.trainMinutes = settings.integer("minutes");
    recipe.validMinutes = std::min(2.0, recipe.trainMinutes / 10);
    if (!preset.published()) {
      recipe.programs = programsOf(settings.choice("pairs"));
      preset.width = settings.integer("width");
      preset.layers = settings.integer("layers");
    }
    CorpusOptions options;
    options.sets = request.sets;
    options.shippableOnly = request.shippableOnly;
    auto data = readSoundData(request.data, options, request.sound.get(), recipe, sink, stop);
    if (!data) return tl::unexpected(data.error());
    if (data->cancelled) return nullptr;
    return std::make_unique<HilbertTask>(request, preset, settings, std::move(*data), sink);
  }

  Result<Evaluation> evaluate(const EvaluateRequest& request, const TensorFile& checkpoint,
                              TrainSink& sink, const std::stop_token& stop) const override {
    const auto split = splitNamed(request.split);
    if (!split) return tl::unexpected(split.error());
    const auto network = networkOf(checkpoint);
    if (!network) return tl::unexpected(network.error());
    at::set_num_threads(std::max(1, request.threads));
    constexpr double kMinutes = 4;  // eight clips
    SoundRecipe recipe;
    recipe.sampleRate = kHilbertRate;
    recipe.program = programOf(checkpoint);
    recipe.programs = {kGuitar};
    recipe.trainMinutes = *split == Split::kTrain ? kMinutes : 0;
    recipe.validMinutes = *split == Split::kValid ? kMinutes : 0;
    recipe.testMinutes = *split == Split::kTest ? kMinutes : 0;
    CorpusOptions options;
    options.sets = request.sets;
    auto data = readSoundData(request.data, options, request.sound.get(), recipe, sink, stop);
    if (!data) return tl::unexpected(data.error());
    auto& clips = *split == Split::kTrain   ? data->train
                  : *split == Split::kValid ? data->valid
                                            : data->test;
    if (clips.empty()) {
      return fail(fmt::format("{}: its {} split is empty", request.data.string(), request.split));
    }
    if (request.examples > 0 && request.examples < std::ssize(clips)) {
      clips.resize(static_cast<std::size_t>(request.examples));
    }
    const HilbertTimbre timbre(*network);
    TimbreFigures figures;
    Evaluation out;
    for (std::size_t i = 0; i < clips.size() && !stop.stop_requested(); ++i) {
      if (auto added = figures.add(timbre, *data, clips[i], stop); !added) {
        return tl::unexpected(added.error());
      }
      TrainPoint p;
      p.fraction = static_cast<double>(i + 1) / static_cast<double>(clips.size());
      sink.point(p);
    }
    out.cancelled = stop.stop_requested();
    const bool paired = data->heard.has_value();
    // What it was trained to: published answers with what it hears.
    if (metadataOf(checkpoint, "preset") == "published") data->heard.reset();
    out.loss = meanLoss(**network, *data, windowsOf(clips, std::ssize(curve().cells())), at::kCPU);
    out.figures = {{"numbers in a second's bottleneck",
                    static_cast<double>((*network)->bottleneck()) * kHilbertRate /
                        static_cast<double>(curve().size())}};
    figures.addTo(out, paired);
    return out;
  }

  Result<std::shared_ptr<const Composer>> load(TensorFile) const override {
    return fail(
        "a model of sound composes no notes: use it with `incipit-cli timbre`, or in the Lab");
  }

  Result<std::shared_ptr<const Timbre>> loadTimbre(TensorFile checkpoint) const override {
    auto network = networkOf(checkpoint);
    if (!network) return tl::unexpected(network.error());
    return std::make_shared<const HilbertTimbre>(std::move(*network));
  }

 private:
  static PresetInfo presetInfo(const char* name, const char* description) {
    HilbertPreset p;
    p.name = name;
    const Schedule schedule = HilbertTask::scheduleOf(p);
    PresetInfo info{p.name, description, schedule.epochs, 0, scheduleSettings(schedule, 8)};
    info.settings.insert(
        info.settings.end(),
        {integerSetting("minutes", "Minutes", "How much sound is learnt from, at most", 30, 1, 600),
         integerSetting("program", "Program",
                        "General MIDI program that music is rendered by, 0 to 127: the timbre", 0,
                        0, 127)});
    if (p.published()) return info;
    info.settings.insert(
        info.settings.end(),
        {choiceSetting("pairs", "Pairs", "What plays the notes that it hears",
                       {{"guitars", "Guitars"},
                        {"instruments", "Sixteen instruments"},
                        {"none", "The timbre itself"}}),
         integerSetting("width", "Width", "Numbers that each layer hands on", p.width, 8, 1024),
         integerSetting("layers", "Layers", "Layers of the decoder", p.layers, 1, 16)});
    return info;
  }
};

}  // namespace

const Family& hilbertFamily() {
  static const HilbertFamily family;
  return family;
}

}  // namespace incipit
