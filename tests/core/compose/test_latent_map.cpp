// Latent spaces on a plane: what is close stays close, and ways through them begin and end where
// they say.
#include <QtTest>
#include <cmath>
#include <set>

#include "core/compose/latent_map.h"
#include "core/rng.h"

using namespace incipit;

namespace {

// Clusters of points around corners far from each other.
std::vector<Latent> clusters(int count, int each, int size, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<Latent> out;
  for (int c = 0; c < count; ++c) {
    Latent centre(static_cast<std::size_t>(size));
    for (float& v : centre) v = static_cast<float>(8 * rng.uniform() - 4);
    for (int i = 0; i < each; ++i) {
      Latent l = centre;
      for (float& v : l) v += static_cast<float>(rng.uniform() - 0.5);
      out.push_back(std::move(l));
    }
  }
  return out;
}

double distance(MapPoint a, MapPoint b) { return std::hypot(a.x - b.x, a.y - b.y); }

}  // namespace

class TestLatentMap : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void thePlaneIsThatOfTheGreatestVariance() {
    Rng rng(1);
    std::vector<Latent> latents;
    for (int i = 0; i < 500; ++i) {
      const auto a = static_cast<float>(10 * rng.uniform());
      const auto b = static_cast<float>(3 * rng.uniform());
      const auto c = static_cast<float>(0.1 * rng.uniform());
      latents.push_back({c, b, a, 7.0F});
    }
    const LatentPlane plane = principalPlane(latents);
    QVERIFY(std::abs(plane.axes[0][2]) > 0.999);
    QVERIFY(std::abs(plane.axes[1][1]) > 0.999);
    QVERIFY(plane.shares[0] > plane.shares[1] && plane.shares[0] + plane.shares[1] > 0.99);
    const Latent back = plane.at(plane.project(latents[3]));
    for (std::size_t i = 0; i < back.size(); ++i) QVERIFY(std::abs(back[i] - latents[3][i]) < 0.1);
  }

  void degeneratePointsHaveAPlane() {
    QVERIFY(principalPlane({}).centre.empty());
    const std::vector<Latent> same(5, Latent{1, 2, 3});
    const LatentPlane plane = principalPlane(same);
    QCOMPARE(plane.project(same[0]), MapPoint());
    QCOMPARE(plane.at({5, 5}), same[0]);
  }

  void neighboursAreFound() {
    const auto latents = clusters(20, 40, 16, 3);
    const auto found = nearestNeighbours(latents, 8, 1, {}, {});
    QCOMPARE(found.size(), latents.size());
    int right = 0;
    for (std::size_t i = 0; i < latents.size(); ++i) {
      const auto exact = nearestTo(latents[i], latents, 9);
      QCOMPARE(exact[0], static_cast<std::uint32_t>(i));
      const std::set<std::uint32_t> truth(exact.begin() + 1, exact.end());
      for (const std::uint32_t j : found[i]) right += truth.contains(j) ? 1 : 0;
    }
    QVERIFY2(right > 0.85 * 8 * static_cast<double>(latents.size()),
             qPrintable(QString::number(right)));
  }

  void theLayoutKeepsClustersTogether() {
    const int each = 50;
    const auto latents = clusters(8, each, 32, 5);
    const auto layout = neighbourLayout(latents, 7, {}, {});
    QCOMPARE(layout.size(), latents.size());
    int together = 0;
    for (std::size_t i = 0; i < layout.size(); ++i) {
      std::size_t nearest = i == 0 ? 1 : 0;
      for (std::size_t j = 0; j < layout.size(); ++j) {
        if (j != i && distance(layout[i], layout[j]) < distance(layout[i], layout[nearest])) {
          nearest = j;
        }
      }
      together += nearest / each == i / each ? 1 : 0;
      QVERIFY(std::abs(layout[i].x) <= 1 && std::abs(layout[i].y) <= 1);
    }
    QVERIFY2(together > 390, qPrintable(QString::number(together)));
    QCOMPARE(neighbourLayout(latents, 7, {}, {}), layout);
  }

  void fewPointsHaveALayout() {
    QVERIFY(neighbourLayout({}, 1, {}, {}).empty());
    const std::vector<Latent> one{{1, 2}};
    QCOMPARE(neighbourLayout(one, 1, {}, {}).size(), std::size_t{1});
    const std::vector<Latent> same(30, Latent{1, 2});
    for (const MapPoint& p : neighbourLayout(same, 1, {}, {})) {
      QVERIFY(std::isfinite(p.x) && std::isfinite(p.y));
    }
  }

  void aStoppedLayoutIsNone() {
    std::stop_source stop;
    double reached = 0;
    const auto latents = clusters(10, 100, 8, 1);
    const auto layout = neighbourLayout(
        latents, 1,
        [&](double f) {
          QVERIFY(f >= reached);
          reached = f;
          if (f > 0.5) stop.request_stop();
        },
        stop.get_token());
    QVERIFY(layout.empty());
    QVERIFY(reached < 0.6);
  }

  void aPlaceIsThatOfItsNeighbours() {
    const auto latents = clusters(3, 10, 4, 1);
    std::vector<MapPoint> layout;
    for (std::size_t i = 0; i < latents.size(); ++i) {
      layout.push_back({static_cast<float>(i), static_cast<float>(i % 2)});
    }
    QCOMPARE(latentAt(layout[7], layout, latents), latents[7]);
    const Latent between = latentAt({2.5F, 0.5F}, layout, latents);
    for (std::size_t i = 0; i < between.size(); ++i) {
      float low = 1e9F;
      float high = -1e9F;
      for (std::size_t k = 0; k < 6; ++k) {
        low = std::min(low, latents[k][i]);
        high = std::max(high, latents[k][i]);
      }
      QVERIFY(between[i] >= low - 1e-5F && between[i] <= high + 1e-5F);
    }
  }

  void aMorphEndsInItsEnds() {
    Rng rng(4);
    for (int trial = 0; trial < 50; ++trial) {
      Latent a(16);
      Latent b(16);
      for (float& v : a) v = static_cast<float>(2 * rng.uniform() - 1);
      for (float& v : b) v = static_cast<float>(2 * rng.uniform() - 1);
      if (trial == 0) b = a;
      if (trial == 1) a.assign(16, 0);
      const auto steps = morph(a, b, 2 + trial % 7);
      QCOMPARE(steps.size(), static_cast<std::size_t>(2 + trial % 7));
      QCOMPARE(steps.front(), a);
      QCOMPARE(steps.back(), b);
      for (const Latent& l : steps) {
        for (const float v : l) QVERIFY(std::isfinite(v));
      }
    }
  }

  void whatIsAroundIsAsFarAsAsked() {
    const Latent centre(64, 1.0F);
    QCOMPARE(around(centre, 3, 0, 1), (std::vector<Latent>{centre, centre, centre}));
    const auto near = around(centre, 200, 0.5, 1);
    double sum = 0;
    for (const Latent& l : near) {
      for (const float v : l) sum += (v - 1) * (v - 1);
    }
    const double deviation = std::sqrt(sum / (200 * 64));
    QVERIFY2(std::abs(deviation - 0.5) < 0.02, qPrintable(QString::number(deviation)));
    QCOMPARE(around(centre, 200, 0.5, 1), near);
  }
};

QTEST_APPLESS_MAIN(TestLatentMap)
#include "test_latent_map.moc"
