// The main job as a musician does it, through real mouse and key events on the real window with the
// shipped model and real synthesis: draw eight notes, press Generate, watch notes arrive, accept,
// play, export both files; then mido reads the .mid and libsndfile the .wav, and both hold the seed
// followed by the continuation, in time.
#include <sndfile.h>

#include <QApplication>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QProcess>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <numbers>
#include <set>

#include "app/common/engine_module.h"
#include "core/compose/paths.h"
#include "core/io/midi_file.h"
#include "core/playback/audio/audio_export.h"
#include "core/playback/studio_player.h"
#include "soundfonts/soundfonts.h"
#include "ui/roll/roll_editor.h"
#include "ui/window/main_window.h"

using namespace incipit;

namespace {

constexpr int kRate = 48000;
constexpr int kModelTimeoutMs = 120'000;  // a loaded machine loads LibTorch slowly

// The share of energy at a pitch's fundamental and second harmonic in a stretch of sound: compared
// between neighbouring pitches only.
double energyAt(const std::vector<float>& sound, double from, double length, double pitch) {
  const auto first = static_cast<std::size_t>(from * kRate);
  const auto frames = std::min(static_cast<std::size_t>(length * kRate), sound.size() - first);
  double total = 0;
  for (const int harmonic : {1, 2}) {
    const double hertz = 440 * std::exp2((pitch - 69) / 12) * harmonic;
    double re = 0;
    double im = 0;
    for (std::size_t i = 0; i < frames; ++i) {
      const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) /
                                                 static_cast<double>(frames));
      const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / kRate;
      re += sound[first + i] * window * std::cos(phase);
      im += sound[first + i] * window * std::sin(phase);
    }
    total += re * re + im * im;
  }
  return total;
}

double rms(const std::vector<float>& sound, double from, double to) {
  double sum = 0;
  const auto first = static_cast<std::size_t>(from * kRate);
  const auto last = std::min(static_cast<std::size_t>(to * kRate), sound.size());
  for (std::size_t i = first; i < last; ++i) sum += double{sound[i]} * sound[i];
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, last - first)));
}

}  // namespace

class TestMainJob : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<Player> player_;
  std::unique_ptr<JobRunner> jobs_;
  std::unique_ptr<MainWindow> window_;

  template <typename W>
  W* child(const char* name) {
    W* w = window_->findChild<W*>(name);
    if (w == nullptr) qFatal("no widget named %s", name);
    return w;
  }

  void click(const char* name) {
    auto* button = child<QAbstractButton>(name);
    QVERIFY2(button->isVisible() && button->isEnabled(), name);
    QTest::mouseClick(button, Qt::LeftButton);
  }

  // A pixel in the canvas over a place in the music.
  QPoint place(Tick t, int pitch) {
    const RollView& v = window_->roll().state().view();
    return {static_cast<int>(v.x(t)) + 2, static_cast<int>(v.y(pitch) + v.rowPx / 2)};
  }

  void drag(QPoint from, QPoint to) {
    auto* canvas = child<QWidget>("rollCanvas");
    QTest::mousePress(canvas, Qt::LeftButton, {}, from);
    QTest::mouseMove(canvas, (from + to) / 2);
    QTest::mouseMove(canvas, to);
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, to);
  }

  // Answers the file dialog that `action` opens, by typing.
  void saveThrough(const char* action, const QString& path) {
    QTimer::singleShot(0, this, [this, path] { typeInto(path); });
    window_->findChild<QAction*>(action)->trigger();
  }

  void typeInto(const QString& path) {
    auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
    if (dialog == nullptr || !dialog->isActiveWindow()) {
      QTimer::singleShot(10, this, [this, path] { typeInto(path); });
      return;
    }
    auto* edit = dialog->findChild<QLineEdit*>("fileNameEdit");
    edit->setCompleter(nullptr);  // its list would take the Return
    edit->selectAll();
    QTest::keyClicks(edit, path);
    QTest::keyClick(edit, Qt::Key_Return);
  }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(folder_.isValid());
    for (const char* name :
         {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"}) {
      qputenv(name, folder_.path().toUtf8());
    }
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    if (!std::filesystem::exists(engineModulePath())) {
      QSKIP("built without the models module (INCIPIT_MODELS=OFF): nothing can compose");
    }
    player_ = makePlayer();
    jobs_ = std::make_unique<JobRunner>(engineModuleLoader());
    Services services;
    services.player = player_.get();
    services.jobs = jobs_.get();
    services.exportAudio = exportAudio;
    services.models = [] { return listModels(modelFolders()); };
    services.warmUpAfter = std::chrono::milliseconds(-1);
    window_ = std::make_unique<MainWindow>(services);
    window_->resize(1440, 900);
    window_->show();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  }

  void cleanupTestCase() {
    window_.reset();
    jobs_.reset();
    player_.reset();
  }

  // The second bar and the third, quarters: the first bar stays silent, so that the first onset can
  // be found in the sound.
  void drawsEightNotes() {
    Session& session = window_->session();
    session.setGrid({4});
    const int pitches[] = {60, 62, 64, 67, 69, 67, 64, 62};
    for (int i = 0; i < 8; ++i) {
      const Tick start{3840 + i * 960};
      drag(place(start, pitches[i]), place(start + TickDelta{930}, pitches[i]));
    }
    const std::vector<Note> notes = session.track()->notes.toVector();
    QCOMPARE(notes.size(), std::size_t{8});
    for (int i = 0; i < 8; ++i) {
      QCOMPARE(notes[static_cast<std::size_t>(i)].start, Tick{3840 + i * 960});
      QCOMPARE(notes[static_cast<std::size_t>(i)].length, TickDelta{960});
      QCOMPARE(int{notes[static_cast<std::size_t>(i)].pitch}, pitches[i]);
    }
    QCOMPARE(session.history().entries().size(), std::size_t{8});
  }

  void generatesAndAccepts() {
    Takes& takes = window_->takes();
    child<QSpinBox>("barsSpin")->setValue(4);
    child<QSpinBox>("takesSpin")->setValue(1);
    ComposeSettings settings = takes.settings();
    settings.seed = 7;
    settings.seedFixed = true;
    takes.setSettings(settings);
    QSignalSpy failed(&takes, &Takes::failed);
    window_->session().clearSelection();
    click("generateButton");
    QTRY_VERIFY_WITH_TIMEOUT(
        failed.count() > 0 || (takes.currentTake() && !takes.currentTake()->notes().empty()),
        kModelTimeoutMs);
    QVERIFY2(failed.isEmpty(),
             failed.isEmpty() ? "" : qPrintable(failed.front().front().toString()));
    QTRY_VERIFY_WITH_TIMEOUT(!takes.generating(), kModelTimeoutMs);
    QCOMPARE(takes.range().from, Tick{3 * 3840});
    QTest::qWait(0);
    const std::vector<Note> take = takes.currentTake()->notes();
    QVERIFY(take.size() >= 4);
    click("acceptButton");
    const Document& d = *window_->session().document();
    QCOMPARE(window_->session().history().entries().size(), std::size_t{9});
    QCOMPARE(d.noteCount(), 8 + take.size());
    QCOMPARE(d.regions.size(), std::size_t{1});
    for (const Note& n : take) QVERIFY(takes.range().empty() || takes.range().contains(n.start));
  }

  void theSameSettingsGiveTheSameNotes() {
    Takes& takes = window_->takes();
    const Document& d = *window_->session().document();
    const GeneratedRegion region = d.regions.front();
    std::vector<Note> accepted = d.tracks.front()->notes.notesStartingIn(region.range);
    const auto model = findModel(listModels(modelFolders()), region.modelHash);
    QVERIFY(model);
    takes.regenerate(region, *model);
    QTRY_VERIFY_WITH_TIMEOUT(takes.currentTake() && !takes.generating() &&
                                 !takes.currentTake()->notes().empty() &&
                                 takes.currentTake()->notes().size() >= accepted.size(),
                             kModelTimeoutMs);
    const std::vector<Note>& again = takes.currentTake()->notes();
    QCOMPARE(again.size(), accepted.size());
    for (std::size_t i = 0; i < again.size(); ++i) QVERIFY(sameSound(again[i], accepted[i]));
    takes.discard();
  }

  void plays() {
    Transport& transport = window_->transport();
    QTest::keyClick(child<QWidget>("rollCanvas"), Qt::Key_Home);
    click("playButton");
    QTRY_VERIFY(transport.position() > Tick{480});
    QTest::keyClick(child<QWidget>("rollCanvas"), Qt::Key_Space);
    QTRY_VERIFY(!transport.playing());
  }

  void exportsMidiThatMidoReads() {
    const QString file = folder_.filePath("piece.mid");
    saveThrough("file.exportMidi", file);
    QVERIFY(QFile::exists(file));
    QProcess mido;
    mido.start("/usr/bin/python3", {INCIPIT_TEST_DIR "/gui/read_midi.py", file});
    if (!mido.waitForStarted()) QSKIP("python3 is not installed: mido cannot read the file");
    QVERIFY(mido.waitForFinished());
    if (mido.readAllStandardError().contains("No module named")) {
      QSKIP("mido is not installed (apt-get install python3-mido)");
    }
    QCOMPARE(mido.exitCode(), 0);
    const QStringList lines = QString(mido.readAllStandardOutput()).split('\n', Qt::SkipEmptyParts);
    const Document& d = *window_->session().document();
    const std::vector<Note> notes = d.tracks.front()->notes.toVector();
    QCOMPARE(static_cast<std::size_t>(lines.size()), notes.size());
    for (std::size_t i = 0; i < notes.size(); ++i) {
      const QStringList parts = lines[static_cast<int>(i)].split(' ');
      QVERIFY(std::abs(parts[0].toDouble() - d.tempo.seconds(notes[i].start)) < 1e-3);
      QVERIFY(std::abs(parts[1].toDouble() -
                       (d.tempo.seconds(notes[i].end()) - d.tempo.seconds(notes[i].start))) < 1e-3);
    }
    std::multiset<int> expected;
    std::multiset<int> heard;
    for (std::size_t i = 0; i < notes.size(); ++i) {
      expected.insert(notes[i].pitch);
      heard.insert(lines[static_cast<int>(i)].split(' ')[2].toInt());
    }
    QVERIFY(expected == heard);
    const auto back = readMidiFile(file.toStdString());
    QVERIFY(back);
    QCOMPARE(back->document.regions.size(), std::size_t{1});
  }

  void exportsSoundThatHoldsTheMusicInTime() {
    const QString file = folder_.filePath("piece.wav");
    window_->findChild<QAction*>("file.exportAudio")->trigger();
    QPointer<QDialog> dialog;  // it goes when it is closed
    QTRY_VERIFY((dialog = window_->findChild<QDialog*>("exportAudioDialog")) != nullptr);
    auto* edit = dialog->findChild<QLineEdit*>("exportFileEdit");
    edit->selectAll();
    QTest::keyClicks(edit, file);
    QTest::mouseClick(dialog->findChild<QPushButton*>("exportStartButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(file), kModelTimeoutMs);
    if (dialog) dialog->close();

    SF_INFO info{};
    SNDFILE* sndfile = sf_open(file.toLocal8Bit().constData(), SFM_READ, &info);
    QVERIFY(sndfile != nullptr);
    QCOMPARE(info.samplerate, kRate);
    QCOMPARE(info.channels, 2);
    std::vector<float> both(static_cast<std::size_t>(info.frames) * 2);
    QCOMPARE(sf_readf_float(sndfile, both.data(), info.frames), info.frames);
    sf_close(sndfile);
    std::vector<float> sound;
    for (std::size_t i = 0; i < both.size(); i += 2) sound.push_back((both[i] + both[i + 1]) / 2);

    const Document& d = *window_->session().document();
    const std::vector<Note> notes = d.tracks.front()->notes.toVector();
    const double end = d.tempo.seconds(d.end());
    QVERIFY(static_cast<double>(sound.size()) / kRate >= end);
    // Silence, then the first onset within two of the synth's blocks and a sampled attack.
    const double first = d.tempo.seconds(notes.front().start);
    QVERIFY(rms(sound, 0, first - 0.001) < 1e-4);
    QVERIFY(rms(sound, first, first + 0.05) > 1e-3);
    for (const Note& n : notes) {
      const double at = d.tempo.seconds(n.start);
      QVERIFY(rms(sound, at, at + 0.1) > 1e-3);
    }
    // Each note that sounds alone has its own pitch, more than the neighbours a semitone away.
    int alone = 0;
    for (std::size_t i = 0; i < notes.size(); ++i) {
      const Note& n = notes[i];
      if (n.length < TickDelta{480} || n.pitch < 48) continue;
      if (d.tracks.front()->notes.notesIn({n.start, n.end()}).size() != 1) continue;
      ++alone;
      const double at = d.tempo.seconds(n.start) + 0.03;
      const double length = d.tempo.seconds(n.end()) - at;
      const double own = energyAt(sound, at, length, n.pitch);
      QVERIFY(own > 2 * energyAt(sound, at, length, n.pitch - 1));
      QVERIFY(own > 2 * energyAt(sound, at, length, n.pitch + 1));
    }
    QVERIFY(alone >= 7);
  }

  void undoGivesBackTheEmptyPiece() {
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    auto* canvas = child<QWidget>("rollCanvas");
    canvas->setFocus();
    for (int i = 0; i < 9; ++i) QTest::keyClick(canvas, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(window_->session().document()->noteCount(), std::size_t{0});
    QVERIFY(!window_->session().history().modified());
  }
};

QTEST_MAIN(TestMainJob)
#include "test_main_job.moc"
