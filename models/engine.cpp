#include "models/engine.h"

#include <fmt/format.h>

#include <chrono>
#include <list>
#include <mutex>
#include <system_error>

#include "core/compose/catalogue.h"
#include "core/compose/request_json.h"
#include "models/checkpoint.h"
#include "models/compute.h"
#include "models/continuations.h"
#include "models/family.h"
#include "models/lab.h"
#include "models/trainer.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;

struct LoadedModel {
  const Family* family = nullptr;
  std::shared_ptr<const Composer> composer;
  std::string hash;
};

// The checkpoints that were used last, known by path, size and time of change.
class ModelCache {
 public:
  Result<LoadedModel> get(const fs::path& file) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    const auto changed = error ? fs::file_time_type() : fs::last_write_time(file, error);
    if (error) {
      return fail(fmt::format("{}: no such model: {}", file.string(), error.message()));
    }
    const std::lock_guard lock(mutex_);
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      if (it->path == file && it->size == size && it->changed == changed) {
        entries_.splice(entries_.begin(), entries_, it);
        return entries_.front().model;
      }
    }
    auto checkpoint = readCheckpoint(file);
    if (!checkpoint) return fail(checkpoint.error().message);
    auto composer = checkpoint->family->load(std::move(checkpoint->file));
    if (!composer) return fail(fmt::format("{}: {}", file.string(), composer.error().message));
    auto hash = fileSha256(file);
    if (!hash) return fail(hash.error().message);
    entries_.push_front(
        {file, size, changed, {checkpoint->family, std::move(*composer), std::move(*hash)}});
    constexpr std::size_t kMost = 4;
    if (entries_.size() > kMost) entries_.pop_back();
    return entries_.front().model;
  }

 private:
  struct Entry {
    fs::path path;
    std::uintmax_t size;
    fs::file_time_type changed;
    LoadedModel model;
  };
  std::mutex mutex_;
  std::list<Entry> entries_;  // the latest first
};

void describe(const Checkpoint& checkpoint, Evaluation& into) {
  into.family = metadataOf(checkpoint.file, "family");
  into.preset = metadataOf(checkpoint.file, "preset");
  into.lossUnit = checkpoint.family->info().lossUnit;
  for (const NamedTensor& t : checkpoint.file.tensors) {
    into.parameters += static_cast<std::int64_t>(t.values.size());
  }
  const auto history = historyOf(metadataOf(checkpoint.file, "history"));
  if (!history.empty()) into.trainingSeconds = history.back().seconds;
}

Result<void> continuePieces(const EvaluateRequest& request, const Checkpoint& checkpoint,
                            TrainSink& sink, const std::stop_token& stop, Evaluation& into) {
  const auto split = splitNamed(request.split);
  if (!split) return fail(split.error().message);
  auto values = checkSettings(checkpoint.family->info().settings, {});
  if (!values) return fail(values.error().message);
  const auto composer = checkpoint.family->load(checkpoint.file);
  if (!composer) return fail(composer.error().message);
  CorpusOptions options;
  options.sets = request.sets;
  const bool several = checkpoint.family->info().severalTracks;
  options.sequences = !several;
  const auto corpus = readCorpus(request.data, options, {}, stop);
  if (!corpus) return fail(corpus.error().message);
  ContinuationOptions c;
  c.count = request.continuations;
  c.seed = request.seed;
  c.settings = std::move(*values);
  compareContinuations(
      several ? excerptsOfPieces(*corpus, *split, c) : excerptsOfTracks(*corpus, *split, c),
      **composer, c,
      [&](double fraction) {
        TrainPoint p;
        p.fraction = fraction;
        sink.point(p);
      },
      stop, into);
  into.cancelled = stop.stop_requested();
  return {};
}

class StudioEngine : public Engine {
 public:
  std::vector<FamilyInfo> families() const override {
    std::vector<FamilyInfo> out;
    for (const Family* f : incipit::families()) out.push_back(f->info());
    return out;
  }

  Result<ComposeResult> compose(const ComposeRequest& request, ComposeSink& sink,
                                std::stop_token stop) override;

  Result<TrainResult> train(const TrainRequest& request, TrainSink& sink,
                            std::stop_token stop) override {
    return trainModel(request, sink, std::move(stop));
  }

  Result<Evaluation> evaluate(const EvaluateRequest& request, TrainSink& sink,
                              std::stop_token stop) override {
    auto checkpoint = readCheckpoint(request.checkpoint);
    if (!checkpoint) return fail(checkpoint.error().message);
    try {
      auto evaluation = checkpoint->family->evaluate(request, checkpoint->file, sink, stop);
      if (!evaluation) return evaluation;
      describe(*checkpoint, *evaluation);
      const bool composes = checkpoint->family->info().kind != FamilyInfo::Kind::kSound;
      if (request.continuations > 0 && composes && !evaluation->cancelled) {
        auto continued = continuePieces(request, *checkpoint, sink, stop, *evaluation);
        if (!continued) return fail(continued.error().message);
      }
      return evaluation;
    } catch (const std::exception& e) {
      const std::string text = e.what();
      return fail(fmt::format("evaluation failed: {}", text.substr(0, text.find('\n'))));
    }
  }

  ComputeReport compute() override { return measureCompute(); }
  Lab* lab() override { return lab_.get(); }

 private:
  ModelCache cache_;
  std::unique_ptr<Lab> lab_ = makeLab();
};

Result<void> checkSettings(const ComposeRequest& r) {
  if (!(r.temperature >= 0.05 && r.temperature <= 4)) {
    return fail(fmt::format("compose: temperature {}: use 0.05 to 4", r.temperature));
  }
  if (!(r.topP >= 0.01 && r.topP <= 1)) {
    return fail(fmt::format("compose: top-p {}: use 0.01 to 1", r.topP));
  }
  if (r.take < 0) return fail(fmt::format("compose: take {}: takes count from 0", r.take));
  return {};
}

// Whose notes the parts of a context are; of a region that is made again one part is wanted alone.
std::vector<std::optional<TrackId>> tracksOf(const ComposeRequest& r,
                                             const ComposeContext& context) {
  std::vector<std::optional<TrackId>> out(1 + context.others.size());
  if (r.context) {
    out[static_cast<std::size_t>(context.part)] = r.track;
  } else {
    out[0] = r.track;
    std::copy(r.with.begin(), r.with.end(), out.begin() + 1);
  }
  return out;
}

Result<ComposeResult> StudioEngine::compose(const ComposeRequest& request, ComposeSink& sink,
                                            std::stop_token stop) {
  const auto start = Clock::now();
  const auto elapsed = [start] {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  if (auto good = checkSettings(request); !good) return fail(good.error().message);
  auto context = request.context ? contextFromJson(*request.context) : contextOf(request);
  if (!context) return fail(context.error().message);
  auto model = cache_.get(request.checkpoint);
  if (!model) return fail(model.error().message);
  const FamilyInfo info = model->family->info();
  auto values = checkSettings(info.settings, request.settings);
  if (!values) return fail(fmt::format("compose: {}", values.error().message));
  if (!context->others.empty() && !info.severalTracks) {
    return fail(fmt::format("compose: {} composes one track at a time", info.title));
  }
  if (auto able = model->composer->check(*context); !able) {
    return fail(fmt::format("compose: {}", able.error().message));
  }

  ComposeResult result;
  double furthest = 0;
  const auto wanted = tracksOf(request, *context);
  const auto heard = [&](const Note& note, double fraction, std::size_t part) {
    if (result.secondsToFirstNote == 0) result.secondsToFirstNote = elapsed();
    if (wanted[part]) sink.note(*wanted[part], note);
    furthest = std::max(furthest, fraction);
    sink.progress(furthest);
  };
  const ComposeSettings settings{request.temperature, request.topP,        request.seed,
                                 request.take,        request.startOnBeat, std::move(*values)};
  Composed composed = model->composer->compose(*context, settings, heard, stop);
  if (!composed.cancelled) sink.progress(1.0);
  result.cancelled = composed.cancelled;
  for (std::size_t part = 0; part < wanted.size(); ++part) {
    if (!wanted[part]) continue;
    context->part = static_cast<int>(part);
    ComposedTrack track;
    track.notes = std::move(composed.parts[part].notes);
    track.probabilities = std::move(composed.parts[part].probabilities);
    track.region = {{context->range.from, composed.reached},
                    *wanted[part],
                    model->hash,
                    settingsJson(request),
                    contextJson(*context)};
    if (wanted[part] == request.track) {
      static_cast<ComposedTrack&>(result) = std::move(track);
    } else {
      result.others.push_back(std::move(track));
    }
  }
  result.seconds = elapsed();
  return result;
}

}  // namespace

std::unique_ptr<Engine> makeEngine() { return std::make_unique<StudioEngine>(); }

}  // namespace incipit
