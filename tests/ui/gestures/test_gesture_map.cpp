// The table of gestures as a value.
#include <QTest>

#include "ui/gestures/gesture_map.h"

using namespace incipit;

class TestGestureMap : public QObject {
  Q_OBJECT

  static Action left(Zone z, Tool t, Qt::KeyboardModifiers m = {}) {
    return GestureMap{}.action(z, t, Qt::LeftButton, m, false, false);
  }

 private Q_SLOTS:
  void everyZoneAndTool() {
    const auto shift = Qt::ShiftModifier;
    const auto ctrl = Qt::ControlModifier;
    QCOMPARE(left(Zone::kEmptyGrid, Tool::kSelect), Action::kBand);
    QCOMPARE(left(Zone::kEmptyGrid, Tool::kSelect, shift), Action::kBand);
    QCOMPARE(left(Zone::kEmptyGrid, Tool::kDraw), Action::kDraw);
    QCOMPARE(left(Zone::kEmptyGrid, Tool::kDraw, shift), Action::kPaintRun);
    QCOMPARE(left(Zone::kEmptyGrid, Tool::kDraw, ctrl), Action::kBand);
    for (const Zone z : {Zone::kEmptyGrid, Zone::kNoteBody, Zone::kNoteEdge})
      QCOMPARE(left(z, Tool::kErase), Action::kErase);
    QCOMPARE(left(Zone::kNoteBody, Tool::kCut), Action::kCut);
    QCOMPARE(left(Zone::kNoteEdge, Tool::kCut), Action::kCut);
    QCOMPARE(left(Zone::kEmptyGrid, Tool::kCut), Action::kBand);
    for (const Tool t : {Tool::kSelect, Tool::kDraw}) {
      QCOMPARE(left(Zone::kNoteBody, t), Action::kDragNotes);
      QCOMPARE(left(Zone::kNoteBody, t, ctrl), Action::kDragNotes);
      QCOMPARE(left(Zone::kNoteBody, t, ctrl | shift), Action::kDragVelocity);
      QCOMPARE(left(Zone::kNoteEdge, t), Action::kResize);
    }
    for (const Tool t : {Tool::kSelect, Tool::kDraw, Tool::kErase}) {
      QCOMPARE(left(Zone::kLaneStem, t), Action::kSetVelocity);
      QCOMPARE(left(Zone::kLaneEmpty, t), Action::kPaintVelocity);
      QCOMPARE(left(Zone::kLaneEmpty, t, shift), Action::kRampVelocity);
      QCOMPARE(left(Zone::kLaneStem, t, ctrl), Action::kScaleVelocity);
      QCOMPARE(left(Zone::kRuler, t), Action::kSeekOrLoop);
      QCOMPARE(left(Zone::kRuler, t, shift), Action::kSelectRange);
      QCOMPARE(left(Zone::kLoopHandle, t), Action::kMoveLoopHandle);
      QCOMPARE(left(Zone::kKeys, t), Action::kPlayKeys);
      QCOMPARE(left(Zone::kKeys, t, Qt::AltModifier), Action::kSelectPitch);
    }
  }

  void rightButton() {
    const GestureMap map;
    for (const Zone z : {Zone::kEmptyGrid, Zone::kNoteBody, Zone::kNoteEdge}) {
      QCOMPARE(map.action(z, Tool::kDraw, Qt::RightButton, {}, false, false), Action::kErase);
      QCOMPARE(map.action(z, Tool::kSelect, Qt::RightButton, {}, false, false),
               Action::kContextMenu);
      QCOMPARE(map.action(z, Tool::kErase, Qt::RightButton, {}, false, false),
               Action::kContextMenu);
    }
  }

  void panningIsEverywhere() {
    const GestureMap map;
    for (const Zone z : {Zone::kEmptyGrid, Zone::kNoteBody, Zone::kLaneStem, Zone::kRuler,
                         Zone::kLoopHandle, Zone::kKeys}) {
      QCOMPARE(map.action(z, Tool::kDraw, Qt::MiddleButton, {}, false, false), Action::kPan);
      QCOMPARE(map.action(z, Tool::kDraw, Qt::LeftButton, {}, false, true), Action::kPan);
    }
  }

  void keysCanBeRebound() {
    GestureMap map;
    map.paintKey = Qt::AltModifier;
    map.copyKey = Qt::AltModifier;
    QCOMPARE(
        map.action(Zone::kEmptyGrid, Tool::kDraw, Qt::LeftButton, Qt::AltModifier, false, false),
        Action::kPaintRun);
    QCOMPARE(
        map.action(Zone::kEmptyGrid, Tool::kDraw, Qt::LeftButton, Qt::ShiftModifier, false, false),
        Action::kDraw);
    QVERIFY(map.copies(Qt::AltModifier));
    QVERIFY(!map.copies(Qt::ControlModifier));
  }

  void wheelRules() {
    const GestureMap map;
    const auto both = Qt::ControlModifier | Qt::ShiftModifier;
    QCOMPARE(map.wheel(false, {}), WheelAction::kScrollVertical);
    QCOMPARE(map.wheel(false, Qt::ShiftModifier), WheelAction::kScrollHorizontal);
    QCOMPARE(map.wheel(false, Qt::ControlModifier), WheelAction::kZoomTime);
    QCOMPARE(map.wheel(false, both), WheelAction::kZoomPitch);
    QCOMPARE(map.wheel(true, {}), WheelAction::kVelocity);
    QCOMPARE(map.wheel(true, Qt::ShiftModifier), WheelAction::kVelocityCoarse);
    QCOMPARE(map.wheel(true, Qt::ControlModifier), WheelAction::kZoomTime);
  }

  void onlyGesturesOfAKindChangePlaces() {
    QVERIFY(interchangeable(Action::kDraw, Action::kBand));
    QVERIFY(interchangeable(Action::kDragNotes, Action::kDragVelocity));
    QVERIFY(interchangeable(Action::kPaintVelocity, Action::kRampVelocity));
    QVERIFY(interchangeable(Action::kSeekOrLoop, Action::kSelectRange));
    QVERIFY(!interchangeable(Action::kDraw, Action::kDragNotes));
    QVERIFY(!interchangeable(Action::kPan, Action::kDraw));
    QVERIFY(!interchangeable(Action::kErase, Action::kErase));
  }
};

QTEST_MAIN(TestGestureMap)
#include "test_gesture_map.moc"
