// Every editing key, as real key events on a shown window.
#include <QDialog>
#include <QSpinBox>
#include <QtTest>

#include "tests/ui/studio.h"

using namespace incipit;
using namespace incipit::test;

class TestEditKeys : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void pitchKeys() {
    Studio s;
    s.draw({{0, 1, 60}, {1, 1, 64}});
    s.key(Qt::Key_Up);
    QCOMPARE(s.notes()[0].pitch, 61);
    QCOMPARE(s.notes()[1].pitch, 65);
    s.key(Qt::Key_Down);
    s.key(Qt::Key_Up, Qt::ShiftModifier);
    QCOMPARE(s.notes()[0].pitch, 72);
    s.key(Qt::Key_Down, Qt::ShiftModifier);
    s.session().setScale({0, Mode::kMajor}, true);
    s.key(Qt::Key_Up, Qt::AltModifier);
    QCOMPARE(s.notes()[0].pitch, 62);
    QCOMPARE(s.notes()[1].pitch, 65);
    s.key(Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(s.notes()[0].pitch, 60);
    QVERIFY(!s.player.previews.empty());
  }

  void timeKeys() {
    Studio s;
    s.draw({{1, 1, 60}});
    const std::int64_t step = s.quarter() / 4;
    s.key(Qt::Key_Right);
    QCOMPARE(s.notes()[0].start.count, s.quarter() + step);
    s.key(Qt::Key_Left);
    QCOMPARE(s.notes()[0].start.count, s.quarter());
    s.key(Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(s.notes()[0].start.count, s.quarter() + 1);
    s.key(Qt::Key_Left, Qt::AltModifier);
    s.key(Qt::Key_Right, Qt::ShiftModifier);
    QCOMPARE(s.notes()[0].length.count, s.quarter() + step);
    s.key(Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(s.notes()[0].length.count, s.quarter());
  }

  void velocityKeys() {
    Studio s;
    s.draw({{0, 1, 60}});
    const int before = s.notes()[0].velocity;
    s.key(Qt::Key_Up, Qt::ControlModifier);
    QVERIFY(s.notes()[0].velocity > before);
    s.key(Qt::Key_Down, Qt::ControlModifier);
    s.key(Qt::Key_Minus);
    QVERIFY(s.notes()[0].velocity < before);
    s.key(Qt::Key_Plus);
    QCOMPARE(s.notes()[0].velocity, before);
  }

  void selectionKeys() {
    Studio s;
    s.draw({{0, 1, 60}, {1, 1, 62}, {2, 1, 64}});
    s.key(Qt::Key_Escape);
    QVERIFY(s.session().selection().empty());
    s.key(Qt::Key_A, Qt::ControlModifier);
    QCOMPARE(s.session().selection().size(), std::size_t{3});
    s.key(Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(s.session().selection().empty());
    s.key(Qt::Key_Tab);
    QCOMPARE(s.session().selection().at(0).pitch, 60);
    s.key(Qt::Key_Tab);
    QCOMPARE(s.session().selection().at(0).pitch, 62);
    s.key(Qt::Key_Backtab, Qt::ShiftModifier);
    QCOMPARE(s.session().selection().at(0).pitch, 60);
    s.key(Qt::Key_I, Qt::ControlModifier);
    QCOMPARE(s.session().selection().size(), std::size_t{2});
  }

  void clipboardKeys() {
    Studio s;
    s.draw({{0, 1, 60}, {1, 1, 62}});
    s.key(Qt::Key_C, Qt::ControlModifier);
    s.player.now = {s.quarter() * 4};
    s.key(Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(s.notes().size(), std::size_t{4});
    QCOMPARE(s.notes()[2].start.count, s.quarter() * 4);
    QCOMPARE(s.player.now.count, s.quarter() * 6);  // behind what was pasted
    s.key(Qt::Key_X, Qt::ControlModifier);
    QCOMPARE(s.notes().size(), std::size_t{2});
    s.key(Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(s.notes().size(), std::size_t{4});
    s.key(Qt::Key_Y, Qt::ControlModifier);
    QCOMPARE(s.notes().size(), std::size_t{2});
    s.key(Qt::Key_Z, Qt::ControlModifier);
    s.key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(s.notes().size(), std::size_t{2});
  }

  void deleteAndDuplicate() {
    Studio s;
    s.draw({{0, 1, 60}, {1, 0.9, 62}});
    s.key(Qt::Key_D, Qt::ControlModifier);
    QCOMPARE(s.notes().size(), std::size_t{4});
    QCOMPARE(s.notes()[2].start.count, s.quarter() * 2);
    s.key(Qt::Key_Delete);
    QCOMPARE(s.notes().size(), std::size_t{2});
    s.key(Qt::Key_A, Qt::ControlModifier);
    s.key(Qt::Key_Backspace);
    QVERIFY(s.notes().empty());
  }

  void shapeKeys() {
    Studio s;
    s.draw({{0.05, 0.4, 60}, {1.05, 0.4, 60}});
    s.key(Qt::Key_Q);
    QCOMPARE(s.notes()[0].start.count, 0);
    QCOMPARE(s.notes()[1].start.count, s.quarter());
    s.key(Qt::Key_L, Qt::AltModifier);
    QCOMPARE(s.notes()[0].length.count, s.quarter());
    s.key(Qt::Key_J, Qt::ControlModifier);
    QCOMPARE(s.notes().size(), std::size_t{1});
    s.player.now = {s.quarter() / 2};
    s.key(Qt::Key_E, Qt::ControlModifier);
    QCOMPARE(s.notes().size(), std::size_t{2});
    s.key(Qt::Key_K);
    QVERIFY(s.notes()[0].locked && s.notes()[1].locked);
    s.key(Qt::Key_K);
    QVERIFY(!s.notes()[0].locked);
  }

  void dialogs() {
    Studio s;
    s.draw({{0.05, 1, 60}});
    s.key(Qt::Key_T);
    auto* transpose = s.find<QDialog>("transposeDialog");
    QVERIFY(transpose != nullptr);
    s.find<QSpinBox>("transposeSpin")->setValue(-5);
    transpose->accept();
    QCOMPARE(s.notes()[0].pitch, 55);
    s.window->activateWindow();
    s.key(Qt::Key_Q, Qt::ShiftModifier);
    auto* quantise = s.find<QDialog>("quantiseDialog");
    QVERIFY(quantise != nullptr);
    s.find<QSpinBox>("quantiseStrengthSpin")->setValue(50);
    quantise->accept();
    QCOMPARE(s.notes()[0].start.count, s.quarter() * 5 / 200);
  }

  void toolsAndGrid() {
    Studio s;
    s.key(Qt::Key_V);
    QCOMPARE(s.session().tool(), Tool::kSelect);
    s.key(Qt::Key_E);
    QCOMPARE(s.session().tool(), Tool::kErase);
    s.key(Qt::Key_D);
    QCOMPARE(s.session().tool(), Tool::kDraw);
    s.key(Qt::Key_1, Qt::ControlModifier);
    QCOMPARE(s.session().grid().division, 32);
    s.key(Qt::Key_2, Qt::ControlModifier);
    s.key(Qt::Key_2, Qt::ControlModifier);
    QCOMPARE(s.session().grid().division, 8);
    s.key(Qt::Key_3, Qt::ControlModifier);
    QVERIFY(s.session().grid().triplet);
    s.key(Qt::Key_N);
    QVERIFY(!s.session().grid().enabled);
    s.key(Qt::Key_4, Qt::ControlModifier);
    QVERIFY(s.session().grid().enabled);
  }

  void transportKeys() {
    Studio s;
    s.draw({{0, 8, 60}});
    s.key(Qt::Key_Space);
    QVERIFY(s.player.isPlaying);
    s.key(Qt::Key_Space);
    QVERIFY(!s.player.isPlaying);
    const std::int64_t bar = s.quarter() * 4;
    s.key(Qt::Key_PageDown);
    QCOMPARE(s.player.now.count, bar);
    s.player.now.count += 5;
    s.key(Qt::Key_PageUp);
    QCOMPARE(s.player.now.count, bar);
    s.key(Qt::Key_End);
    QCOMPARE(s.player.now.count, 2 * bar);
    s.key(Qt::Key_Home);
    QCOMPARE(s.player.now.count, 0);
    s.key(Qt::Key_L, Qt::ControlModifier);
    QVERIFY(s.player.loop.has_value());
    QCOMPARE(s.player.loop->to.count, 2 * bar);
    s.key(Qt::Key_L);
    QVERIFY(!s.player.loop.has_value());
    s.key(Qt::Key_M, Qt::ControlModifier);
    QVERIFY(s.player.metronome);
    s.key(Qt::Key_Period, Qt::ControlModifier);
    QCOMPARE(s.player.panics, 1);
    s.key(Qt::Key_Space);
    s.player.now = {77};
    s.key(Qt::Key_Return);
    QVERIFY(!s.player.isPlaying);
    QCOMPARE(s.player.now.count, 0);
    const bool followed = s.session().followPlayhead();
    s.key(Qt::Key_F);
    QCOMPARE(s.session().followPlayhead(), !followed);
  }

  void trackKeys() {
    Studio s;
    s.key(Qt::Key_T, Qt::ControlModifier);
    QCOMPARE(s.session().document()->tracks.size(), std::size_t{2});
    const TrackId second = s.session().activeTrack();
    QCOMPARE(second, s.session().document()->tracks[1]->id);
    s.key(Qt::Key_M);
    QVERIFY(s.session().track()->mute);
    s.key(Qt::Key_S);
    QVERIFY(s.session().track()->solo);
    s.key(Qt::Key_PageUp, Qt::ControlModifier);
    QVERIFY(s.session().activeTrack() != second);
    s.key(Qt::Key_PageDown, Qt::ControlModifier);
    QCOMPARE(s.session().activeTrack(), second);
  }

  // A number field keeps its arrows and digits, yet Space still plays.
  void fieldsKeepTheirKeys() {
    Studio s;
    s.draw({{0, 1, 60}});
    auto* bars = s.find<QSpinBox>("barsSpin");
    bars->setFocus();
    const int before = bars->value();
    s.key(Qt::Key_Up);
    QCOMPARE(bars->value(), before + 1);
    QCOMPARE(s.notes()[0].pitch, 60);
    s.key(Qt::Key_Space);
    QVERIFY(s.player.isPlaying);
    bars->setFocus();
    s.key(Qt::Key_Return);
    QVERIFY(s.player.isPlaying);  // Return ends the entry and does not stop
    QVERIFY(s.window->roll().isAncestorOf(QApplication::focusWidget()) ||
            QApplication::focusWidget() == &s.window->roll());
  }

  void shortcutSheetOpens() {
    Studio s;
    s.key(Qt::Key_F1);
    QVERIFY(s.find<QDialog>("shortcutSheet") != nullptr);
  }
};

QTEST_MAIN(TestEditKeys)
#include "test_edit_keys.moc"
