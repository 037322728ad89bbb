// Selecting: presses on notes, rubber bands, context menus, the property strip.
#include <QLineEdit>

#include "tests/ui/roll_fixture.h"

using namespace incipit;

class TestSelect : public QObject {
  Q_OBJECT

  static std::vector<std::int64_t> starts(const RollFixture& f) {
    std::vector<std::int64_t> out;
    for (const Note& n : f.session.selection()) out.push_back(n.start.count / kDefaultPpq);
    return out;
  }
  using Starts = std::vector<std::int64_t>;

 private Q_SLOTS:
  void bandReplacesAddsAndToggles() {
    RollFixture f;
    f.session.setTool(Tool::kSelect);
    f.given({makeNote(0, 60), makeNote(2, 60), makeNote(4, 60), makeNote(6, 72)});
    f.drag(f.canvas, f.at(1.5, 63), f.at(5, 57));
    QCOMPARE(starts(f), (Starts{2, 4}));
    f.drag(f.canvas, f.at(1.5, 57), f.at(0.2, 62), Qt::ShiftModifier);
    QCOMPARE(starts(f), (Starts{0, 2, 4}));
    f.drag(f.canvas, f.at(3.5, 57), f.at(7, 74), Qt::ControlModifier);
    QCOMPARE(starts(f), (Starts{0, 2, 6}));
    QCOMPARE(f.undos(), 0u);
  }

  void modeFollowsTheModifierDuringTheDrag() {
    RollFixture f;
    f.session.setTool(Tool::kSelect);
    const auto n = f.given({makeNote(0, 60), makeNote(2, 60)});
    f.session.select({n[0]});
    f.press(f.canvas, f.at(1.5, 63), Qt::ShiftModifier);
    f.move(f.canvas, f.at(3, 57), Qt::ShiftModifier);
    QCOMPARE(starts(f), (Starts{0, 2}));
    f.move(f.canvas, f.at(3, 57));
    QCOMPARE(starts(f), (Starts{2}));
    f.release(f.canvas, f.at(3, 57));
  }

  void pressOnEmptyClears() {
    RollFixture f;
    f.session.setTool(Tool::kSelect);
    f.session.select(f.given({makeNote(0, 60)}));
    f.click(f.canvas, f.at(5, 60));
    QVERIFY(f.session.selection().empty());
    QCOMPARE(f.notes().size(), 1u);
  }

  void escapeRestoresTheSelection() {
    RollFixture f;
    f.session.setTool(Tool::kSelect);
    const auto n = f.given({makeNote(0, 60), makeNote(2, 60)});
    f.session.select({n[0]});
    f.press(f.canvas, f.at(1.5, 63));
    f.move(f.canvas, f.at(3, 57));
    QCOMPARE(starts(f), (Starts{2}));
    QTest::keyClick(f.canvas, Qt::Key_Escape);
    QCOMPARE(starts(f), (Starts{0}));
    f.release(f.canvas, f.at(3, 57));
  }

  void doubleClickOnEmptyAddsWithTheSelectTool() {
    RollFixture f;
    f.session.setTool(Tool::kSelect);
    f.doubleClick(f.canvas, f.at(1.1, 60));
    QCOMPARE(f.notes().size(), 1u);
    QCOMPARE(f.undos(), 1u);
  }

  void pressOnANoteSelectsSoundsAndIsAdopted() {
    for (const Tool tool : {Tool::kSelect, Tool::kDraw}) {
      RollFixture f;
      f.session.setTool(tool);
      f.given({makeNote(0, 60), makeNote(2, 64, 2, 33)});
      f.press(f.canvas, f.at(3, 64));
      QCOMPARE(starts(f), (Starts{2}));
      QVERIFY((f.player.previews == std::vector<FakePlayer::Preview>{{64, 33}}));
      QCOMPARE(f.session.newNoteLength().count, 1920);
      QCOMPARE(f.session.newNoteVelocity(), 33);
      f.release(f.canvas, f.at(3, 64));
      QCOMPARE(f.player.previewing(), -1);
      QCOMPARE(f.undos(), 0u);
    }
  }

  void shiftAddsCtrlToggles() {
    RollFixture f;
    f.given({makeNote(0, 60), makeNote(2, 60), makeNote(4, 60)});
    f.click(f.canvas, f.at(0.5, 60));
    f.click(f.canvas, f.at(2.5, 60), Qt::ShiftModifier);
    QCOMPARE(starts(f), (Starts{0, 2}));
    f.click(f.canvas, f.at(4.5, 60), Qt::ControlModifier);
    QCOMPARE(starts(f), (Starts{0, 2, 4}));
    f.click(f.canvas, f.at(2.5, 60), Qt::ControlModifier);
    QCOMPARE(starts(f), (Starts{0, 4}));
    f.click(f.canvas, f.at(4.5, 60));  // one of several: on its release it is the only one
    QCOMPARE(starts(f), (Starts{4}));
  }

  void contextMenuSelectsTheNoteUnlessItIsSelected() {
    RollFixture f;
    f.session.setTool(Tool::kSelect);
    const auto n = f.given({makeNote(0, 60), makeNote(2, 60)});
    int asked = 0;
    QObject::connect(&f.editor, &RollEditor::contextMenuRequested, [&] { ++asked; });
    f.click(f.canvas, f.at(0.5, 60), {}, Qt::RightButton);
    QCOMPARE(starts(f), (Starts{0}));
    f.session.select(n);
    f.click(f.canvas, f.at(0.5, 60), {}, Qt::RightButton);
    QCOMPARE(f.session.selection().size(), 2u);
    f.click(f.canvas, f.at(8, 60), {}, Qt::RightButton);
    QCOMPARE(asked, 3);
  }

  void stripEditsTheNote() {
    RollFixture f;
    f.given({makeNote(1, 60)});
    f.doubleClick(f.canvas, f.at(1.5, 60));
    QVERIFY(f.canvas->strip() != nullptr);
    QVERIFY(f.canvas->strip()->isVisible());
    auto* start = f.canvas->strip()->findChild<QLineEdit*>(QStringLiteral("noteStart"));
    auto* length = f.canvas->strip()->findChild<QLineEdit*>(QStringLiteral("noteLength"));
    auto* pitch = f.canvas->strip()->findChild<QLineEdit*>(QStringLiteral("notePitch"));
    auto* velocity = f.canvas->strip()->findChild<QLineEdit*>(QStringLiteral("noteVelocity"));
    QCOMPARE(start->text(), QStringLiteral("1.2.0"));
    QCOMPARE(length->text(), QStringLiteral("1/4"));
    QCOMPARE(pitch->text(), QStringLiteral("C4"));
    QCOMPARE(velocity->text(), QStringLiteral("80"));
    start->setText(QStringLiteral("2.1.10"));
    length->setText(QStringLiteral("1/8."));
    pitch->setText(QStringLiteral("Eb4"));
    velocity->setText(QStringLiteral("200"));
    QTest::keyClick(velocity, Qt::Key_Return);
    QCOMPARE(f.undos(), 0u);  // 200 is no velocity
    QVERIFY(f.canvas->strip()->isVisible());
    velocity->setText(QStringLiteral("99"));
    QTest::keyClick(velocity, Qt::Key_Return);
    QCOMPARE(f.undos(), 1u);
    const Note n = f.notes().at(0);
    QCOMPARE(n.start.count, 3850);
    QCOMPARE(n.length.count, 720);
    QCOMPARE(int{n.pitch}, 63);
    QCOMPARE(int{n.velocity}, 99);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QVERIFY(f.canvas->strip() == nullptr);
  }

  void escapeLeavesTheStrip() {
    RollFixture f;
    f.given({makeNote(1, 60)});
    f.doubleClick(f.canvas, f.at(1.5, 60));
    auto* pitch = f.canvas->strip()->findChild<QLineEdit*>(QStringLiteral("notePitch"));
    pitch->setText(QStringLiteral("D4"));
    QTest::keyClick(pitch, Qt::Key_Escape);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QVERIFY(f.canvas->strip() == nullptr);
    QCOMPARE(f.undos(), 0u);
    QCOMPARE(int{f.notes().at(0).pitch}, 60);
  }
};

QTEST_MAIN(TestSelect)
#include "test_select.moc"
