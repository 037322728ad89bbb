// Wheel, zoom, panning, scrolling at the edges, following the playhead.
#include "tests/ui/roll_fixture.h"

using namespace incipit;

class TestNavigation : public QObject {
  Q_OBJECT

  static void hover(QWidget* w) {
    QEnterEvent e(QPointF(50, 50), QPointF(50, 50), w->mapToGlobal(QPointF(50, 50)));
    QApplication::sendEvent(w, &e);
    w->setAttribute(Qt::WA_UnderMouse);
  }
  static RollView view(RollFixture& f) { return f.editor.state().view(); }

 private Q_SLOTS:
  void wheelScrollsVertically() {
    RollFixture f;
    const RollView before = view(f);
    f.wheel(f.canvas, {200, 200}, 1);
    QCOMPARE(view(f).left, before.left);
    QCOMPARE(view(f).topPitch, before.topPitch + 3);
    f.wheel(f.keys, {10, 200}, -1);
    QCOMPARE(view(f).topPitch, before.topPitch);
  }

  void shiftWheelScrollsHorizontally() {
    RollFixture f;
    const RollView before = view(f);
    f.given({makeNote(0, 60, 400)});
    f.wheel(f.canvas, {200, 200}, -1, Qt::ShiftModifier);
    QVERIFY(view(f).left > before.left);
    QCOMPARE(view(f).topPitch, before.topPitch);
    f.wheel(f.ruler, {200, 20}, 1, Qt::ShiftModifier);
    QCOMPARE(view(f).left.count, 0);
  }

  void ctrlWheelZoomsTimeAtThePointer() {
    RollFixture f;
    f.given({makeNote(0, 60, 400)});
    RollView v = view(f);
    v.left = {20000};
    f.editor.state().setView(v);
    const QPointF p(333, 200);
    const double under = static_cast<double>(view(f).tickAt(p.x()).count);
    for (const int notches : {1, 1, 1, -1, -1, -1, -1}) {
      const double before = view(f).pxPerTick;
      f.wheel(f.canvas, p, notches, Qt::ControlModifier);
      QVERIFY(notches > 0 ? view(f).pxPerTick > before : view(f).pxPerTick < before);
      QVERIFY(std::abs(view(f).x(Tick{static_cast<std::int64_t>(under)}) - p.x()) < 2);
    }
    QCOMPARE(view(f).rowPx, v.rowPx);
  }

  void ctrlShiftWheelZoomsPitchAtThePointer() {
    RollFixture f;
    const QPointF p(100, 203);
    const int pitch = view(f).pitchAt(p.y());
    const double before = view(f).rowPx;
    f.wheel(f.canvas, p, 1, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(view(f).rowPx > before);
    QCOMPARE(view(f).pitchAt(p.y()), pitch);
    QCOMPARE(view(f).pxPerTick, kDefaultQuarterPx / kDefaultPpq);
  }

  void middleDragPans() {
    RollFixture f;
    f.given({makeNote(0, 60, 400)});
    const RollView before = view(f);
    f.drag(f.canvas, {500, 200}, {500 - 112, 200 + 32}, {}, Qt::MiddleButton);
    QCOMPARE(view(f).left.count, before.left.count + 2 * 960);
    QCOMPARE(view(f).topPitch, before.topPitch + 2);
    QCOMPARE(f.notes().size(), 1u);
    QCOMPARE(f.undos(), 0u);
  }

  void escapeUndoesThePan() {
    RollFixture f;
    f.given({makeNote(0, 60, 400)});
    const RollView before = view(f);
    f.press(f.canvas, {500, 200}, {}, Qt::MiddleButton);
    f.move(f.canvas, {300, 250});
    QVERIFY(view(f) != before);
    QTest::keyClick(f.canvas, Qt::Key_Escape);
    QCOMPARE(view(f), before);
    f.release(f.canvas, {300, 250}, {}, Qt::MiddleButton);
  }

  void spaceDragPansAndDoesNotPlay() {
    RollFixture f;
    f.given({makeNote(0, 60, 400)});
    f.canvas->setFocus();
    hover(f.canvas);
    const RollView before = view(f);
    QTest::keyPress(f.canvas, Qt::Key_Space);
    QCOMPARE(f.canvas->cursor().shape(), Qt::OpenHandCursor);
    f.drag(f.canvas, {500, 200}, {444, 200});
    QTest::keyRelease(f.canvas, Qt::Key_Space);
    QCOMPARE(view(f).left.count, before.left.count + 960);
    QVERIFY(!f.transport.playing());
    QCOMPARE(f.undos(), 0u);
  }

  void spaceTappedPlays() {
    RollFixture f;
    f.canvas->setFocus();
    hover(f.canvas);
    QTest::keyClick(f.canvas, Qt::Key_Space);
    QVERIFY(f.transport.playing());
    QTest::keyClick(f.canvas, Qt::Key_Space);
    QVERIFY(!f.transport.playing());
  }

  void draggingBeyondTheEdgeScrolls() {
    RollFixture f;
    f.press(f.canvas, f.at(2, 60));
    f.move(f.canvas, QPointF(f.canvas->width() + 60, f.at(2, 60).y()));
    const Tick before = view(f).left;
    const std::int64_t length = f.editor.state().shownTrack()->notes.begin()->length.count;
    for (int i = 0; i < 20; ++i) f.canvas->autoScroll();
    QVERIFY(view(f).left > before);
    // The note grows with the view under a pointer that stands still.
    QVERIFY(f.editor.state().shownTrack()->notes.begin()->length.count > length);
    QCOMPARE(f.editor.state().shownTrack()->notes.begin()->start.count, 2 * 960);
    f.release(f.canvas, QPointF(f.canvas->width() + 60, f.at(2, 60).y()));
    QCOMPARE(f.undos(), 1u);
  }

  void noScrollingWithoutAGesture() {
    RollFixture f;
    const RollView before = view(f);
    f.move(f.canvas, QPointF(f.canvas->width() + 60, 100));
    f.canvas->autoScroll();
    QCOMPARE(view(f), before);
  }

  void followsThePlayheadByPages() {
    RollFixture f;
    f.given({makeNote(0, 60, 400)});
    f.transport.play();
    const double page = f.editor.state().viewport().width();
    const Tick beyond = view(f).tickAt(page + 10);
    f.transport.seek(beyond);
    const Tick bar = f.session.document()->meter.barStartAt(beyond);
    QCOMPARE(view(f).left, bar);
    f.transport.seek(beyond + TickDelta{960});
    QCOMPARE(view(f).left, bar);  // still on this page
    f.session.setFollowPlayhead(false);
    f.transport.seek({200 * 960});
    QCOMPARE(view(f).left, bar);
    f.transport.stop();
    f.session.setFollowPlayhead(true);
    f.transport.seek({0});
    QCOMPARE(view(f).left, bar);  // a stopped playhead pulls at nothing
  }
};

QTEST_MAIN(TestNavigation)
#include "test_navigation.moc"
