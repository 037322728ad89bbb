// Playing along in the window: the controls of recording, step input, the computer keyboard, call
// and response, arming and the outputs of tracks. What they do to the music is tested in
// ui/session.
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QtTest>

#include "tests/ui/studio.h"
#include "ui/roll/roll_canvas.h"
#include "ui/roll/roll_keys.h"

using namespace incipit;
using namespace incipit::test;

namespace {

QAction* action(Studio& s, const char* id) { return s.window->actionTable().action(id); }

QStringList texts(const QMenu* menu) {
  QStringList list;
  for (const QAction* a : menu->actions()) {
    if (!a->isSeparator()) list << (a->isChecked() ? "*" : "") + a->text();
  }
  return list;
}

// As the person opens it.
QMenu* openedMenu(Studio& s, const char* button) {
  QMenu* menu = s.find<QToolButton>(button)->menu();
  Q_EMIT menu->aboutToShow();
  return menu;
}

QAction* entry(const QMenu* menu, const QString& text) {
  for (QAction* a : menu->actions()) {
    if (a->text() == text) return a;
  }
  return nullptr;
}

void showOutputs(Studio& s, std::vector<MidiPort> outputs) {
  s.player.midiNow.system = "jack";
  s.player.midiNow.outputs = std::move(outputs);
  Preferences p = s.window->preferences();
  p.midi.virtualPorts = !p.midi.virtualPorts;  // applied at once
  s.window->setPreferences(p);
}

std::size_t steps(Studio& s) { return s.session().history().entries().size(); }

}  // namespace

class TestLive : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void rRecordsAfterTheCountInAndSpaceStops() {
    Studio s;
    s.key(Qt::Key_R);
    QVERIFY(s.window->live().recorder().recording());
    QVERIFY(s.player.isPlaying);
    QCOMPARE(s.player.countIn, 1);
    QVERIFY(s.player.metronome);
    QVERIFY(s.find<QToolButton>("recordButton")->isChecked());
    s.key(Qt::Key_Space);
    QVERIFY(!s.player.isPlaying);
    QVERIFY(!s.window->live().recorder().recording());
    QVERIFY(!s.find<QToolButton>("recordButton")->isChecked());
    QVERIFY(!s.player.metronome);
  }

  void whatIsPlayedGrowsInTheRollAndIsOneStep() {
    Studio s;
    s.window->live().recorder().setSettings({.countInBars = 0});
    const std::size_t before = steps(s);
    s.key(Qt::Key_R);
    const RollState& state = s.window->roll().state();
    QTRY_VERIFY(state.live().recording);
    s.player.press(64, 100);
    s.player.advance({s.quarter()});
    QTRY_COMPARE(state.live().played.size(), std::size_t{1});
    QTRY_COMPARE(state.live().played[0].length.count, s.quarter());
    s.player.advance({s.quarter()});
    QTRY_COMPARE(state.live().played[0].length.count, 2 * s.quarter());
    s.player.release(64);
    s.player.press(67, 90);
    s.player.advance({s.quarter()});
    QTRY_COMPARE(state.live().played.size(), std::size_t{2});
    QVERIFY(s.notes().empty());
    s.key(Qt::Key_R);
    QCOMPARE(s.notes().size(), std::size_t{2});
    QCOMPARE(steps(s), before + 1);
    QCOMPARE(s.notes().back().end().count, 3 * s.quarter());  // held over the stop
    QVERIFY(!state.live().recording && state.live().played.empty());
    s.key(Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(s.notes().empty());
    s.key(Qt::Key_Y, Qt::ControlModifier);
    QCOMPARE(s.notes().size(), std::size_t{2});
  }

  void quantisedInputGoesBackToHowItWasPlayed() {
    Studio s;
    RecordSettings r = s.window->live().recorder().settings();
    r.countInBars = 0;
    s.window->live().recorder().setSettings(r);
    entry(openedMenu(s, "recordOptionsButton"), "Input quantise")->trigger();
    s.key(Qt::Key_R);
    s.player.advance({s.quarter() + 40});
    s.player.press(64);
    s.player.advance({s.quarter()});
    s.player.release(64);
    s.player.advance({s.quarter()});
    QTRY_COMPARE(s.window->roll().state().live().played.size(), std::size_t{1});
    s.key(Qt::Key_Space);
    QCOMPARE(s.notes().at(0).start.count, s.quarter());
    action(s, "notes.restoreTiming")->trigger();
    QCOMPARE(s.notes().at(0).start.count, s.quarter() + 40);
    s.session().undo();
    s.session().clearSelection();  // the whole track
    action(s, "notes.restoreTiming")->trigger();
    QCOMPARE(s.notes().at(0).start.count, s.quarter() + 40);
  }

  void playingAlongDoesNotStopAtTheEndOfThePiece() {
    // The transport stopped in the middle of the second call: the piece ended there.
    Studio s;
    s.key(Qt::Key_R);
    QVERIFY(s.player.endless);
    s.key(Qt::Key_R);
    QVERIFY(!s.player.endless);
    s.click("callResponseButton");
    QVERIFY(s.player.endless);
    s.click("callResponseButton");
    QVERIFY(!s.player.endless);
  }

  void theButtonRecordsAndStops() {
    Studio s;
    s.click("recordButton");
    QVERIFY(s.window->live().recorder().recording());
    s.click("recordButton");
    QVERIFY(!s.window->live().recorder().recording());
    QVERIFY(!s.find<QToolButton>("recordButton")->isChecked());
  }

  void withoutASoundTheRecordButtonSaysSo() {
    Studio s([](Services& services) { services.player = nullptr; });
    s.window->banner().clear("audio");
    s.click("recordButton");
    QVERIFY(!s.find<QToolButton>("recordButton")->isChecked());
    QCOMPARE(s.window->banner().messages().size(), 1);
  }

  void theCountInIsShownLarge() {
    Studio s;
    auto* label = s.find<QLabel>("countInLabel");
    QVERIFY(!label->isVisible());
    s.player.countInLeft = 4;
    s.key(Qt::Key_R);
    QTRY_VERIFY(label->isVisible());
    QCOMPARE(label->text(), QString("4"));
    s.player.countInLeft = 1;
    QTRY_COMPARE(label->text(), QString("1"));
    s.player.countInLeft = 0;
    QTRY_VERIFY(!label->isVisible());
    s.player.countInLeft = 3;
    QTRY_VERIFY(label->isVisible());
    s.key(Qt::Key_Space);
    QTRY_VERIFY(!label->isVisible());
  }

  void theOptionsAreAMenuAndAreKept() {
    QTemporaryDir keep;
    const auto settings = (keep.path() + "/settings.ini").toStdString();
    {
      Studio s([&](Services& services) { services.settingsFile = settings; });
      QMenu* menu = openedMenu(s, "recordOptionsButton");
      QCOMPARE(texts(menu),
               (QStringList{"No count-in", "*Count in one bar", "Count in two bars",
                            "*Click while recording", "Replace what is there", "Input quantise"}));
      entry(menu, "Count in two bars")->trigger();
      entry(menu, "Count in two bars")->trigger();  // chosen already
      entry(menu, "Click while recording")->trigger();
      entry(menu, "Replace what is there")->trigger();
      entry(menu, "Input quantise")->trigger();
      const RecordSettings& r = s.window->live().recorder().settings();
      QCOMPARE(r.countInBars, 2);
      QVERIFY(!r.metronome && r.replace && r.quantise);
      QCOMPARE(texts(menu),
               (QStringList{"No count-in", "Count in one bar", "*Count in two bars",
                            "Click while recording", "*Replace what is there", "*Input quantise"}));
      s.key(Qt::Key_R);
      QCOMPARE(s.player.countIn, 2);
    }
    Studio s([&](Services& services) { services.settingsFile = settings; });
    const RecordSettings& r = s.window->live().recorder().settings();
    QCOMPARE(r.countInBars, 2);
    QVERIFY(!r.metronome && r.replace && r.quantise);
  }

  void whatIsPlayedSnapsToTheGridOfTheWindow() {
    Studio s;
    s.key(Qt::Key_1, Qt::ControlModifier);
    QCOMPARE(s.window->live().recorder().settings().grid.division, s.session().grid().division);
    QCOMPARE(s.session().grid().division, 32);
  }

  void heldKeysLightUpInTheRoll() {
    Studio s;
    s.player.press(64);
    QTRY_COMPARE(s.window->roll().state().heldKeys(), std::set<int>{64});
    auto* keys = s.find<RollKeys>("rollKeys");
    const RollView& view = s.window->roll().state().view();
    const QPoint key(12, static_cast<int>(view.y(64) + view.rowPx / 2));
    QCOMPARE(keys->grab().toImage().pixelColor(key), theme().keyPressed);
    QVERIFY(s.find<ActivityLight>("midiLight")->lit());
    s.player.release(64);
    QTRY_VERIFY(s.window->roll().state().heldKeys().empty());
    QVERIFY(keys->grab().toImage().pixelColor(key) != theme().keyPressed);
  }

  void rowsAreArmed() {
    Studio s;
    action(s, "track.add")->trigger();
    const TrackId first = s.session().document()->tracks.at(0)->id;
    const TrackId second = s.session().activeTrack();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    const auto rows = s.window->findChildren<TrackRow*>();
    const auto arm = [&](int row) { return rows.at(row)->findChild<QToolButton*>("armButton"); };
    // The active one, without being asked.
    QCOMPARE(s.player.liveTrack, second);
    QVERIFY(arm(1)->property("auto").toBool() && !arm(0)->property("auto").toBool());
    QTest::mouseClick(arm(0), Qt::LeftButton);
    QCOMPARE(s.player.liveTrack, first);
    QVERIFY(arm(0)->isChecked() && !arm(1)->isChecked());
    QVERIFY(!arm(1)->property("auto").toBool());
    QTest::mouseClick(arm(0), Qt::LeftButton);
    QVERIFY(!arm(0)->isChecked());
    QCOMPARE(s.window->live().input().armed(), TrackId{0});
    s.key(Qt::Key_R, Qt::ShiftModifier);
    QCOMPARE(s.window->live().input().armed(), s.session().activeTrack());
  }

  void aTrackPlaysThroughAnOutput() {
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    showOutputs(s, {{.name = "Incipit", .present = true}, {.name = "Expander", .present = true}});
    QMenu* menu = openedMenu(s, "outputButton");
    QCOMPARE(texts(menu),
             (QStringList{"*Synthesizer", "Incipit (virtual)", "Expander", "MIDI channel"}));
    auto* label = s.find<QLabel>("outputLabel");
    QVERIFY(!label->isVisible());
    const std::size_t before = steps(s);
    entry(menu, "Expander")->trigger();
    QCOMPARE(s.session().track()->output, std::string("Expander"));
    QCOMPARE(steps(s), before + 1);
    QCOMPARE(label->text(), QString("Expander · channel 1"));
    QVERIFY(label->isVisible());
    menu = openedMenu(s, "outputButton");
    entry(entry(menu, "MIDI channel")->menu(), "4")->trigger();
    QCOMPARE(s.session().track()->channel, 3);
    QCOMPARE(label->text(), QString("Expander · channel 4"));
    // It goes: the choice stays, and is shown to be missing.
    showOutputs(s, {{.name = "Incipit", .present = true}});
    QCOMPARE(label->text(), QString("Expander (missing) · channel 4"));
    menu = openedMenu(s, "outputButton");
    QCOMPARE(texts(menu), (QStringList{"Synthesizer", "Incipit (virtual)", "*Expander (missing)",
                                       "MIDI channel"}));
    entry(menu, "Synthesizer")->trigger();
    QVERIFY(s.session().track()->output.empty());
    QVERIFY(!label->isVisible());
    s.session().undo();
    QCOMPARE(s.session().track()->output, std::string("Expander"));
  }

  void theComputerKeyboardPlays() {
    Studio s;
    s.click("typingButton");
    QCOMPARE(s.find<QToolButton>("typingButton")->text(), QString("C3"));
    const auto tool = s.session().tool();
    QTest::keyPress(s.window->windowHandle(), Qt::Key_Z);
    QCOMPARE(s.player.played, std::vector<MidiMessage>{midiNoteOn(0, 48, 96)});
    QTest::keyRelease(s.window->windowHandle(), Qt::Key_Z);
    QCOMPARE(s.player.played.size(), std::size_t{2});
    QVERIFY(s.player.played.back().noteOff());
    s.key(Qt::Key_V);  // no tool now
    QCOMPARE(s.session().tool(), tool);
    s.key(Qt::Key_Equal);
    QCOMPARE(s.find<QToolButton>("typingButton")->text(), QString("C4"));
    s.player.played.clear();
    s.click("typingButton");
    s.key(Qt::Key_V);
    QVERIFY(s.player.played.empty());
    QCOMPARE(s.session().tool(), Tool::kSelect);
  }

  void capsLockTurnsThePianoOn() {
    Studio s;
    s.key(Qt::Key_CapsLock);
    QVERIFY(s.window->live().typing().on());
    QVERIFY(s.find<QToolButton>("typingButton")->isChecked());
    s.key(Qt::Key_CapsLock);
    QVERIFY(!s.window->live().typing().on());
  }

  void thePianoLeavesTextFieldsAlone() {
    Studio s;
    s.click("typingButton");
    auto* name = s.find<QLineEdit>("trackNameEdit");
    name->setFocus();
    name->selectAll();
    QTest::keyClicks(name, "zither");
    QCOMPARE(name->text(), QString("zither"));
    QVERIFY(s.player.played.empty());
    QTest::keyClick(name, Qt::Key_CapsLock);
    QVERIFY(s.window->live().typing().on());
  }

  void stepInputShowsItsCursor() {
    Studio s;
    s.key(Qt::Key_R, Qt::ControlModifier);
    QVERIFY(action(s, "record.step")->isChecked());
    QCOMPARE(s.window->roll().state().live().cursor, std::optional(Tick{0}));
    s.player.press(60);
    QTRY_COMPARE(s.window->roll().state().live().pending.size(), std::size_t{1});
    s.player.release(60);
    QTRY_COMPARE(s.notes().size(), std::size_t{1});
    const Tick second = Tick{0} + gridStep(s.session().grid(), s.session().document()->ppq);
    QCOMPARE(s.window->roll().state().live().cursor, std::optional(second));
    s.key(Qt::Key_Period);
    QVERIFY(*s.window->roll().state().live().cursor > second);
    s.key(Qt::Key_Comma);
    s.key(Qt::Key_Comma);
    QVERIFY(s.notes().empty());
    s.key(Qt::Key_Escape);
    QVERIFY(!action(s, "record.step")->isChecked());
    QVERIFY(!s.window->roll().state().live().cursor);
    QVERIFY(!action(s, "record.stepRest")->isEnabled());
  }

  void callAndResponseHasItsBars() {
    Studio s;
    auto* bars = s.find<QSpinBox>("callBarsSpin");
    QVERIFY(!bars->isVisible());
    s.click("callResponseButton");
    QVERIFY(s.window->live().exchange().on());
    QVERIFY(bars->isVisible());
    bars->setFocus();
    bars->selectAll();
    QTest::keyClicks(bars, "4");
    QTest::keyClick(bars, Qt::Key_Return);
    QCOMPARE(s.window->live().exchange().bars(), 4);
    // Record starts the exchange, no recording of its own.
    s.window->roll().setFocus();
    s.key(Qt::Key_R);
    QVERIFY(s.player.isPlaying);
    QVERIFY(!s.window->live().recorder().recording());
    QTRY_VERIFY(s.find<QToolButton>("recordButton")->isChecked());
    s.key(Qt::Key_R);
    QTRY_VERIFY(!s.player.isPlaying);
    QTRY_VERIFY(!s.find<QToolButton>("recordButton")->isChecked());
    s.click("callResponseButton");
    QVERIFY(!bars->isVisible());
  }

  void theWindowFitsASmallScreen() {
    Studio s;
    s.click("callResponseButton");
    s.click("typingButton");
    QCoreApplication::processEvents();
    QVERIFY2(s.window->minimumSizeHint().width() <= 1366,
             qPrintable(QString::number(s.window->minimumSizeHint().width())));
    // A row of the narrow panel is not wider than what is seen of it.
    auto* row = s.find<TrackRow>("trackRow");
    QVERIFY(row->minimumSizeHint().width() <= row->parentWidget()->parentWidget()->width());
  }

  void liveNotesAreDrawn() {
    Studio s;
    auto* canvas = s.find<RollCanvas>("rollCanvas");
    RollState& state = s.window->roll().state();
    Note n;
    n.start = {0};
    n.length = {s.quarter()};
    n.pitch = 64;
    n.velocity = 127;
    LiveNotes live;
    live.track = s.session().activeTrack();
    live.recording = true;
    live.played = {n};
    state.setLive(live);
    const RollView& view = state.view();
    const QPoint inside(static_cast<int>(view.x({s.quarter() / 2})),
                        static_cast<int>(view.y(64) + view.rowPx / 2));
    const auto at = [&](QPoint p) { return canvas->grab().toImage().pixelColor(p); };
    QCOMPARE(at(inside), theme().record);
    // It grows.
    const QPoint later = inside + QPoint(static_cast<int>(view.width({s.quarter()})), 0);
    QVERIFY(at(later) != theme().record);
    live.played[0].length = {2 * s.quarter()};
    state.setLive(live);
    QCOMPARE(at(later), theme().record);
    state.setLive({});
    QVERIFY(at(inside) != theme().record);
    // The answer looks like a take.
    live.played.clear();
    live.answerRange = {{0}, {4 * s.quarter()}};
    live.answer = {n};
    state.setLive(live);
    const QColor answer = at(inside);
    QVERIFY(answer.red() > answer.blue() + 40);
  }
};

QTEST_MAIN(TestLive)
#include "test_live.moc"
