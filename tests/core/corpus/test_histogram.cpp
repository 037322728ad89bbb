// Bins and what two distributions share.
#include <QtTest>
#include <cmath>

#include "core/corpus/histogram.h"
#include "core/rng.h"

using namespace incipit;

namespace {

Histogram of(std::vector<std::int64_t> counts) { return {"x", 0, 1, std::move(counts), {}}; }

}  // namespace

class TestHistogram : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void whatLiesBeyondCountsAtTheEdges() {
    Histogram h{"x", -1, 0.5, std::vector<std::int64_t>(4), {}};
    for (const double v : {-7.0, -1.0, -0.51, -0.5, 0.49, 1.0, 1e300, std::nan("")}) h.add(v);
    QCOMPARE(h.counts, (std::vector<std::int64_t>{4, 1, 1, 2}));
    QCOMPARE(h.total(), std::int64_t{8});
  }

  void overlapIsTheSharedArea() {
    QCOMPARE(overlap(of({1, 3}), of({2, 6})), 1.0);  // shares, not counts
    QCOMPARE(overlap(of({4, 0}), of({0, 4})), 0.0);
    QCOMPARE(overlap(of({1, 1, 2}), of({2, 1, 1})), 0.75);
    QCOMPARE(overlap(of({0, 0}), of({1, 1})), 0.0);
    QCOMPARE(overlap(of({}), of({})), 0.0);
  }

  void overlapLiesBetweenNoneAndAll() {
    Rng rng(11);
    for (int i = 0; i < 500; ++i) {
      Histogram a = of(std::vector<std::int64_t>(1 + rng.below(20)));
      Histogram b = of(std::vector<std::int64_t>(a.counts.size()));
      for (std::uint32_t n = rng.below(40); n > 0; --n) a.add(rng.below(25));
      for (std::uint32_t n = rng.below(40); n > 0; --n) b.add(rng.below(25));
      const double o = overlap(a, b);
      QVERIFY(o >= 0 && o <= 1 + 1e-12);
      QCOMPARE(o, overlap(b, a));
      QVERIFY(a.total() == 0 || std::abs(overlap(a, a) - 1) < 1e-12);
    }
  }
};

QTEST_APPLESS_MAIN(TestHistogram)
#include "test_histogram.moc"
