// The velocity lane.
#include "tests/ui/roll_fixture.h"
#include "ui/gestures/lane_gestures.h"

using namespace incipit;

class TestLane : public QObject {
  Q_OBJECT

  static VelocityScale scale(const RollFixture& f) {
    return {static_cast<double>(f.lane->height())};
  }
  static QPointF stem(const RollFixture& f, double quarter, int velocity) {
    return {f.at(quarter, 60).x(), scale(f).y(velocity)};
  }
  static std::vector<int> velocities(const RollFixture& f) {
    std::vector<int> out;
    for (const Note& n : f.notes()) out.push_back(n.velocity);
    return out;
  }
  using Velocities = std::vector<int>;

 private Q_SLOTS:
  void scaleGoesBothWays() {
    for (const double height : {40.0, 96.0, 301.0}) {
      const VelocityScale s{height};
      QCOMPARE(s.velocityAt(-1000), 127);
      QCOMPARE(s.velocityAt(height + 1000), 1);
      // Exact where a velocity has a pixel of its own.
      for (int v = 1; v <= 127; ++v) QCOMPARE(s.velocityAt(s.y(v)), v);
    }
  }

  void stemDragSets() {
    RollFixture f;
    f.given({makeNote(1, 60, 1, 80), makeNote(3, 60, 1, 40)});
    f.drag(f.lane, stem(f, 1, 80), stem(f, 1, 110));
    QCOMPARE(velocities(f), (Velocities{110, 40}));
    QCOMPARE(f.undos(), 1u);
  }

  void selectionMovesByEqualDeltaClampedPerNote() {
    RollFixture f;
    f.session.select(
        f.given({makeNote(1, 60, 1, 80), makeNote(2, 60, 1, 120), makeNote(3, 60, 1, 40)}));
    f.drag(f.lane, stem(f, 1, 80), stem(f, 1, 100));
    QCOMPARE(velocities(f), (Velocities{100, 127, 60}));
    QCOMPARE(f.session.selection().size(), 3u);
    QCOMPARE(f.undos(), 1u);
  }

  void freehandPaintsWhatItCrosses() {
    RollFixture f;
    f.given({makeNote(1, 60, 1, 80), makeNote(2, 60, 1, 80), makeNote(3, 60, 1, 80),
             makeNote(8, 60, 1, 80)});
    f.drag(f.lane, stem(f, 0.5, 120), stem(f, 3.5, 120), {}, Qt::LeftButton, 3);
    QCOMPARE(velocities(f), (Velocities{120, 120, 120, 80}));
    QCOMPARE(f.undos(), 1u);
  }

  void freehandTouchesOnlySelectedNotesInView() {
    RollFixture f;
    const auto n = f.given({makeNote(1, 60, 1, 80), makeNote(2, 60, 1, 80)});
    f.session.select({n[1]});
    f.drag(f.lane, stem(f, 0.5, 120), stem(f, 3.5, 120));
    QCOMPARE(velocities(f), (Velocities{80, 120}));
  }

  void shiftDrawsAStraightRamp() {
    RollFixture f;
    f.given({makeNote(1, 60, 1, 80), makeNote(2, 60, 1, 80), makeNote(3, 60, 1, 80)});
    f.press(f.lane, stem(f, 1, 20) - QPointF(1, 0), Qt::ShiftModifier);
    f.move(f.lane, stem(f, 2, 120), Qt::ShiftModifier);
    f.move(f.lane, stem(f, 3, 100) + QPointF(1, 0), Qt::ShiftModifier);
    f.release(f.lane, stem(f, 3, 100) + QPointF(1, 0), Qt::ShiftModifier);
    const Velocities v = velocities(f);
    QVERIFY(std::abs(v[0] - 20) <= 2);
    QVERIFY(std::abs(v[1] - 60) <= 2);
    QVERIFY(std::abs(v[2] - 100) <= 2);
    QCOMPARE(f.undos(), 1u);
  }

  void ctrlScalesAroundTheMean() {
    RollFixture f;
    f.session.select(
        f.given({makeNote(1, 60, 1, 60), makeNote(2, 60, 1, 80), makeNote(3, 60, 1, 100)}));
    const QPointF from(400, f.lane->height() / 2.0);
    f.drag(f.lane, from, from + QPointF(0, -f.lane->height() / 4.0), Qt::ControlModifier);
    QCOMPARE(velocities(f), (Velocities{50, 80, 110}));  // half as wide again
    f.drag(f.lane, from, from + QPointF(0, f.lane->height()), Qt::ControlModifier);
    QCOMPARE(velocities(f), (Velocities{80, 80, 80}));
    QCOMPARE(f.undos(), 2u);
  }

  void wheelChangesTheSelectionElseTheHovered() {
    RollFixture f;
    const auto n = f.given({makeNote(1, 60, 1, 80), makeNote(2, 60, 1, 80)});
    f.wheel(f.lane, stem(f, 2, 20), 1);
    QCOMPARE(velocities(f), (Velocities{80, 81}));
    f.session.select({f.notes()[0]});
    f.wheel(f.lane, stem(f, 2, 20), -1, Qt::ShiftModifier);
    QCOMPARE(velocities(f), (Velocities{72, 81}));
    QVERIFY(f.session.isSelected(n[0].id));
    f.session.clearSelection();
    f.wheel(f.lane, stem(f, 6, 20), 1);
    QCOMPARE(f.undos(), 2u);
  }

  void oneTurnOfTheWheelIsOneUndoStep() {
    RollFixture f;
    f.given({makeNote(1, 60, 1, 80)});
    for (int i = 0; i < 5; ++i) f.wheel(f.lane, stem(f, 1, 20), 1);
    QCOMPARE(velocities(f), (Velocities{85}));
    QCOMPARE(f.undos(), 1u);
    f.session.undo();
    QCOMPARE(velocities(f), (Velocities{80}));
    f.wheel(f.lane, stem(f, 1, 20), 1);  // another turn: not on top of what was undone
    QCOMPARE(velocities(f), (Velocities{81}));
    QCOMPARE(f.undos(), 1u);
  }

  void partsOfANotchAddUp() {
    RollFixture f;
    f.given({makeNote(1, 60, 1, 80)});
    for (int i = 0; i < 3; ++i) f.wheel(f.lane, stem(f, 1, 20), 0.25);
    QCOMPARE(f.undos(), 0u);
    f.wheel(f.lane, stem(f, 1, 20), 0.25);
    QCOMPARE(velocities(f), (Velocities{81}));
  }

  void escapeRestores() {
    RollFixture f;
    f.given({makeNote(1, 60, 1, 80)});
    f.press(f.lane, stem(f, 1, 80));
    f.move(f.lane, stem(f, 1, 20));
    QCOMPARE(int{f.editor.state().shownTrack()->notes.begin()->velocity}, 20);
    QTest::keyClick(f.lane, Qt::Key_Escape);
    f.release(f.lane, stem(f, 1, 20));
    QCOMPARE(velocities(f), (Velocities{80}));
    QCOMPARE(f.undos(), 0u);
  }

  void ctrlWheelZoomsHereToo() {
    RollFixture f;
    const double before = f.editor.state().view().pxPerTick;
    f.wheel(f.lane, {300, 20}, 1, Qt::ControlModifier);
    QVERIFY(f.editor.state().view().pxPerTick > before);
  }
};

QTEST_MAIN(TestLane)
#include "test_lane.moc"
