// Models compared by figures: what is asked, the tables and plots, what is kept, what goes wrong.
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QtTest>

#include "core/compose/ratings.h"
#include "core/io/atomic_file.h"
#include "tests/ui/training/compare_fixture.h"
#include "ui/training/histogram_view.h"

using namespace incipit;
using namespace incipit::test;
namespace fs = std::filesystem;

namespace {

QString cell(const QTableView* view, int row, int column) {
  return view->model()->index(row, column).data().toString();
}

int column(const QTableView* view, const QString& name) {
  for (int i = 0; i < view->model()->columnCount(); ++i) {
    if (view->model()->headerData(i, Qt::Horizontal).toString() == name) return i;
  }
  return -1;
}

}  // namespace

class TestComparePage : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void modelsAreComparedSideBySide() {
    CompareStudio s;
    QCOMPARE(s.list()->count(), 3);
    s.of<QSpinBox>("compareContinuationsSpin")->setValue(7);
    s.of<QSpinBox>("compareExamplesSpin")->setValue(50);
    s.of<QComboBox>("compareSplitCombo")->setCurrentText("valid");
    QTest::keyClicks(s.of<QLineEdit>("compareSetsEdit"), "hymns");
    s.press("compareStartButton");
    QTRY_VERIFY(!s.comparison().running());
    const auto asked = s.script->evaluations();
    QCOMPARE(asked.size(), std::size_t{3});
    QCOMPARE(asked[1].checkpoint.stem(), fs::path("three"));
    QCOMPARE(asked[1].data, fs::path(s.folder.path().toStdString()));
    QCOMPARE(asked[1].split, std::string("valid"));
    QCOMPARE(asked[1].sets, std::string("hymns"));
    QCOMPARE(asked[1].examples, std::int64_t{50});
    QCOMPARE(asked[1].continuations, 7);
    auto* table = s.of<QTableView>("compareTable");
    QCOMPARE(table->model()->rowCount(), 3);
    QCOMPARE(cell(table, 2, 0), QString("seventeen"));
    QCOMPARE(cell(table, 0, column(table, "NLL")), QString("2.3750"));
    QCOMPARE(cell(table, 0, column(table, "parameters")), QString("84,354"));
    QCOMPARE(cell(table, 0, column(table, "top-1")), QString("–"));
    auto* metrics = s.of<QTableView>("compareMetricTable");
    QVERIFY(metrics->isVisible());
    QCOMPARE(cell(metrics, 0, column(metrics, "written")), QString("24.0000"));
    QCOMPARE(cell(metrics, 0, column(metrics, "three")), QString("12.0000"));
    QCOMPARE(cell(metrics, 1, column(metrics, "written")), QString("–"));
    QVERIFY(s.of<QLabel>("compareProblemLabel")->isHidden());
    QVERIFY(s.of<QPushButton>("compareExportButton")->isEnabled());
  }

  void aClickOnAHeadSortsAndThePlotsFollowTheRow() {
    CompareStudio s;
    s.press("compareStartButton");
    QTRY_VERIFY(!s.comparison().running());
    auto* table = s.of<QTableView>("compareTable");
    auto* about = s.of<QLabel>("comparePlotLabel");
    QVERIFY(about->text().contains("one"));
    auto* plot = s.of<HistogramView>("comparePlot2");
    QVERIFY(plot->isVisible());
    QCOMPARE(plot->histogram().name, std::string("step (quarters)"));
    QCOMPARE(plot->against().counts, (std::vector<std::int64_t>{0, 2, 1, 1}));
    QCOMPARE(plot->binText(1), QString("1 to 2: 75.0 %, line: 50.0 %"));
    table->sortByColumn(column(table, "NLL"), Qt::DescendingOrder);
    QCOMPARE(cell(table, 0, 0), QString("seventeen"));
    QCOMPARE(cell(table, 2, 0), QString("one"));
    table->setFocus();
    table->setCurrentIndex(table->model()->index(2, 0));
    QTest::keyClick(table, Qt::Key_Up);
    QVERIFY(about->text().contains("three"));
  }

  void onlyWhatIsTickedIsMeasuredAndItIsRemembered() {
    CompareStudio s;
    s.tick(0, false);
    auto* list = s.list();
    list->setFocus();
    list->setCurrentRow(2);
    QTest::keyClick(list, Qt::Key_Space);
    s.press("compareStartButton");
    QTRY_VERIFY(!s.comparison().running());
    QCOMPARE(s.script->evaluations().size(), std::size_t{1});
    s.training->showPage(TrainingWindow::Page::kModels);
    s.showPage();  // read again
    QCOMPARE(s.list()->item(0)->checkState(), Qt::Unchecked);
    QCOMPARE(s.list()->item(1)->checkState(), Qt::Checked);
    s.tick(1, false);
    QVERIFY(!s.of<QPushButton>("compareStartButton")->isEnabled());
    QVERIFY(s.of<QLabel>("compareProblemLabel")->text().contains("Tick the models"));
  }

  void withoutContinuationsThereAreNoPlots() {
    CompareStudio s;
    s.of<QSpinBox>("compareContinuationsSpin")->setValue(0);
    s.press("compareStartButton");
    QTRY_VERIFY(!s.comparison().running());
    QVERIFY(!s.of<QTableView>("compareMetricTable")->isVisible());
    QVERIFY(!s.of<HistogramView>("comparePlot1")->isVisible());
    QVERIFY(s.of<QLabel>("comparePlotLabel")->text().contains("with continuations"));
  }

  // What was done stays when it is stopped in the middle; rows come as models are done.
  void stoppedInTheMiddle() {
    CompareStudio s;
    s.script->evaluateHold = 2;
    s.press("compareStartButton");
    auto* table = s.of<QTableView>("compareTable");
    QTRY_COMPARE(s.script->evaluations().size(), std::size_t{2});
    QTRY_COMPARE(table->model()->rowCount(), 1);
    QTRY_VERIFY(s.of<QLabel>("compareDoingLabel")->text().contains("three"));
    QCOMPARE(s.of<QPushButton>("compareStartButton")->text(), QString("Stop"));
    QVERIFY(!s.list()->isEnabled());
    s.press("compareStartButton");
    QTRY_VERIFY(!s.comparison().running());
    QCOMPARE(table->model()->rowCount(), 1);
    QCOMPARE(s.script->evaluations().size(), std::size_t{2});
    QVERIFY(s.of<QLabel>("compareProblemLabel")->text().startsWith("Stopped"));
    QVERIFY(s.list()->isEnabled());
  }

  void aModelThatVanishedIsOneLine() {
    CompareStudio s;
    fs::remove(threeModels().models[1].path);
    s.press("compareStartButton");
    QTRY_VERIFY(!s.comparison().running());
    QCOMPARE(s.of<QTableView>("compareTable")->model()->rowCount(), 2);
    const QString said = s.of<QLabel>("compareProblemLabel")->text();
    QVERIFY2(said.contains("three.safetensors") && !said.contains('\n'), qPrintable(said));
  }

  // Each model fails for the same reason, which is said once; the last result stays.
  void musicThatIsNoneIsOneLine() {
    CompareStudio s;
    s.press("compareStartButton");
    QTRY_VERIFY(!s.comparison().running());
    s.script->evaluateError = "/music: holds no MIDI file: choose a folder of .mid files";
    s.press("compareStartButton");
    QTRY_VERIFY(!s.comparison().running());
    QCOMPARE(s.of<QLabel>("compareProblemLabel")->text(),
             QString::fromStdString(s.script->evaluateError));
    QCOMPARE(s.of<QTableView>("compareTable")->model()->rowCount(), 3);
    s.of<QLineEdit>("trainDataEdit")->setText("/no/such");
    QVERIFY(s.of<QLabel>("compareProblemLabel")->text().contains("no such folder"));
    QVERIFY(!s.of<QPushButton>("compareStartButton")->isEnabled());
  }

  void theLastResultIsThereAgain() {
    JobRunner jobs(FakeEngine::loader(std::make_shared<Script>()));
    QTemporaryDir folder;
    qputenv("XDG_DATA_HOME", folder.path().toUtf8());
    std::vector<fs::path> files;
    for (const CheckpointInfo& m : threeModels().models) files.push_back(m.path);
    {
      ComparisonSession first(&jobs);
      QVERIFY(first.comparison().models.empty() && first.problems().isEmpty());
      EvaluateRequest request;
      request.continuations = 2;
      request.data = "/music";
      first.start(JobRunner::Where::kBackground, request, files);
      QTRY_VERIFY(!first.running());
      QCOMPARE(first.comparison().models.size(), std::size_t{3});
    }
    ComparisonSession again(nullptr);
    QCOMPARE(again.comparison().models.size(), std::size_t{3});
    QCOMPARE(again.comparison().request.data, fs::path("/music"));
    QCOMPARE(again.comparison().models[1].evaluation.distributions.size(), std::size_t{3});
    std::ofstream(comparisonFile()) << "{\"comparison\":";
    ComparisonSession damaged(nullptr);
    QVERIFY(damaged.comparison().models.empty());
    QCOMPARE(damaged.problems().size(), 1);
    QVERIFY(damaged.problems().front().contains("comparison.json"));
  }

  void ratingsAreAColumn() {
    CompareStudio s;
    s.press("compareStartButton");
    QTRY_VERIFY(!s.comparison().running());
    auto* table = s.of<QTableView>("compareTable");
    QCOMPARE(column(table, "rating"), -1);
    const std::string hash = *fileSha256(threeModels().models[2].path);
    QVERIFY(appendRatings(ratingsFile(), {{"t", "seventeen", "f", "p", hash, 4, 3, ""},
                                          {"t", "seventeen", "f", "p", hash, 5, 3, ""}}));
    std::ofstream(ratingsFile(), std::ios::app) << "garbage\n";
    s.page().reload();
    QCOMPARE(cell(table, 2, column(table, "rating")), QString("4.50"));
    QCOMPARE(cell(table, 2, column(table, "ratings")), QString("2"));
    QCOMPARE(cell(table, 0, column(table, "rating")), QString("–"));
    auto* problem = s.of<QLabel>("compareProblemLabel");
    QVERIFY(problem->text().contains("1 of its lines"));
    s.page().reload();
    QCOMPARE(problem->text().count("1 of its lines"), 1);  // said once
  }

  void itIsComparedWhileOneTrains() {
    CompareStudio s;
    s.script->trainUntilStopped = true;
    s.training->showPage(TrainingWindow::Page::kTrain);
    s.press("trainStartButton");
    QTRY_COMPARE(s.run().points.size(), std::size_t{6});
    s.showPage();
    s.press("compareStartButton");
    QTRY_COMPARE(s.comparison().comparison().models.size(), std::size_t{3});
    QVERIFY(s.training->running());
  }

  void withoutModelsThePageSaysWhatToDo() {
    TrainingStudio s([](Services& services) { services.models = [] { return Catalogue{}; }; });
    s.training->showPage(TrainingWindow::Page::kCompare);
    QVERIFY(s.of<QLabel>("compareProblemLabel")->text().contains("train one"));
    QVERIFY(!s.of<QPushButton>("compareStartButton")->isEnabled());
    QVERIFY(!s.of<QPushButton>("listenComposeButton")->isEnabled());
    QVERIFY(s.of<QLabel>("compareAboutLabel")->text().contains("Tick models"));
  }
};

QTEST_MAIN(TestComparePage)
#include "test_compare_page.moc"
