// Training as a musician does it, on the real window with the real engine: choose a folder, start,
// pause, go on, hear of a sample, compose with what was trained, and compare it.
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QtTest>

#include "app/common/engine_module.h"
#include "core/compose/model_files.h"
#include "core/compose/paths.h"
#include "core/edit/edits.h"
#include "core/io/midi_file.h"
#include "ui/training/compare_page.h"
#include "ui/training/training_window.h"
#include "ui/window/main_window.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

constexpr int kTimeoutMs = 180'000;  // a loaded machine loads LibTorch slowly

// Broken chords, in another key each.
Document pieceOf(int number) {
  Document d = newDocument();
  std::vector<Note> notes;
  constexpr int kSteps[] = {0, 4, 7, 12, 7, 4};
  for (int i = 0; i < 112; ++i) {
    Note n;
    n.start = {std::int64_t{i} * d.ppq / 2};
    n.length = {d.ppq / 2};
    n.pitch = static_cast<std::uint8_t>(50 + number % 12 + kSteps[(i + number / 12) % 6]);
    notes.push_back(n);
  }
  return addNotes(d, d.tracks.front()->id, notes).document;
}

}  // namespace

class TestGuiTraining : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void fromAFolderToATake() {
    QTemporaryDir folder;
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"}) {
      qputenv(name, folder.path().toUtf8());
    }
    const fs::path music = fs::path(folder.path().toStdString()) / "music";
    fs::create_directories(music);
    for (int i = 0; i < 24; ++i) {
      QVERIFY(
          writeMidiFile(pieceOf(i), music / ("piece" + std::to_string(i) + ".mid")).has_value());
    }
    JobRunner jobs(engineModuleLoader());
    Services services;
    services.jobs = &jobs;
    services.audio = false;
    services.models = [] { return listModels({dataFolder() / "models"}); };
    services.settingsFile = folder.filePath("settings.ini").toStdString();
    services.autosaveFolder = folder.filePath("autosave").toStdString();
    MainWindow window(services);
    window.show();
    TrainingWindow* training = window.trainingWindow();
    training->show();
    const auto press = [&](const char* button) {
      QTest::mouseClick(training->findChild<QPushButton*>(button), Qt::LeftButton);
    };
    auto* family = training->findChild<QComboBox*>("trainFamilyCombo");
    QTRY_VERIFY2_WITH_TIMEOUT(family->count() > 0, jobs.engineError().c_str(), kTimeoutMs);
    training->findChild<QLineEdit*>("trainDataEdit")
        ->setText(QString::fromStdString(music.string()));
    auto* preset = training->findChild<QComboBox*>("trainPresetCombo");
    preset->setCurrentIndex(std::max(0, preset->findText("published")));  // the small one
    training->findChild<QSpinBox*>("trainEpochsSpin")->setValue(6);
    training->findChild<QSpinBox*>("trainExamplesSpin")->setValue(256);
    const fs::path out = training->form().request().out;

    press("trainStartButton");
    const auto& run = training->training().run();
    const auto epochs = [&] {
      return std::count_if(run.points.begin(), run.points.end(),
                           [](const TrainPoint& p) { return p.validationLoss.has_value(); });
    };
    QTRY_VERIFY2_WITH_TIMEOUT(epochs() >= 1 || !training->running(),
                              qPrintable(training->findChild<QLabel*>("trainProblemLabel")->text()),
                              kTimeoutMs);
    using State = TrainingSession::State;
    if (training->training().state() == State::kRunning) {
      press("trainPauseButton");
      QTRY_VERIFY_WITH_TIMEOUT(!training->running(), kTimeoutMs);
    }
    // A quick machine may have been done before the button was pressed.
    if (training->training().state() == State::kPaused) {
      QVERIFY(fs::exists(statePath(out)));
      press("trainPauseButton");
      QTRY_COMPARE_WITH_TIMEOUT(training->training().state(), State::kIdle, kTimeoutMs);
    }
    QCOMPARE(epochs(), std::ptrdiff_t{6});
    QCOMPARE(run.end, RunEnd::kDone);
    for (std::size_t i = 1; i < run.points.size(); ++i) {
      QVERIFY(run.points[i].step >= run.points[i - 1].step);
    }
    const auto written = readRunHistory(historyPath(out));
    QVERIFY(written.has_value());
    QCOMPARE(written->end, RunEnd::kDone);
    QVERIFY(!written->lossUnit.empty());

    // It was heard of while it learned, and is there to compose with.
    auto* samples = training->findChild<QListWidget*>("sampleList");
    QTRY_VERIFY_WITH_TIMEOUT(samples->count() > 0 && samples->item(0)->text().contains("note"),
                             kTimeoutMs);
    QCOMPARE(window.takes().settings().checkpoint, out);
    window.takes().generate();
    QTRY_VERIFY_WITH_TIMEOUT(!window.takes().generating(), kTimeoutMs);
    QVERIFY(window.banner().messages().filter("nan", Qt::CaseInsensitive).isEmpty());
    QVERIFY(window.takes().currentTake() != nullptr);
    QCOMPARE(window.takes().currentTake()->job->state(), JobState::kDone);

    // And to compare: measured on the music, and heard blind.
    training->showPage(TrainingWindow::Page::kCompare);
    ComparePage& page = training->compare();
    auto* split = training->findChild<QComboBox*>("compareSplitCombo");
    split->setCurrentText("train");
    training->findChild<QSpinBox*>("compareContinuationsSpin")->setValue(2);
    press("compareStartButton");
    QTRY_VERIFY_WITH_TIMEOUT(!page.comparison().running(), kTimeoutMs);
    QVERIFY2(page.comparison().problems().isEmpty(),
             qPrintable(page.comparison().problems().join('\n')));
    const auto& compared = page.comparison().comparison().models;
    QVERIFY(!compared.empty());
    for (const ComparedModel& m : compared) {
      QVERIFY(*m.evaluation.loss > 0 && m.evaluation.metrics.size() == 14);
      QCOMPARE(m.evaluation.distributions.size(), std::size_t{3});
    }
    page.showView(ComparePage::View::kListen);
    press("listenComposeButton");
    QTRY_VERIFY_WITH_TIMEOUT(!page.blindTest().composing(), kTimeoutMs);
    QTRY_VERIFY(page.blindTest().all()[0].mayBeRated());
    page.blindTest().rate(0, 4);
    press("listenRevealButton");
    const auto ratings = readRatings(ratingsFile());
    QVERIFY(ratings && ratings->ratings.size() == 1);
    QCOMPARE(ratings->ratings[0].checkpoint, *fileSha256(page.blindTest().all()[0].model.path));
    QVERIFY(!ratings->ratings[0].seed.empty());
  }
};

QTEST_MAIN(TestGuiTraining)
#include "test_training.moc"
