// The mapping between music and pixels, without a widget; grid lines; hit tests.
#include <QTest>

#include "core/rng.h"
#include "core/score/note_list.h"
#include "ui/roll/grid_lines.h"
#include "ui/roll/note_hit.h"
#include "ui/roll/roll_view.h"

using namespace incipit;

class TestRollView : public QObject {
  Q_OBJECT

  static RollView randomView(Rng& rng) {
    RollView v;
    v.left = {rng.below(1000000)};
    v.pxPerTick = 0.0001 + rng.uniform();
    v.rowPx = 4 + rng.below(37);
    v.topPitch = rng.uniform() * 128;
    return v;
  }

 private Q_SLOTS:
  void ticksAndPixelsAgree() {
    Rng rng(7);
    for (int i = 0; i < 2000; ++i) {
      const RollView v = randomView(rng);
      const double x = rng.uniform() * 3000 - 500;
      const Tick t = v.tickAt(x);
      QVERIFY(v.x(t) <= x + 1e-6);
      QVERIFY(v.x(t + TickDelta{1}) > x - 1e-6);
      QVERIFY(v.ticks(x, x + 10).contains(t));
      QVERIFY(v.ticks(x - 10, x).contains(t));
    }
  }

  void pitchesAndPixelsAgree() {
    Rng rng(8);
    for (int i = 0; i < 2000; ++i) {
      const RollView v = randomView(rng);
      const int pitch = static_cast<int>(rng.below(128));
      QCOMPARE(v.pitchAt(v.y(pitch) + v.rowPx / 2), pitch);
      QCOMPARE(v.pitchAt(v.y(pitch) + 0.01), pitch);
      QCOMPARE(v.pitchAt(v.y(pitch) + v.rowPx - 0.01), pitch);
    }
  }

  void zoomKeepsTheAnchor() {
    Rng rng(9);
    for (int i = 0; i < 500; ++i) {
      const RollView v = randomView(rng);
      const double x = rng.uniform() * 1500;
      const RollView z = v.zoomedTime(0.3 + rng.uniform() * 3, x);
      const double tick = static_cast<double>(v.left.count) + x / v.pxPerTick;
      QVERIFY(std::abs((tick - static_cast<double>(z.left.count)) * z.pxPerTick - x) <=
              z.pxPerTick);
      const double y = rng.uniform() * 900;
      const RollView p = v.zoomedPitch(1.2, y);
      QVERIFY(std::abs((v.topPitch - y / v.rowPx) - (p.topPitch - y / p.rowPx)) < 1e-9);
    }
  }

  void aZoomStepAlwaysZooms() {
    RollView v;
    for (v.rowPx = kLowestRowPx; v.rowPx < kHighestRowPx;) {
      const double before = v.rowPx;
      v = v.zoomedPitch(1.05, 0);
      QVERIFY(v.rowPx > before);
    }
    QCOMPARE(v.rowPx, kHighestRowPx);
  }

  void clampingStaysInside() {
    Rng rng(10);
    for (int i = 0; i < 500; ++i) {
      RollView v = randomView(rng);
      v.left = v.left + TickDelta{-500000};
      v.topPitch = rng.uniform() * 400 - 100;
      const RollLimits limits{QSizeF(800, 600), 960, Tick{300000}};
      const RollView c = v.clamped(limits);
      QVERIFY(c.left >= Tick{0} && c.left <= limits.end);
      QVERIFY(c.topPitch <= 128);
      const double rows = 600 / c.rowPx;
      QVERIFY(rows >= 128 || c.topPitch >= rows - 1e-9);
      QCOMPARE(c.clamped(limits), c);
    }
  }

  void showsExactlyTheRange() {
    const RollView v = RollView{}.showing({Tick{960}, Tick{9600}}, 800);
    QCOMPARE(v.x(Tick{960}), 0.0);
    QVERIFY(std::abs(v.x(Tick{9600}) - 800) < 1e-9);
  }

  void alignsToDevicePixels() {
    for (const double dpr : {1.0, 1.25, 1.5, 2.0}) {
      for (const double x : {0.0, 0.3, 10.49, 333.333}) {
        const double device = alignToDevice(x, dpr) * dpr;
        QVERIFY(std::abs(device - std::round(device)) < 1e-9);
        QVERIFY(std::abs(alignToDevice(x, dpr) - x) <= 0.5 / dpr + 1e-9);
      }
    }
  }

  void linesOfABar() {
    const MeterMap meter(960, {{Tick{0}, 3, 4}});
    const auto lines = gridLines({Tick{0}, Tick{2880}}, meter, {8}, 1.0);
    QCOMPARE(lines.size(), 6u);  // three beats of two eighths
    QCOMPARE(lines[0], (GridLine{Tick{0}, LineLevel::kBar, 0, 0}));
    QCOMPARE(lines[1], (GridLine{Tick{480}, LineLevel::kStep, 0, 0}));
    QCOMPARE(lines[2], (GridLine{Tick{960}, LineLevel::kBeat, 0, 1}));
  }

  void linesThinOut() {
    const MeterMap meter;
    for (double px = 1; px > 1e-7; px /= 1.7) {
      const auto range = TickRange{Tick{0}, Tick{static_cast<std::int64_t>(1500 / px)}};
      const auto lines = gridLines(range, meter, {16}, px);
      QVERIFY(lines.size() <= 1500 / kClosestLinesPx + 2);
      QVERIFY(!lines.empty());
      for (std::size_t i = 1; i < lines.size(); ++i)
        QVERIFY(static_cast<double>((lines[i].at - lines[i - 1].at).count) * px >=
                kClosestLinesPx - 1e-6);
    }
  }

  void linesFollowMeterChanges() {
    const MeterMap meter(960, {{Tick{0}, 4, 4}, {Tick{3840}, 7, 8}});
    std::vector<std::int64_t> bars;
    for (const GridLine& l : gridLines({Tick{0}, Tick{12000}}, meter, {16}, 0.05)) {
      if (l.level == LineLevel::kBar) bars.push_back(l.at.count);
    }
    QCOMPARE(bars, (std::vector<std::int64_t>{0, 3840, 7200, 10560}));
  }

  void tripletsAndNoGrid() {
    const MeterMap meter;
    const auto triplets = gridLines({Tick{0}, Tick{960}}, meter, {8, true}, 1.0);
    QCOMPARE(triplets.size(), 3u);
    QCOMPARE(triplets[1].at.count, 320);
    Grid off;
    off.enabled = false;
    QCOMPARE(gridLines({Tick{0}, Tick{3840}}, meter, off, 1.0).size(), 4u);  // beats stay
  }

  void gripFollowsTheWidth() {
    QCOMPARE(gripWidth(8.9), 0.0);
    QCOMPARE(gripWidth(9), 3.0);
    QCOMPARE(gripWidth(20), 5.0);
    QCOMPARE(gripWidth(500), 8.0);
  }

  void hitFindsThePartAndTheTopmost() {
    Note below;
    below.start = {0};
    below.length = {1000};
    below.id = 1;
    Note above = below;
    above.start = {500};
    above.length = {200};
    above.id = 2;
    const NoteList notes({below, above});
    RollView v;
    v.pxPerTick = 0.1;
    const double y = v.y(60) + 3;
    QCOMPARE(hitTest(notes, v, {30, y})->note.id, 1u);
    QCOMPARE(hitTest(notes, v, {60, y})->note.id, 2u);
    QVERIFY(hitTest(notes, v, {1, y})->part == NotePart::kLeftEdge);
    QVERIFY(hitTest(notes, v, {30, y})->part == NotePart::kBody);
    QVERIFY(hitTest(notes, v, {98, y})->part == NotePart::kRightEdge);
    QVERIFY(!hitTest(notes, v, {101, y}));
    QVERIFY(!hitTest(notes, v, {30, y + 16}));
    QVERIFY(!hitTest(notes, v, {30, v.y(127) - 5}));
  }

  void tinyNotesCanBeHit() {
    Note n;
    n.start = {1000};
    n.length = {10};
    n.id = 1;
    RollView v;
    v.pxPerTick = 0.05;  // half a pixel wide at 50
    const double y = v.y(60) + 3;
    const NoteList notes({n});
    QVERIFY(hitTest(notes, v, {49, y}));
    QVERIFY(hitTest(notes, v, {51.5, y}));
    QVERIFY(!hitTest(notes, v, {46, y}));
  }
};

QTEST_APPLESS_MAIN(TestRollView)
#include "test_roll_view.moc"
