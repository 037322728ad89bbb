// What the picture families train on and are measured by: the pictures of a folder of MIDI files.
//
// Thread safety: as PictureSet.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/compose/engine.h"
#include "core/corpus/picture_figures.h"
#include "core/corpus/picture_set.h"
#include "models/picture_model.h"

namespace incipit {

struct PictureData {
  PictureSet set;
  std::string hash;
  std::string licence;
};

// Says what is in it. No entries where stopped. One line where nothing is to train on.
Result<PictureData> readPictureData(const std::filesystem::path& data, const std::string& sets,
                                    bool shippableOnly, PictureKind kind, TrainSink& sink,
                                    const std::stop_token& stop);

// A run learns from a seeded part of the training split where it asks for fewer pictures; its
// checkpoint says which, so that copies are looked for there.
std::vector<std::uint32_t> learntPart(const PictureSet& set, std::size_t most, std::uint64_t seed);
inline constexpr const char* kLearntPictures = "learnt_pictures";
inline constexpr const char* kLearntSeed = "learnt_seed";

// A seeded choice of at most `most` of these entries.
std::vector<std::uint32_t> someOf(std::vector<std::uint32_t> entries, std::size_t most,
                                  std::uint64_t seed);
Result<std::vector<Picture>> picturesOf(const PictureSet& set,
                                        std::span<const std::uint32_t> entries);
PictureStatistics statisticsOf(PictureKind kind, std::span<const Picture> pictures);
// The first `count` pictures of a seed.
std::vector<Picture> drawnPictures(const PictureModel& model, std::size_t count,
                                   std::uint64_t seed);
// How well an autoencoder gives pictures back.
NoteAgreement reconstruction(const PictureModel& model, std::span<const Picture> pictures);
// Negative evidence lower bound, nats a picture, with latent numbers drawn by a seed.
struct ElboParts {
  double reconstruction = 0;
  double divergence = 0;
};
ElboParts negativeElbo(const PictureModel& model, std::span<const Picture> pictures,
                       std::uint64_t seed);

}  // namespace incipit
