// The draw and erase tools: table A3's empty-grid rows.
#include "tests/ui/roll_fixture.h"

using namespace incipit;

class TestDraw : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void pressAddsANoteOfTheLastLengthAtTheSnappedStart() {
    RollFixture f;
    f.session.setNewNote(TickDelta{480}, 91);
    f.click(f.canvas, f.at(1.2, 64));
    QCOMPARE(f.notes().size(), 1u);
    const Note n = f.notes().front();
    QCOMPARE(n.start.count, 960 + 0);
    QCOMPARE(n.length.count, 480);
    QCOMPARE(int{n.pitch}, 64);
    QCOMPARE(int{n.velocity}, 91);
    QCOMPARE(f.undos(), 1u);
    QVERIFY((f.player.previews == std::vector<FakePlayer::Preview>{{64, 91}}));
    QCOMPARE(f.player.previewing(), -1);  // the release ends it
  }

  void nothingIsCommittedBeforeTheRelease() {
    RollFixture f;
    f.press(f.canvas, f.at(0.1, 60));
    QCOMPARE(f.undos(), 0u);
    QVERIFY(f.editor.state().previewing());
    QCOMPARE(f.editor.state().shownTrack()->notes.size(), 1u);
    f.release(f.canvas, f.at(0.1, 60));
    QCOMPARE(f.undos(), 1u);
    QVERIFY(!f.editor.state().previewing());
  }

  void horizontalIsLengthAndVerticalIsPitch() {
    RollFixture f;
    f.drag(f.canvas, f.at(0.05, 60), f.at(2.02, 63));
    QCOMPARE(f.undos(), 1u);
    const Note n = f.notes().at(0);
    QCOMPARE(n.start.count, 0);
    QCOMPARE(n.length.count, 1920);
    QCOMPARE(int{n.pitch}, 63);
    std::vector<int> heard;
    for (const auto& h : f.player.previews) heard.push_back(h.pitch);
    QCOMPARE(heard, (std::vector<int>{60, 61, 62, 63}));
    QCOMPARE(f.session.newNoteLength().count, 1920);  // the next one is as long
  }

  void verticalDragKeepsTheLength() {
    RollFixture f;
    f.drag(f.canvas, f.at(1.1, 60), f.at(1.1, 55));
    QCOMPARE(f.notes().at(0).length.count, 960);
    QCOMPARE(int{f.notes().at(0).pitch}, 55);
  }

  void leftOfTheStartIsOneStep() {
    RollFixture f;
    f.drag(f.canvas, f.at(3.05, 60), f.at(1, 60));
    QCOMPARE(f.notes().at(0).length.count, 240);
    QCOMPARE(f.notes().at(0).start.count, 2880);
  }

  void altIgnoresSnap() {
    RollFixture f;
    f.drag(f.canvas, f.at(1.1, 60), f.at(1.9, 60), Qt::AltModifier);
    const Note n = f.notes().at(0);
    QVERIFY(n.start.count % 240 != 0);
    QVERIFY(std::abs(n.start.count - 1056) <= 18);  // a pixel is 17 ticks
    QVERIFY(n.end().count % 240 != 0);
  }

  void altPressedDuringTheDragCounts() {
    RollFixture f;
    f.press(f.canvas, f.at(1.1, 60));
    f.move(f.canvas, f.at(1.9, 60));
    QCOMPARE(f.editor.state().shownTrack()->notes.begin()->start.count, 960);
    f.move(f.canvas, f.at(1.9, 60), Qt::AltModifier);
    QVERIFY(f.editor.state().shownTrack()->notes.begin()->start.count > 1000);
    f.move(f.canvas, f.at(1.9, 60));
    f.release(f.canvas, f.at(1.9, 60));
    QCOMPARE(f.notes().at(0).start.count, 960);
  }

  void escapeCancelsWithoutAnUndoEntry() {
    RollFixture f;
    f.press(f.canvas, f.at(0, 60));
    f.move(f.canvas, f.at(2, 62));
    QTest::keyClick(f.canvas, Qt::Key_Escape);
    QVERIFY(!f.canvas->gestureActive());
    QVERIFY(!f.editor.state().previewing());
    f.move(f.canvas, f.at(3, 62));
    f.release(f.canvas, f.at(3, 62));
    QCOMPARE(f.undos(), 0u);
    QCOMPARE(f.notes().size(), 0u);
    QCOMPARE(f.player.previewing(), -1);
  }

  void shiftPaintsARunAtGridSteps() {
    RollFixture f;
    f.drag(f.canvas, f.at(0.1, 60), f.at(1.1, 62), Qt::ShiftModifier);
    QCOMPARE(f.notes().size(), 5u);
    for (std::size_t i = 0; i < 5; ++i) {
      QCOMPARE(f.notes()[i].start.count, static_cast<std::int64_t>(i) * 240);
      QCOMPARE(f.notes()[i].length.count, 240);
      QCOMPARE(int{f.notes()[i].pitch}, 60);
    }
    QCOMPARE(f.undos(), 1u);
  }

  void aRunLeavesSoundingCellsAlone() {
    RollFixture f;
    f.given({makeNote(0.5, 60, 0.5)});
    f.drag(f.canvas, f.at(1.1, 60), f.at(0.1, 60), Qt::ShiftModifier);  // leftwards
    QCOMPARE(f.notes().size(), 4u);  // 0, 1/4 and 1 were free; 1/2 and 3/4 are taken
  }

  void modifierTurnsOneGestureIntoAnother() {
    RollFixture f;
    f.press(f.canvas, f.at(0.1, 60));
    f.move(f.canvas, f.at(1.1, 60));
    QCOMPARE(f.editor.state().shownTrack()->notes.size(), 1u);
    f.move(f.canvas, f.at(1.1, 60), Qt::ShiftModifier);
    QCOMPARE(f.editor.state().shownTrack()->notes.size(), 5u);
    f.move(f.canvas, f.at(1.1, 60));
    QCOMPARE(f.editor.state().shownTrack()->notes.size(), 1u);
    f.release(f.canvas, f.at(1.1, 60));
    QCOMPARE(f.notes().size(), 1u);
    QCOMPARE(f.undos(), 1u);
  }

  void ctrlDragIsARubberBand() {
    RollFixture f;
    f.given({makeNote(1, 60), makeNote(2, 62), makeNote(6, 60)});
    f.drag(f.canvas, f.at(0.5, 64), f.at(3, 58), Qt::ControlModifier);
    QCOMPARE(f.session.selection().size(), 2u);
    QCOMPARE(f.undos(), 0u);
    QCOMPARE(f.notes().size(), 3u);
  }

  void doubleClickAddsOneNote() {
    RollFixture f;
    f.doubleClick(f.canvas, f.at(1.1, 60));
    QCOMPARE(f.notes().size(), 1u);
    QVERIFY(f.canvas->strip() == nullptr);
  }

  void rightDragErasesWhatItCrosses() {
    RollFixture f;
    f.given({makeNote(0, 60), makeNote(1, 60), makeNote(2, 60), makeNote(2, 70)});
    f.drag(f.canvas, f.at(0.5, 60), f.at(2.5, 60), {}, Qt::RightButton, 2);
    QCOMPARE(f.notes().size(), 1u);
    QCOMPARE(int{f.notes()[0].pitch}, 70);
    QCOMPARE(f.undos(), 1u);
    f.session.undo();
    QCOMPARE(f.notes().size(), 4u);
  }

  void rightPressErasesTheNoteUnderIt() {
    RollFixture f;
    f.given({makeNote(0, 60), makeNote(1, 60)});
    f.click(f.canvas, f.at(1.5, 60), {}, Qt::RightButton);
    QCOMPARE(f.notes().size(), 1u);
    QCOMPARE(f.notes()[0].start.count, 0);
  }

  void rightPressOnNothingLeavesNoUndoEntry() {
    RollFixture f;
    f.click(f.canvas, f.at(1.5, 60), {}, Qt::RightButton);
    QCOMPARE(f.undos(), 0u);
  }

  void eraseToolPressAndDrag() {
    RollFixture f;
    f.session.setTool(Tool::kErase);
    f.given({makeNote(0, 60), makeNote(1, 61), makeNote(2, 62)});
    f.click(f.canvas, f.at(5, 60));
    QCOMPARE(f.undos(), 0u);
    f.click(f.canvas, f.at(0.5, 60));
    QCOMPARE(f.notes().size(), 2u);
    f.drag(f.canvas, f.at(1.5, 61), f.at(2.5, 62));
    QCOMPARE(f.notes().size(), 0u);
    QCOMPARE(f.undos(), 2u);
  }

  void escapeRestoresErasedNotes() {
    RollFixture f;
    f.session.setTool(Tool::kErase);
    f.given({makeNote(0, 60)});
    f.press(f.canvas, f.at(0.5, 60));
    QCOMPARE(f.editor.state().shownTrack()->notes.size(), 0u);
    QTest::keyClick(f.canvas, Qt::Key_Escape);
    QCOMPARE(f.editor.state().shownTrack()->notes.size(), 1u);
    f.release(f.canvas, f.at(0.5, 60));
    QCOMPARE(f.undos(), 0u);
  }

  void eraseToolRightPressAsksForTheMenu() {
    RollFixture f;
    f.session.setTool(Tool::kErase);
    f.given({makeNote(0, 60)});
    int asked = 0;
    QObject::connect(&f.editor, &RollEditor::contextMenuRequested, [&] { ++asked; });
    f.click(f.canvas, f.at(0.5, 60), {}, Qt::RightButton);
    QCOMPARE(asked, 1);
    QCOMPARE(f.notes().size(), 1u);
  }

  void pitchIsClampedAtTheTop() {
    RollFixture f;
    RollView v = f.editor.state().view();
    v.topPitch = 128;
    f.editor.state().setView(v);
    f.drag(f.canvas, f.at(0, 126), QPointF(5, -200));
    QCOMPARE(int{f.notes().at(0).pitch}, 127);
  }

  void withoutATrackNothingHappens() {
    RollFixture f;
    f.session.commit(QStringLiteral("x"),
                     removeTrack(*f.session.document(), f.session.activeTrack()));
    QVERIFY(f.session.track() == nullptr);
    const std::size_t before = f.undos();
    for (const auto m : {Qt::NoModifier, Qt::ShiftModifier, Qt::ControlModifier})
      f.drag(f.canvas, f.at(0, 60), f.at(2, 64), m);
    f.drag(f.canvas, f.at(0, 60), f.at(2, 64), {}, Qt::RightButton);
    f.drag(f.lane, {10, 20}, {90, 40});
    f.wheel(f.lane, {10, 20}, 1);
    QCOMPARE(f.undos(), before);
  }
};

QTEST_MAIN(TestDraw)
#include "test_draw.moc"
