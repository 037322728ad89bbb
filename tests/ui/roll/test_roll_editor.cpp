// The editor around the roll: zoom, scroll bars, status, accessibility.
#include <QAccessible>
#include <QScrollBar>

#include "tests/ui/roll_fixture.h"
#include "ui/roll/velocity_lane.h"

using namespace incipit;

class TestRollEditor : public QObject {
  Q_OBJECT

  static RollView view(RollFixture& f) { return f.editor.state().view(); }

 private Q_SLOTS:
  void panesAreNamedAndAligned() {
    RollFixture f;
    QVERIFY(f.canvas != nullptr && f.ruler != nullptr && f.keys != nullptr && f.lane != nullptr);
    const auto left = [&](QWidget* w) { return w->mapTo(&f.editor, QPoint()).x(); };
    QCOMPARE(left(f.ruler), left(f.canvas));
    QCOMPARE(left(f.lane), left(f.canvas));
    QCOMPARE(f.ruler->width(), f.canvas->width());
    QCOMPARE(f.lane->width(), f.canvas->width());
    QCOMPARE(f.keys->height(), f.canvas->height());
  }

  void zoomSlots() {
    RollFixture f;
    const double before = view(f).pxPerTick;
    f.editor.zoomIn();
    QVERIFY(view(f).pxPerTick > before);
    f.editor.zoomOut();
    QVERIFY(std::abs(view(f).pxPerTick - before) < 1e-9);
    f.editor.zoomOut();
    f.editor.zoomReset();
    QCOMPARE(view(f).pxPerTick, before);
    QCOMPARE(view(f).rowPx, kDefaultRowPx);
  }

  void zoomToSelectionAndSong() {
    RollFixture f;
    const auto n = f.given({makeNote(0, 40), makeNote(40, 90, 2), makeNote(100, 60, 4)});
    f.session.select({n[1]});
    f.editor.zoomToSelection();
    const QRectF r = noteRect(n[1], view(f));
    QVERIFY(QRectF(f.canvas->rect()).contains(r));
    QVERIFY(r.width() > f.canvas->width() * 0.8);
    f.editor.zoomToSong();
    for (const Note& each : n)
      QVERIFY(QRectF(f.canvas->rect()).adjusted(-1, 0, 1, 0).contains(noteRect(each, view(f))));
    f.session.clearSelection();
    f.editor.zoomReset();
    f.editor.zoomToSelection();  // nothing selected: the song
    QVERIFY(view(f).x(n[2].end()) <= f.canvas->width() + 1);
  }

  void emptySong() {
    RollFixture f;
    f.editor.zoomToSong();
    f.editor.zoomToSelection();
    f.editor.centreOnNotes();
    QVERIFY(view(f).y(60) > 0 && view(f).y(60) < f.canvas->height());
    QCOMPARE(view(f).left.count, 0);
  }

  void scrollToTickAndCentre() {
    RollFixture f;
    f.given({makeNote(100, 100), makeNote(400, 104)});
    f.editor.scrollToTick(Tick{300 * 960});
    QVERIFY(view(f).x(Tick{300 * 960}) >= 0);
    QVERIFY(view(f).x(Tick{300 * 960}) < f.canvas->width() / 2.0);
    const RollView there = view(f);
    f.editor.scrollToTick(Tick{301 * 960});
    QCOMPARE(view(f), there);  // in view already
    f.editor.centreOnNotes();
    QVERIFY(view(f).y(102) > 0 && view(f).y(102) < f.canvas->height());
    QCOMPARE(view(f).left.count, 100 * 960);
  }

  void loadingCentresOnTheNotes() {
    RollFixture f;
    NoteEdit edit = addNotes(newDocument(), 1, std::vector{makeNote(0, 30)});
    f.session.load(std::make_shared<const Document>(std::move(edit.document)));
    QVERIFY(view(f).y(30) > 0 && view(f).y(30) < f.canvas->height());
  }

  void scrollBarsAndViewAgree() {
    RollFixture f;
    f.given({makeNote(0, 60, 400)});
    auto* across = f.editor.findChild<QScrollBar*>(QStringLiteral("rollScrollTime"));
    auto* down = f.editor.findChild<QScrollBar*>(QStringLiteral("rollScrollPitch"));
    across->setValue(560);
    QCOMPARE(view(f).left.count, 9600);
    down->setValue(160);
    QCOMPARE(view(f).topPitch, 118.0);
    f.wheel(f.canvas, {100, 100}, -1);
    QCOMPARE(down->value(), 208);
    down->setValue(down->maximum());
    QVERIFY(std::abs(view(f).y(0) + view(f).rowPx - f.canvas->height()) <= 1);
    across->setValue(across->maximum());
    QVERIFY(view(f).left >= f.session.document()->end() - TickDelta{960});
  }

  void statusNamesThePlace() {
    RollFixture f;
    QStringList said;
    QObject::connect(&f.editor, &RollEditor::statusChanged, [&](const QString& s) { said << s; });
    f.move(f.canvas, f.at(9.1, 61));
    QCOMPARE(f.editor.statusText(), QStringLiteral("bar 3.2 · C#4"));
    QCOMPARE(said.last(), f.editor.statusText());
    QEvent leave(QEvent::Leave);
    QApplication::sendEvent(f.canvas, &leave);
    QCOMPARE(f.editor.statusText(), QString());
  }

  void screenReaderFindsTheNotes() {
    RollFixture f;
    f.given({makeNote(0, 60), makeNote(9, 61, 0.5, 90)});
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(f.canvas);
    QVERIFY(list != nullptr);
    QCOMPARE(list->role(), QAccessible::List);
    QCOMPARE(list->text(QAccessible::Name), QStringLiteral("Piano roll"));
    QCOMPARE(list->childCount(), 2);
    QAccessibleInterface* second = list->child(1);
    QVERIFY(second != nullptr);
    QCOMPARE(second->text(QAccessible::Name),
             QStringLiteral("C sharp 4, bar 3 beat 2, one eighth, velocity 90"));
    QCOMPARE(list->child(1), second);
    QCOMPARE(list->indexOfChild(second), 1);
    QCOMPARE(second->parent(), list);
    QVERIFY(list->child(2) == nullptr);
    const QPoint p = f.canvas->mapToGlobal(f.at(9.2, 61)).toPoint();
    QCOMPARE(list->childAt(p.x(), p.y()), second);
    QVERIFY(second->rect().contains(p));
    QVERIFY(list->focusChild() == nullptr);
    f.session.select({f.notes()[1]});
    QCOMPARE(list->focusChild(), second);
    QVERIFY(second->state().selected);
    f.session.commit(
        QStringLiteral("x"),
        removeNotes(*f.session.document(), f.session.activeTrack(), std::vector{f.notes()[1]}));
    QVERIFY(!second->isValid());
    QVERIFY(second->text(QAccessible::Name).isEmpty());
    QCOMPARE(list->childCount(), 1);
  }

  void everyNoteOfManyIsReachable() {
    RollFixture f;
    std::vector<Note> many;
    for (int i = 0; i < 5000; ++i) many.push_back(makeNote(i * 0.25, 60));
    f.given(many);
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(f.canvas);
    QCOMPARE(list->childCount(), 5000);
    for (int i = 0; i < 5000; i += 7) QCOMPARE(list->indexOfChild(list->child(i)), i);
  }
};

QTEST_MAIN(TestRollEditor)
#include "test_roll_editor.moc"
