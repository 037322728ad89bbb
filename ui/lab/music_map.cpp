#include "ui/lab/music_map.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "core/rng.h"

namespace incipit {
namespace {

// What is done when each part of the work is.
constexpr double kOpened = 0.25;
constexpr double kEmbedded = 0.8;

Result<void> embedAll(Lab& lab, MusicMap& map, const LabProgress& progress,
                      const std::stop_token& stop) {
  constexpr std::size_t kAtOnce = 256;  // pictures in memory
  for (std::size_t i = 0; i < map.entries.size(); i += kAtOnce) {
    if (stop.stop_requested()) return fail("cancelled");
    EmbedRequest request;
    request.checkpoint = map.checkpoint;
    for (std::size_t k = i; k < std::min(i + kAtOnce, map.entries.size()); ++k) {
      auto picture = map.set->picture(map.entries[k]);
      if (!picture) return tl::unexpected(picture.error());
      request.pictures.push_back(std::move(*picture));
    }
    auto embedded = lab.embed(request, {}, stop);
    if (!embedded) return tl::unexpected(embedded.error());
    if (embedded->cancelled) return fail("cancelled");
    for (Latent& l : embedded->latents) map.latents.push_back(std::move(l));
    const double done =
        static_cast<double>(map.latents.size()) / static_cast<double>(map.entries.size());
    progress(kOpened + (kEmbedded - kOpened) * done);
  }
  return {};
}

// A few pieces that are like no others do not squeeze the rest: what is farther out than nearly all
// lies outside, where the view can be moved to.
float reach(const std::vector<MapPoint>& points) {
  constexpr double kNearlyAll = 0.995;
  constexpr float kRoom = 1.25F;
  std::vector<float> far{1e-6F};
  for (const MapPoint& p : points) far.push_back(std::max(std::abs(p.x), std::abs(p.y)));
  const auto most =
      far.begin() + static_cast<std::ptrdiff_t>(kNearlyAll * static_cast<double>(far.size() - 1));
  std::nth_element(far.begin(), most, far.end());
  return std::min(kRoom * *most, *std::max_element(far.begin(), far.end()));
}

void layOutPlane(MusicMap& map) {
  map.plane = principalPlane(map.latents);
  for (const Latent& l : map.latents) map.points.push_back(map.plane.project(l));
  map.unit = reach(map.points);
  for (MapPoint& p : map.points) p = {p.x / map.unit, p.y / map.unit};
}

}  // namespace

std::vector<std::uint32_t> someOf(std::size_t all, std::size_t most) {
  std::vector<std::uint32_t> out;
  Rng rng(1);
  std::size_t wanted = std::min(all, most);
  for (std::size_t i = 0; i < all && wanted > 0; ++i) {
    if (rng.below(static_cast<std::uint32_t>(all - i)) < wanted) {
      out.push_back(static_cast<std::uint32_t>(i));
      --wanted;
    }
  }
  return out;
}

Latent MusicMap::latentAt(MapPoint place) const {
  if (layout == MapLayout::kNeighbours) return incipit::latentAt(place, points, latents);
  return plane.at({place.x * unit, place.y * unit});
}

Result<std::shared_ptr<const MusicMap>> makeMusicMap(Lab& lab, MusicMapRequest request,
                                                     const LabProgress& progress,
                                                     const std::stop_token& stop) {
  const auto kind = lab.pictureKind(request.checkpoint);
  if (!kind) return tl::unexpected(kind.error());
  request.music.kind = *kind;
  auto set = openMusic(
      request.music, [&](double f) { progress(kOpened * f); }, stop);
  if (!set) return tl::unexpected(set.error());
  auto map = std::make_shared<MusicMap>();
  map->checkpoint = request.checkpoint;
  map->set = std::move(*set);
  map->layout = request.layout;
  map->all = map->set->entries().size();
  map->entries = someOf(map->all, static_cast<std::size_t>(std::max(1, request.most)));
  if (auto embedded = embedAll(lab, *map, progress, stop); !embedded) {
    return tl::unexpected(embedded.error());
  }
  if (request.layout == MapLayout::kPrincipal) {
    layOutPlane(*map);
  } else {
    map->points = neighbourLayout(
        map->latents, 1, [&](double f) { progress(kEmbedded + (1 - kEmbedded) * f); }, stop);
    if (map->points.empty()) return fail("cancelled");
  }
  return std::shared_ptr<const MusicMap>(std::move(map));
}

MapLegend legendOf(const MusicMap& map, MapColours colours) {
  const auto nameOf = [&](std::uint32_t entry) -> std::string {
    const CorpusPiece& piece = map.set->pieces()[map.set->entries()[entry].piece];
    switch (colours) {
      case MapColours::kSet:
        return piece.set.empty() ? std::filesystem::path(piece.file).parent_path().string()
                                 : piece.set;
      case MapColours::kComposer:
        return piece.composer;
      case MapColours::kKey:
        break;
    }
    return scaleName(piece.facts.key);
  };
  std::map<std::string, int> counts;
  for (const std::uint32_t e : map.entries) ++counts[nameOf(e)];
  std::vector<std::pair<int, std::string>> order;
  for (const auto& [name, count] : counts) order.emplace_back(-count, name);
  std::sort(order.begin(), order.end());
  std::map<std::string, int> number;
  MapLegend legend;
  for (const auto& [count, name] : order) {
    number[name] = static_cast<int>(legend.names.size());
    legend.names << (name.empty() ? MusicForm::tr("not known") : QString::fromStdString(name));
  }
  for (const std::uint32_t e : map.entries) legend.category.push_back(number[nameOf(e)]);
  return legend;
}

}  // namespace incipit
