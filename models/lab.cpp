#include "models/lab.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "models/family.h"
#include "models/picture_model.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

// What `call` gives; what LibTorch throws is one line of an error.
template <typename T, typename Call>
Result<T> guarded(const fs::path& checkpoint, Call&& call) {
  try {
    return call();
  } catch (const std::exception& e) {
    const std::string text = e.what();
    return fail(fmt::format("{}: {}", checkpoint.string(), text.substr(0, text.find('\n'))));
  }
}

Result<std::shared_ptr<const Timbre>> timbreOf(const fs::path& checkpoint) {
  auto read = readCheckpoint(checkpoint);
  if (!read) return tl::unexpected(read.error());
  auto timbre = read->family->loadTimbre(std::move(read->file));
  if (!timbre) return fail(fmt::format("{}: {}", checkpoint.string(), timbre.error().message));
  return timbre;
}

Result<std::shared_ptr<const PictureModel>> picturesOf(const fs::path& checkpoint) {
  auto read = readCheckpoint(checkpoint);
  if (!read) return tl::unexpected(read.error());
  auto model = read->family->loadPictures(std::move(read->file));
  if (!model) return fail(fmt::format("{}: {}", checkpoint.string(), model.error().message));
  return model;
}

// Pictures and latents that are worked on before the next look at `stop`.
constexpr std::size_t kAtOnce = 64;

Result<Imagined> imagined(const PictureModel& model, const ImagineRequest& request,
                          const LabProgress& progress, const std::stop_token& stop) {
  constexpr int kMost = 1'000'000;
  if (request.latents.empty() && (request.count < 1 || request.count > kMost)) {
    return fail(fmt::format("pictures: {} of them: use 1 to {}", request.count, kMost));
  }
  if (!(request.temperature >= 0 && request.temperature <= 4)) {
    return fail(fmt::format("pictures: temperature {}: use 0 to 4", request.temperature));
  }
  const auto width = static_cast<std::size_t>(model.preset().latent);
  for (const Latent& l : request.latents) {
    if (l.size() != width) {
      return fail(fmt::format("{}: its pictures have {} latent numbers, not {}",
                              request.checkpoint.string(), width, l.size()));
    }
  }
  const std::size_t count =
      request.latents.empty() ? static_cast<std::size_t>(request.count) : request.latents.size();
  Imagined out;
  while (out.pictures.size() < count) {
    if (stop.stop_requested()) {
      out.cancelled = true;
      break;
    }
    const std::size_t first = out.pictures.size();
    const std::size_t now = std::min(kAtOnce, count - first);
    std::vector<Latent> part;
    if (request.latents.empty()) {
      part = model.latents(request.seed, first, now, request.temperature);
    } else {
      const auto given = std::span(request.latents).subspan(first, now);
      part.assign(given.begin(), given.end());
    }
    for (auto& drawn : model.draw(part)) out.pictures.push_back(std::move(drawn.picture));
    for (Latent& l : part) out.latents.push_back(std::move(l));
    if (progress) progress(static_cast<double>(out.pictures.size()) / static_cast<double>(count));
  }
  return out;
}

Result<Embedded> embedded(const PictureModel& model, const EmbedRequest& request,
                          const LabProgress& progress, const std::stop_token& stop) {
  const std::string file = request.checkpoint.string();
  if (!model.preset().vae()) {
    return fail(file + ": has no latent numbers of pictures: choose a roll-vae");
  }
  for (const Picture& p : request.pictures) {
    if (p.kind != model.kind() || p.values.size() != shapeOf(p.kind).size()) {
      return fail(fmt::format("{}: sees pictures \"{}\", not \"{}\"", file,
                              pictureKindId(model.kind()), pictureKindId(p.kind)));
    }
  }
  const std::span<const Picture> all(request.pictures);
  Embedded out;
  while (out.latents.size() < all.size()) {
    if (stop.stop_requested()) {
      out.cancelled = true;
      break;
    }
    const std::size_t first = out.latents.size();
    for (Latent& l : model.embed(all.subspan(first, std::min(kAtOnce, all.size() - first)))) {
      out.latents.push_back(std::move(l));
    }
    if (progress) {
      progress(static_cast<double>(out.latents.size()) / static_cast<double>(all.size()));
    }
  }
  return out;
}

class StudioLab final : public Lab {
 public:
  Result<PictureKind> pictureKind(const fs::path& checkpoint) override {
    return guarded<PictureKind>(checkpoint, [&]() -> Result<PictureKind> {
      const auto model = picturesOf(checkpoint);
      if (!model) return tl::unexpected(model.error());
      return (*model)->kind();
    });
  }

  Result<Imagined> imagine(const ImagineRequest& request, const LabProgress& progress,
                           std::stop_token stop) override {
    return guarded<Imagined>(request.checkpoint, [&]() -> Result<Imagined> {
      const auto model = picturesOf(request.checkpoint);
      if (!model) return tl::unexpected(model.error());
      return imagined(**model, request, progress, stop);
    });
  }

  Result<Embedded> embed(const EmbedRequest& request, const LabProgress& progress,
                         std::stop_token stop) override {
    return guarded<Embedded>(request.checkpoint, [&]() -> Result<Embedded> {
      const auto model = picturesOf(request.checkpoint);
      if (!model) return tl::unexpected(model.error());
      return embedded(**model, request, progress, stop);
    });
  }

  Result<int> timbreRate(const fs::path& checkpoint) override {
    return guarded<int>(checkpoint, [&]() -> Result<int> {
      const auto timbre = timbreOf(checkpoint);
      if (!timbre) return tl::unexpected(timbre.error());
      return (*timbre)->sampleRate();
    });
  }

  Result<Timbred> timbre(const TimbreRequest& request, const LabProgress& progress,
                         std::stop_token stop) override {
    return guarded<Timbred>(request.checkpoint, [&]() -> Result<Timbred> {
      const auto timbre = timbreOf(request.checkpoint);
      if (!timbre) return tl::unexpected(timbre.error());
      const int rate = (*timbre)->sampleRate();
      if (request.source->sampleRate() != rate) {
        return fail(fmt::format("{}: works at {} Hz, the sound has {} Hz",
                                request.checkpoint.string(), rate, request.source->sampleRate()));
      }
      return (*timbre)->run(request, progress, stop);
    });
  }
};

}  // namespace

std::unique_ptr<Lab> makeLab() { return std::make_unique<StudioLab>(); }

}  // namespace incipit
