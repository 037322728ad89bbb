// MIDI in the window: what is stored, what is applied, what a person is told.
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QTabWidget>
#include <QTableWidget>
#include <QtTest>

#include "tests/ui/studio.h"
#include "ui/dialogs/preferences_dialog.h"

using namespace incipit;
using namespace incipit::test;

namespace {

MidiPort port(const char* name, bool present = true, bool open = false, const char* problem = "") {
  return {name, present, open, problem};
}

MidiStatus working(std::vector<MidiPort> inputs, std::vector<MidiPort> outputs) {
  MidiStatus s;
  s.system = "jack";
  s.systems = {"jack", "alsa"};
  s.inputs = std::move(inputs);
  s.outputs = std::move(outputs);
  return s;
}

// The window has asked once more.
void poll(Studio& s, const MidiStatus& status) {
  s.player.midiNow = status;
  s.window->setPreferences([&] {
    Preferences p = s.window->preferences();
    p.midi.inputs["poke"].latencyMs += 1;  // another value is applied at once
    return p;
  }());
}

void playThrough(Studio& s, const char* output) {
  Track t = *s.session().track();
  t.output = output;
  s.session().commit("Output", replaceTrack(*s.session().document(), std::move(t)));
}

PreferencesDialog* openPreferences(Studio& s) {
  s.window->actionTable().action("file.preferences")->trigger();
  auto* dialog = s.find<PreferencesDialog>("preferencesDialog");
  dialog->openPage(PreferencesDialog::Page::kMidi);
  return dialog;
}

template <typename T>
T* inRow(QTableWidget* table, int row, int column) {
  QWidget* cell = table->cellWidget(row, column);
  auto* self = qobject_cast<T*>(cell);
  return self != nullptr ? self : cell->findChild<T*>();
}

}  // namespace

class TestMidi : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void storedAndReadAgain() {
    QTemporaryDir folder;
    QSettings settings(folder.filePath("a.ini"), QSettings::IniFormat);
    Preferences p;
    p.audio.device = "hw:1";
    p.midi.system = "alsa";
    p.midi.virtualPorts = false;
    p.midi.followClock = "Drum machine";
    p.midi.inputs["Keys / \"left\", [1]"] = {.enabled = false, .latencyMs = -3.5};
    p.midi.inputs["Drum machine"] = {.latencyMs = 12};
    p.midi.outputs["Expander"] = {.latencyMs = 7.25, .clock = true};
    savePreferences(settings, p);
    settings.sync();
    QSettings again(folder.filePath("a.ini"), QSettings::IniFormat);
    QVERIFY(loadPreferences(again) == p);
    // Fewer ports leave none of the old ones behind.
    p.midi.inputs.clear();
    savePreferences(again, p);
    QVERIFY(loadPreferences(again) == p);
  }

  void damagedValuesFallBack() {
    QTemporaryDir folder;
    QSettings settings(folder.filePath("a.ini"), QSettings::IniFormat);
    settings.setValue("audio/gain", "nan");
    settings.setValue("audio/period", "many");
    settings.setValue("midi/outputs/size", 4);
    settings.setValue("midi/outputs/1/name", "Far");
    settings.setValue("midi/outputs/1/latency", 9999);
    settings.setValue("midi/outputs/1/clock", true);
    settings.setValue("midi/outputs/2/latency", 5);  // no name
    settings.setValue("midi/outputs/3/name", "Odd");
    settings.setValue("midi/outputs/3/latency", "soon");
    const Preferences p = loadPreferences(settings);
    QCOMPARE(p.audio.gain, AudioSettings{}.gain);
    QCOMPARE(p.audio.period, AudioSettings{}.period);
    QCOMPARE(p.midi.outputs.size(), std::size_t{1});
    QCOMPARE(p.midi.outputs.at("Far"), (MidiPortSettings{.clock = true}));
  }

  void thePageShowsPortsAndAppliesWhatIsChosen() {
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    s.player.midiNow =
        working({port("Incipit", true, true), port("Keys", true, true)}, {port("Expander")});
    s.window->transport().play();
    PreferencesDialog* dialog = openPreferences(s);
    auto* inputs = dialog->findChild<QTableWidget*>("midiInputTable");
    auto* outputs = dialog->findChild<QTableWidget*>("midiOutputTable");
    QCOMPARE(inputs->rowCount(), 2);
    QCOMPARE(inputs->item(0, 0)->text(), QString("Incipit (virtual)"));
    QCOMPARE(inputs->item(1, 1)->text(), QString("Open"));
    QCOMPARE(outputs->item(0, 1)->text(), QString("Ready"));
    auto* listen = inRow<QCheckBox>(inputs, 1, 2);
    QTest::mouseClick(listen, Qt::LeftButton, {}, QPoint(6, listen->height() / 2));
    inRow<QDoubleSpinBox>(outputs, 0, 3)->setValue(4.5);
    auto* clock = dialog->findChild<QComboBox*>("followClockCombo");
    clock->setCurrentIndex(clock->findData("Keys"));
    auto* box = dialog->findChild<QDialogButtonBox*>();
    QTest::mouseClick(box->button(QDialogButtonBox::Apply), Qt::LeftButton);
    QCOMPARE(s.player.midi.inputs.at("Keys").enabled, false);
    QCOMPARE(s.player.midi.outputs.at("Expander").latencyMs, 4.5);
    QCOMPARE(s.player.midi.followClock, std::string("Keys"));
    QCOMPARE(s.player.configured, 1);          // the sound was left alone
    QVERIFY(s.window->transport().playing());  // and so was the transport
    QTest::mouseClick(dialog->findChild<QCheckBox*>("virtualPortsCheck"), Qt::LeftButton, {},
                      QPoint(8, 8));
    QTest::mouseClick(box->button(QDialogButtonBox::Ok), Qt::LeftButton);
    QVERIFY(!s.player.midi.virtualPorts);
    QVERIFY(!s.window->transport().playing());
  }

  void thePageFollowsPortsWhileItIsOpen() {
    Studio s;
    s.player.midiNow = working({}, {});
    PreferencesDialog* dialog = openPreferences(s);
    auto* outputs = dialog->findChild<QTableWidget*>("midiOutputTable");
    QVERIFY(outputs->item(0, 0)->text().contains("None"));
    s.player.midiNow = working({}, {port("Expander", true, true)});
    QTRY_COMPARE(outputs->item(0, 0)->text(), QString("Expander"));
    auto* latency = inRow<QDoubleSpinBox>(outputs, 0, 3);
    latency->setValue(9);
    s.player.midiNow = working({}, {port("Expander", false)});
    QTRY_COMPARE(outputs->item(0, 1)->text(), QString("Missing"));
    QCOMPARE(latency->value(), 9.0);
    // It is set, so it stays in the list when the system forgets it.
    s.player.midiNow = working({}, {port("Other")});
    QTRY_COMPARE(outputs->item(0, 0)->text(), QString("Other"));
    QCOMPARE(outputs->rowCount(), 2);
    QCOMPARE(inRow<QDoubleSpinBox>(outputs, 1, 3)->value(), 9.0);
    s.player.midiNow.problem = "JACK does not answer";
    auto* problem = dialog->findChild<QLabel*>("midiProblemLabel");
    QTRY_COMPARE(problem->text(), QString("JACK does not answer"));
  }

  void aDeviceIsChosenOrTyped() {
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    PreferencesDialog* dialog = openPreferences(s);
    dialog->openPage(PreferencesDialog::Page::kAudio);
    auto* device = dialog->findChild<QComboBox*>("deviceCombo");
    device->setFocus();
    device->setEditText("");
    QTest::keyClicks(device, "hw:2");
    QTest::mouseClick(dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok),
                      Qt::LeftButton);
    QCOMPARE(s.player.settings.device, std::string("hw:2"));
  }

  void aVanishedOutputOfATrackIsSaidOnce() {
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    playThrough(s, "Expander");
    poll(s, working({}, {port("Expander", true, true)}));
    QVERIFY(s.window->banner().messages().isEmpty());
    s.player.midiNow = working({}, {port("Expander", false)});
    const QString gone =
        "MIDI output Expander is gone: its notes were ended; it is opened again when it returns.";
    QTRY_COMPARE(s.window->banner().messages(), QStringList{gone});
    // Closed by the person, it stays closed.
    s.window->banner().clear("midi:out:Expander");
    poll(s, s.player.midiNow);
    QVERIFY(s.window->banner().messages().isEmpty());
    poll(s, working({}, {port("Expander", true, true)}));
    poll(s, working({}, {port("Expander", false)}));
    QCOMPARE(s.window->banner().messages(), QStringList{gone});
    s.player.midiNow = working({}, {port("Expander", true, true)});
    QTRY_VERIFY(s.window->banner().messages().isEmpty());
  }

  void anUnusedOutputMayGo() {
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    poll(s, working({}, {port("Expander")}));
    poll(s, working({}, {}));
    QVERIFY(s.window->banner().messages().isEmpty());
    // And a track that no longer uses a lost port is no reason to say so.
    playThrough(s, "Expander");
    poll(s, working({}, {port("Expander", true, true)}));
    poll(s, working({}, {}));
    QCOMPARE(s.window->banner().messages().size(), 1);
    playThrough(s, "");
    poll(s, working({}, {}));
    QVERIFY(s.window->banner().messages().isEmpty());
  }

  void aVanishedInputIsSaidUntilItReturns() {
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    poll(s, working({port("Keys", true, true)}, {}));
    poll(s, working({}, {}));
    QCOMPARE(s.window->banner().messages(),
             QStringList{"MIDI input Keys is gone; it is opened again when it returns."});
    poll(s, working({port("Keys", true, true)}, {}));
    QVERIFY(s.window->banner().messages().isEmpty());
  }

  void aPortThatCannotBeOpened() {
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    playThrough(s, "Expander");
    poll(s, working({}, {port("Expander", true, false, "another program holds it")}));
    QCOMPARE(s.window->banner().messages(),
             QStringList{"MIDI output Expander is not open: another program holds it"});
    // The way out is the page with the ports.
    s.click("bannerButton");
    auto* dialog = s.find<PreferencesDialog>("preferencesDialog");
    QVERIFY(dialog != nullptr);
    QCOMPARE(dialog->findChild<QTabWidget*>("preferencesTabs")->currentIndex(), 2);
  }

  void noMidiIsQuietUntilSomebodyWantsIt() {
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    MidiStatus none;
    none.problem = "no MIDI: the ALSA sequencer is not there";
    poll(s, none);
    QVERIFY(s.window->banner().messages().isEmpty());
    QCOMPARE(s.find<QLabel>("midiLabel")->text(), QString("No MIDI"));
    QVERIFY(s.find<QLabel>("midiLabel")->toolTip().contains("sequencer"));
    playThrough(s, "Expander");
    poll(s, none);
    QCOMPARE(s.window->banner().messages(), QStringList{QString::fromStdString(none.problem)});
  }

  void aLostSystemIsOneMessage() {
    // Three banners came up for one sound server that had ended.
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    playThrough(s, "Expander");
    const MidiStatus whole = working({port("Incipit", true, true), port("Keys", true, true)},
                                     {port("Incipit", true, true), port("Expander", true, true)});
    poll(s, whole);
    MidiStatus none;
    none.inputs = {port("Keys", false)};
    none.outputs = {port("Expander", false)};
    none.problem = "no MIDI: no JACK server is running";
    poll(s, none);
    QCOMPARE(s.window->banner().messages(), QStringList{QString::fromStdString(none.problem)});
    poll(s, whole);
    QVERIFY(s.window->banner().messages().isEmpty());
  }

  void ourOwnPortMayGoUnnoticed() {
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    poll(s, working({port("Incipit", true, true)}, {}));
    MidiStatus none;
    none.problem = "no MIDI";
    poll(s, none);
    QVERIFY(s.window->banner().messages().isEmpty());
  }

  void theClockThatIsFollowed() {
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    MidiStatus status = working({port("Drums", true, true)}, {});
    status.clockTempo = 120.31;
    poll(s, status);
    QCOMPARE(s.find<QLabel>("midiLabel")->text(), QString("Ext 120.3"));
    status.clockTempo = 0;
    poll(s, status);
    QCOMPARE(s.find<QLabel>("midiLabel")->text(), QString("MIDI"));
  }
};

QTEST_MAIN(TestMidi)
#include "test_midi.moc"
