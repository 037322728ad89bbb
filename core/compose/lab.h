// What an engine does beside composing and training: pictures of music, where they lie in a
// model's latent space, and sound whose timbre a model changes.
//
// Families whose FamilyInfo::kind is kPictures answer imagine(); of those, families that say
// FamilyInfo::latents answer embed(). Families of kind kSound answer timbre(). A checkpoint of
// another kind is refused with one line.
//
// Thread safety: as Engine (engine.h). Each call blocks until its work is done or `stop` is
// requested; a stopped call returns what it has so far, with `cancelled` set.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "core/compose/sound.h"
#include "core/encoding/picture.h"
#include "core/result.h"

namespace incipit {

using LabProgress = std::function<void(double)>;  // 0..1, never falling; may be empty

using Latent = std::vector<float>;

struct ImagineRequest {
  std::filesystem::path checkpoint;
  int count = 1;                // of pictures; ignored where latents are given
  std::uint64_t seed = 1;       // picture k depends on it and k only
  double temperature = 1;       // 0..4, the spread of the noise that pictures are drawn from
  std::vector<Latent> latents;  // where not empty, one picture of each, as the model draws it
};
struct Imagined {
  std::vector<Picture> pictures;
  std::vector<Latent> latents;  // of each picture
  bool cancelled = false;
};

struct EmbedRequest {
  std::filesystem::path checkpoint;
  std::vector<Picture> pictures;  // all of the kind that the model learned
};
struct Embedded {
  std::vector<Latent> latents;  // the mean of each picture's distribution
  bool cancelled = false;
};

struct TimbreRequest {
  std::filesystem::path checkpoint;
  std::shared_ptr<SoundReader> source;  // at the rate that timbreRate() gives
  // For a model that plays notes by itself (wavenet-audio): what to play. The source then tells how
  // long, and nothing else.
  DocumentPtr notes;
  std::uint64_t seed = 1;  // of what a model draws
  // Gets the sound in order, as many samples as the source has; a failure ends the call.
  std::function<Result<void>(std::span<const float>)> sink;
};
struct Timbred {
  std::int64_t frames = 0;
  double seconds = 0;  // of computing
  bool cancelled = false;
};

class Lab {
 public:
  virtual ~Lab() = default;
  // The kind of picture that a checkpoint draws.
  virtual Result<PictureKind> pictureKind(const std::filesystem::path& checkpoint) = 0;
  virtual Result<Imagined> imagine(const ImagineRequest& request, const LabProgress& progress,
                                   std::stop_token stop) = 0;
  virtual Result<Embedded> embed(const EmbedRequest& request, const LabProgress& progress,
                                 std::stop_token stop) = 0;
  // Samples a second that a checkpoint works at.
  virtual Result<int> timbreRate(const std::filesystem::path& checkpoint) = 0;
  virtual Result<Timbred> timbre(const TimbreRequest& request, const LabProgress& progress,
                                 std::stop_token stop) = 0;
};

}  // namespace incipit
