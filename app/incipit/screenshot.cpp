#include "screenshot.h"

#include <QApplication>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <cstdio>
#include <functional>
#include <map>

#include "core/compose/paths.h"
#include "studio.h"
#include "ui/lab/draw_page.h"
#include "ui/lab/lab_window.h"
#include "ui/lab/map_page.h"
#include "ui/lab/music_page.h"
#include "ui/lab/timbre_page.h"
#include "ui/roll/roll_editor.h"
#include "ui/theme/theme.h"
#include "ui/training/compare_page.h"
#include "ui/training/corpus_page.h"
#include "ui/training/run_chart.h"
#include "ui/training/training_window.h"
#include "ui/window/main_window.h"

namespace incipit {
namespace {

constexpr int kLongestWaitMs = 120'000;
constexpr int kLongestTrainingMs = 60'000;
constexpr int kLongestListingMs = 2'000;  // of MIDI ports; there may be none
constexpr std::uint64_t kSeed = 7;
constexpr int kBars = 8;
constexpr int kCurvePoints = 24;
constexpr int kTrainEpochs = 40;
constexpr int kTrainExamples = 1024;
constexpr int kCompareExamples = 200;
constexpr int kCompareContinuations = 10;
constexpr int kMapPoints = 2000;

// Runs the event loop until `done` says so.
bool waitFor(const std::function<bool()>& done, int longestMs = kLongestWaitMs) {
  QElapsedTimer clock;
  clock.start();
  while (!done()) {
    if (clock.elapsed() > longestMs) return false;
    QApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
  }
  return true;
}

void settle() {
  for (int i = 0; i < 5; ++i) QApplication::processEvents(QEventLoop::AllEvents, 20);
}

bool compose(MainWindow& window) {
  ComposeSettings s = window.takes().settings();
  s.bars = kBars;
  s.takes = 2;
  s.seed = kSeed;
  s.seedFixed = true;
  window.takes().setSettings(s);
  QString problem;
  QObject::connect(&window.takes(), &Takes::failed, &window,
                   [&problem](const QString& message) { problem = message; });
  window.takes().generate();
  const bool done = waitFor([&] { return !problem.isEmpty() || !window.takes().generating(); });
  if (!problem.isEmpty()) std::fprintf(stderr, "incipit: %s\n", qPrintable(problem));
  return done && problem.isEmpty();
}

bool train(MainWindow& window, const QTemporaryDir& folder, TrainingWindow::Page page) {
  TrainingWindow* training = window.trainingWindow();
  QString problem;
  QObject::connect(training, &TrainingWindow::failed, &window,
                   [&problem](const QString& message) { problem = message; });
  training->show();
  auto* family = training->findChild<QComboBox*>("trainFamilyCombo");
  if (!waitFor([&] { return family->count() > 0; })) {
    std::fprintf(stderr, "incipit: the models are not there\n");
    return false;
  }
  training->findChild<QLineEdit*>("trainDataEdit")
      ->setText(QString::fromStdString(resourcePath("demos").string()));
  training->music().scan();
  training->findChild<QSpinBox*>("trainEpochsSpin")->setValue(kTrainEpochs);
  training->findChild<QSpinBox*>("trainExamplesSpin")->setValue(kTrainExamples);
  auto* preset = training->findChild<QComboBox*>("trainPresetCombo");
  preset->setCurrentIndex(preset->findText("published"));  // the small one: a curve in seconds
  TrainRequest request = training->form().request();
  request.out = (folder.path() + "/demo.safetensors").toStdString();
  training->training().start(request, training->form().lossUnit());
  const auto* chart = training->findChild<RunChart*>("runChart");
  // On a busy machine the picture shows a shorter curve.
  waitFor(
      [&] {
        return !problem.isEmpty() || !training->running() ||
               chart->trainingPoints() >= kCurvePoints;
      },
      kLongestTrainingMs);
  training->showPage(page);
  settle();
  if (!problem.isEmpty()) std::fprintf(stderr, "incipit: %s\n", qPrintable(problem));
  return problem.isEmpty();
}

// Models side by side on the folder that the piece is from.
bool compare(MainWindow& window, const std::filesystem::path& music, bool listen) {
  TrainingWindow* training = window.trainingWindow();
  training->show();
  training->findChild<QLineEdit*>("trainDataEdit")->setText(QString::fromStdString(music.string()));
  training->showPage(TrainingWindow::Page::kCompare);
  ComparePage& page = training->compare();
  page.showView(listen ? ComparePage::View::kListen : ComparePage::View::kFigures);
  if (listen) {
    training->findChild<QPushButton*>("listenComposeButton")->click();
    const bool done = waitFor([&] { return !page.blindTest().composing(); });
    settle();
    page.blindTest().rate(0, 4);
    return done && !page.blindTest().all().empty();
  }
  training->findChild<QSpinBox*>("compareExamplesSpin")->setValue(kCompareExamples);
  training->findChild<QSpinBox*>("compareContinuationsSpin")->setValue(kCompareContinuations);
  training->findChild<QPushButton*>("compareStartButton")->click();
  const bool done = waitFor([&] { return !page.comparison().running(); });
  for (const QString& line : page.comparison().problems()) {
    std::fprintf(stderr, "incipit: %s\n", qPrintable(line));
  }
  return done && !page.comparison().comparison().models.empty();
}

// A page of the Lab at work, on the folder that the piece is from.
bool experiment(MainWindow& window, const std::string& scene, const std::filesystem::path& music) {
  LabWindow* lab = window.labWindow();
  lab->show();
  const QString folder = QString::fromStdString(music.string());
  const auto press = [&](const char* button) {
    auto* b = lab->findChild<QPushButton*>(button);
    // The models are there once the engine has said what it can do.
    if (!waitFor([&] { return b->isEnabled(); }, kLongestTrainingMs)) return false;
    b->click();
    return true;
  };
  bool done = false;
  if (scene == "lab-music") {
    lab->findChild<QLineEdit*>("labMusicFolderEdit")->setText(folder);
    done = press("labMusicButton") && waitFor([&] { return !lab->music().running(); });
  } else if (scene == "lab-draw") {
    lab->showPage(LabWindow::Page::kDraw);
    done = press("labDrawButton") && waitFor([&] { return !lab->draw().running(); });
  } else if (scene == "lab-map") {
    lab->showPage(LabWindow::Page::kMap);
    lab->findChild<QLineEdit*>("labMapFolderEdit")->setText(folder);
    lab->findChild<QSpinBox*>("labMapMostSpin")->setValue(kMapPoints);
    done = press("labMapButton") && waitFor([&] { return !lab->map().running(); }) &&
           lab->map().map() != nullptr;
    if (done) lab->map().showMorph(0, static_cast<int>(lab->map().map()->points.size()) / 2);
    done = done && waitFor([&] { return !lab->map().running(); });
  } else {
    lab->showPage(LabWindow::Page::kTimbre);
    auto* program = lab->findChild<QComboBox*>("labTimbreProgramCombo");
    constexpr int kGuitar = 24;
    program->setCurrentIndex(program->findData(kGuitar));
    done = press("labTimbreButton") && waitFor([&] { return !lab->timbre().running(); });
  }
  settle();
  return done;
}

// A few bars are played as on a keyboard; the picture is taken while the last chord is held.
bool record(MainWindow& window, Player& player) {
  constexpr int kMelody[] = {72, 76, 79, 77, 76, 74, 71, 74, 72, 67};
  RecordSettings s = window.live().recorder().settings();
  s.countInBars = 0;
  s.metronome = false;
  window.live().recorder().setSettings(s);
  const Document& d = *window.session().document();
  window.transport().seek(d.meter.barStart(d.meter.barBeat(d.end()).bar));
  window.roll().zoomReset();
  window.roll().centreOnNotes();
  window.roll().scrollToTick(window.transport().position());
  window.live().recorder().record();
  const Tick from = window.live().recorder().from();
  const TickDelta eighth{d.ppq / 2};
  const auto at = [&](Tick t) { return waitFor([&] { return player.position() >= t; }); };
  int sounding = -1;
  int step = 0;
  for (const int key : kMelody) {
    if (!at(from + eighth * step)) return false;
    if (sounding >= 0) player.playLive(midiNoteOff(0, sounding));
    player.playLive(midiNoteOn(0, key, 60 + 6 * step));
    sounding = key;
    ++step;
  }
  for (const int key : {48, 55, 64}) player.playLive(midiNoteOn(0, key, 90));
  return at(from + eighth * (step + 1));
}

QPixmap grabAll(MainWindow& window) {
  QPixmap picture = window.grab();
  QPainter painter(&picture);
  for (QWidget* dialog : window.findChildren<QWidget*>()) {
    if (!dialog->isWindow() || !dialog->isVisible()) continue;
    // A window manager would put the dialog over the middle of its parent.
    const QPixmap top = dialog->grab();
    const QPoint at((window.width() - dialog->width()) / 2,
                    (window.height() - dialog->height()) / 2);
    painter.fillRect(window.rect(), QColor(0, 0, 0, 90));
    painter.setPen(theme().border);
    painter.drawRect(QRect(at, dialog->size()).adjusted(-1, -1, 0, 0));
    painter.drawPixmap(at, top);
  }
  return picture;
}

}  // namespace

int takeScreenshot(const Options& options, int& argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication app(argc, argv);
  QTemporaryDir folder;
  const bool comparing = options.scene == "training-compare" || options.scene == "training-listen";
  // What a picture compares and rates is not the user's, nor are the folders that it shows.
  if (comparing) qputenv("XDG_DATA_HOME", folder.path().toUtf8());
  const Parts parts = makeParts(options);
  Services services = makeServices(options, parts);
  services.restore = false;
  services.warmUpAfter = std::chrono::milliseconds(-1);
  // A picture needs no device; without a player the window does not say that sound is off either.
  services.audio = false;
  const bool live = options.scene == "recording" || options.scene == "midi-preferences";
  if (!live) services.player = nullptr;
  services.autosaveFolder = folder.path().toStdString();
  if (comparing || options.scene.starts_with("lab-"))
    services.settingsFile = (folder.path() + "/settings.ini").toStdString();
  MainWindow window(services);
  Preferences p = window.preferences();
  p.dark = options.theme != "light";
  window.setPreferences(p);
  window.show();
  settle();
  window.banner().clear("audio");
  if (options.scene != "empty") {
    const std::filesystem::path file =
        options.files.empty() ? resourcePath("demos/demo-seed.mid") : options.files.front();
    if (!window.files().open(file)) {
      std::fprintf(stderr, "incipit: %s\n", qPrintable(window.banner().messages().value(0)));
      return 1;
    }
    window.roll().zoomToSong();
  }
  settle();
  bool good = true;
  if (options.scene == "take") {
    good = compose(window);
    window.roll().zoomToSong();
    if (good) window.roll().scrollToTick({0});
  }
  if (live && parts.player == nullptr) {
    std::fprintf(stderr, "incipit: --scene %s: this build has no sound\n", options.scene.c_str());
    return 1;
  }
  if (options.scene == "recording") good = record(window, *parts.player);
  if (options.scene == "midi-preferences") {
    parts.player->configureMidi({});
    waitFor([&] { return !parts.player->midiStatus().inputs.empty(); }, kLongestListingMs);
    window.showPreferences(PreferencesDialog::Page::kMidi);
    settle();
  }
  const std::map<std::string, TrainingWindow::Page> pages{
      {"training", TrainingWindow::Page::kTrain},
      {"training-music", TrainingWindow::Page::kMusic},
      {"training-runs", TrainingWindow::Page::kRuns},
      {"training-models", TrainingWindow::Page::kModels}};
  if (const auto page = pages.find(options.scene); page != pages.end()) {
    good = train(window, folder, page->second);
  }
  if (comparing) {
    const std::filesystem::path music =
        options.files.empty() ? resourcePath("demos") : options.files.front().parent_path();
    good = compare(window, music, options.scene == "training-listen");
  }
  if (options.scene.starts_with("lab-")) {
    const std::filesystem::path music =
        options.files.empty() ? resourcePath("demos") : options.files.front().parent_path();
    good = experiment(window, options.scene, music);
  }
  settle();
  const QPixmap picture = grabAll(window);
  if (!picture.save(QString::fromStdString(options.screenshot->string()), "PNG")) {
    std::fprintf(stderr,
                 "incipit: %s: the picture cannot be written; check folder and permissions\n",
                 options.screenshot->c_str());
    return 1;
  }
  return good ? 0 : 1;
}

}  // namespace incipit
