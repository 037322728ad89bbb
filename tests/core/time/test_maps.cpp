// Tempo map, meter map and grid: values by hand and properties over random maps.
#include <QtTest>

#include "core/rng.h"
#include "core/time/grid.h"
#include "core/time/tempo_map.h"

using namespace incipit;

class TestMaps : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void documentPpqKeepsEveryDivision() {
    QCOMPARE(documentPpq(96), 960);
    QCOMPARE(documentPpq(480), 960);
    QCOMPARE(documentPpq(24), 960);
    QCOMPARE(documentPpq(1024), 15360);
    for (int division = 1; division <= 32767; ++division) {
      const int ppq = documentPpq(division);
      QVERIFY2(ppq >= 960 && ppq % division == 0 && ppq % 15 == 0,
               qPrintable(QString::number(division)));
    }
  }

  void secondsFollowTheTempo() {
    const TempoMap map(960, {{{1920}, 250000}});
    QCOMPARE(map.seconds({0}), 0.0);
    QCOMPARE(map.seconds({1920}), 1.0);
    QCOMPARE(map.seconds({3840}), 1.5);
    QCOMPARE(map.tick(1.5), Tick{3840});
  }

  void theLastChangeAtATickWins() {
    const TempoMap map(960, {{{0}, 400000}, {{0}, 300000}});
    QCOMPARE(map.changes().size(), std::size_t{1});
    QCOMPARE(map.at({0}).microsPerQuarter, 300000U);
  }

  void tickUndoesSeconds() {
    Rng rng(7);
    for (int round = 0; round < 200; ++round) {
      std::vector<TempoChange> changes;
      for (int i = 0; i < 8; ++i)
        changes.push_back({{rng.below(100000)}, 1000 + rng.below(2000000)});
      const TempoMap map(static_cast<int>(1 + rng.below(20000)), changes);
      for (int i = 0; i < 20; ++i) {
        const Tick t{rng.below(200000)};
        QCOMPARE(map.tick(map.seconds(t)), t);
      }
    }
  }

  void barsAndBeats() {
    const MeterMap map(960, {{{0}, 3, 4}, {{2880 * 2}, 6, 8}});
    QCOMPARE(map.barBeat({2880}), (BarBeat{1, 0, {0}}));
    QCOMPARE(map.barBeat({2880 + 960 + 5}), (BarBeat{1, 1, {5}}));
    QCOMPARE(map.barBeat({2880 * 2 + 480}), (BarBeat{2, 1, {0}}));
    QCOMPARE(map.barLineFrom({1}), Tick{2880});
    QCOMPARE(map.barLineFrom({2880}), Tick{2880});
  }

  void barStartUndoesBarBeat() {
    Rng rng(8);
    for (int round = 0; round < 200; ++round) {
      std::vector<MeterChange> changes;
      for (int i = 0; i < 5; ++i) {
        changes.push_back(
            {{rng.below(50000)}, static_cast<int>(1 + rng.below(12)), 1 << rng.below(5)});
      }
      const MeterMap map(960, changes);
      Tick previous{-1};
      for (std::int64_t bar = 0; bar < 60; ++bar) {
        const Tick start = map.barStart(bar);
        QVERIFY(start > previous);
        previous = start;
        QCOMPARE(map.barBeat(start).bar, bar);
        QVERIFY(map.barLineFrom(start) == start);
      }
    }
  }

  void snapping() {
    const MeterMap meter(960, {});
    QCOMPARE(snapNearest({130}, {16}, meter), Tick{240});
    QCOMPARE(snapNearest({119}, {16}, meter), Tick{0});
    QCOMPARE(snapDown({479}, {16}, meter), Tick{240});
    QCOMPARE(gridStep({8, true}, 960), TickDelta{320});
    QCOMPARE(snapNearest({333}, {16, false, false}, meter), Tick{333});
  }

  void snappedTicksStaySnapped() {
    Rng rng(9);
    const MeterMap meter(960, {{{0}, 5, 8}, {{4800}, 7, 16}});
    for (int i = 0; i < 2000; ++i) {
      const Grid grid{1 << rng.below(7), rng.below(2) == 1};
      const Tick t{rng.below(30000)};
      const Tick s = snapNearest(t, grid, meter);
      QCOMPARE(snapNearest(s, grid, meter), s);
      QVERIFY(snapDown(t, grid, meter) <= t);
      QVERIFY(nextGridLine(t, grid, meter) > t);
    }
  }
};

QTEST_APPLESS_MAIN(TestMaps)
#include "test_maps.moc"
