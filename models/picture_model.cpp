#include "models/picture_model.h"

#include <algorithm>

#include "core/corpus/augment.h"
#include "core/encoding/picture_encoding.h"
#include "models/optimiser.h"
#include "models/picture_tensors.h"

namespace incipit {
namespace {

// Batches are of one size, so that arithmetic does not depend on what else is drawn.
constexpr std::size_t kTogether = 16;

Picture asNotes(const Picture& picture) {
  return paintPicture(picture.kind, readPictures({&picture, 1}));
}

}  // namespace

Result<std::shared_ptr<const PictureModel>> PictureModel::load(const TensorFile& checkpoint) {
  auto preset = pictureCheckpoint(checkpoint);
  if (!preset) return fail(preset.error().message);
  auto network = std::make_shared<PictureNetwork>(*preset, 1, at::kCPU);
  TensorShapes expected;
  for (const auto& [name, p] : network->parameters()) {
    if (network->mayBeMissing(name) && checkpoint.find(name) == nullptr) continue;
    expected.emplace_back(name, p.sizes().vec());
  }
  if (auto whole = checkTensors(checkpoint, expected); !whole) return fail(whole.error().message);
  if (auto loaded = loadParameters(checkpoint, *network); !loaded) {
    return fail(loaded.error().message);
  }
  return std::make_shared<const PictureModel>(std::move(*preset), std::move(network));
}

PictureModel::PictureModel(PicturePreset preset, std::shared_ptr<PictureNetwork> network)
    : preset_(std::move(preset)), network_(std::move(network)) {}

std::vector<Latent> PictureModel::unsettled(std::uint64_t seed, std::uint64_t first,
                                            std::size_t count, double temperature) const {
  const at::NoGradGuard noGrad;
  const at::Device device = network_->parameters().front().second.device();
  std::vector<Latent> out;
  for (std::uint64_t i = first; i < first + count; ++i) {
    Rng rng(seed, i);
    Latent noise(static_cast<std::size_t>(preset_.latent));
    for (float& v : noise) v = static_cast<float>(temperature * standardNormal(rng));
    const at::Tensor row =
        network_->latentsOf(tensorOf(noise, {1, preset_.latent}, device)).to(at::kCPU).contiguous();
    out.emplace_back(row.data_ptr<float>(), row.data_ptr<float>() + noise.size());
  }
  return out;
}

std::vector<Latent> PictureModel::settled(std::span<const Latent> latents) const {
  std::vector<Picture> pictures;
  for (const Drawn& d : draw(latents)) pictures.push_back(asNotes(d.picture));
  return embed(pictures);
}

std::vector<Latent> PictureModel::latents(std::uint64_t seed, std::uint64_t first,
                                          std::size_t count, double temperature) const {
  std::vector<Latent> out = unsettled(seed, first, count, temperature);
  const int times = preset_.improved() ? network_->settling() : 0;
  for (int i = 0; i < times; ++i) out = settled(out);
  return out;
}

std::vector<PictureModel::Drawn> PictureModel::draw(std::span<const Latent> latents) const {
  const at::NoGradGuard noGrad;
  const at::Device device = network_->parameters().front().second.device();
  const PictureShape shape = shapeOf(kind());
  const auto cells = static_cast<std::size_t>(shape.keys) * static_cast<std::size_t>(shape.columns);
  std::vector<Drawn> out;
  for (std::size_t first = 0; first < latents.size(); first += kTogether) {
    const auto part = latents.subspan(first, std::min(kTogether, latents.size() - first));
    std::vector<float> rows(kTogether * static_cast<std::size_t>(preset_.latent));
    auto to = rows.begin();
    for (const Latent& l : part) to = std::copy(l.begin(), l.end(), to);
    const at::Tensor z =
        tensorOf(rows, {static_cast<std::int64_t>(kTogether), preset_.latent}, device);
    const at::Tensor logits = network_->logits(z, false);
    std::vector<Picture> pictures = picturesOf(network_->pictures(logits), kind());
    const at::Tensor on = network_->probabilities(logits).to(at::kCPU).contiguous();
    const float* probability = on.data_ptr<float>();
    for (std::size_t i = 0; i < part.size(); ++i, probability += cells) {
      out.push_back({std::move(pictures[i]), {probability, probability + cells}});
    }
  }
  return out;
}

std::vector<Latent> PictureModel::embed(std::span<const Picture> pictures) const {
  const at::NoGradGuard noGrad;
  const at::Device device = network_->parameters().front().second.device();
  std::vector<Latent> out;
  for (std::size_t first = 0; first < pictures.size(); first += kTogether) {
    const auto part = pictures.subspan(first, std::min(kTogether, pictures.size() - first));
    std::vector<Picture> batch(part.begin(), part.end());
    batch.resize(kTogether, Picture(kind()));
    const at::Tensor mean =
        network_->encode(tensorOfPictures(batch, kind(), device)).mean.to(at::kCPU).contiguous();
    const float* values = mean.data_ptr<float>();
    for (std::size_t i = 0; i < part.size(); ++i, values += preset_.latent) {
      out.emplace_back(values, values + preset_.latent);
    }
  }
  return out;
}

}  // namespace incipit
