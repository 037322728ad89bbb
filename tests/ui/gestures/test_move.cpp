// Moving, copying, resizing and changing the velocity of notes by dragging them.
#include "tests/ui/roll_fixture.h"
#include "ui/gestures/note_drag_gesture.h"
#include "ui/gestures/note_velocity_gesture.h"

using namespace incipit;

class TestMove : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void movesTheSelectionInOneStep() {
    RollFixture f;
    f.session.select(f.given({makeNote(0, 60), makeNote(1, 64), makeNote(8, 50)}));
    f.session.select({f.notes()[0], f.notes()[1]});
    f.drag(f.canvas, f.at(0.5, 60), f.at(2.5, 62));
    QCOMPARE(f.undos(), 1u);
    QCOMPARE(f.notes()[0].start.count, 1920);
    QCOMPARE(int{f.notes()[0].pitch}, 62);
    QCOMPARE(f.notes()[1].start.count, 2880);
    QCOMPARE(int{f.notes()[1].pitch}, 66);
    QCOMPARE(f.session.selection().size(), 2u);
    f.session.undo();
    QCOMPARE(f.notes()[0].start.count, 0);
  }

  void smallJitterIsAClick() {
    RollFixture f;
    f.given({makeNote(1, 60)});
    f.drag(f.canvas, f.at(1.5, 60), f.at(1.5, 60) + QPointF(2, 2));
    QCOMPARE(f.undos(), 0u);
  }

  void verticalDragKeepsAnOffGridStart() {
    RollFixture f;
    Note n = makeNote(1, 60);
    n.start = {1000};
    f.given({n});
    f.drag(f.canvas, f.at(1.5, 60), f.at(1.5, 67) + QPointF(2, 0));
    QCOMPARE(f.notes()[0].start.count, 1000);
    QCOMPARE(int{f.notes()[0].pitch}, 67);
  }

  void altMovesFreely() {
    RollFixture f;
    f.given({makeNote(1, 60)});
    f.drag(f.canvas, f.at(1.5, 60), f.at(1.5, 60) + QPointF(5, 0), Qt::AltModifier);
    QCOMPARE(f.undos(), 1u);
    QVERIFY(f.notes()[0].start.count > 960 && f.notes()[0].start.count < 1200);
  }

  void shiftLocksTheAxisOfTheFirstMovement() {
    RollFixture f;
    f.given({makeNote(1, 60)});
    f.press(f.canvas, f.at(1.5, 60));
    f.move(f.canvas, f.at(1.5, 60) + QPointF(8, 1), Qt::ShiftModifier);
    f.move(f.canvas, f.at(3.5, 66), Qt::ShiftModifier);
    f.release(f.canvas, f.at(3.5, 66), Qt::ShiftModifier);
    QCOMPARE(f.notes()[0].start.count, 2880);
    QCOMPARE(int{f.notes()[0].pitch}, 60);
    f.press(f.canvas, f.at(3.5, 60));
    f.move(f.canvas, f.at(3.5, 60) + QPointF(1, 9), Qt::ShiftModifier);
    f.move(f.canvas, f.at(6.5, 58), Qt::ShiftModifier);
    f.release(f.canvas, f.at(6.5, 58), Qt::ShiftModifier);
    QCOMPARE(f.notes()[0].start.count, 2880);
    QCOMPARE(int{f.notes()[0].pitch}, 58);
  }

  void ctrlCopies() {
    RollFixture f;
    const auto n = f.given({makeNote(0, 60), makeNote(1, 64)});
    f.session.select(n);
    f.press(f.canvas, f.at(0.5, 60), Qt::ControlModifier);
    f.move(f.canvas, f.at(4.5, 61), Qt::ControlModifier);
    QCOMPARE(f.canvas->cursor().shape(), Qt::DragCopyCursor);
    QCOMPARE(f.editor.state().shownTrack()->notes.size(), 4u);
    f.move(f.canvas, f.at(4.5, 61));  // without the key it is a move again
    QCOMPARE(f.editor.state().shownTrack()->notes.size(), 2u);
    f.move(f.canvas, f.at(4.5, 61), Qt::ControlModifier);
    f.release(f.canvas, f.at(4.5, 61), Qt::ControlModifier);
    QCOMPARE(f.notes().size(), 4u);
    QCOMPARE(f.undos(), 1u);
    QCOMPARE(f.session.selection().size(), 2u);
    QCOMPARE(f.session.selection()[0].start.count, 4 * 960);
    QCOMPARE(int{f.session.selection()[0].pitch}, 61);
    QVERIFY(f.session.selection()[0].id != n[0].id);
  }

  void aCopyDroppedOnItsOriginalIsNone() {
    RollFixture f;
    f.given({makeNote(0, 60)});
    f.press(f.canvas, f.at(0.5, 60), Qt::ControlModifier);
    f.move(f.canvas, f.at(3, 60), Qt::ControlModifier);
    f.move(f.canvas, f.at(0.5, 60), Qt::ControlModifier);
    f.release(f.canvas, f.at(0.5, 60), Qt::ControlModifier);
    QCOMPARE(f.notes().size(), 1u);
    QCOMPARE(f.undos(), 0u);
  }

  void badgeAndTip() {
    RollFixture f;
    const auto n = f.given({makeNote(0, 60)});
    f.session.select(n);
    Press press;
    press.pointer = {f.at(0.5, 60), Qt::NoModifier};
    press.hit = NoteHit{n[0], NotePart::kBody};
    press.tick = {480};
    press.pitch = 60;
    NoteDragGesture drag(f.editor.state(), press);
    drag.move({f.at(2, 60), Qt::ControlModifier});
    QCOMPARE(drag.tip(), QStringLiteral("+"));
    drag.move({f.at(2, 60), Qt::NoModifier});
    QVERIFY(drag.tip().isEmpty());
    drag.cancel();
    NoteVelocityGesture velocity(f.editor.state(), press);
    velocity.move({f.at(0.5, 60) - QPointF(0, 15), Qt::NoModifier});
    QCOMPARE(velocity.tip(), QStringLiteral("Velocity 90"));
    velocity.cancel();
  }

  void ctrlShiftDragChangesVelocity() {
    RollFixture f;
    const auto n = f.given({makeNote(0, 60, 1, 80), makeNote(2, 60, 1, 120)});
    f.session.select(n);
    const auto both = Qt::ControlModifier | Qt::ShiftModifier;
    f.drag(f.canvas, f.at(0.5, 60), f.at(0.5, 60) - QPointF(0, 30), both);
    QCOMPARE(f.undos(), 1u);
    QCOMPARE(int{f.notes()[0].velocity}, 100);
    QCOMPARE(int{f.notes()[1].velocity}, 127);  // each note is clamped by itself
    QCOMPARE(int{f.notes()[0].pitch}, 60);
    QCOMPARE(f.session.newNoteVelocity(), 100);
  }

  void groupStopsTogetherAtTheLimits() {
    RollFixture f;
    f.session.select(f.given({makeNote(0, 66), makeNote(1, 60)}));
    f.editor.state().setView(f.editor.state().view());
    // To the left of the start of the piece, and 80 semitones down.
    f.drag(f.canvas, f.at(1.5, 60), f.at(1.5, 60) + QPointF(-500, 80 * 16.0));
    QCOMPARE(f.notes()[0].start.count, 0);
    QCOMPARE(f.notes()[1].start.count, 960);
    QCOMPARE(int{f.notes()[1].pitch}, 0);
    QCOMPARE(int{f.notes()[0].pitch}, 6);
    QCOMPARE(f.undos(), 1u);
  }

  void escapeRestores() {
    RollFixture f;
    f.given({makeNote(1, 60)});
    f.press(f.canvas, f.at(1.5, 60));
    f.move(f.canvas, f.at(3.5, 64));
    QTest::keyClick(f.canvas, Qt::Key_Escape);
    f.release(f.canvas, f.at(3.5, 64));
    QCOMPARE(f.undos(), 0u);
    QCOMPARE(f.notes()[0].start.count, 960);
  }

  void anotherEditEndsTheGesture() {
    RollFixture f;
    f.given({makeNote(1, 60)});
    f.press(f.canvas, f.at(1.5, 60));
    f.move(f.canvas, f.at(3.5, 64));
    f.session.commit(QStringLiteral("x"),
                     removeNotes(*f.session.document(), f.session.activeTrack(), f.notes()));
    QVERIFY(!f.canvas->gestureActive());
    f.move(f.canvas, f.at(4.5, 64));
    f.release(f.canvas, f.at(4.5, 64));
    QCOMPARE(f.notes().size(), 0u);
    QCOMPARE(f.undos(), 1u);
  }

  void newPitchesSoundWhileMoving() {
    RollFixture f;
    f.given({makeNote(1, 60)});
    f.drag(f.canvas, f.at(1.5, 60), f.at(1.5, 62));
    std::vector<int> heard;
    for (const auto& h : f.player.previews) heard.push_back(h.pitch);
    QCOMPARE(heard, (std::vector<int>{60, 61, 62}));
  }

  void rightEdgeResizesAllByTheSame() {
    RollFixture f;
    const auto n = f.given({makeNote(0, 60), makeNote(4, 64, 2)});
    f.session.select(n);
    const QPointF edge = f.at(1, 60) - QPointF(2, 0);
    f.drag(f.canvas, edge, edge + QPointF(28, 0));  // two sixteenths
    QCOMPARE(f.undos(), 1u);
    QCOMPARE(f.notes()[0].length.count, 960 + 480);
    QCOMPARE(f.notes()[1].length.count, 1920 + 480);
    QCOMPARE(f.notes()[0].start.count, 0);
    QCOMPARE(f.session.newNoteLength().count, 1440);
  }

  void leftEdgeMovesTheStart() {
    RollFixture f;
    f.given({makeNote(2, 60)});
    const QPointF edge = f.at(2, 60) + QPointF(2, 0);
    f.drag(f.canvas, edge, edge - QPointF(28, 0));
    QCOMPARE(f.notes()[0].start.count, 1920 - 480);
    QCOMPARE(f.notes()[0].length.count, 960 + 480);
  }

  void shortestIsAStepAndOneTickWhenFree() {
    RollFixture f;
    f.given({makeNote(0, 60), makeNote(4, 60)});
    QPointF edge = f.at(1, 60) - QPointF(2, 0);
    f.drag(f.canvas, edge, edge - QPointF(300, 0));
    QCOMPARE(f.notes()[0].length.count, 240);
    edge = f.at(5, 60) - QPointF(2, 0);
    f.drag(f.canvas, edge, edge - QPointF(300, 0), Qt::AltModifier);
    QCOMPARE(f.notes()[1].length.count, 1);
  }

  void shiftScalesAboutTheOppositeEdge() {
    RollFixture f;
    f.session.select(f.given({makeNote(2, 60), makeNote(3, 64)}));
    // The last note's right edge, from 4 to 6: twice as long a group.
    const QPointF edge = f.at(4, 64) - QPointF(2, 0);
    f.drag(f.canvas, edge, edge + QPointF(2 * 56, 0), Qt::ShiftModifier);
    QCOMPARE(f.undos(), 1u);
    QCOMPARE(f.notes()[0].start.count, 2 * 960);
    QCOMPARE(f.notes()[0].length.count, 2 * 960);
    QCOMPARE(f.notes()[1].start.count, 4 * 960);
    QCOMPARE(f.notes()[1].length.count, 2 * 960);
  }

  void narrowNotesHaveNoGrip() {
    RollFixture f;
    RollView v = f.editor.state().view();
    v.pxPerTick = 8.0 / 960;  // a quarter is 8 pixels wide
    f.editor.state().setView(v);
    f.given({makeNote(10, 60)});
    f.editor.state().setView(v);
    f.drag(f.canvas, f.at(11, 60) - QPointF(1, 0), f.at(15, 60) - QPointF(1, 0));
    QCOMPARE(f.notes()[0].length.count, 960);
    QCOMPARE(f.notes()[0].start.count, 14 * 960);
  }

  void hoverShowsWhatWillHappen() {
    RollFixture f;
    f.given({makeNote(1, 60)});
    f.move(f.canvas, f.at(1.5, 60));
    QCOMPARE(f.canvas->cursor().shape(), Qt::OpenHandCursor);
    f.move(f.canvas, f.at(2, 60) - QPointF(2, 0));
    QCOMPARE(f.canvas->cursor().shape(), Qt::SizeHorCursor);
    f.move(f.canvas, f.at(1.5, 60), Qt::ControlModifier);
    QCOMPARE(f.canvas->cursor().shape(), Qt::DragCopyCursor);
    f.move(f.canvas, f.at(1.5, 60), Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(f.canvas->cursor().shape(), Qt::SizeVerCursor);
    f.move(f.canvas, f.at(6, 60));
    QCOMPARE(f.canvas->cursor().shape(), Qt::CrossCursor);
    f.session.setTool(Tool::kSelect);
    f.move(f.canvas, f.at(6, 60));
    QCOMPARE(f.canvas->cursor().shape(), Qt::ArrowCursor);
  }
};

QTEST_MAIN(TestMove)
#include "test_move.moc"
