#include "app/incipit_cli/bench_live_load.h"

#include <fmt/core.h>

#include <chrono>
#include <thread>

#include "app/common/engine_module.h"
#include "app/incipit_cli/support.h"
#include "core/edit/edits.h"
#include "core/io/midi_file.h"
#include "core/rng.h"

namespace incipit {
namespace {

constexpr int kPieces = 40;
constexpr int kNotes = 600;

// Eighths that wander; what a model learns from them does not matter here.
Document wanderingPiece(std::uint64_t seed) {
  Document d = newDocument();
  Rng rng(seed);
  std::vector<Note> notes;
  int pitch = 60;
  for (int i = 0; i < kNotes; ++i) {
    pitch = std::clamp(pitch + static_cast<int>(rng.below(9)) - 4, 36, 96);
    Note n;
    n.start = {std::int64_t{i} * d.ppq / 2};
    n.length = {d.ppq / 2};
    n.pitch = static_cast<std::uint8_t>(pitch);
    notes.push_back(n);
  }
  return addNotes(d, d.tracks.front()->id, notes).document;
}

}  // namespace

Result<void> LiveLoad::start(const std::stop_token& stop) {
  const auto model = chooseModel("");
  if (!model) return fail(model.error().message);
  checkpoint_ = model->path;
  std::error_code error;
  std::filesystem::create_directories(scratch_.path() / "pieces", error);
  for (int i = 0; i < kPieces; ++i) {
    const auto written = writeMidiFile(wanderingPiece(static_cast<std::uint64_t>(i)),
                                       scratch_.path() / "pieces" / fmt::format("{}.mid", i));
    if (!written) return fail(written.error().message);
  }
  jobs_ = std::make_unique<JobRunner>(engineModuleLoader());
  TrainRequest request;
  request.preset = "improved";
  request.data = scratch_.path() / "pieces";
  request.out = scratch_.path() / "model.safetensors";
  request.epochs = 1'000'000;
  training_ = jobs_->train(request, {});
  while (steps_ == 0 && !stop.stop_requested()) {
    keepBusy();
    if (training_->finished()) return fail("training: " + training_->error());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return {};
}

void LiveLoad::keepBusy() {
  for (const TrainPoint& p : training_->drain().points) steps_ = std::max(steps_, p.step);
  if (composing_ != nullptr && !composing_->finished()) return;
  if (composing_ != nullptr) ++takes_;
  ComposeRequest request;
  request.document = std::make_shared<const Document>(wanderingPiece(1));
  request.track = request.document->tracks.front()->id;
  request.from = request.document->end();
  request.bars = 64;
  request.take = takes_;
  request.checkpoint = checkpoint_;
  composing_ = jobs_->compose(request, {});
}

void LiveLoad::stop() {
  jobs_.reset();
  training_.reset();
  composing_.reset();
}

}  // namespace incipit
