// The beat grid: bins, meters, rounding of positions.
#include <QtTest>

#include "core/encoding/beat_grid.h"

using namespace incipit;

class TestBeatGrid : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyBinHoldsItsOwnValue() {
    for (int b = 0; b < kStepBins; ++b) QCOMPARE(stepBin(stepUnits(b)), b);
    for (int b = 0; b < kDurationBins; ++b) QCOMPARE(durationBin(durationUnits(b)), b);
    for (int b = 1; b < kStepBins; ++b) QVERIFY(stepUnits(b) > stepUnits(b - 1));
  }

  void valuesGoToTheNearestBin() {
    for (int units = 0; units <= 900; ++units) {
      int nearest = 0;
      for (int b = 1; b < kStepBins; ++b) {
        if (std::abs(stepUnits(b) - units) < std::abs(stepUnits(nearest) - units)) nearest = b;
      }
      QCOMPARE(stepBin(units), nearest);
    }
    QCOMPARE(stepBin(-5), 0);
    QCOMPARE(durationBin(0), 0);
    QCOMPARE(durationUnits(0), 1);
    QCOMPARE(stepUnits(stepBin(100000)), 768);
  }

  void theUsualNoteValuesAreExact() {
    // 32nd, 16th triplet, 16th, 8th triplet, 8th, dotted 8th, quarter ... breve, and dotted ones.
    for (const int units : {3, 4, 6, 8, 12, 16, 18, 24, 32, 36, 48, 72, 96, 144, 192, 384, 768}) {
      QCOMPARE(stepUnits(stepBin(units)), units);
      QCOMPARE(durationUnits(durationBin(units)), units);
    }
  }

  void edgesTileTheLine() {
    for (int b = 1; b < kStepBins; ++b) {
      QVERIFY(stepBinLow(b) > stepUnits(b - 1));
      QVERIFY(stepBinLow(b) < stepUnits(b));
      QVERIFY(stepBinLow(b) > stepBinLow(b - 1));
    }
  }

  void positionsRoundToTheNearestUnit() {
    for (const int ppq : {960, 1920, 15360, 15015}) {
      for (std::int64_t u = 0; u < 500; u += 7) QCOMPARE(unitsOf(tickOf(u, ppq), ppq), u);
    }
    QCOMPARE(unitsOf({19}, 960), 0);
    QCOMPARE(unitsOf({20}, 960), 1);
    QCOMPARE(unitsOf({-41}, 960), -1);
  }

  void velocitiesKeepTheirBin() {
    for (int v = 1; v < 128; ++v) QCOMPARE(velocityBin(velocityOf(velocityBin(v))), velocityBin(v));
    QCOMPARE(velocityOf(velocityBin(80)), 80);
  }

  void metersAreTold() {
    QCOMPARE(meterClass(4, 4), 0);
    QVERIFY(meterClass(3, 4) != meterClass(6, 8));
    QCOMPARE(meterClass(7, 8), kMeterClasses - 1);
  }
};

QTEST_APPLESS_MAIN(TestBeatGrid)
#include "test_beat_grid.moc"
