// What is beside a run: samples, the music's report, past runs, installed models, the curves.
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTextBrowser>
#include <QTreeWidget>
#include <QWheelEvent>
#include <QtTest>

#include "core/io/midi_file.h"
#include "tests/ui/training/training_fixture.h"
#include "ui/training/corpus_page.h"
#include "ui/training/histogram_view.h"
#include "ui/training/models_page.h"
#include "ui/training/run_chart.h"
#include "ui/training/runs_page.h"

using namespace incipit;
using namespace incipit::test;
namespace fs = std::filesystem;
using State = TrainingSession::State;

namespace {

Document scaleOf(int notes, int from) {
  Document d = newDocument();
  std::vector<Note> list;
  for (int i = 0; i < notes; ++i) {
    Note n;
    n.start = {std::int64_t{i} * d.ppq};
    n.length = {d.ppq};
    n.pitch = static_cast<std::uint8_t>(from + (i * i) % 13);
    list.push_back(n);
  }
  return addNotes(d, d.tracks.front()->id, list).document;
}

// A checkpoint without tensors, of the fake engine's first family.
void writeCheckpoint(const fs::path& file) {
  fs::create_directories(file.parent_path());
  const std::string head =
      "{\"__metadata__\":{\"format\":\"incipit-checkpoint-1\",\"family\":\"note-lstm\","
      "\"preset\":\"improved\",\"title\":\"A "
      "model\",\"licence\":\"CC0\",\"validation_loss\":\"2.5\","
      "\"settings\":\"{\\\"units\\\":\\\"96\\\"}\"}}";
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(head.size() % 256);
  bytes[1] = static_cast<char>(head.size() / 256);
  std::ofstream(file, std::ios::binary) << bytes << head;
}

std::vector<TrainPoint> points(int n) {
  std::vector<TrainPoint> out;
  for (int i = 1; i <= n; ++i) {
    TrainPoint p;
    p.epoch = i;
    p.step = i * 10;
    p.trainLoss = 3.0 / i;
    if (i % 2 == 0) p.validationLoss = 4.0 / i;
    out.push_back(p);
  }
  return out;
}

void wheel(QWidget* w, int delta) {
  const QPointF at = w->rect().center();
  QWheelEvent event(at, w->mapToGlobal(at), {}, {0, delta}, Qt::NoButton, Qt::NoModifier,
                    Qt::NoScrollPhase, false);
  QApplication::sendEvent(w, &event);
}

void useCatalogue(Services& services) {
  services.models = [] { return listModels({dataFolder() / "models"}); };
}

}  // namespace

class TestPages : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  // --- Curves
  void curvesZoomAndShowAllAgain() {
    RunChart chart;
    chart.resize(600, 400);
    chart.setRuns({{"a", "nats", points(10)}});
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    QCOMPARE(chart.trainingPoints(), 10);
    QCOMPARE(chart.validationPoints(), 5);
    const auto* steps = qobject_cast<QValueAxis*>(chart.chart()->axes(Qt::Horizontal).front());
    const double whole = steps->max() - steps->min();
    wheel(chart.viewport(), 120);
    QVERIFY(chart.zoomed());
    QVERIFY(steps->max() - steps->min() < whole);
    // What comes while one looks at a part does not take it away.
    const double part = steps->max();
    chart.append(0, points(11).back());
    QCOMPARE(steps->max(), part);
    QTest::keyClick(&chart, Qt::Key_0);
    QVERIFY(!chart.zoomed());
    QVERIFY(steps->max() - steps->min() >= whole);
    // A rubber band.
    QTest::mousePress(chart.viewport(), Qt::LeftButton, {}, {200, 150});
    QTest::mouseMove(chart.viewport(), {300, 250});
    QTest::mouseRelease(chart.viewport(), Qt::LeftButton, {}, {300, 250});
    QVERIFY(chart.zoomed());
    QTest::mouseDClick(chart.viewport(), Qt::LeftButton, {}, {200, 150});
    QVERIFY(!chart.zoomed());
  }

  void curvesOfAnotherQuantityAndOfSeveralRuns() {
    RunChart chart;
    std::vector<TrainPoint> odd = points(4);
    odd[1].trainLoss = std::numeric_limits<double>::quiet_NaN();
    chart.setRuns({{"a", "nats", points(6)}, {"b", "nats", odd}});
    QCOMPARE(chart.trainingPoints(1), 3);  // what is not finite is left out
    QCOMPARE(chart.validationPoints(0), 3);
    chart.setQuantity(Quantity::kLearningRate);
    QCOMPARE(chart.trainingPoints(0), 6);
    QCOMPARE(chart.validationPoints(0), 0);
    chart.setQuantity(Quantity::kAccuracy);
    QCOMPARE(chart.trainingPoints(0), 0);
    QTemporaryDir folder;
    QVERIFY(chart.savePicture(folder.filePath("curves.png")));
    QVERIFY(!QPixmap(folder.filePath("curves.png")).isNull());
    QVERIFY(!chart.savePicture("/no/such/folder/curves.png"));
  }

  // The legend lost its texts where the first point had no validation yet.
  void curvesThatGrowLookLikeThoseThatAreThere() {
    RunChart grown;
    RunChart whole;
    for (RunChart* chart : {&grown, &whole}) chart->resize(600, 400);
    grown.setRuns({{"a", "nats", {}}});
    grown.show();
    QVERIFY(QTest::qWaitForWindowExposed(&grown));
    for (const TrainPoint& p : points(4)) {
      grown.append(0, p);
      (void)grown.grab();
    }
    whole.setRuns({{"a", "nats", points(4)}});
    whole.show();
    QVERIFY(QTest::qWaitForWindowExposed(&whole));
    grown.clearFocus();
    whole.clearFocus();
    QTRY_COMPARE(grown.grab().toImage(), whole.grab().toImage());
  }

  void aLongRunIsThinnedOut() {
    RunChart chart;
    chart.setRuns({{"a", "", points(50'000)}});
    QVERIFY(chart.trainingPoints() > 1000 && chart.trainingPoints() <= 2002);
  }

  // --- Samples
  void aSampleIsHeardAndInserted() {
    TrainingStudio s;
    s.draw({{0, 1, 60}});
    s.script->trainPoints = 1;
    s.press("trainStartButton");
    auto* list = s.of<QListWidget>("sampleList");
    QTRY_COMPARE(list->count(), 1);
    QTRY_VERIFY(list->item(0)->text().contains("4 notes"));
    QVERIFY(list->item(0)->text().contains("Epoch 1"));
    QCOMPARE(s.script->requests().back().checkpoint.filename(),
             lastPath(s.run().request.out).filename());
    s.training->findChild<QTabWidget*>("trainBelowTabs")->setCurrentIndex(1);
    s.player.previews.clear();
    s.press("samplePlayButton");
    QVERIFY(!s.player.previews.empty());
    QCOMPARE(s.of<QPushButton>("samplePlayButton")->text(), QString("Stop"));
    s.press("samplePlayButton");
    QVERIFY(s.player.sounding.empty());
    s.press("sampleInsertButton");
    QCOMPARE(s.window->takes().takes().size(), std::size_t{1});
    QCOMPARE(s.window->takes().currentTake()->notes().size(), std::size_t{4});
    s.click("acceptButton");
    QCOMPARE(s.notes().size(), std::size_t{5});
    QCOMPARE(s.session().document()->regions.size(), std::size_t{1});
  }

  void samplesFromNothingOrNone() {
    TrainingStudio s;
    s.script->trainPoints = 1;
    s.of<QComboBox>("trainSampleOfCombo")->setCurrentIndex(1);
    s.press("trainStartButton");
    auto* list = s.of<QListWidget>("sampleList");
    QTRY_COMPARE(list->count(), 1);
    QVERIFY(s.script->requests().empty() || s.script->requests().back().from == Tick{0});
    QTRY_VERIFY(list->item(0)->text().contains("notes"));
    QVERIFY(!s.of<QPushButton>("sampleInsertButton")->isEnabled());
    QTRY_VERIFY(!s.training->running());
    s.of<QSpinBox>("trainSampleSpin")->setValue(0);
    answerQuestion(QMessageBox::Yes);
    std::ofstream(s.run().request.out) << "a model";
    s.press("trainStartButton");
    QTRY_VERIFY(!s.training->running() && s.script->trainings().size() == 2);
    QCOMPARE(list->count(), 0);
  }

  void aSampleThatFailsSaysWhy() {
    TrainingStudio s;
    s.script->trainPoints = 1;
    s.script->error = "the weights are no good";
    s.press("trainStartButton");
    auto* list = s.of<QListWidget>("sampleList");
    QTRY_COMPARE(list->count(), 1);
    QTRY_VERIFY(list->item(0)->text().contains("the weights are no good"));
  }

  // --- Music
  void aFolderIsReported() {
    TrainingStudio s;
    QTemporaryDir music;
    const fs::path folder = music.path().toStdString();
    QVERIFY(writeMidiFile(scaleOf(40, 60), folder / "a.mid").has_value());
    QVERIFY(writeMidiFile(scaleOf(40, 60), folder / "b.mid").has_value());
    QVERIFY(writeMidiFile(scaleOf(3, 40), folder / "c.mid").has_value());
    std::ofstream(folder / "d.mid") << "no MIDI";
    auto* data = s.of<QLineEdit>("trainDataEdit");
    data->setFocus();
    data->selectAll();
    QTest::keyClicks(data, music.path());
    QTest::keyClick(data, Qt::Key_Return);  // scans at once
    QTRY_VERIFY(s.training->music().corpus() != nullptr);
    const auto report = s.of<QLabel>("corpusReport")->text();
    QVERIFY2(report.contains("1 pieces") && report.contains("3 files rejected"),
             qPrintable(report));
    QVERIFY2(report.contains("1 duplicate") && report.contains("1 too short"), qPrintable(report));
    QVERIFY(s.of<QLabel>("trainMusicLabel")->text().contains("40 notes"));
    s.training->showPage(TrainingWindow::Page::kMusic);
    auto* table = s.of<QTableView>("corpusTable");
    QCOMPARE(table->model()->rowCount(), 4);
    s.of<QComboBox>("corpusKindCombo")->setCurrentIndex(3);
    QCOMPARE(table->model()->rowCount(), 3);
    QTest::keyClicks(s.of<QLineEdit>("corpusFilterEdit"), "duplicate of a");
    QCOMPARE(table->model()->rowCount(), 1);
    QCOMPARE(table->model()->index(0, 0).data().toString(), QString("b.mid"));
    // Pitches of the one accepted piece.
    std::int64_t notes = 0;
    for (const std::int64_t n : s.of<HistogramView>("histogramView")->histogram().counts)
      notes += n;
    QCOMPARE(notes, std::int64_t{40});
    QVERIFY(s.of<QComboBox>("corpusPlotCombo")->findText("polyphony", Qt::MatchStartsWith) > 0);
  }

  void anEmptyFolderIsOneLine() {
    TrainingStudio s;
    QTemporaryDir empty;
    s.of<QLineEdit>("trainDataEdit")->setText(empty.path());
    s.training->showPage(TrainingWindow::Page::kMusic);
    s.press("corpusScanButton");
    auto* report = s.of<QLabel>("corpusReport");
    QTRY_VERIFY(report->text().contains("holds no MIDI file"));
    QVERIFY(!report->text().contains('\n'));
    QVERIFY(!s.of<QPushButton>("corpusExportButton")->isEnabled());
    QCOMPARE(s.of<QTableView>("corpusTable")->model()->rowCount(), 0);
  }

  void aFolderIsScannedWhileOneTrains() {
    TrainingStudio s;
    s.script->trainUntilStopped = true;
    s.press("trainStartButton");
    QTRY_COMPARE(s.run().points.size(), std::size_t{6});
    QVERIFY(writeMidiFile(scaleOf(40, 60), fs::path(s.folder.path().toStdString()) / "a.mid")
                .has_value());
    s.training->music().scan();
    QTRY_VERIFY(s.training->music().corpus() != nullptr);
    QVERIFY(s.training->running());
  }

  // --- Runs
  void pastRunsAreComparedAndContinued() {
    TrainingStudio s;
    for (const char* name : {"first", "second"}) {
      s.of<QLineEdit>("trainNameEdit")->setText(name);
      s.script->trainHold = name == std::string("second") ? 2 : 0;
      s.press("trainStartButton");
      if (s.script->trainHold > 0) {
        QTRY_COMPARE(s.run().points.size(), std::size_t{2});
        s.press("trainStopButton");
      }
      QTRY_VERIFY(!s.training->running());
    }
    s.training->showPage(TrainingWindow::Page::kRuns);
    auto* list = s.of<QTreeWidget>("runList");
    QTRY_COMPARE(list->topLevelItemCount(), 2);
    auto* chart = s.of<RunChart>("runsChart");
    QCOMPARE(chart->runs().size(), std::size_t{2});
    QTreeWidgetItem* second = list->findItems("second", Qt::MatchExactly).front();
    QTreeWidgetItem* first = list->findItems("first", Qt::MatchExactly).front();
    QCOMPARE(first->text(2), QString::number(5.0 / 6, 'f', 3));
    first->setCheckState(0, Qt::Unchecked);
    QCOMPARE(chart->runs().size(), std::size_t{1});
    QCOMPARE(chart->runs().front().points.size(), std::size_t{2});
    list->setCurrentItem(second);
    QVERIFY(s.of<QPlainTextEdit>("runDetail")->toPlainText().contains("reading"));
    s.script->trainHold = 0;
    s.press("runResumeButton");
    QTRY_VERIFY(!s.training->running());
    QCOMPARE(s.script->trainings().back().resume->filename(), fs::path("second.last.safetensors"));
    QCOMPARE(s.run().points.size(), std::size_t{6});
    QCOMPARE(s.of<QLineEdit>("trainNameEdit")->text(), QString("second"));
    s.training->showPage(TrainingWindow::Page::kRuns);
    QTRY_COMPARE(s.training->runs().runs().front().points.size(), std::size_t{6});
  }

  // A run from a command line is in the list, and one without its state cannot be gone on with.
  void runsOfOthersAreListed() {
    TrainingStudio s;
    fs::create_directories(s.models());
    std::ofstream(s.models() / "cli.history.jsonl")
        << "{\"run\":\"incipit-run-1\",\"family\":\"f\",\"preset\":\"p\"}\n"
        << "{\"epoch\":1,\"step\":10,\"loss\":1.5}\n{\"epoch\":1,\"st";
    std::ofstream(s.models() / "bad.history.jsonl") << "garbage";
    s.training->showPage(TrainingWindow::Page::kRuns);
    auto* list = s.of<QTreeWidget>("runList");
    QTRY_COMPARE(list->topLevelItemCount(), 1);
    QCOMPARE(list->topLevelItem(0)->text(0), QString("cli"));
    QVERIFY(!s.of<QPushButton>("runResumeButton")->isEnabled());
    QVERIFY(s.of<QLabel>("runProblemLabel")->text().contains("bad.history.jsonl"));
  }

  // --- Models
  void modelsAreImportedRenamedAndTunedFrom() {
    TrainingStudio s(useCatalogue);
    const fs::path file =
        fs::path(s.folder.path().toStdString()) / "elsewhere" / "nice.safetensors";
    writeCheckpoint(file);
    std::ofstream(file.parent_path() / "nice.md") << "# A card\n\nTrained on hymns.";
    QSignalSpy changed(s.training, &TrainingWindow::modelsChanged);
    s.training->showPage(TrainingWindow::Page::kModels);
    s.training->models().importModel(file);
    QCOMPARE(changed.count(), 1);
    auto* list = s.of<QListWidget>("modelList");
    QCOMPARE(list->count(), 1);
    QVERIFY(fs::exists(s.models() / "nice.safetensors"));
    QVERIFY(s.find<QComboBox>("modelCombo")->isEnabled());  // the compose panel has it, too
    const QString card = s.of<QTextBrowser>("modelCard")->toPlainText();
    QVERIFY2(card.contains("CC0") && card.contains("2.5") && card.contains("Trained on hymns"),
             qPrintable(card));
    s.training->models().rename("nicer");
    QVERIFY(fs::exists(s.models() / "nicer.safetensors") && fs::exists(s.models() / "nicer.md"));
    QVERIFY(!fs::exists(s.models() / "nice.safetensors"));
    QVERIFY(list->item(0)->text().startsWith("nicer"));
    s.training->models().rename("a/b");
    QVERIFY(s.of<QLabel>("modelProblemLabel")->isVisible());
    QVERIFY(fs::exists(s.models() / "nicer.safetensors"));

    s.press("modelTuneButton");
    QCOMPARE(s.of<QTabWidget>("trainTabs")->currentIndex(), 0);
    const TrainRequest r = s.training->form().request();
    QCOMPARE(*r.startFrom, s.models() / "nicer.safetensors");
    QCOMPARE(r.preset, std::string("improved"));
    QCOMPARE(r.settings.at("units"), std::string("96"));  // the same network
    QVERIFY(r.out.stem() != "nicer");
    s.of<QLineEdit>("trainNameEdit")->setText("nicer");
    QVERIFY(s.of<QLabel>("trainProblemLabel")->text().contains("another name"));
  }

  void whatIsNoModelIsNotImported() {
    TrainingStudio s(useCatalogue);
    const fs::path file = fs::path(s.folder.path().toStdString()) / "x.safetensors";
    std::ofstream(file) << "no checkpoint at all";
    s.training->showPage(TrainingWindow::Page::kModels);
    s.training->models().importModel(file);
    auto* problem = s.of<QLabel>("modelProblemLabel");
    QVERIFY(problem->isVisible() && problem->text().contains("x.safetensors"));
    QCOMPARE(s.of<QListWidget>("modelList")->count(), 0);
    QVERIFY(!fs::exists(s.models() / "x.safetensors"));
  }

  void deletingAsksAndTakesAllFiles() {
    TrainingStudio s(useCatalogue);
    writeCheckpoint(s.models() / "old.safetensors");
    std::ofstream(s.models() / "old.last.state.safetensors") << "state";
    s.training->showPage(TrainingWindow::Page::kModels);
    auto* list = s.of<QListWidget>("modelList");
    QCOMPARE(list->count(), 1);
    answerQuestion(QMessageBox::Cancel);
    s.press("modelDeleteButton");
    QVERIFY(fs::exists(s.models() / "old.safetensors"));
    answerQuestion(QMessageBox::Yes);
    s.press("modelDeleteButton");
    QTRY_COMPARE(list->count(), 0);
    QVERIFY(!fs::exists(s.models() / "old.safetensors"));
    QVERIFY(!fs::exists(s.models() / "old.last.state.safetensors"));
  }
};

QTEST_MAIN(TestPages)
#include "test_pages.moc"
