// The ruler (playhead, loop, ranges) and the piano keys.
#include "core/score/drum_names.h"
#include "tests/ui/roll_fixture.h"
#include "ui/theme/theme.h"

using namespace incipit;

class TestRulerAndKeys : public QObject {
  Q_OBJECT

  static QPointF ruler(const RollFixture& f, double quarter) {
    return {f.at(quarter, 60).x() + 1, 24};
  }
  static QPointF handle(const RollFixture& f, double quarter) {
    return {f.at(quarter, 60).x(), f.ruler->height() - 5.0};
  }
  static TickRange quarters(int a, int b) { return {Tick{a * 960}, Tick{b * 960}}; }

 private Q_SLOTS:
  void aDrumTrackNamesItsDrums() {
    RollFixture f;
    const QImage piano = f.keys->grab().toImage();
    Track t = *f.session.track();
    t.channel = kDrumChannel;
    f.session.commit("Drums", replaceTrack(*f.session.document(), t));
    const QImage drums = f.keys->grab().toImage();
    // A black key's place holds a name on a plain ground instead.
    const QPoint black(6, static_cast<int>(f.at(0, 61).y()));
    QCOMPARE(piano.pixelColor(black), theme().keyBlack);
    QVERIFY(drums.pixelColor(black) != theme().keyBlack);
    QCOMPARE(QString(drumName(38)), QString("Snare"));
    QCOMPARE(QString(drumName(81)), QString("Open triang"));
    QCOMPARE(QString(drumName(34)) + drumName(82) + drumName(-1), QString());
    // They are heard all the same.
    f.press(f.keys, {20, f.at(0, 61).y()});
    QCOMPARE(f.player.previewing(), 61);
    f.release(f.keys, {20, f.at(0, 61).y()});
    f.session.undo();
    QCOMPARE(f.keys->grab().toImage().pixelColor(black), theme().keyBlack);
  }

  void pressMovesThePlayhead() {
    RollFixture f;
    f.click(f.ruler, ruler(f, 3.03));
    QCOMPARE(f.transport.position().count, 3 * 960);
    f.click(f.ruler, ruler(f, 3.1), Qt::AltModifier);
    QVERIFY(f.transport.position().count % 240 != 0);
    QVERIFY(f.transport.loopRange().empty());
  }

  void dragDefinesTheLoop() {
    RollFixture f;
    f.drag(f.ruler, ruler(f, 8), ruler(f, 4));  // leftwards as well
    QCOMPARE(f.transport.loopRange(), quarters(4, 8));
    QVERIFY(f.transport.looping());
    QCOMPARE(f.undos(), 0u);
  }

  void handlesMoveTheEnds() {
    RollFixture f;
    f.transport.setLoopRange(quarters(4, 8));
    f.transport.seek({0});
    f.drag(f.ruler, handle(f, 8), handle(f, 10));
    QCOMPARE(f.transport.loopRange(), quarters(4, 10));
    f.drag(f.ruler, handle(f, 4), handle(f, 2));
    QCOMPARE(f.transport.loopRange(), quarters(2, 10));
    QCOMPARE(f.transport.position().count, 0);  // a handle is no place to seek to
    f.drag(f.ruler, handle(f, 10), handle(f, 0));
    QCOMPARE(f.transport.loopRange().from.count, 2 * 960);
    QCOMPARE(f.transport.loopRange().length().count, 240);  // never empty
  }

  void escapeRestoresLoopAndPosition() {
    RollFixture f;
    f.transport.setLoopRange(quarters(1, 2));
    f.transport.seek({100});
    f.press(f.ruler, ruler(f, 4));
    f.move(f.ruler, ruler(f, 6));
    QCOMPARE(f.transport.loopRange(), quarters(4, 6));
    QTest::keyClick(f.ruler, Qt::Key_Escape);
    f.release(f.ruler, ruler(f, 6));
    QCOMPARE(f.transport.loopRange(), quarters(1, 2));
    QVERIFY(!f.transport.looping());
    QCOMPARE(f.transport.position().count, 100);
  }

  void shiftDragSelectsTheRange() {
    RollFixture f;
    f.given({makeNote(0, 60), makeNote(2, 40), makeNote(3, 90), makeNote(6, 60)});
    f.drag(f.ruler, ruler(f, 2), ruler(f, 4), Qt::ShiftModifier);
    QCOMPARE(f.session.selection().size(), 2u);
    QCOMPARE(f.transport.position().count, 0);
    QVERIFY(f.transport.loopRange().empty());
  }

  void doubleClickAsksForTheMenu() {
    RollFixture f;
    std::vector<std::int64_t> asked;
    QObject::connect(&f.editor, &RollEditor::rulerMenuRequested,
                     [&](QPoint, Tick at) { asked.push_back(at.count); });
    f.doubleClick(f.ruler, ruler(f, 4.03));
    QCOMPARE(asked, (std::vector<std::int64_t>{4 * 960}));
  }

  void keysSoundLouderToTheRight() {
    RollFixture f;
    const double y = f.at(0, 60).y();
    f.click(f.keys, {f.keys->width() * 0.25, y});
    f.click(f.keys, {f.keys->width() * 0.75, y});
    f.click(f.keys, {0, y});
    QCOMPARE(f.player.previews.size(), 3u);
    QCOMPARE(f.player.previews[0], (FakePlayer::Preview{60, 32}));
    QCOMPARE(f.player.previews[1], (FakePlayer::Preview{60, 95}));
    QCOMPARE(f.player.previews[2].velocity, 1);
    QCOMPARE(f.player.previewing(), -1);
  }

  void glissando() {
    RollFixture f;
    f.press(f.keys, {20, f.at(0, 60).y()});
    f.move(f.keys, {20, f.at(0, 60).y() + 2});
    f.move(f.keys, {20, f.at(0, 61).y()});
    f.move(f.keys, {20, f.at(0, 62).y()});
    QCOMPARE(f.player.previewing(), 62);
    f.release(f.keys, {20, f.at(0, 62).y()});
    QCOMPARE(f.player.previews.size(), 3u);
    QCOMPARE(f.player.previewing(), -1);
    QCOMPARE(f.undos(), 0u);
  }

  void escapeEndsTheSound() {
    RollFixture f;
    f.press(f.keys, {20, f.at(0, 60).y()});
    QCOMPARE(f.player.previewing(), 60);
    QTest::keyClick(f.keys, Qt::Key_Escape);
    QCOMPARE(f.player.previewing(), -1);
    f.release(f.keys, {20, f.at(0, 60).y()});
  }

  void altPressSelectsThePitch() {
    RollFixture f;
    f.given({makeNote(0, 60), makeNote(2, 61), makeNote(3, 60), makeNote(600, 60)});
    f.click(f.keys, {20, f.at(0, 60).y()}, Qt::AltModifier);
    QCOMPARE(f.session.selection().size(), 3u);
    QVERIFY(f.player.previews.empty());
  }
};

QTEST_MAIN(TestRulerAndKeys)
#include "test_ruler_and_keys.moc"
