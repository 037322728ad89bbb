#include "models/lab.h"

#include <fmt/format.h>

#include "models/family.h"

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

class StudioLab final : public Lab {
 public:
  Result<PictureKind> pictureKind(const fs::path& checkpoint) override {
    return noPictures(checkpoint);
  }
  Result<Imagined> imagine(const ImagineRequest& request, const LabProgress&,
                           std::stop_token) override {
    return noPictures(request.checkpoint);
  }
  Result<Embedded> embed(const EmbedRequest& request, const LabProgress&,
                         std::stop_token) override {
    return noPictures(request.checkpoint);
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

 private:
  static tl::unexpected<Error> noPictures(const fs::path& checkpoint) {
    return fail(checkpoint.string() + ": is no model of pictures");
  }
};

}  // namespace

std::unique_ptr<Lab> makeLab() { return std::make_unique<StudioLab>(); }

}  // namespace incipit
