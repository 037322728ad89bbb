// The latent space of a model as a map on a plane, and ways through it.
//
// Two maps: principal components (Pearson 1901), on which a place between points has a meaning of
// its own; and a layout that keeps neighbours together: a graph of nearest neighbours (found by
// random projection trees, Dasgupta and Freund 2008) laid out by attraction along its edges and
// repulsion by samples of the rest, as LargeVis (Tang et al. 2016) and UMAP (McInnes et al. 2018)
// do.
//
// All latents of a call have one length, at least 1. Memory: a few hundred bytes a point beside the
// latents. Thread safety: values and free functions.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "core/compose/lab.h"

namespace incipit {

struct MapPoint {
  float x = 0;
  float y = 0;
  bool operator==(const MapPoint&) const = default;
};

// The plane of the two directions along which points differ most.
struct LatentPlane {
  Latent centre;
  std::array<Latent, 2> axes;      // of length 1; zeros where there are fewer directions than that
  std::array<double, 2> shares{};  // of the variance, 0..1

  MapPoint project(const Latent& latent) const;
  Latent at(MapPoint p) const;  // on the plane
};
// Without points: no axes.
LatentPlane principalPlane(std::span<const Latent> latents);

// One point a latent, in about -1..1 both ways; the same for the same seed. Empty where stopped.
std::vector<MapPoint> neighbourLayout(std::span<const Latent> latents, std::uint64_t seed,
                                      const LabProgress& progress, const std::stop_token& stop);

// For each latent its `count` nearest others, the nearest first; some may be missed. Fewer where
// there are fewer. Empty where stopped.
std::vector<std::vector<std::uint32_t>> nearestNeighbours(std::span<const Latent> latents,
                                                          int count, std::uint64_t seed,
                                                          const LabProgress& progress,
                                                          const std::stop_token& stop);

// The latents nearest to one, exactly; the nearest first.
std::vector<std::uint32_t> nearestTo(const Latent& latent, std::span<const Latent> latents,
                                     int count);

// What lies at a place of a layout: the mean of the nearest points' latents, weighted by closeness.
// At a point itself that point's. The layout has a point for each latent, at least one.
Latent latentAt(MapPoint place, std::span<const MapPoint> layout, std::span<const Latent> latents);

// `steps` latents from one to the other, at least 2, the ends exactly as they are; between, along
// the arc where both are long (Shoemake 1985, "slerp"), else along the line.
std::vector<Latent> morph(const Latent& from, const Latent& to, int steps);

// `count` latents around one: normal noise of standard deviation `distance` in each direction.
std::vector<Latent> around(const Latent& latent, int count, double distance, std::uint64_t seed);

}  // namespace incipit
