#include "app/common/sounding_engine.h"

#include <utility>

namespace incipit {
namespace {

class SoundingEngine final : public Engine {
 public:
  SoundingEngine(std::unique_ptr<Engine> engine, std::shared_ptr<SoundStudio> studio)
      : engine_(std::move(engine)), studio_(std::move(studio)) {}

  std::vector<FamilyInfo> families() const override { return engine_->families(); }
  Result<ComposeResult> compose(const ComposeRequest& request, ComposeSink& sink,
                                std::stop_token stop) override {
    return engine_->compose(request, sink, std::move(stop));
  }
  Result<TrainResult> train(const TrainRequest& request, TrainSink& sink,
                            std::stop_token stop) override {
    TrainRequest own = request;
    if (own.sound == nullptr) own.sound = studio_;
    return engine_->train(own, sink, std::move(stop));
  }
  Result<Evaluation> evaluate(const EvaluateRequest& request, TrainSink& sink,
                              std::stop_token stop) override {
    EvaluateRequest own = request;
    if (own.sound == nullptr) own.sound = studio_;
    return engine_->evaluate(own, sink, std::move(stop));
  }
  ComputeReport compute() override { return engine_->compute(); }
  Lab* lab() override { return engine_->lab(); }

 private:
  std::unique_ptr<Engine> engine_;
  std::shared_ptr<SoundStudio> studio_;
};

}  // namespace

EngineLoader withSound(EngineLoader loader, std::shared_ptr<SoundStudio> studio) {
  return [loader = std::move(loader),
          studio = std::move(studio)]() -> Result<std::unique_ptr<Engine>> {
    auto engine = loader();
    if (!engine) return engine;
    return std::make_unique<SoundingEngine>(std::move(*engine), studio);
  };
}

}  // namespace incipit
