// The families roll-gan, roll-dcgan, roll-wgan-gp and roll-vae: training, held-out figures, and
// what draws with their checkpoints.
#include <fmt/format.h>

#include <algorithm>

#include "models/family.h"
#include "models/picture_data.h"
#include "models/picture_task.h"
#include "models/picture_tensors.h"

namespace incipit {
namespace {

constexpr std::size_t kCompared = 64;       // of them, with what was learnt
constexpr std::size_t kDrawn = 512;         // pictures that a model is measured by
constexpr std::size_t kMostWritten = 2048;  // of the split, and
constexpr std::size_t kMostLearnt = 20000;  // of the training split, to look for copies in

struct Told {
  const char* id;
  const char* title;
  const char* description;
  const char* paper;
  const char* published;
  const char* improved;
};

double meanNearest(const PictureNeighbours& learnt, std::span<const Picture> pictures) {
  double sum = 0;
  for (const Picture& p : pictures) sum += learnt.nearest(p).distance;
  return sum / static_cast<double>(pictures.size());
}

// What a checkpoint learnt from, where this is the corpus; else the training split. A part of what
// is very many.
std::vector<std::uint32_t> learntBy(const TensorFile& checkpoint, const PictureData& data) {
  const std::string count = metadataOf(checkpoint, kLearntPictures);
  const bool same = metadataOf(checkpoint, "corpus") == data.hash && !count.empty();
  auto all =
      same ? learntPart(data.set, std::strtoull(count.c_str(), nullptr, 10),
                        std::strtoull(metadataOf(checkpoint, kLearntSeed).c_str(), nullptr, 10))
           : data.set.of(Split::kTrain);
  return someOf(std::move(all), kMostLearnt, 23);
}

class PictureFamily final : public Family {
 public:
  explicit PictureFamily(const Told& told) : told_(told) {}

  FamilyInfo info() const override {
    const PicturePreset published = *picturePresetNamed(told_.id, "published");
    const PicturePreset improved = *picturePresetNamed(told_.id, "improved");
    FamilyInfo info;
    info.kind = FamilyInfo::Kind::kPictures;
    info.latents = published.vae();
    info.id = told_.id;
    info.title = told_.title;
    info.description = told_.description;
    info.paper = told_.paper;
    info.lossUnit = published.vae() ? "nats/picture" : "1 - overlap";
    info.presets = {presetInfo(published, told_.published), presetInfo(improved, told_.improved)};
    info.settings = pictureComposeSettings(published.vae());
    return info;
  }

  Result<std::unique_ptr<TrainingTask>> task(const TrainRequest& request,
                                             const SettingValues& settings, TrainSink& sink,
                                             const std::stop_token& stop) const override {
    auto preset = picturePresetNamed(told_.id, request.preset);
    if (!preset) return fail(preset.error().message);
    setPicturePreset(*preset, settings);
    if (request.epochs > 0) preset->schedule.epochs = request.epochs;
    auto data = readPictureData(request.data, request.sets, request.shippableOnly, preset->kind,
                                sink, stop);
    if (!data) return fail(data.error().message);
    if (data->set.entries().empty()) return nullptr;
    return makePictureTask(request, std::move(*preset), std::move(*data), sink);
  }

  Result<Evaluation> evaluate(const EvaluateRequest& request, const TensorFile& checkpoint,
                              TrainSink& sink, const std::stop_token& stop) const override;

  Result<std::shared_ptr<const Composer>> load(TensorFile checkpoint) const override {
    auto model = PictureModel::load(checkpoint);
    if (!model) return fail(model.error().message);
    return pictureComposer(std::move(*model));
  }

  Result<std::shared_ptr<const PictureModel>> loadPictures(TensorFile checkpoint) const override {
    return PictureModel::load(checkpoint);
  }

 private:
  static PresetInfo presetInfo(const PicturePreset& p, const char* description) {
    return {p.name, description, p.schedule.epochs, 0, pictureSettings(p)};
  }

  Told told_;
};

Result<Evaluation> PictureFamily::evaluate(const EvaluateRequest& request,
                                           const TensorFile& checkpoint, TrainSink& sink,
                                           const std::stop_token& stop) const {
  const auto split = splitNamed(request.split);
  if (!split) return fail(split.error().message);
  const auto loaded = PictureModel::load(checkpoint);
  if (!loaded) return fail(loaded.error().message);
  const PictureModel& model = **loaded;
  const auto data = readPictureData(request.data, request.sets, false, model.kind(), sink, stop);
  if (!data) return fail(data.error().message);
  Evaluation out;
  out.cancelled = stop.stop_requested();
  if (out.cancelled) return out;
  at::set_num_threads(std::max(1, request.threads));
  const auto progress = [&](double fraction) {
    TrainPoint p;
    p.fraction = fraction;
    sink.point(p);
    out.cancelled = stop.stop_requested();
    return !out.cancelled;
  };

  auto held = data->set.of(*split);
  if (held.empty()) {
    return fail(fmt::format("{}: its {} split is empty", request.data.string(), request.split));
  }
  const std::size_t most =
      request.examples > 0 ? static_cast<std::size_t>(request.examples) : kMostWritten;
  const auto written = picturesOf(data->set, someOf(std::move(held), most, request.seed));
  if (!written) return fail(written.error().message);
  const auto drawn = drawnPictures(model, kDrawn, request.seed);
  if (!progress(0.3)) return out;
  const PictureStatistics drawnStatistics = statisticsOf(model.kind(), drawn);
  const PictureStatistics writtenStatistics = statisticsOf(model.kind(), *written);
  out.figures = pictureFigures(drawnStatistics, writtenStatistics);
  out.loss = 1 - meanOverlap(drawnStatistics, writtenStatistics);
  for (std::size_t i = 0; i < drawnStatistics.histograms.size(); ++i) {
    out.distributions.push_back({drawnStatistics.histograms[i], writtenStatistics.histograms[i]});
  }
  if (model.preset().vae()) {
    const ElboParts parts = negativeElbo(model, *written, request.seed);
    const NoteAgreement read = reconstruction(model, *written);
    out.loss = parts.reconstruction + parts.divergence;
    out.figures.emplace_back("negative ELBO (nats/picture)", *out.loss);
    out.figures.emplace_back("reconstruction (nats/picture)", parts.reconstruction);
    out.figures.emplace_back("divergence (nats/picture)", parts.divergence);
    out.figures.emplace_back("reconstruction F1 (notes)", read.f1());
    out.figures.emplace_back("reconstruction F1 (notes with length)", read.f1WithLength());
  }
  if (!progress(0.5)) return out;
  PictureNeighbours learnt(model.kind());
  for (const std::uint32_t e : learntBy(checkpoint, *data)) {
    auto picture = data->set.picture(e);
    if (!picture) return fail(picture.error().message);
    learnt.add(*picture);
  }
  const auto first = [](const std::vector<Picture>& all) {
    return std::span(all).first(std::min(kCompared, all.size()));
  };
  out.figures.emplace_back("distance to the nearest learnt picture",
                           meanNearest(learnt, first(drawn)));
  if (!progress(0.8)) return out;
  out.figures.emplace_back("distance to the nearest learnt picture, written",
                           meanNearest(learnt, first(*written)));
  progress(1);
  return out;
}

}  // namespace

const Family& rollGanFamily() {
  static const PictureFamily family({kRollGan, "Roll GAN",
                                     "dense layers that draw a piano roll, against a critic",
                                     "Goodfellow et al. 2014, \"Generative adversarial nets\"",
                                     "dense layers over flat pictures, binary cross-entropy",
                                     "cells on or off, segments with shared weights, averaged"});
  return family;
}

const Family& rollDcganFamily() {
  static const PictureFamily family(
      {kRollDcgan, "Roll DCGAN", "convolutions that draw a piano roll, against a critic",
       "Radford, Metz and Chintala 2016, \"Unsupervised representation learning with deep "
       "convolutional generative adversarial networks\"",
       "strided convolutions, dropout in the critic, binary cross-entropy",
       "cells on or off, hinge loss, spectral norm, averaged"});
  return family;
}

const Family& rollWganGpFamily() {
  static const PictureFamily family(
      {kRollWganGp, "Roll WGAN-GP", "a generator that learns from the distance to music",
       "Gulrajani et al. 2017, \"Improved training of Wasserstein GANs\"",
       "strided convolutions, gradient penalty 10, five steps of the critic",
       "cells on or off, segments with shared weights, averaged"});
  return family;
}

const Family& rollVaeFamily() {
  static const PictureFamily family(
      {kRollVae, "Roll VAE", "latent numbers that stand for piano rolls, and back",
       "Kingma and Welling 2014, \"Auto-encoding variational Bayes\"",
       "strided convolutions to 64 latent numbers and back",
       "segments with shared weights, a prior as music has it, averaged"});
  return family;
}

}  // namespace incipit
