// A run in the training window: start, pause, continue, stop, what it shows and what goes wrong.
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QtTest>

#include "tests/ui/training/training_fixture.h"
#include "ui/training/run_chart.h"
#include "ui/training/train_page.h"

using namespace incipit;
using namespace incipit::test;
using State = TrainingSession::State;

class TestTrainPage : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aRunShowsCurvesAndOffersTheModel() {
    TrainingStudio s;
    s.of<QLineEdit>("trainNameEdit")->setText("../sly name");
    QCOMPARE(s.training->form().request().out.parent_path(), s.models());
    QSignalSpy trained(s.training, &TrainingWindow::trained);
    s.press("trainStartButton");
    QVERIFY(trained.wait());
    const auto* chart = s.of<RunChart>("runChart");
    QCOMPARE(chart->trainingPoints(), s.script->trainPoints);
    QCOMPARE(chart->validationPoints(), s.script->trainPoints);
    QVERIFY(s.of<QPlainTextEdit>("trainLog")->toPlainText().contains("reading"));
    QCOMPARE(s.of<QLabel>("trainEpochFigure")->text(), QString("6"));
    QCOMPARE(s.of<QLabel>("trainRateFigure")->text(), QString("0.0003"));
    QCOMPARE(s.of<QLabel>("trainNormFigure")->text(), QString("1.5"));
    QVERIFY(s.of<QLabel>("trainAccuracyFigure")->text().startsWith("50"));
    QCOMPARE(s.state(), State::kIdle);
    QVERIFY(s.of<QPushButton>("trainStartButton")->isEnabled());
    QVERIFY(s.find<QLabel>("trainingLabel")->text().isEmpty());
    const auto history = readRunHistory(historyPath(s.training->form().request().out));
    QVERIFY(history && history->points.size() == 6);
  }

  void whatIsChosenIsTrained() {
    TrainingStudio s;
    auto* preset = s.of<QComboBox>("trainPresetCombo");
    preset->setCurrentIndex(preset->findText("improved"));
    auto* units = s.of<QSpinBox>("setting.units");
    units->setFocus();
    units->selectAll();
    QTest::keyClicks(units, "128");
    QTest::keyClick(units, Qt::Key_Return);
    s.of<QSpinBox>("trainEpochsSpin")->setValue(7);
    s.of<QLineEdit>("trainSetsEdit")->setText("one,two");
    s.of<QLineEdit>("trainSeedEdit")->setText("42");
    auto* device = s.of<QComboBox>("trainDeviceCombo");
    QTRY_COMPARE(device->count(), 2);  // the engine's
    device->setCurrentText("cuda:0");
    s.press("trainStartButton");
    QTRY_COMPARE(s.script->trainings().size(), std::size_t{1});
    const TrainRequest r = s.script->trainings().front();
    QCOMPARE(r.family, std::string("note-lstm"));
    QCOMPARE(r.preset, std::string("improved"));
    QCOMPARE(r.settings, (Settings{{"dropout", "0.2"}, {"patience", "0"}, {"units", "128"}}));
    QCOMPARE(r.epochs, 7);
    QCOMPARE(r.sets, std::string("one,two"));
    QCOMPARE(r.seed, std::uint64_t{42});
    QCOMPARE(r.device, std::string("cuda:0"));
    QVERIFY(!r.startFrom && !r.resume);
  }

  // Each preset has settings of its own, and gets them back.
  void settingsOfAPresetAreKept() {
    TrainingStudio s;
    auto* preset = s.of<QComboBox>("trainPresetCombo");
    preset->setCurrentIndex(0);
    s.of<QSpinBox>("setting.units")->setValue(100);
    preset->setCurrentIndex(1);
    QCOMPARE(s.of<QSpinBox>("setting.units")->value(), 64);
    preset->setCurrentIndex(0);
    QCOMPARE(s.of<QSpinBox>("setting.units")->value(), 100);
    auto* family = s.of<QComboBox>("trainFamilyCombo");
    family->setCurrentIndex(1);
    QVERIFY(s.of<QWidget>("setting.mix") != nullptr);
    QCOMPARE(s.training->form().lossUnit(), std::string("bits/note"));
    family->setCurrentIndex(0);
    QCOMPARE(s.of<QSpinBox>("setting.units")->value(), 100);
  }

  void pausingSavesAndGoingOnContinuesTheCurve() {
    TrainingStudio s;
    s.script->trainHold = 3;
    s.press("trainStartButton");
    auto* pause = s.of<QPushButton>("trainPauseButton");
    QTRY_COMPARE(s.run().points.size(), std::size_t{3});
    QTest::mouseClick(pause, Qt::LeftButton);
    QTRY_COMPARE(s.state(), State::kPaused);
    QCOMPARE(pause->text(), QString("Continue"));
    QVERIFY(!s.of<QPushButton>("trainStartButton")->isEnabled());
    QVERIFY(s.of<QPlainTextEdit>("trainLog")->toPlainText().contains("Paused"));
    QTest::mouseClick(pause, Qt::LeftButton);
    QTRY_COMPARE(s.state(), State::kIdle);
    QCOMPARE(*s.script->trainings().back().resume, lastPath(s.run().request.out));
    QCOMPARE(s.run().points.size(), std::size_t{6});
    for (std::size_t i = 0; i < 6; ++i) QCOMPARE(s.run().points[i].epoch, static_cast<int>(i) + 1);
    QCOMPARE(s.of<RunChart>("runChart")->trainingPoints(), 6);
    QCOMPARE(s.run().end, RunEnd::kDone);
  }

  void aPausedRunCanBeLetGo() {
    TrainingStudio s;
    s.script->trainHold = 1;
    s.press("trainStartButton");
    QTRY_COMPARE(s.run().points.size(), std::size_t{1});
    s.press("trainPauseButton");
    QTRY_COMPARE(s.state(), State::kPaused);
    s.press("trainStopButton");
    QCOMPARE(s.state(), State::kIdle);
    QVERIFY(s.of<QPushButton>("trainStartButton")->isEnabled());
  }

  void stoppingAndComposingDoNotWaitForIt() {
    TrainingStudio s;
    s.script->trainUntilStopped = true;
    s.press("trainStartButton");
    QTRY_VERIFY(s.find<QLabel>("trainingLabel")->text().contains("%"));
    s.window->takes().generate();
    QTRY_VERIFY(!s.window->takes().generating());
    QCOMPARE(s.window->takes().currentTake()->notes().size(), std::size_t{4});
    QVERIFY(s.training->running());
    s.press("trainStopButton");
    QTRY_VERIFY(!s.training->running());
    QCOMPARE(s.run().end, RunEnd::kStopped);
  }

  void closingTheWindowDoesNotStopTheRun() {
    TrainingStudio s;
    s.script->trainUntilStopped = true;
    s.press("trainStartButton");
    QTRY_COMPARE(s.run().points.size(), std::size_t{6});
    QTest::keyClick(s.training, Qt::Key_Escape);
    QVERIFY(!s.training->isVisible());
    QVERIFY(s.training->running());
    s.window->actionTable().action("compose.train")->trigger();
    QVERIFY(s.training->isVisible());
    QCOMPARE(s.of<RunChart>("runChart")->trainingPoints(), 6);
  }

  void quittingAsksAndSaves() {
    TrainingStudio s;
    s.script->trainUntilStopped = true;
    s.press("trainStartButton");
    QTRY_COMPARE(s.run().points.size(), std::size_t{6});
    answerQuestion(QMessageBox::Cancel);
    s.window->close();
    QVERIFY(s.window->isVisible());
    QVERIFY(s.training->running());
    const auto out = s.run().request.out;
    answerQuestion(QMessageBox::Yes);
    s.window->close();
    QVERIFY(!s.window->isVisible());
    QVERIFY(!s.training->isVisible());
    QTRY_VERIFY(!s.training->running());
    QVERIFY(std::filesystem::exists(statePath(out)));
    QCOMPARE(readRunHistory(historyPath(out))->end, RunEnd::kStopped);
  }

  void aRunThatFailsAtOnceIsOneLine() {
    TrainingStudio s;
    s.script->trainError = "music: holds no MIDI file: choose a folder of .mid files";
    s.press("trainStartButton");
    auto* problem = s.of<QLabel>("trainProblemLabel");
    QTRY_COMPARE(problem->text(), QString::fromStdString(s.script->trainError));
    QVERIFY(problem->isVisible());
    QCOMPARE(s.state(), State::kIdle);
    QVERIFY(s.of<QPlainTextEdit>("trainLog")->toPlainText().contains("holds no MIDI file"));
    // What was typed is still there, and the next try can begin.
    QCOMPARE(s.of<QLineEdit>("trainDataEdit")->text(), s.folder.path());
    QVERIFY(s.of<QPushButton>("trainStartButton")->isEnabled());
    s.script->trainError.clear();
    s.press("trainStartButton");
    QVERIFY(!problem->isVisible());
    QTRY_COMPARE(s.run().end, RunEnd::kDone);
  }

  void aFolderThatCannotBeWrittenIsOneLine() {
    TrainingStudio s;
    std::ofstream(s.folder.path().toStdString() + "/incipit") << "a file where a folder must be";
    s.press("trainStartButton");
    auto* problem = s.of<QLabel>("trainProblemLabel");
    QVERIFY(problem->text().contains("choose another place"));
    QCOMPARE(s.state(), State::kIdle);
    QVERIFY(s.script->trainings().empty());
  }

  void whatIsMissingIsSaid_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("said");
    QTest::newRow("no folder") << "trainDataEdit"
                               << ""
                               << "Choose a folder";
    QTest::newRow("no such folder") << "trainDataEdit"
                                    << "/no/such"
                                    << "no such folder";
    QTest::newRow("no name") << "trainNameEdit"
                             << " "
                             << "a name";
    QTest::newRow("no number") << "trainSeedEdit"
                               << "x"
                               << "whole number";
  }
  void whatIsMissingIsSaid() {
    QFETCH(QString, field);
    QFETCH(QString, text);
    QFETCH(QString, said);
    TrainingStudio s;
    QVERIFY(s.of<QPushButton>("trainStartButton")->isEnabled());
    s.of<QLineEdit>(qPrintable(field))->setText(text);
    QVERIFY(!s.of<QPushButton>("trainStartButton")->isEnabled());
    QVERIFY2(s.of<QLabel>("trainProblemLabel")->text().contains(said),
             qPrintable(s.of<QLabel>("trainProblemLabel")->text()));
  }

  void anotherModelIsReplacedOnlyWhenAsked() {
    TrainingStudio s;
    std::filesystem::create_directories(s.models());
    std::ofstream(s.training->form().request().out) << "precious";
    answerQuestion(QMessageBox::No);
    s.press("trainStartButton");
    QVERIFY(s.script->trainings().empty());
    answerQuestion(QMessageBox::Yes);
    s.press("trainStartButton");
    QTRY_COMPARE(s.script->trainings().size(), std::size_t{1});
  }

  void theStudioWorksWithoutJobsAndPlayer() {
    Studio s([](Services& services) {
      services.jobs = nullptr;
      services.player = nullptr;
    });
    TrainingWindow* training = s.window->trainingWindow();
    training->show();
    QVERIFY(!training->findChild<QPushButton*>("trainStartButton")->isEnabled());
    QVERIFY(!training->findChild<QPushButton*>("corpusScanButton")->isEnabled());
  }

  void durations() {
    QCOMPARE(durationText(12.2), QString("12 s"));
    QCOMPARE(durationText(200), QString("3 min 20 s"));
    QCOMPARE(durationText(7500), QString("2 h 05 min"));
  }

  void everyControlHasANameAndAHint() {
    TrainingStudio s;
    int checked = 0;
    for (QWidget* w : s.training->findChildren<QWidget*>()) {
      const auto* button = qobject_cast<QAbstractButton*>(w);
      const bool field = qobject_cast<QComboBox*>(w) != nullptr ||
                         qobject_cast<QAbstractSpinBox*>(w) != nullptr ||
                         qobject_cast<QLineEdit*>(w) != nullptr;
      if ((button == nullptr && !field) || w->objectName().startsWith("qt_")) continue;
      if (qobject_cast<QAbstractSpinBox*>(w->parentWidget()) != nullptr) continue;
      if (qobject_cast<QAbstractItemView*>(w->parentWidget()) != nullptr) continue;
      if (qobject_cast<QTabBar*>(w->parentWidget()) != nullptr) continue;
      if (qobject_cast<QLineEdit*>(w->parentWidget()) != nullptr) continue;
      ++checked;
      const bool named =
          !w->accessibleName().isEmpty() || (button != nullptr && !button->text().isEmpty());
      QVERIFY2(named && !w->toolTip().isEmpty() && w->focusPolicy() != Qt::NoFocus,
               qPrintable(QString("%1 %2").arg(w->metaObject()->className(), w->objectName())));
    }
    QVERIFY(checked > 30);
  }
};

QTEST_MAIN(TestTrainPage)
#include "test_train_page.moc"
