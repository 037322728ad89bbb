#include "core/compose/latent_map.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/rng.h"

namespace incipit {
namespace {

constexpr int kNeighbours = 12;
constexpr std::size_t kLeaf = 48;  // points that are compared with each other
constexpr int kTrees = 6;

double squaredDistance(const Latent& a, const Latent& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = double{a[i]} - double{b[i]};
    sum += d * d;
  }
  return sum;
}

double dot(const Latent& a, const Latent& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

// Box and Muller 1958.
double normal(Rng& rng) {
  const double u = 1 - rng.uniform();
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * M_PI * rng.uniform());
}

// The direction of the greatest variance that is left, by power iteration on the points, which are
// made free of it.
Latent strongest(std::vector<Latent>& centred, double& variance) {
  const std::size_t size = centred.front().size();
  Rng rng(1);
  Latent axis(size);
  for (float& v : axis) v = static_cast<float>(normal(rng));
  constexpr int kRounds = 60;
  std::vector<double> sum(size);
  for (int round = 0; round < kRounds; ++round) {
    std::fill(sum.begin(), sum.end(), 0);
    for (const Latent& p : centred) {
      const double along = dot(p, axis);
      for (std::size_t i = 0; i < size; ++i) sum[i] += along * p[i];
    }
    double norm = 0;
    for (const double v : sum) norm += v * v;
    norm = std::sqrt(norm);
    if (norm < 1e-12) return Latent(size);
    for (std::size_t i = 0; i < size; ++i) axis[i] = static_cast<float>(sum[i] / norm);
  }
  for (Latent& p : centred) {
    const double along = dot(p, axis);
    variance += along * along;
    for (std::size_t i = 0; i < size; ++i) p[i] -= static_cast<float>(along * axis[i]);
  }
  return axis;
}

// The best neighbours found so far, of each point.
class NeighbourLists {
 public:
  NeighbourLists(std::span<const Latent> latents, int count)
      : latents_(latents), count_(static_cast<std::size_t>(count)), lists_(latents.size()) {}

  void offer(std::uint32_t a, std::uint32_t b) {
    const double d = squaredDistance(latents_[a], latents_[b]);
    add(a, b, d);
    add(b, a, d);
  }
  std::vector<std::vector<std::uint32_t>> take() {
    std::vector<std::vector<std::uint32_t>> out(lists_.size());
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      for (const auto& [d, j] : lists_[i]) out[i].push_back(j);
    }
    return out;
  }

 private:
  void add(std::uint32_t to, std::uint32_t other, double d) {
    auto& list = lists_[to];
    if (list.size() == count_ && list.back().first <= d) return;
    const std::pair entry(d, other);
    const auto at = std::lower_bound(list.begin(), list.end(), entry);
    if (at != list.end() && *at == entry) return;
    list.insert(at, entry);
    if (list.size() > count_) list.pop_back();
  }

  std::span<const Latent> latents_;
  std::size_t count_;
  std::vector<std::vector<std::pair<double, std::uint32_t>>> lists_;
};

// Compares the points of each leaf of a tree that halves them by the plane between two of them.
void compareLeaves(std::span<const Latent> latents, std::vector<std::uint32_t>& order, Rng& rng,
                   NeighbourLists& lists) {
  std::vector<std::span<std::uint32_t>> todo{order};
  while (!todo.empty()) {
    const auto part = todo.back();
    todo.pop_back();
    if (part.size() <= kLeaf) {
      for (std::size_t i = 0; i < part.size(); ++i) {
        for (std::size_t j = i + 1; j < part.size(); ++j) lists.offer(part[i], part[j]);
      }
      continue;
    }
    const auto size = static_cast<std::uint32_t>(part.size());
    const Latent& a = latents[part[rng.below(size)]];
    const Latent& b = latents[part[rng.below(size)]];
    Latent across(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) across[i] = b[i] - a[i];
    std::vector<std::pair<double, std::uint32_t>> keyed(part.size());
    for (std::size_t i = 0; i < part.size(); ++i)
      keyed[i] = {dot(latents[part[i]], across), part[i]};
    const auto half = keyed.begin() + static_cast<std::ptrdiff_t>(keyed.size() / 2);
    std::nth_element(keyed.begin(), half, keyed.end());
    for (std::size_t i = 0; i < part.size(); ++i) part[i] = keyed[i].second;
    todo.push_back(part.first(part.size() / 2));
    todo.push_back(part.subspan(part.size() / 2));
  }
}

void scaleToUnit(std::vector<MapPoint>& points) {
  double x = 0;
  double y = 0;
  for (const MapPoint& p : points) {
    x += p.x;
    y += p.y;
  }
  const auto n = static_cast<double>(points.size());
  float most = 1e-9F;
  for (MapPoint& p : points) {
    p = {p.x - static_cast<float>(x / n), p.y - static_cast<float>(y / n)};
    most = std::max({most, std::abs(p.x), std::abs(p.y)});
  }
  for (MapPoint& p : points) p = {p.x / most, p.y / most};
}

// Moves `a` towards `b` where they are neighbours, away from it elsewhere; b too where `both`.
void pull(MapPoint& a, MapPoint& b, double rate, bool together, bool both) {
  const double dx = double{a.x} - double{b.x};
  const double dy = double{a.y} - double{b.y};
  const double d = dx * dx + dy * dy;
  constexpr double kNear = 0.001;
  constexpr double kMost = 4;
  const double force = together ? -2 / (1 + d) : 2 / ((kNear + d) * (1 + d));
  const auto move = [=](double v) {
    return static_cast<float>(rate * std::clamp(force * v, -kMost, kMost));
  };
  a = {a.x + move(dx), a.y + move(dy)};
  if (both) b = {b.x - move(dx), b.y - move(dy)};
}

}  // namespace

MapPoint LatentPlane::project(const Latent& latent) const {
  Latent off(latent.size());
  for (std::size_t i = 0; i < off.size(); ++i) off[i] = latent[i] - centre[i];
  return {static_cast<float>(dot(off, axes[0])), static_cast<float>(dot(off, axes[1]))};
}

Latent LatentPlane::at(MapPoint p) const {
  Latent out = centre;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += p.x * axes[0][i] + p.y * axes[1][i];
  return out;
}

LatentPlane principalPlane(std::span<const Latent> latents) {
  LatentPlane plane;
  if (latents.empty()) return plane;
  const std::size_t size = latents.front().size();
  std::vector<double> sum(size);
  for (const Latent& l : latents) {
    for (std::size_t i = 0; i < size; ++i) sum[i] += l[i];
  }
  for (const double s : sum) {
    plane.centre.push_back(static_cast<float>(s / static_cast<double>(latents.size())));
  }
  std::vector<Latent> centred(latents.begin(), latents.end());
  double whole = 0;
  for (Latent& l : centred) {
    for (std::size_t i = 0; i < size; ++i) l[i] -= plane.centre[i];
    whole += dot(l, l);
  }
  for (std::size_t k = 0; k < 2; ++k) {
    double variance = 0;
    plane.axes[k] = strongest(centred, variance);
    plane.shares[k] = whole > 0 ? variance / whole : 0;
  }
  return plane;
}

std::vector<std::vector<std::uint32_t>> nearestNeighbours(std::span<const Latent> latents,
                                                          int count, std::uint64_t seed,
                                                          const LabProgress& progress,
                                                          const std::stop_token& stop) {
  NeighbourLists lists(latents, count);
  std::vector<std::uint32_t> order(latents.size());
  std::iota(order.begin(), order.end(), 0U);
  for (int tree = 0; tree < kTrees; ++tree) {
    if (stop.stop_requested()) return {};
    Rng rng(seed, static_cast<std::uint64_t>(tree));
    compareLeaves(latents, order, rng, lists);
    if (progress) progress((tree + 1.0) / kTrees);
    if (latents.size() <= kLeaf) break;  // all were compared
  }
  return lists.take();
}

std::vector<MapPoint> neighbourLayout(std::span<const Latent> latents, std::uint64_t seed,
                                      const LabProgress& progress, const std::stop_token& stop) {
  const auto told = [&](double fraction) {
    if (progress) progress(fraction);
  };
  const auto neighbours = nearestNeighbours(
      latents, kNeighbours, seed, [&](double f) { told(0.3 * f); }, stop);
  if (neighbours.empty()) return {};
  const LatentPlane plane = principalPlane(latents);
  std::vector<MapPoint> points;
  for (const Latent& l : latents) points.push_back(plane.project(l));
  scaleToUnit(points);
  Rng rng(seed, kTrees);
  constexpr float kStart = 10;
  for (MapPoint& p : points) {
    p = {kStart * p.x + static_cast<float>(0.01 * normal(rng)),
         kStart * p.y + static_cast<float>(0.01 * normal(rng))};
  }
  // Some hundred rounds of a few thousand points; of very many, as many steps as a minute allows.
  constexpr double kSteps = 4e7;
  const double edges = static_cast<double>(latents.size()) * kNeighbours;
  const int rounds = std::clamp(static_cast<int>(kSteps / edges), 12, 250);
  constexpr int kRepelled = 4;
  for (int round = 0; round < rounds; ++round) {
    if (stop.stop_requested()) return {};
    const double rate = 1 - static_cast<double>(round) / rounds;
    for (std::size_t i = 0; i < points.size(); ++i) {
      for (const std::uint32_t j : neighbours[i]) {
        pull(points[i], points[j], 0.25 * rate, /*together=*/true, /*both=*/true);
        for (int k = 0; k < kRepelled; ++k) {
          const std::uint32_t other = rng.below(static_cast<std::uint32_t>(points.size()));
          if (other != i) {
            pull(points[i], points[other], 0.25 * rate, /*together=*/false, /*both=*/false);
          }
        }
      }
    }
    told(0.3 + 0.7 * (round + 1.0) / rounds);
  }
  scaleToUnit(points);
  return points;
}

std::vector<std::uint32_t> nearestTo(const Latent& latent, std::span<const Latent> latents,
                                     int count) {
  std::vector<std::pair<double, std::uint32_t>> all;
  all.reserve(latents.size());
  for (std::size_t i = 0; i < latents.size(); ++i) {
    all.emplace_back(squaredDistance(latent, latents[i]), static_cast<std::uint32_t>(i));
  }
  const auto most = std::min(all.size(), static_cast<std::size_t>(std::max(0, count)));
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(most), all.end());
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < most; ++i) out.push_back(all[i].second);
  return out;
}

Latent latentAt(MapPoint place, std::span<const MapPoint> layout, std::span<const Latent> latents) {
  std::vector<std::pair<double, std::size_t>> near;
  near.reserve(layout.size());
  for (std::size_t i = 0; i < layout.size(); ++i) {
    near.emplace_back(std::hypot(place.x - layout[i].x, place.y - layout[i].y), i);
  }
  constexpr std::size_t kNearest = 4;
  const std::size_t most = std::min(kNearest, near.size());
  std::partial_sort(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(most), near.end());
  if (near.front().first == 0) return latents[near.front().second];
  Latent out(latents.front().size());
  double sum = 0;
  for (std::size_t k = 0; k < most; ++k) sum += 1 / (near[k].first * near[k].first);
  for (std::size_t k = 0; k < most; ++k) {
    const double weight = 1 / (near[k].first * near[k].first) / sum;
    const Latent& l = latents[near[k].second];
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += static_cast<float>(weight * l[i]);
  }
  return out;
}

std::vector<Latent> morph(const Latent& from, const Latent& to, int steps) {
  std::vector<Latent> out;
  const double a = std::sqrt(dot(from, from));
  const double b = std::sqrt(dot(to, to));
  const double cosine = a > 0 && b > 0 ? std::clamp(dot(from, to) / (a * b), -1.0, 1.0) : 1;
  const double angle = std::acos(cosine);
  // Nearly parallel or opposite, or at the origin: there is no one arc.
  const bool arc = std::sin(angle) > 0.05;
  const int count = std::max(2, steps);
  for (int k = 0; k < count; ++k) {
    const double t = static_cast<double>(k) / (count - 1);
    const double f = arc ? std::sin((1 - t) * angle) / std::sin(angle) : 1 - t;
    const double g = arc ? std::sin(t * angle) / std::sin(angle) : t;
    Latent l(from.size());
    for (std::size_t i = 0; i < l.size(); ++i) {
      l[i] = static_cast<float>(f * from[i] + g * to[i]);
    }
    out.push_back(std::move(l));
  }
  out.front() = from;
  out.back() = to;
  return out;
}

std::vector<Latent> around(const Latent& latent, int count, double distance, std::uint64_t seed) {
  std::vector<Latent> out;
  for (int k = 0; k < count; ++k) {
    Rng rng(seed, static_cast<std::uint64_t>(k));
    Latent l = latent;
    for (float& v : l) v += static_cast<float>(distance * normal(rng));
    out.push_back(std::move(l));
  }
  return out;
}

}  // namespace incipit
