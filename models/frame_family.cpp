// The families frame-gru and frame-wavenet: training, held-out figures, composing.
//
// Figures are nats a frame by the protocol of frame_set.h: frames 2 to T of each piece, given all
// those before.
#include <fmt/format.h>

#include <algorithm>

#include "models/family.h"
#include "models/frame_composer.h"
#include "models/frame_network.h"
#include "models/note_windows.h"
#include "models/optimiser.h"

namespace incipit {
namespace {

enum Stream : std::uint64_t { kSubset = 1'000'000, kOrder = 2'000'000 };

// Whole pieces, the longest together.
std::vector<FrameWindow> wholePieces(const std::vector<FrameSequence>& sequences) {
  std::vector<FrameWindow> out;
  for (const FrameSequence& s : sequences) {
    out.push_back({&s, 0, static_cast<std::int64_t>(s.frames.size())});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const FrameWindow& a, const FrameWindow& b) { return a.count > b.count; });
  return out;
}

struct Score {
  double nats = 0;
  std::int64_t frames = 0;
};

// Of frames 2 to T of each piece.
Score score(FrameNetwork& network, std::span<const FrameWindow> pieces,
            const std::function<bool(double)>& progress) {
  const at::NoGradGuard noGrad;
  Score out;
  constexpr std::int64_t kMostFrames = 8192;  // of a batch
  for (std::size_t i = 0; i < pieces.size();) {
    const auto room = static_cast<std::size_t>(kMostFrames / pieces[i].count);
    const auto part = pieces.subspan(i, std::clamp<std::size_t>(room, 1, pieces.size() - i));
    out.nats += network.nats(part, std::nullopt).slice(0, 1).to(at::kDouble).sum().item<double>();
    for (const FrameWindow& w : part) out.frames += w.count - 1;
    i += part.size();
    if (!progress(static_cast<double>(i) / static_cast<double>(pieces.size()))) break;
  }
  return out;
}

class FrameTask final : public TrainingTask {
 public:
  FrameTask(const TrainRequest& request, FramePreset preset, const SettingValues& settings,
            FrameData data, TrainSink& sink)
      : preset_(std::move(preset)),
        data_(std::move(data)),
        sets_(request.sets),
        seed_(request.seed),
        network_(preset_, request.seed, deviceOf(request.device)) {
    schedule_ = scheduleOf(preset_);
    setSchedule(schedule_, settings);
    if (data_.valid.empty()) {
      sink.message("too few pieces for a validation split: validating on the training data");
    }
    valid_ = wholePieces(data_.valid.empty() ? data_.train : data_.valid);
    for (std::size_t i = 0; i < data_.train.size(); ++i) {
      const auto frames = static_cast<std::int64_t>(data_.train[i].frames.size());
      windowsOf_.insert(windowsOf_.end(),
                        static_cast<std::size_t>((frames + preset_.window - 1) / preset_.window),
                        i);
    }
    const auto all = static_cast<std::int64_t>(windowsOf_.size());
    examples_ = request.examples > 0 ? std::min(request.examples, all) : all;
    const int epochs = request.epochs > 0 ? request.epochs : preset_.epochs;
    schedule_.warmUpSteps = std::clamp(0.1 * epochs * static_cast<double>(batches()), 1.0, 100.0);
    // A small run is not all validation.
    limitFrames(valid_, std::max<std::int64_t>(20'000, examples_ * preset_.window / 3));
  }

  static Schedule scheduleOf(const FramePreset& p) {
    Schedule s;
    s.epochs = p.epochs;
    s.rate = p.gru() ? 0.003 : 0.002;
    s.weightDecay = 0.05;
    s.clip = 1;
    s.average = 0.998;
    return s;
  }

  const Schedule& schedule() const override { return schedule_; }
  const Network& network() const override { return network_; }
  std::map<std::string, std::string> metadata() const override {
    return {{"family", preset_.family},
            {"preset", preset_.name},
            {"config", frameConfig(preset_)},
            {"vocabulary", R"({"encoding":"frames"})"},
            {"corpus", data_.hash},
            {"sets", sets_},
            {"licence", data_.licence},
            {"title",
             fmt::format("{} ({})", preset_.gru() ? "Frame GRU" : "Frame WaveNet", preset_.name)}};
  }
  std::int64_t epochExamples() const override { return examples_; }
  int batchSize() const override { return preset_.batch; }

  // The same pieces each epoch, each as often as it has windows, cut at other places.
  void beginEpoch(int number) override {
    const auto epoch = static_cast<std::uint64_t>(number);
    const auto subset = permutation(windowsOf_.size(), Rng(seed_, kSubset));
    Rng rng(seed_, kOrder + epoch);
    windows_.clear();
    for (const std::uint32_t i : permutation(static_cast<std::size_t>(examples_), rng)) {
      const FrameSequence& s = data_.train[windowsOf_[subset[i]]];
      const auto frames = static_cast<std::int64_t>(s.frames.size());
      const std::int64_t room = std::max<std::int64_t>(0, frames - preset_.window);
      // Beginnings are as likely as the rest of a window.
      const auto at =
          static_cast<std::int64_t>(rng.uniform() * static_cast<double>(room + preset_.window / 2));
      const std::int64_t first = std::clamp<std::int64_t>(at - preset_.window / 4, 0, room);
      windows_.push_back({&s, first, std::min<std::int64_t>(frames, preset_.window)});
    }
  }

  BatchLoss loss(const BatchPart& own, std::uint64_t seed) override {
    const auto part = examplesOf(windows_, preset_.batch, own);
    if (part.empty()) return {};
    std::int64_t frames = 0;
    for (const FrameWindow& w : part) frames += w.count;
    return {network_.nats(part, seed).sum() / static_cast<double>(frames), frames};
  }

  Validation validate() override {
    const Score s = score(network_, valid_, [](double) { return true; });
    return {s.nats / static_cast<double>(s.frames), std::nullopt};
  }

 private:
  static void limitFrames(std::vector<FrameWindow>& pieces, std::int64_t most) {
    std::int64_t sum = 0;
    for (const FrameWindow& w : pieces) sum += w.count;
    if (sum <= most) return;
    std::vector<FrameWindow> some;
    sum = 0;
    for (const std::uint32_t i : permutation(pieces.size(), Rng(20))) {
      if (sum >= most) break;
      some.push_back(pieces[i]);
      sum += pieces[i].count;
    }
    std::stable_sort(some.begin(), some.end(),
                     [](const FrameWindow& a, const FrameWindow& b) { return a.count > b.count; });
    pieces = std::move(some);
  }

  FramePreset preset_;
  FrameData data_;  // the windows refer to it
  std::string sets_;
  std::uint64_t seed_;
  std::int64_t examples_ = 0;
  std::vector<std::size_t> windowsOf_;  // the sequence of each window of an epoch of all
  std::vector<FrameWindow> valid_, windows_;
  FrameNetwork network_;
  Schedule schedule_;
};

class FrameFamily final : public Family {
 public:
  FrameFamily(const char* id, const char* title, const char* description, const char* paper)
      : id_(id), title_(title), description_(description), paper_(paper) {}

  FamilyInfo info() const override {
    FamilyInfo info;
    info.id = id_;
    info.title = title_;
    info.description = description_;
    info.paper = paper_;
    info.lossUnit = "nats/frame";
    info.presets = {
        presetInfo("serialised", "the keys of a frame one after another, each knowing those above"),
        presetInfo("independent", "every key of a frame by itself, given the frames before"),
    };
    return info;
  }

  Result<std::unique_ptr<TrainingTask>> task(const TrainRequest& request,
                                             const SettingValues& settings, TrainSink& sink,
                                             const std::stop_token& stop) const override {
    auto preset = framePresetNamed(id_, request.preset);
    if (!preset) return fail(preset.error().message);
    preset->batch = settings.integer("batch");
    preset->dropout = settings.number("dropout");
    preset->window = settings.integer("window");
    preset->hidden = settings.integer("hidden");
    preset->layers = settings.integer("layers");
    preset->head = settings.integer("head");
    auto data = readFrameData(request.data, request.sets, request.shippableOnly,
                              preset->unitsPerFrame, stop);
    if (!data) return fail(data.error().message);
    if (data->cancelled) return nullptr;
    preset->unitsPerFrame = data->unitsPerFrame;
    std::int64_t frames = 0;
    for (const FrameSequence& s : data->train) frames += static_cast<std::int64_t>(s.frames.size());
    sink.message(fmt::format("{} sequences, {} frames to train on, {} to validate",
                             data->train.size(), frames, data->valid.size()));
    return std::make_unique<FrameTask>(request, std::move(*preset), settings, std::move(*data),
                                       sink);
  }

  Result<Evaluation> evaluate(const EvaluateRequest& request, const TensorFile& checkpoint,
                              TrainSink& sink, const std::stop_token& stop) const override {
    const auto split = splitNamed(request.split);
    if (!split) return fail(split.error().message);
    const auto preset = frameCheckpoint(checkpoint);
    if (!preset) return fail(preset.error().message);
    const auto data = readFrameData(request.data, request.sets, false, preset->unitsPerFrame, stop);
    if (!data) return fail(data.error().message);
    auto pieces = wholePieces(data->of(*split));
    if (pieces.empty()) {
      return fail(fmt::format("{}: its {} split is empty", request.data.string(), request.split));
    }
    if (request.examples > 0 && request.examples < static_cast<std::int64_t>(pieces.size())) {
      pieces.resize(static_cast<std::size_t>(request.examples));
    }
    at::set_num_threads(std::max(1, request.threads));
    FrameNetwork network(*preset, 1, at::kCPU);
    if (auto loaded = loadParameters(checkpoint, network); !loaded) {
      return fail(loaded.error().message);
    }
    const Score s = score(network, pieces, [&](double fraction) {
      TrainPoint p;
      p.fraction = fraction;
      sink.point(p);
      return !stop.stop_requested();
    });
    Evaluation out;
    out.loss = s.nats / static_cast<double>(s.frames);
    out.figures = {{"frames", static_cast<double>(s.frames)},
                   {"NLL (nats/frame)", s.nats / static_cast<double>(s.frames)}};
    out.cancelled = stop.stop_requested();
    return out;
  }

  Result<std::shared_ptr<const Composer>> load(TensorFile checkpoint) const override {
    return loadFrameComposer(checkpoint);
  }

 private:
  PresetInfo presetInfo(const char* name, const char* description) const {
    const FramePreset p = *framePresetNamed(id_, name);
    PresetInfo info{p.name, description, p.epochs, 0,
                    scheduleSettings(FrameTask::scheduleOf(p), p.batch)};
    info.settings.insert(
        info.settings.end(),
        {numberSetting("dropout", "Dropout", "Share of a layer that a step leaves out", p.dropout,
                       0, 0.9),
         integerSetting("window", "Window", "Frames of an example", p.window, 8, 4096),
         integerSetting("hidden", "Width", "Numbers that each layer hands on", p.hidden, 8, 2048),
         integerSetting("layers", "Layers", "Layers one after another", p.layers, 1, 12),
         integerSetting("head", "Head", "Width of the layer that chooses the keys", p.head, 8,
                        2048)});
    return info;
  }

  const char* id_;
  const char* title_;
  const char* description_;
  const char* paper_;
};

}  // namespace

const Family& frameGruFamily() {
  static const FrameFamily family(
      kFrameGru, "Frame GRU", "GRU layers that continue a track frame by frame: which keys sound",
      "Boulanger-Lewandowski, Bengio and Vincent 2012, \"Modeling temporal dependencies in "
      "high-dimensional sequences\"");
  return family;
}

const Family& frameWavenetFamily() {
  static const FrameFamily family(
      kFrameWavenet, "Frame WaveNet",
      "gated causal convolutions that continue a track frame by frame",
      "van den Oord et al. 2016, \"WaveNet: a generative model for raw audio\"");
  return family;
}

}  // namespace incipit
