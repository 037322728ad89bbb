// The family event-lstm: training, held-out figures, composing.
//
// Figures are nats a symbol of windows that begin at bar lines (event_data.h), each given what its
// features know of all before it, the LSTM's state from the window on.
#include <fmt/format.h>

#include <algorithm>

#include "models/event_composer.h"
#include "models/event_network.h"
#include "models/family.h"
#include "models/optimiser.h"

namespace incipit {
namespace {

enum Stream : std::uint64_t { kDraw = 2'000'000 };
constexpr std::uint64_t kValidationSeed = 20;
constexpr std::size_t kLongWindow = 1024;  // symbols of a window that is measured

struct Score {
  double nats = 0;
  double pitchNats = 0;
  std::int64_t correct = 0;
  std::int64_t symbols = 0;
  std::int64_t notes = 0;
};

Score score(EventNetwork& network, std::vector<EventWindow> windows,
            const std::function<bool(double)>& progress) {
  const at::NoGradGuard noGrad;
  // Those of one length together.
  std::stable_sort(windows.begin(), windows.end(),
                   [](const EventWindow& a, const EventWindow& b) { return a.count > b.count; });
  Score out;
  constexpr std::size_t kTogether = 8;
  for (std::size_t i = 0; i < windows.size(); i += kTogether) {
    const auto part = std::span(windows).subspan(i, std::min(kTogether, windows.size() - i));
    const EventNetwork::Answers a = network.answers(part, std::nullopt);
    const at::Tensor nats =
        -at::log_softmax(a.logits, 1).gather(1, a.truth.unsqueeze(1)).squeeze(1);
    const at::Tensor note = (a.truth >= kEventPitch.first).logical_and(a.truth < kEventDrum.end());
    out.nats += nats.sum(at::kDouble).item<double>();
    out.pitchNats += nats.masked_select(note).sum(at::kDouble).item<double>();
    out.correct += (a.logits.argmax(1) == a.truth).sum().item<std::int64_t>();
    out.notes += note.sum().item<std::int64_t>();
    out.symbols += a.truth.size(0);
    if (!progress(static_cast<double>(i + part.size()) / static_cast<double>(windows.size())))
      break;
  }
  return out;
}

class EventTask final : public TrainingTask {
 public:
  EventTask(const TrainRequest& request, const EventPreset& preset, const SettingValues& settings,
            EventCorpus data, TrainSink& sink)
      : preset_(preset),
        data_(std::move(data)),
        sets_(request.sets),
        seed_(request.seed),
        examples_(request.examples > 0 ? request.examples : preset.examples),
        train_(data_, Split::kTrain),
        network_(preset, request.seed, deviceOf(request.device)) {
    const int epochs = request.epochs > 0 ? request.epochs : preset_.epochs;
    schedule_ = scheduleOf(preset_);
    setSchedule(schedule_, settings);
    schedule_.warmUpSteps = std::clamp(0.1 * epochs * static_cast<double>(batches()), 1.0, 100.0);
    // No more than a quarter of what an epoch trains on, so that a small run is not all validation.
    const std::int64_t most =
        std::clamp<std::int64_t>(examples_ * preset_.window / 4, 2'000, 100'000);
    valid_ = eventWindows(data_, Split::kValid, kLongWindow, most, kValidationSeed);
    if (!valid_.empty()) return;
    sink.message("too few pieces for a validation split: validating on the training data");
    valid_ = eventWindows(data_, Split::kTrain, kLongWindow, most, kValidationSeed);
  }

  static Schedule scheduleOf(const EventPreset& p) {
    Schedule s;
    s.epochs = p.epochs;
    s.rate = 0.003;
    s.weightDecay = 0.02;
    s.clip = 1;
    s.average = 0.995;
    return s;
  }

  const Schedule& schedule() const override { return schedule_; }
  const Network& network() const override { return network_; }
  std::map<std::string, std::string> metadata() const override {
    return {{"family", kEventLstm},
            {"preset", preset_.name},
            {"config", eventConfig(preset_)},
            {"vocabulary", eventVocabulary()},
            {"roles", rolesText(data_.heard)},
            {"corpus", data_.hash},
            {"sets", sets_},
            {"licence", data_.licence},
            {"title", fmt::format("Event LSTM ({})", preset_.name)}};
  }
  std::int64_t epochExamples() const override { return examples_; }
  int batchSize() const override { return preset_.batch; }

  void beginEpoch(int epoch) override {
    Rng rng(seed_, kDraw + static_cast<std::uint64_t>(epoch));
    windows_.clear();
    for (std::int64_t i = 0; i < examples_; ++i) {
      windows_.push_back(train_.draw(static_cast<std::size_t>(preset_.window), rng));
    }
  }

  BatchLoss loss(const BatchPart& own, std::uint64_t seed) override {
    const auto part = examplesOf(windows_, preset_.batch, own);
    if (part.empty()) return {};
    const EventNetwork::Answers a = network_.answers(part, seed);
    return {at::cross_entropy_loss(a.logits, a.truth), a.truth.size(0),
            (a.logits.argmax(1) == a.truth).sum()};
  }

  Validation validate() override {
    const Score s = score(network_, valid_, [](double) { return true; });
    const auto n = static_cast<double>(s.symbols);
    return {s.nats / n, static_cast<double>(s.correct) / n};
  }

 private:
  EventPreset preset_;
  EventCorpus data_;  // windows and the sampler refer to it
  std::string sets_;
  std::uint64_t seed_;
  std::int64_t examples_;
  EventSampler train_;
  std::vector<EventWindow> valid_, windows_;
  EventNetwork network_;
  Schedule schedule_;
};

class EventFamily final : public Family {
 public:
  FamilyInfo info() const override {
    const EventPreset p;
    FamilyInfo info;
    info.severalTracks = true;
    info.id = kEventLstm;
    info.title = "Event LSTM";
    info.description = "continues several tracks together, drums too, each hearing the others";
    info.paper =
        "Huang and Yang 2020, \"Pop Music Transformer\", for the events; the network is ours";
    info.lossUnit = "nats/token";
    PresetInfo preset{p.name, "bar-anchored events of all tracks, LSTM layers, a grammar", p.epochs,
                      p.examples, scheduleSettings(EventTask::scheduleOf(p), p.batch)};
    preset.settings.insert(
        preset.settings.end(),
        {numberSetting("dropout", "Dropout", "Share of a layer that a step leaves out", p.dropout,
                       0, 0.9),
         integerSetting("window", "Window", "Symbols of an example, some four a note", p.window, 16,
                        8192),
         integerSetting("hidden", "Width", "Numbers that each layer hands on", p.hidden, 8, 2048),
         integerSetting("layers", "Layers", "Layers one after another", p.layers, 1, 8)});
    info.presets = {std::move(preset)};
    info.settings = eventComposeSettings();
    return info;
  }

  Result<std::unique_ptr<TrainingTask>> task(const TrainRequest& request,
                                             const SettingValues& settings, TrainSink& sink,
                                             const std::stop_token& stop) const override {
    auto preset = eventPresetNamed(request.preset);
    if (!preset) return fail(preset.error().message);
    preset->batch = settings.integer("batch");
    preset->dropout = settings.number("dropout");
    preset->window = settings.integer("window");
    preset->hidden = settings.integer("hidden");
    preset->layers = settings.integer("layers");
    auto data = readEventCorpus(request, std::nullopt, sink, stop);
    if (!data) return fail(data.error().message);
    if (data->cancelled) return nullptr;
    sink.message(fmt::format("tracks of these roles: {}", rolesText(data->heard)));
    return std::make_unique<EventTask>(request, *preset, settings, std::move(*data), sink);
  }

  Result<Evaluation> evaluate(const EvaluateRequest& request, const TensorFile& checkpoint,
                              TrainSink& sink, const std::stop_token& stop) const override {
    const auto split = splitNamed(request.split);
    if (!split) return fail(split.error().message);
    const auto whole = eventCheckpoint(checkpoint);
    if (!whole) return fail(whole.error().message);
    TrainRequest read;
    read.data = request.data;
    read.sets = request.sets;
    const auto data = readEventCorpus(read, *split, sink, stop);
    if (!data) return fail(data.error().message);
    const auto symbols = request.examples * static_cast<std::int64_t>(kLongWindow);
    auto windows = eventWindows(*data, *split, kLongWindow, symbols, request.seed);
    at::set_num_threads(std::max(1, request.threads));
    EventNetwork network(whole->preset, 1, at::kCPU);
    if (auto loaded = loadParameters(checkpoint, network); !loaded) {
      return fail(loaded.error().message);
    }
    const Score s = score(network, std::move(windows), [&](double fraction) {
      TrainPoint p;
      p.fraction = fraction;
      sink.point(p);
      return !stop.stop_requested();
    });
    const auto measured = static_cast<double>(s.symbols);
    const auto notes = static_cast<double>(std::max<std::int64_t>(1, s.notes));
    Evaluation out;
    out.loss = s.nats / measured;
    out.accuracy = static_cast<double>(s.correct) / measured;
    out.figures = {{"tokens", measured},
                   {"notes", static_cast<double>(s.notes)},
                   {"NLL (nats/token)", s.nats / measured},
                   {"NLL (nats/note)", s.nats / notes},
                   {"pitch NLL (nats/note)", s.pitchNats / notes}};
    out.cancelled = stop.stop_requested();
    return out;
  }

  Result<std::shared_ptr<const Composer>> load(TensorFile checkpoint) const override {
    return loadEventComposer(checkpoint);
  }
};

}  // namespace

const Family& eventLstmFamily() {
  static const EventFamily family;
  return family;
}

}  // namespace incipit
