// An Engine for tests: a rising scale of quarter notes from the request's start, the first pitch
// set by seed and take, so that takes differ and the same request gives the same notes.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "core/compose/jobs.h"
#include "core/compose/request_json.h"

namespace incipit {

class FakeEngine final : public Engine {
 public:
  // Shared with the test: while set, a take stops after its first note until it is cleared.
  struct Control {
    std::atomic<bool> hold{false};
    std::atomic<bool> fail{false};
    std::atomic<int> running{0};
    std::atomic<int> mostRunning{0};
  };
  explicit FakeEngine(std::shared_ptr<Control> control) : control_(std::move(control)) {}

  static EngineLoader loader(std::shared_ptr<Control> control) {
    return [control]() -> Result<std::unique_ptr<Engine>> {
      return std::make_unique<FakeEngine>(control);
    };
  }

  std::vector<FamilyInfo> families() const override {
    return {{"note-lstm", "Notes one by one", "", {"published", "improved"}}};
  }

  Result<ComposeResult> compose(const ComposeRequest& r, ComposeSink& sink,
                                std::stop_token stop) override {
    if (control_->fail)
      return incipit::fail("broken.safetensors: cut at byte 512; choose another model");
    const int now = ++control_->running;
    control_->mostRunning = std::max(control_->mostRunning.load(), now);
    const Document& d = *r.document;
    const Tick end = d.meter.barStart(d.meter.barBeat(r.from).bar + r.bars);
    ComposeResult result;
    int pitch = 48 + static_cast<int>((r.seed + static_cast<std::uint64_t>(r.take) * 7) % 24);
    for (Tick t = r.from; t < end && !result.cancelled; t += TickDelta{d.ppq}) {
      Note n;
      n.start = t;
      n.length = {d.ppq};
      n.pitch = static_cast<std::uint8_t>(std::min(pitch++, 127));
      result.notes.push_back(n);
      sink.note(n);
      sink.progress(static_cast<double>((t - r.from).count) /
                    static_cast<double>((end - r.from).count));
      while (control_->hold && !stop.stop_requested()) std::this_thread::yield();
      result.cancelled = stop.stop_requested();
    }
    result.region = {{r.from, result.cancelled ? result.notes.back().end() : end},
                     r.track,
                     "f00d",
                     settingsJson(r),
                     "[]"};
    --control_->running;
    return result;
  }

  Result<TrainResult> train(const TrainRequest& r, TrainSink& sink, std::stop_token stop) override {
    TrainResult result;
    const int epochs = r.epochs > 0 ? r.epochs : 3;
    for (int e = 1; e <= epochs && !stop.stop_requested(); ++e) {
      TrainPoint p;
      p.epoch = e;
      p.trainLoss = 1.0 / e;
      p.validationLoss = 1.1 / e;
      p.fraction = static_cast<double>(e) / epochs;
      sink.point(p);
      result.epochs = e;
      while (control_->hold && !stop.stop_requested()) std::this_thread::yield();
    }
    result.cancelled = stop.stop_requested();
    result.bestValidationLoss = 1.1 / std::max(1, result.epochs);
    result.best = r.out;
    return result;
  }
  Result<Evaluation> evaluate(const EvaluateRequest&, TrainSink&, std::stop_token) override {
    return Evaluation{};
  }
  ComputeReport compute() override { return {"test", "", 0, 1, {"cpu"}, ""}; }

 private:
  std::shared_ptr<Control> control_;
};

}  // namespace incipit
