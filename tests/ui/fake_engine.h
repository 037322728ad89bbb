// The Engine of the tests of ui, without networks: quarter notes that rise from a pitch set by seed
// and take, so that takes differ and the same request gives the same notes. What else it does, a
// Script says.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/compose/catalogue.h"
#include "core/compose/jobs.h"
#include "core/compose/lab.h"
#include "core/compose/model_files.h"
#include "core/compose/request_json.h"
#include "core/compose/run_history.h"

namespace incipit {

// Shared between the test and the engine that the JobRunner owns; set before the job starts.
struct Script {
  int notes = 0;      // of each take; 0: as many as fill its bars
  std::string error;  // composing fails with it
  // Composing stands still after the first note until open() or a stop.
  bool gated = false;
  int trainPoints = 6;
  bool trainUntilStopped = false;
  int trainHold = 0;          // training stands still after that point until open() or a stop
  std::string trainError;     // training fails with it
  int evaluateHold = 0;       // the evaluation of that number stands still until open() or a stop
  std::string evaluateError;  // evaluating fails with it
  bool lab = false;           // there are families of pictures and of sound, too
  std::string labError;       // the Lab fails with it
  int saved = 0;              // points of the last run: where a resumed one goes on
  std::atomic<int> composing{0};
  std::atomic<int> mostComposing{0};
  std::atomic<int> composed{0};

  std::vector<ComposeRequest> requests() {  // so far
    const std::lock_guard lock(mutex);
    return asked;
  }
  std::vector<EvaluateRequest> evaluations() {  // so far
    const std::lock_guard lock(mutex);
    return evaluated;
  }
  std::vector<TrainRequest> trainings() {  // so far
    const std::lock_guard lock(mutex);
    return trained;
  }
  void open() {
    const std::lock_guard lock(mutex);
    opened = true;
    wake.notify_all();
  }
  void waitForOpening(std::stop_token stop) {
    std::unique_lock lock(mutex);
    wake.wait(lock, stop, [this] { return opened; });
  }

  std::mutex mutex;
  std::condition_variable_any wake;
  bool opened = false;
  std::vector<ComposeRequest> asked;
  std::vector<TrainRequest> trained;
  std::vector<EvaluateRequest> evaluated;
};

// Pictures of two bars with a note at a place that two latent numbers tell: how late, 0..1, and how
// high, 0..1. Sound becomes half as loud.
class FakeLab final : public Lab {
 public:
  explicit FakeLab(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  Result<PictureKind> pictureKind(const std::filesystem::path& /*checkpoint*/) override {
    if (!script_->labError.empty()) return fail(script_->labError);
    return PictureKind::kTicks;
  }
  Result<Imagined> imagine(const ImagineRequest& request, const LabProgress& progress,
                           std::stop_token /*stop*/) override {
    if (!script_->labError.empty()) return fail(script_->labError);
    Imagined out;
    out.latents = request.latents;
    for (int i = 0; request.latents.empty() && i < request.count; ++i) {
      const auto share = static_cast<float>((request.seed + static_cast<unsigned>(i)) % 10);
      out.latents.push_back({share / 10, 1 - share / 10});
    }
    for (const Latent& l : out.latents) out.pictures.push_back(pictureOf(l));
    if (progress) progress(1);
    return out;
  }
  Result<Embedded> embed(const EmbedRequest& request, const LabProgress& /*progress*/,
                         std::stop_token /*stop*/) override {
    if (!script_->labError.empty()) return fail(script_->labError);
    Embedded out;
    for (const Picture& p : request.pictures) out.latents.push_back(latentOf(p));
    return out;
  }
  Result<int> timbreRate(const std::filesystem::path& /*checkpoint*/) override {
    if (!script_->labError.empty()) return fail(script_->labError);
    return 8000;
  }
  Result<Timbred> timbre(const TimbreRequest& request, const LabProgress& progress,
                         std::stop_token stop) override {
    Timbred out;
    std::vector<float> block(1000);
    for (std::size_t count = block.size(); count == block.size();) {
      out.cancelled = stop.stop_requested();
      if (out.cancelled) return out;
      count = request.source->read(block).value_or(0);
      for (float& v : block) v *= 0.5F;
      if (auto sunk = request.sink(std::span(block).first(count)); !sunk) {
        return tl::unexpected(sunk.error());
      }
      out.frames += static_cast<std::int64_t>(count);
    }
    if (progress) progress(1);
    return out;
  }

 private:
  static constexpr int kLast = 95;
  static Picture pictureOf(const Latent& latent) {
    Picture p(PictureKind::kTicks);
    const auto cell = [](float v) {
      return std::clamp(static_cast<int>(std::lround(v * kLast)), 0, kLast);
    };
    const int column = std::min(cell(latent[0]), kLast - 11);
    for (int i = 0; i < 12; ++i) p.at(0, cell(latent[1]), column + i) = 255;
    return p;
  }
  static Latent latentOf(const Picture& p) {
    for (int column = 0; column <= kLast; ++column) {
      for (int key = 0; key <= kLast; ++key) {
        if (p.at(0, key, column) > 127) return {column / float{kLast}, key / float{kLast}};
      }
    }
    return {0, 0};
  }

  std::shared_ptr<Script> script_;
};

class FakeEngine final : public Engine {
 public:
  explicit FakeEngine(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  static EngineLoader loader(std::shared_ptr<Script> script) {
    return [script]() -> Result<std::unique_ptr<Engine>> {
      return std::make_unique<FakeEngine>(script);
    };
  }

  std::vector<FamilyInfo> families() const override {
    const auto units = integerSetting("units", "Units", "Width of the network", 64, 8, 512);
    const auto dropout = numberSetting("dropout", "Dropout", "Share left out", 0.2, 0, 0.9);
    const auto patience =
        integerSetting("patience", "Patience", "Epochs without a better one", 0, 0, 100);
    const auto choose = choiceSetting("choose", "Choose", "How a note is chosen",
                                      {{"sampled", "Sampled"}, {"probable", "Most probable"}});
    std::vector<FamilyInfo> all{
        {"note-lstm",
         "Note LSTM",
         "Notes one by one",
         "A paper",
         "nats/note",
         {{"published", "As published", 12, 500, {units}},
          {"improved", "Better", 20, 1000, {units, dropout, patience}}},
         {}},
        {"chooser",
         "Chooser",
         "Notes as chosen",
         "Another paper",
         "bits/note",
         {{"only", "The only one", 5, 100, {switchSetting("mix", "Mix", "Mixes them", true)}}},
         {choose, switchSetting("bold", "Bold", "Dares more", false)}}};
    all.back().severalTracks = true;
    if (!script_->lab) return all;
    FamilyInfo pictures = all.back();
    pictures.severalTracks = false;
    pictures.id = "roll-vae";
    pictures.kind = FamilyInfo::Kind::kPictures;
    pictures.latents = true;
    FamilyInfo sound = pictures;
    sound.id = "hilbert-ae";
    sound.latents = false;
    sound.kind = FamilyInfo::Kind::kSound;
    all.push_back(pictures);
    all.push_back(sound);
    return all;
  }

  Lab* lab() override { return &lab_; }

  Result<ComposeResult> compose(const ComposeRequest& request, ComposeSink& sink,
                                std::stop_token stop) override {
    {
      const std::lock_guard lock(script_->mutex);
      script_->asked.push_back(request);
    }
    if (!script_->error.empty()) return fail(script_->error);
    const int now = ++script_->composing;
    script_->mostComposing = std::max(script_->mostComposing.load(), now);
    const Document& d = *request.document;
    const Tick end = d.meter.barStart(d.meter.barBeat(request.from).bar + request.bars);
    const auto fill = static_cast<int>((end - request.from).count / d.ppq);
    const int count = script_->notes > 0 ? script_->notes : fill;
    ComposeResult result;
    for (int i = 0; i < count && !result.cancelled; ++i) {
      Note n;
      n.start = request.from + TickDelta{d.ppq} * i;
      n.length = {d.ppq};
      const int pitch = 60 + i + static_cast<int>(request.seed % 12) + request.take;
      n.pitch = static_cast<std::uint8_t>(std::min(pitch, kHighestPitch));
      sink.note(request.track, n);
      result.notes.push_back(n);
      // The further tracks play the same, each lower than the one before.
      result.others.resize(request.with.size());
      for (std::size_t k = 0; k < request.with.size(); ++k) {
        Note lower = n;
        lower.pitch = static_cast<std::uint8_t>(n.pitch - 5 * (k + 1));
        sink.note(request.with[k], lower);
        result.others[k].notes.push_back(lower);
      }
      sink.progress((i + 1.0) / count);
      if (script_->gated) script_->waitForOpening(stop);
      result.cancelled = stop.stop_requested();
    }
    result.region.range = {request.from, result.cancelled ? result.notes.back().end() : end};
    result.region.track = request.track;
    result.region.modelHash = fileSha256(request.checkpoint).value_or("f00d");
    result.region.settings = settingsJson(request);
    result.region.context = "[]";
    for (std::size_t k = 0; k < result.others.size(); ++k) {
      result.others[k].region = result.region;
      result.others[k].region.track = request.with[k];
    }
    --script_->composing;
    ++script_->composed;
    return result;
  }

  // An epoch is one point and ten steps; the history is written as the real one is.
  Result<TrainResult> train(const TrainRequest& request, TrainSink& sink,
                            std::stop_token stop) override {
    {
      const std::lock_guard lock(script_->mutex);
      script_->trained.push_back(request);
    }
    if (!script_->trainError.empty()) return fail(script_->trainError);
    RunRecorder recorder(sink);
    recorder.message("reading " + request.data.string());
    int done = request.resume ? script_->saved : 0;
    recorder.begin(request, "nats/note",
                   request.resume ? historyPath(request.out) : std::filesystem::path(), done * 10);
    while (done < script_->trainPoints && !stop.stop_requested()) {
      recorder.point(pointAfter(++done));
      if (done == script_->trainHold) script_->waitForOpening(stop);
    }
    if (script_->trainUntilStopped) script_->waitForOpening(stop);
    script_->saved = done;
    TrainResult result;
    result.best = request.out;
    result.last = lastPath(request.out);
    for (const auto& file : {result.last, statePath(request.out)}) std::ofstream(file) << "weights";
    result.cancelled = stop.stop_requested();
    recorder.end(result.cancelled ? RunEnd::kStopped : RunEnd::kDone);
    return result;
  }

  // What it measures differs from checkpoint to checkpoint by the length of its name.
  Result<Evaluation> evaluate(const EvaluateRequest& request, TrainSink& sink,
                              std::stop_token stop) override {
    int number = 0;
    {
      const std::lock_guard lock(script_->mutex);
      script_->evaluated.push_back(request);
      number = static_cast<int>(script_->evaluated.size());
    }
    if (!script_->evaluateError.empty()) return fail(script_->evaluateError);
    TrainPoint half;
    half.fraction = 0.5;
    sink.point(half);
    if (number == script_->evaluateHold) script_->waitForOpening(stop);
    Evaluation e;
    e.family = "note-lstm";
    e.preset = "published";
    e.parameters = 84'354;
    e.lossUnit = "nats/note";
    e.trainingSeconds = 200;
    e.loss = 2 + 0.125 * static_cast<double>(request.checkpoint.stem().string().size());
    e.cancelled = stop.stop_requested();
    if (request.continuations > 0) addContinuations(e);
    return e;
  }
  ComputeReport compute() override { return {"test", "", 0, 1, {"cpu", "cuda:0"}, ""}; }

 private:
  static void addContinuations(Evaluation& e) {
    e.notesPerSecond = 1234;
    e.metrics = {{"pitch_range", 12, 24}, {"polyphony", 1.5, std::nan("")}};
    for (const char* name : {"pitch", "step (quarters)", "duration (quarters)"}) {
      e.distributions.push_back({{name, 0, 1, {0, 3, 1, 0}, {}}, {name, 0, 1, {0, 2, 1, 1}, {}}});
    }
  }

  TrainPoint pointAfter(int epoch) const {
    TrainPoint p;
    p.epoch = epoch;
    p.step = epoch * 10;
    p.trainLoss = 4.0 / epoch;
    p.validationLoss = 5.0 / epoch;
    p.validationAccuracy = 0.5;
    p.learningRate = 0.0003;
    p.gradientNorm = 1.5;
    p.examplesPerSecond = 1234;
    p.secondsLeft = 75;
    p.fraction = static_cast<double>(epoch) / script_->trainPoints;
    return p;
  }

  std::shared_ptr<Script> script_;
  FakeLab lab_{script_};
};

}  // namespace incipit
