#include "models/picture_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "core/compose/run_pictures.h"
#include "core/io/picture_file.h"
#include "models/failure_watch.h"
#include "models/note_windows.h"
#include "models/picture_tensors.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

enum Stream : std::uint64_t { kOrder = 2'000'000, kAugment = 3'000'000 };

constexpr std::size_t kMostValidated = 1024;  // pictures
constexpr std::size_t kMostForMarginals = 2048;
constexpr std::size_t kMostForPrior = 4096;
constexpr std::size_t kDrawn = 256;  // for a validation
constexpr std::size_t kSheet = 64;
constexpr int kSheetColumns = 8;

// The mean of what was added since it was last asked, else what it was then.
class Mean {
 public:
  void add(double value) {
    sum_ += value;
    ++count_;
  }
  double take() {
    if (count_ > 0) last_ = sum_ / static_cast<double>(count_);
    sum_ = 0;
    count_ = 0;
    return last_;
  }

 private:
  double sum_ = 0;
  std::int64_t count_ = 0;
  double last_ = 0;
};

double notesAPicture(const PictureStatistics& s) {
  return static_cast<double>(s.notes) / static_cast<double>(std::max<std::int64_t>(1, s.pictures));
}

// [n, latent] of n of them, at least one.
at::Tensor rowsOf(std::span<const Latent> latents, at::Device device) {
  std::vector<float> rows;
  for (const Latent& l : latents) rows.insert(rows.end(), l.begin(), l.end());
  return tensorOf(rows, {std::ssize(latents), std::ssize(latents.front())}, device);
}

class PictureTask final : public TrainingTask {
 public:
  PictureTask(const TrainRequest& request, PicturePreset preset, PictureData data, TrainSink& sink)
      : preset_(std::move(preset)),
        data_(std::move(data)),
        out_(request.out),
        sets_(request.sets),
        seed_(request.seed),
        device_(deviceOf(request.device)),
        sink_(sink),
        network_(std::make_shared<PictureNetwork>(preset_, request.seed, device_)),
        model_(preset_, network_),
        written_(preset_.kind),
        learnt_(preset_.kind) {
    const std::size_t all = data_.set.of(Split::kTrain).size();
    const std::size_t most =
        request.examples > 0 ? static_cast<std::size_t>(request.examples) : all;
    train_ = learntPart(data_.set, most, seed_);
    examples_ = preset_.epoch > 0 ? preset_.epoch : std::ssize(train_);
  }

  Result<void> prepare() {
    std::vector<std::uint32_t> held = data_.set.of(Split::kValid);
    if (held.empty()) {
      sink_.message("too few pieces for a validation split: validating on the training data");
      held = train_;
    }
    auto valid = picturesOf(data_.set, someOf(std::move(held), kMostValidated, 20));
    if (!valid) return fail(valid.error().message);
    valid_ = std::move(*valid);
    written_ = statisticsOf(preset_.kind, valid_);
    if (!preset_.improved()) return {};
    const auto some = picturesOf(data_.set, someOf(train_, kMostForMarginals, 21));
    if (!some) return fail(some.error().message);
    setMarginals(*some);
    learnt_ = statisticsOf(preset_.kind, *some);
    return {};
  }

  const Schedule& schedule() const override { return preset_.schedule; }
  const Network& network() const override { return *network_; }
  std::map<std::string, std::string> metadata() const override;
  std::int64_t epochExamples() const override { return examples_; }
  int batchSize() const override { return preset_.batch; }

  void beginEpoch(int number) override {
    epoch_ = number + 1;
    order_.clear();
    // Pass after pass over the pictures, wherever epochs end.
    const std::int64_t all = std::ssize(train_);
    std::vector<std::uint32_t> pass;
    for (std::int64_t i = number * examples_; i < (number + 1) * examples_; ++i) {
      if (pass.empty() || i % all == 0) {
        pass = permutation(train_.size(), Rng(seed_, kOrder + static_cast<std::uint64_t>(i / all)));
      }
      order_.push_back(train_[pass[static_cast<std::size_t>(i % all)]]);
    }
  }

  BatchLoss loss(const BatchPart& part, std::uint64_t seed) override;
  Validation validate() override;
  std::vector<std::pair<std::string, double>> figures() override;

 private:
  void setMarginals(std::span<const Picture> pictures);
  at::Tensor levelsOf(std::span<const Picture> pictures) const;
  at::Tensor batchOf(std::span<const std::uint32_t> entries, std::uint64_t seed) const;
  at::Tensor adversarialLoss(const at::Tensor& real, std::int64_t batch, std::uint64_t seed);
  at::Tensor autoencodingLoss(const at::Tensor& pictures, std::uint64_t seed);
  at::Tensor mask(std::int64_t n, std::uint64_t seed) const;
  void fitPrior();
  PictureStatistics drawnFrom(std::span<const Latent> latents) const;
  double likeness(const PictureStatistics& drawn) const;
  void fitDrawing();
  void fitLevels(std::span<const Latent> latents);
  Validation validateAutoencoder();
  Validation validateAdversaries();
  void leaveSheet(std::span<const Picture> pictures);

  PicturePreset preset_;
  PictureData data_;
  fs::path out_;
  std::string sets_;
  std::uint64_t seed_;
  at::Device device_;
  TrainSink& sink_;
  std::shared_ptr<PictureNetwork> network_;
  PictureModel model_;
  std::int64_t examples_ = 0;  // of an epoch
  std::vector<std::uint32_t> train_, order_;
  std::vector<Picture> valid_;
  at::Tensor levels_;                   // how often each is learnt from, [channels, 256]
  PictureStatistics written_, learnt_;  // of the validation split, of some of the training split
  int epoch_ = 0;
  bool sheetFailed_ = false;
  Mean first_, second_, accuracy_;  // as figures() names them
  Mean epochGenerator_, epochAccuracy_;
  FailureWatch watch_;
};

std::map<std::string, std::string> PictureTask::metadata() const {
  const std::map<std::string, std::string> titles{{kRollGan, "Roll GAN"},
                                                  {kRollDcgan, "Roll DCGAN"},
                                                  {kRollWganGp, "Roll WGAN-GP"},
                                                  {kRollVae, "Roll VAE"}};
  return {{"family", preset_.family},
          {"preset", preset_.name},
          {"config", pictureConfig(preset_)},
          {"vocabulary",
           fmt::format(R"({{"encoding":"picture","kind":"{}"}})", pictureKindId(preset_.kind))},
          {"corpus", data_.hash},
          {"sets", sets_},
          {"licence", data_.licence},
          {kLearntPictures, std::to_string(train_.size())},
          {kLearntSeed, std::to_string(seed_)},
          {"title", fmt::format("{} ({})", titles.at(preset_.family), preset_.name)}};
}

void PictureTask::setMarginals(std::span<const Picture> pictures) {
  constexpr std::size_t kTogether = 64;
  at::Tensor on, levels;  // [keys, columns] and [planes - 1], sums
  for (std::size_t first = 0; first < pictures.size(); first += kTogether) {
    const auto part = pictures.subspan(first, std::min(kTogether, pictures.size() - first));
    const at::Tensor t =
        network_->targets(tensorOfPictures(part, preset_.kind, device_)).to(at::kDouble);
    const at::Tensor own = t.select(1, 0).sum(0);
    const at::Tensor other = (t.slice(1, 0, 1) * t.slice(1, 1)).sum({0, 2, 3});
    on = on.defined() ? on + own : own;
    levels = levels.defined() ? levels + other : other;
  }
  if (network_->hasLevels()) levels_ = levelsOf(pictures);
  const auto n = static_cast<double>(pictures.size());
  network_->setMarginals(on / n, levels / on.sum().clamp_min(1));
}

// How often the cells that are on have each level, [channels, 256].
at::Tensor PictureTask::levelsOf(std::span<const Picture> pictures) const {
  constexpr std::size_t kLevels = 256;
  const PictureShape s = shapeOf(preset_.kind);
  const std::size_t cells = s.size() / static_cast<std::size_t>(s.channels);
  std::vector<float> counts(static_cast<std::size_t>(s.channels) * kLevels);
  for (const Picture& p : pictures) {
    for (std::size_t i = 0; i < p.values.size(); ++i) {
      if (p.values[i % cells] > 0) ++counts[i / cells * kLevels + p.values[i]];
    }
  }
  return tensorOf(counts, {s.channels, static_cast<std::int64_t>(kLevels)}, device_);
}

at::Tensor PictureTask::batchOf(std::span<const std::uint32_t> entries, std::uint64_t seed) const {
  std::vector<Picture> pictures;
  Rng rng(seed, kAugment);
  for (const std::uint32_t e : entries) {
    auto picture = data_.set.picture(e);
    if (!picture) throw std::runtime_error(picture.error().message);
    pictures.push_back(preset_.transpose || preset_.noisyNotes > 0
                           ? augmented(*picture, {preset_.transpose, preset_.noisyNotes}, rng)
                           : std::move(*picture));
  }
  return tensorOfPictures(pictures, preset_.kind, device_);
}

BatchLoss PictureTask::loss(const BatchPart& part, std::uint64_t seed) {
  const auto entries = examplesOf(order_, preset_.batch, part);
  if (entries.empty()) return {};
  at::Tensor pictures = batchOf(entries, seed);
  // A batch is normalised by itself, for which it takes two.
  if (pictures.size(0) == 1) pictures = pictures.repeat({2, 1, 1, 1});
  const at::Tensor total = preset_.vae() ? autoencodingLoss(pictures, seed)
                                         : adversarialLoss(pictures, part.batch, seed);
  return {total, static_cast<std::int64_t>(entries.size())};
}

at::Tensor PictureTask::autoencodingLoss(const at::Tensor& pictures, std::uint64_t seed) {
  const at::Tensor noise = normalNoise(pictures.size(0), preset_.latent, seed, device_);
  const auto loss = autoencoderLoss(*network_, pictures, noise, preset_.freeBits, true);
  first_.add(loss.reconstruction.item<double>());
  second_.add(loss.divergence.item<double>());
  return loss.reconstruction + preset_.beta * loss.priced;
}

// Ones, and zeros where the critic is not to see one half of some of the pictures.
at::Tensor PictureTask::mask(std::int64_t n, std::uint64_t seed) const {
  Rng rng(seed, kAugment + 1);
  const std::int64_t columns = shapeOf(preset_.kind).columns;
  at::Tensor out = at::ones({n, 1, 1, columns}, at::kFloat);
  for (std::int64_t i = 0; i < n; ++i) {
    const double u = rng.uniform();
    if (u >= preset_.hidden) continue;
    const std::int64_t from = u < preset_.hidden / 2 ? 0 : columns / 2;
    out[i].slice(2, from, from + columns / 2).zero_();
  }
  return out.to(device_);
}

at::Tensor PictureTask::adversarialLoss(const at::Tensor& pictures, std::int64_t batch,
                                        std::uint64_t seed) {
  const std::int64_t n = pictures.size(0);
  const bool generator = batch % preset_.criticSteps == preset_.criticSteps - 1;
  const at::Tensor noise = normalNoise(n, preset_.latent, seed, device_);
  at::Tensor drawn, real = pictures;
  {
    const at::AutoGradMode grad(generator);
    drawn = network_->pictures(network_->logits(network_->latentsOf(noise), true), true);
  }
  if (preset_.hidden > 0) {
    real = real * mask(n, seed);
    drawn = drawn * mask(n, seed + 1);
  }
  const at::Tensor judgedReal = network_->judge(real, seed);
  const at::Tensor judgedDrawn = network_->judge(drawn.detach(), seed + 1);
  at::Tensor total = criticLoss(preset_.loss, judgedReal, judgedDrawn);
  first_.add(total.item<double>());
  const double right = criticAccuracy(preset_.loss, judgedReal, judgedDrawn);
  accuracy_.add(right);
  epochAccuracy_.add(right);
  if (preset_.gradientPenalty > 0) {
    total = total + preset_.gradientPenalty * gradientPenalty(*network_, real, drawn, seed);
  }
  // Seldom, and for as many steps at once: it is a step's most costly part.
  constexpr std::int64_t kEvery = 8;
  if (preset_.realPenalty > 0 && batch % kEvery == 0) {
    total = total + preset_.realPenalty * kEvery * realPenalty(*network_, real, seed);
  }
  if (generator) {
    const at::Tensor own = generatorLoss(preset_.loss, network_->judge(drawn, seed + 2, true));
    second_.add(own.item<double>());
    epochGenerator_.add(own.item<double>());
    total = total + own;
  }
  if (preset_.reconstruction == 0) return total;
  const at::Tensor other = normalNoise(n, preset_.latent, seed + 3, device_);
  const auto back = autoencoderLoss(*network_, pictures, other, preset_.freeBits, true);
  return total + preset_.reconstruction * (back.reconstruction + preset_.beta * back.priced);
}

std::vector<std::pair<std::string, double>> PictureTask::figures() {
  if (preset_.vae()) {
    return {{"reconstruction (nats)", first_.take()}, {"divergence (nats)", second_.take()}};
  }
  return {{"critic loss", first_.take()},
          {"generator loss", second_.take()},
          {"critic accuracy", accuracy_.take()}};
}

Validation PictureTask::validate() {
  if (preset_.improved()) {
    fitPrior();
    fitDrawing();
  }
  return preset_.vae() ? validateAutoencoder() : validateAdversaries();
}

void PictureTask::fitPrior() {
  // An epoch's worth at most: it is not to cost more than what was learnt in between.
  const auto most = std::min(kMostForPrior, static_cast<std::size_t>(examples_));
  const auto some = picturesOf(data_.set, someOf(train_, most, 22));
  if (!some) throw std::runtime_error(some.error().message);
  network_->fitPrior(rowsOf(model_.embed(*some), at::kCPU));
}

// How much alike what is drawn is to what is learnt from: overlaps, and as many notes.
double PictureTask::likeness(const PictureStatistics& drawn) const {
  const double a = notesAPicture(drawn);
  const double b = notesAPicture(learnt_);
  const double notes = std::max(a, b) > 0 ? std::min(a, b) / std::max(a, b) : 1;
  const auto overlaps = static_cast<double>(drawn.histograms.size());
  return (overlaps * meanOverlap(drawn, learnt_) + notes) / (overlaps + 1);
}

PictureStatistics PictureTask::drawnFrom(std::span<const Latent> latents) const {
  PictureStatistics out(preset_.kind);
  for (const auto& d : model_.draw(latents)) out.add(d.picture);
  return out;
}

// What makes what is drawn most like what is learnt from: how often it settles, how its levels are
// spread, how much chance there is in it and how full it is.
void PictureTask::fitDrawing() {
  constexpr std::size_t kCompared = 128;
  constexpr std::uint64_t kSeed = 2;
  std::vector<Latent> latents = model_.unsettled(kSeed, 0, kCompared, 1);
  double most = likeness(drawnFrom(latents));
  int settling = 0;
  for (int times = 1; times <= kMostSettling; ++times) {
    latents = model_.settled(latents);
    const bool power = (times & (times - 1)) == 0;
    if (!power) continue;
    const double own = likeness(drawnFrom(latents));
    if (own > most) settling = times;
    most = std::max(most, own);
  }
  network_->setSettling(settling);
  const auto drawn = [&] { return drawnFrom(model_.latents(kSeed, 0, kCompared, 1)); };
  if (network_->hasLevels()) {
    fitLevels(model_.latents(kSeed, 0, kCompared, 1));
    most = likeness(drawn());
  }
  const auto choose = [&](double now, std::initializer_list<double> others, const auto& set) {
    double best = now;
    for (const double value : others) {
      if (value == now) continue;
      set(value);
      const double own = likeness(drawn());
      if (own > most) best = value;
      most = std::max(most, own);
    }
    set(best);
  };
  choose(network_->dither(), {0, 0.5, 1}, [&](double d) { network_->setDither(d); });

  constexpr double kStep = 1.08;
  constexpr double kMostFull = 2;
  const auto bounded = [&](double share) { return std::clamp(share, 1 / kMostFull, kMostFull); };
  const double now = network_->fullness();
  const double asFull = notesAPicture(learnt_) / std::max(1.0, notesAPicture(drawn()));
  choose(now, {bounded(now / kStep), bounded(now * kStep), bounded(now * asFull)},
         [&](double share) { network_->setFullness(share); });
}

void PictureTask::fitLevels(std::span<const Latent> latents) {
  const at::NoGradGuard noGrad;
  network_->fitLevels(network_->logits(rowsOf(latents, device_), false), levels_);
}

Validation PictureTask::validateAutoencoder() {
  const ElboParts parts = negativeElbo(model_, valid_, 1);
  std::vector<Picture> pairs;
  const std::size_t shown = std::min(kSheet / 2, valid_.size());
  const auto read = model_.draw(model_.embed(std::span(valid_).first(shown)));
  for (std::size_t i = 0; i < shown; ++i) {
    pairs.push_back(valid_[i]);
    pairs.push_back(read[i].picture);
  }
  leaveSheet(pairs);
  return {parts.reconstruction + parts.divergence, std::nullopt};
}

Validation PictureTask::validateAdversaries() {
  const auto drawn = drawnPictures(model_, kDrawn, 1);
  leaveSheet(std::span(drawn).first(kSheet));
  const double accuracy = epochAccuracy_.take();
  const double generator = epochGenerator_.take();
  if (preset_.loss != AdversarialLoss::kWasserstein) {
    if (const auto failure = watch_.epoch(epoch_, accuracy, generator)) sink_.message(*failure);
  }
  return {1 - meanOverlap(statisticsOf(preset_.kind, drawn), written_), std::nullopt};
}

void PictureTask::leaveSheet(std::span<const Picture> pictures) {
  std::error_code error;
  fs::create_directories(runPicturesFolder(out_), error);
  const auto written = writePictureSheet(pictures, kSheetColumns, runPictureFile(out_, epoch_));
  if (!written && !std::exchange(sheetFailed_, true)) sink_.message(written.error().message);
}

}  // namespace

Result<std::unique_ptr<TrainingTask>> makePictureTask(const TrainRequest& request,
                                                      PicturePreset preset, PictureData data,
                                                      TrainSink& sink) {
  auto task = std::make_unique<PictureTask>(request, std::move(preset), std::move(data), sink);
  if (auto prepared = task->prepare(); !prepared) return fail(prepared.error().message);
  return task;
}

}  // namespace incipit
