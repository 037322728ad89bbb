#include <QtTest>

#include "core/playback/load_histogram.h"

using namespace incipit;

class TestLoadHistogram : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void tellsTheLongestAndTheThousandth() {
    LoadHistogram h;
    QCOMPARE(h.figures().callbacks, std::int64_t{0});
    QCOMPARE(h.figures().p999Percent, 0.0);
    for (int i = 0; i < 9990; ++i) h.noteRt(100 + i % 10, 0, 1000);  // 10 to 11 percent
    for (int i = 0; i < 10; ++i) h.noteRt(600 + i, 0, 1000);
    PlaybackFigures f = h.figures();
    QCOMPARE(f.callbacks, std::int64_t{10000});
    QCOMPARE(f.late + f.overruns, 0);
    QVERIFY(std::abs(f.longestPercent - 60.9) < 1e-6);
    QCOMPARE(f.p999Percent, 11.0);  // ten of ten thousand are above
    h.noteRt(600, 0, 1000);
    QCOMPARE(h.figures().p999Percent, 60.5);  // and now eleven
    h.noteRt(5000, 0, 1000);
    h.noteRt(10, 1001, 1000);
    f = h.figures();
    QCOMPARE(f.late, 1);
    QCOMPARE(f.overruns, 1);
    QCOMPARE(h.xruns(), 2);
    QCOMPARE(f.longestPercent, 500.0);
    h.clear();
    QCOMPARE(h.figures().callbacks, std::int64_t{0});
    QCOMPARE(h.xruns(), 0);
  }
};

QTEST_APPLESS_MAIN(TestLoadHistogram)
#include "test_load_histogram.moc"
