// Blind listening: an order of chance, hidden names, ratings that are kept, playing and inserting.
#include <QCheckBox>
#include <QDialog>
#include <QLabel>
#include <QPushButton>
#include <QSet>
#include <QTableView>
#include <QToolButton>
#include <QtTest>

#include "core/compose/ratings.h"
#include "tests/ui/training/compare_fixture.h"
#include "ui/training/candidate_row.h"

using namespace incipit;
using namespace incipit::test;
namespace fs = std::filesystem;

namespace {

struct ListenStudio : CompareStudio {
  ListenStudio() {
    draw({{0, 1, 60}, {1, 1, 64}, {6, 1, 67}});
    page().showView(ComparePage::View::kListen);
  }
  BlindTest& blind() { return page().blindTest(); }
  void compose() {
    press("listenComposeButton");
    [[maybe_unused]] const bool done = QTest::qWaitFor([this] {
      const auto& all = blind().all();
      return std::all_of(all.begin(), all.end(),
                         [](const BlindTest::Candidate& c) { return c.mayBeRated(); });
    });
  }
  CandidateRow* row(int i) { return training->findChildren<CandidateRow*>()[i]; }
  template <typename T>
  T* in(int i, const char* name) {
    return row(i)->findChild<T*>(name);
  }
  void pressIn(int i, const char* button) {
    QTest::mouseClick(in<QAbstractButton>(i, button), Qt::LeftButton);
  }
  std::vector<Rating> kept() { return readRatings(ratingsFile())->ratings; }
};

}  // namespace

class TestListenView : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void namesAreHiddenUntilTheyAreRevealed() {
    ListenStudio s;
    s.of<QSpinBox>("listenBarsSpin")->setValue(2);
    s.compose();
    const auto asked = s.script->requests();
    QCOMPARE(asked.size(), std::size_t{3});
    QSet<QString> names;
    for (std::size_t i = 0; i < 3; ++i) {
      QCOMPARE(asked[i].checkpoint, s.blind().all()[i].model.path);
      QCOMPARE(asked[i].bars, 2);
      QCOMPARE(asked[i].seed, asked[0].seed);
      QCOMPARE(asked[i].from, Tick{s.quarter() * 8});
      QCOMPARE(asked[i].temperature, ComposeRequest().temperature);
      names << QString::fromStdString(asked[i].checkpoint.stem().string());
      const QString shown = s.in<QLabel>(static_cast<int>(i), "candidateNameLabel")->text();
      QCOMPARE(shown, QString("4 notes"));
      // Nothing else of the card tells, either.
      for (const QWidget* w : s.row(static_cast<int>(i))->findChildren<QWidget*>()) {
        for (const char* name : {"one", "three", "seventeen"}) {
          QVERIFY(!(w->toolTip() + w->accessibleName()).contains(QString(name) + ".safe"));
        }
      }
    }
    QCOMPARE(names, (QSet<QString>{"one", "three", "seventeen"}));
    s.press("listenRevealButton");
    for (int i = 0; i < 3; ++i) {
      const std::string name = s.blind().all()[static_cast<std::size_t>(i)].model.path.stem();
      QVERIFY(
          s.in<QLabel>(i, "candidateNameLabel")->text().startsWith(QString::fromStdString(name)));
    }
    QVERIFY(!s.of<QPushButton>("listenRevealButton")->isEnabled());
  }

  void theOrderIsOfChance() {
    JobRunner jobs(FakeEngine::loader(std::make_shared<Script>()));
    QTemporaryDir folder;
    qputenv("XDG_DATA_HOME", folder.path().toUtf8());
    std::map<std::string, int> first;
    for (std::uint64_t chance = 0; chance < 300; ++chance) {
      BlindTest test(&jobs);
      test.start(threeModels().models, {}, chance);
      ++first[test.all()[0].model.title];
      BlindTest same(&jobs);
      same.start(threeModels().models, {}, chance);
      for (std::size_t i = 0; i < 3; ++i) {
        QCOMPARE(same.all()[i].model.path, test.all()[i].model.path);
      }
    }
    // 300 draws of three: within four standard deviations of 100.
    QCOMPARE(first.size(), std::size_t{3});
    for (const auto& [name, n] : first) QVERIFY2(n > 67 && n < 133, name.c_str());
  }

  void ratingsOfTheBlindAreKept() {
    ListenStudio s;
    s.compose();
    s.pressIn(0, "candidateRating2");
    s.row(1)->findChild<QToolButton*>("candidateRating1")->setFocus();
    QTest::keyClick(s.in<QToolButton>(1, "candidateRating1"), Qt::Key_5);
    QVERIFY(s.in<QToolButton>(1, "candidateRating5")->isChecked());
    s.pressIn(0, "candidateRating3");  // another mind
    QVERIFY(s.kept().empty());
    s.press("listenRevealButton");
    const auto kept = s.kept();
    QCOMPARE(kept.size(), std::size_t{2});  // the third was not rated
    const CheckpointInfo& a = s.blind().all()[0].model;
    QCOMPARE(kept[0].model, a.path.stem().string());
    QCOMPARE(kept[0].checkpoint, *fileSha256(a.path));
    QCOMPARE(kept[0].family, a.family);
    QCOMPARE(kept[0].preset, a.preset);
    QCOMPARE(kept[0].rating, 3);
    QCOMPARE(kept[0].compared, 3);
    QCOMPARE(kept[0].seed.size(), std::size_t{64});
    QCOMPARE(kept[0].seed, kept[1].seed);
    QCOMPARE(kept[1].rating, 5);
    // Who knows the names is not blind.
    QVERIFY(!s.in<QToolButton>(2, "candidateRating4")->isEnabled());
    QTest::keyClick(s.row(2), Qt::Key_4);
    s.blind().rate(2, 4);
    s.compose();
    QCOMPARE(s.kept().size(), std::size_t{2});
    QCOMPARE(s.comparison().ratings().size(), std::size_t{2});
  }

  void ratingsAreKeptWithoutAReveal() {
    ListenStudio s;
    s.compose();
    s.pressIn(0, "candidateRating4");
    s.compose();  // another test takes the place of the first
    QCOMPARE(s.kept().size(), std::size_t{1});
    {
      BlindTest ended(s.jobs.get());
      ended.start(threeModels().models, {}, 1);
      QTRY_VERIFY(ended.all()[2].mayBeRated());
      ended.rate(2, 1);
    }
    QCOMPARE(s.kept().size(), std::size_t{2});
    QCOMPARE(s.kept()[1].rating, 1);
  }

  // Names were revealed though the ratings could not be written, and these were lost.
  void ratingsThatCannotBeKeptAreTriedAgain() {
    ListenStudio s;
    s.compose();
    fs::create_directories(ratingsFile());  // a folder in the way
    s.pressIn(0, "candidateRating4");
    s.press("listenRevealButton");
    auto* problem = s.of<QLabel>("listenProblemLabel");
    QVERIFY(problem->isVisible());
    QVERIFY(problem->text().contains("ratings.jsonl") && !problem->text().contains('\n'));
    QVERIFY(!s.blind().revealed());
    fs::remove(ratingsFile());
    s.press("listenRevealButton");
    QVERIFY(s.blind().revealed() && !problem->isVisible());
    QCOMPARE(s.kept().size(), std::size_t{1});
  }

  void aContinuationIsHeardAndInserted() {
    ListenStudio s;
    s.compose();
    s.player.previews.clear();
    s.pressIn(1, "candidatePlayButton");
    QVERIFY(!s.player.previews.empty());
    QCOMPARE(s.player.previews.front().pitch, int{s.blind().all()[1].notes.front().pitch});
    QCOMPARE(s.in<QPushButton>(1, "candidatePlayButton")->text(), QString("Stop"));
    s.pressIn(0, "candidatePlayButton");  // one at a time
    QCOMPARE(s.in<QPushButton>(1, "candidatePlayButton")->text(), QString("Play"));
    QCOMPARE(s.in<QPushButton>(0, "candidatePlayButton")->text(), QString("Stop"));
    s.pressIn(0, "candidatePlayButton");
    QVERIFY(s.player.sounding.empty());
    // With the bars before it: the seed's last note comes first.
    s.of<QCheckBox>("listenSeedCheck")->click();
    s.player.previews.clear();
    s.pressIn(0, "candidatePlayButton");
    QCOMPARE(s.player.previews.front().pitch, 60);
    s.pressIn(0, "candidatePlayButton");
    s.pressIn(2, "candidateInsertButton");
    QCOMPARE(s.window->takes().currentTake()->notes(), s.blind().all()[2].notes);
    s.click("acceptButton");
    QCOMPARE(s.notes().size(), std::size_t{7});
  }

  void notesAreATable() {
    ListenStudio s;
    s.compose();
    s.pressIn(0, "candidateNotesButton");
    auto* dialog = s.training->findChild<QDialog*>("noteDialog");
    QVERIFY(dialog != nullptr && dialog->isVisible());
    const auto* table = dialog->findChild<QTableView*>("noteTable");
    QCOMPARE(table->model()->rowCount(), 4);
    const auto at = [&](int row, int column) {
      return table->model()->index(row, column).data().toString();
    };
    QCOMPARE(at(0, 2), QString("4.000"));  // two bars of two seconds
    QCOMPARE(at(1, 4), QString("0.500"));
    QCOMPARE(at(1, 5), QString("0.500"));
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(s.training->findChild<QDialog*>("noteDialog") == nullptr);
  }

  void fromNothingWhereThePieceIsEmpty() {
    CompareStudio s;
    s.page().showView(ComparePage::View::kListen);
    s.press("listenComposeButton");
    QTRY_VERIFY(!s.page().blindTest().composing());
    QCOMPARE(s.script->requests().front().from, Tick{0});
    auto* insert = s.training->findChildren<CandidateRow*>()[0]->findChild<QPushButton*>(
        "candidateInsertButton");
    QVERIFY(!insert->isEnabled());
  }

  // What fails tells its name in the message, which waits for the reveal.
  void aModelThatFailsSaysWhyWhenItIsRevealed() {
    ListenStudio s;
    s.script->error = "one.safetensors: no such model";
    s.press("listenComposeButton");
    QTRY_COMPARE(s.in<QLabel>(0, "candidateNameLabel")->text(), QString("failed"));
    QVERIFY(!s.in<QToolButton>(0, "candidateRating3")->isEnabled());
    QVERIFY(!s.in<QPushButton>(0, "candidatePlayButton")->isEnabled());
    s.press("listenRevealButton");
    QVERIFY(s.in<QLabel>(0, "candidateNameLabel")->toolTip().contains("no such model"));
    QVERIFY(s.kept().empty());
  }

  // Fewer models than the time before, while one is heard.
  void anotherTestTakesThePlaceOfOneThatPlays() {
    ListenStudio s;
    s.compose();
    s.pressIn(2, "candidatePlayButton");
    QVERIFY(!s.player.sounding.empty());
    s.blind().start({threeModels().models[0]}, {}, 1);
    QVERIFY(s.player.sounding.empty());
    QCOMPARE(s.training->findChildren<CandidateRow*>().size(), 1);
    QTRY_VERIFY(s.blind().all()[0].mayBeRated());
  }

  void everyControlCanBeReachedByKeyboard() {
    ListenStudio s;
    s.compose();
    for (const QAbstractButton* b : s.row(0)->findChildren<QAbstractButton*>()) {
      QVERIFY2(!b->toolTip().isEmpty() && !b->text().isEmpty(), qPrintable(b->objectName()));
    }
    s.training->activateWindow();
    auto* first = s.in<QPushButton>(0, "candidatePlayButton");
    first->setFocus();
    QSet<QString> reached;
    for (int i = 0; i < 9; ++i) {
      reached << QApplication::focusWidget()->objectName();
      QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    }
    for (const char* name :
         {"candidatePlayButton", "candidateInsertButton", "candidateNotesButton"}) {
      QVERIFY2(reached.contains(name), name);
    }
    QVERIFY(std::any_of(reached.begin(), reached.end(),
                        [](const QString& n) { return n.startsWith("candidateRating"); }));
  }
};

QTEST_MAIN(TestListenView)
#include "test_listen_view.moc"
