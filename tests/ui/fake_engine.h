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
    return {{"note-lstm",
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
  }

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
      sink.note(n);
      result.notes.push_back(n);
      sink.progress((i + 1.0) / count);
      if (script_->gated) script_->waitForOpening(stop);
      result.cancelled = stop.stop_requested();
    }
    result.region.range = {request.from, result.cancelled ? result.notes.back().end() : end};
    result.region.track = request.track;
    result.region.modelHash = fileSha256(request.checkpoint).value_or("f00d");
    result.region.settings = settingsJson(request);
    result.region.context = "[]";
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
};

}  // namespace incipit
