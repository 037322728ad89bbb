// Where the pictures of a folder's music lie in a model's latent space, on a plane.
//
// Memory: a picture's latent and place; the pictures themselves are read when they are asked for.
// Thread safety: a MusicMap is a value that is not changed; makeMusicMap is for a worker.
#pragma once

#include <QStringList>
#include <memory>
#include <vector>

#include "core/compose/latent_map.h"
#include "ui/lab/music_form.h"

namespace incipit {

enum class MapLayout { kPrincipal, kNeighbours };
enum class MapColours { kSet, kComposer, kKey };

struct MusicMapRequest {
  std::filesystem::path checkpoint;
  MusicChoice music;  // its kind is the model's
  MapLayout layout = MapLayout::kPrincipal;
  int most = 4000;  // pictures, a seeded choice of all
};

struct MusicMap {
  std::filesystem::path checkpoint;
  std::shared_ptr<const PictureSet> set;
  std::vector<std::uint32_t> entries;  // of the set
  std::vector<Latent> latents;         // of each
  std::vector<MapPoint> points;        // of each, about -1..1
  MapLayout layout = MapLayout::kPrincipal;
  LatentPlane plane;  // of kPrincipal; points are its places divided by `unit`
  float unit = 1;
  std::size_t all = 0;  // pictures that there are

  Latent latentAt(MapPoint place) const;
};

Result<std::shared_ptr<const MusicMap>> makeMusicMap(Lab& lab, MusicMapRequest request,
                                                     const LabProgress& progress,
                                                     const std::stop_token& stop);

// Which colour each point has, and their names, the most frequent first.
struct MapLegend {
  std::vector<int> category;
  QStringList names;
};
MapLegend legendOf(const MusicMap& map, MapColours colours);

// A seeded choice of 0..all-1, in order.
std::vector<std::uint32_t> someOf(std::size_t all, std::size_t most);

}  // namespace incipit
