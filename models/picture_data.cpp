#include "models/picture_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/note_windows.h"
#include "models/picture_tensors.h"
#include "models/training_data.h"

namespace incipit {

Result<PictureData> readPictureData(const std::filesystem::path& data, const std::string& sets,
                                    bool shippableOnly, PictureKind kind, TrainSink& sink,
                                    const std::stop_token& stop) {
  CorpusOptions options;
  options.sets = sets;
  options.shippableOnly = shippableOnly;
  options.sequences = false;
  const auto corpus = readCorpus(data, options, {}, stop);
  if (!corpus) return fail(corpus.error().message);
  if (!corpus->cancelled && corpus->pieces.empty()) {
    return fail(fmt::format("{}: holds no piece to make pictures of", data.string()));
  }
  if (corpus->cancelled) return PictureData{PictureSet(), {}, {}};
  auto set = PictureSet::open(
      *corpus, {kind, {}},
      [&](double fraction) {
        if (fraction == 1) sink.message("the pictures of the corpus are made and kept");
      },
      stop);
  if (!set) return fail(set.error().message);
  const std::size_t train = set->of(Split::kTrain).size();
  if (!set->entries().empty()) {
    sink.message(fmt::format(
        "{} pieces, {} pictures \"{}\": {} to train on, {} to validate ({} files rejected)",
        corpus->pieces.size(), set->entries().size(), pictureKindId(kind), train,
        set->of(Split::kValid).size(), corpus->rejected.size()));
  }
  return PictureData{std::move(*set), corpus->manifestHash, dataLicences(*corpus)};
}

std::vector<std::uint32_t> learntPart(const PictureSet& set, std::size_t most, std::uint64_t seed) {
  constexpr std::uint64_t kSubset = 1'000'000;
  return someOf(set.of(Split::kTrain), most, kSubset + seed);
}

std::vector<std::uint32_t> someOf(std::vector<std::uint32_t> entries, std::size_t most,
                                  std::uint64_t seed) {
  if (entries.size() <= most) return entries;
  const auto order = permutation(entries.size(), Rng(seed));
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < most; ++i) out.push_back(entries[order[i]]);
  return out;
}

Result<std::vector<Picture>> picturesOf(const PictureSet& set,
                                        std::span<const std::uint32_t> entries) {
  std::vector<Picture> out;
  for (const std::uint32_t e : entries) {
    auto picture = set.picture(e);
    if (!picture) return fail(picture.error().message);
    out.push_back(std::move(*picture));
  }
  return out;
}

PictureStatistics statisticsOf(PictureKind kind, std::span<const Picture> pictures) {
  PictureStatistics out(kind);
  for (const Picture& p : pictures) out.add(p);
  return out;
}

std::vector<Picture> drawnPictures(const PictureModel& model, std::size_t count,
                                   std::uint64_t seed) {
  std::vector<Picture> out;
  for (auto& d : model.draw(model.latents(seed, 0, count, 1))) out.push_back(std::move(d.picture));
  return out;
}

NoteAgreement reconstruction(const PictureModel& model, std::span<const Picture> pictures) {
  NoteAgreement out;
  const std::vector<PictureModel::Drawn> read = model.draw(model.embed(pictures));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    out.add(readPictures({&pictures[i], 1}), readPictures({&read[i].picture, 1}));
  }
  return out;
}

ElboParts negativeElbo(const PictureModel& model, std::span<const Picture> pictures,
                       std::uint64_t seed) {
  const at::NoGradGuard noGrad;
  constexpr std::size_t kTogether = 128;
  const at::Device device = model.network().parameters().front().second.device();
  ElboParts out;
  for (std::size_t first = 0; first < pictures.size(); first += kTogether) {
    const auto part = pictures.subspan(first, std::min(kTogether, pictures.size() - first));
    const at::Tensor x = tensorOfPictures(part, model.kind(), device);
    const at::Tensor noise = normalNoise(x.size(0), model.preset().latent, seed + first, device);
    const auto loss = autoencoderLoss(model.network(), x, noise, 0, false);
    const double share = static_cast<double>(part.size()) / static_cast<double>(pictures.size());
    out.reconstruction += share * loss.reconstruction.item<double>();
    out.divergence += share * loss.divergence.item<double>();
  }
  return out;
}

}  // namespace incipit
