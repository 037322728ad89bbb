// Generate to accept in the window, with an engine that does as the test says.
#include <QComboBox>
#include <QLineEdit>
#include <QListWidget>
#include <QSpinBox>
#include <QtTest>

#include "core/edit/edits.h"
#include "tests/ui/studio.h"

using namespace incipit;
using namespace incipit::test;

class TestCompose : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void generateThenAcceptIsOneUndoStep() {
    Studio s;
    s.draw({{0, 1, 60}});
    const std::size_t steps = s.session().history().entries().size();
    s.click("generateButton");
    QTRY_VERIFY(!s.window->takes().generating());
    QCOMPARE(s.window->takes().currentTake()->notes().size(), std::size_t{4});
    QCOMPARE(s.player.overlay.size(), std::size_t{4});  // heard before it is accepted
    QCOMPARE(s.notes().size(), std::size_t{1});         // beside the document until then
    s.click("acceptButton");
    QCOMPARE(s.notes().size(), std::size_t{5});
    QCOMPARE(s.notes()[1].start.count, s.quarter() * 4);
    QCOMPARE(s.session().document()->regions.size(), std::size_t{1});
    QCOMPARE(s.session().history().entries().size(), steps + 1);
    QVERIFY(s.player.overlay.empty());
    s.key(Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(s.notes().size(), std::size_t{1});
    QVERIFY(s.session().document()->regions.empty());
  }

  void allTracksTogetherByHand() {
    Studio s([](Services& services) {
      services.models = [models = services.models] {
        Catalogue c = models();
        c.models.push_back(c.models.front());
        c.models.back().path += ".other";
        c.models.front().family = "chooser";
        return c;
      };
      services.warmUpAfter = std::chrono::milliseconds(0);
    });
    auto* combo = s.find<QComboBox>("tracksCombo");
    QTRY_VERIFY(combo->isVisible());
    s.draw({{0, 1, 60}});
    s.session().commit("Add", addTrack(*s.session().document(), "bass", 33).document);
    combo->setFocus();
    s.key(Qt::Key_Down);
    QCOMPARE(combo->currentText(), QString("All together"));
    QVERIFY(s.window->takes().settings().together);
    const std::size_t steps = s.session().history().entries().size();
    s.click("generateButton");
    QTRY_VERIFY(!s.window->takes().takes().empty() && !s.window->takes().generating());
    QCOMPARE(s.window->takes().currentTake()->noteCount(), std::size_t{8});
    s.click("acceptButton");
    QCOMPARE(s.session().document()->tracks[0]->notes.size(), std::size_t{5});
    QCOMPARE(s.session().document()->tracks[1]->notes.size(), std::size_t{4});
    QCOMPARE(s.session().history().entries().size(), steps + 1);
    // A model of one track has no such choice.
    s.find<QComboBox>("modelCombo")->setFocus();
    s.key(Qt::Key_Down);
    QVERIFY(!combo->isVisible());
    QVERIFY(s.window->takes().partners().empty());
  }

  void startsWithSensibleSettings() {
    Studio s;
    const ComposeSettings& now = s.window->takes().settings();
    const ComposeSettings defaults;
    QCOMPARE(now.bars, defaults.bars);
    QCOMPARE(now.temperature, defaults.temperature);
    QCOMPARE(now.topP, defaults.topP);
    QCOMPARE(now.takes, defaults.takes);
    QVERIFY(!now.seedFixed);
    QCOMPARE(now.checkpoint.filename().string(), std::string("fake.safetensors"));
  }

  void keysDoTheSame() {
    Studio s;
    s.find<QSpinBox>("takesSpin")->setValue(2);
    s.key(Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY(!s.window->takes().takes().empty() && !s.window->takes().generating());
    const auto first = s.window->takes().currentTake()->notes();
    s.key(Qt::Key_Right, Qt::ControlModifier);
    QCOMPARE(s.window->takes().current(), 1);
    QVERIFY(!sameSound(first[0], s.window->takes().currentTake()->notes()[0]));
    s.key(Qt::Key_Left, Qt::ControlModifier);
    QCOMPARE(s.window->takes().current(), 0);
    s.key(Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(s.notes().size(), std::size_t{4});
  }

  void discardLeavesNoTrace() {
    Studio s;
    s.draw({{0, 1, 60}});
    const DocumentPtr before = s.session().document();
    s.click("generateButton");
    QTRY_VERIFY(!s.window->takes().generating());
    s.click("discardButton");
    QVERIFY(s.window->takes().currentTake() == nullptr);
    QVERIFY(s.session().document() == before);
    QVERIFY(s.player.overlay.empty());
    QVERIFY(!s.find<QPushButton>("acceptButton")->isVisible());
  }

  void cancelKeepsWhatWasComposed() {
    Studio s;
    s.script->gated = true;
    s.click("generateButton");
    QTRY_VERIFY(s.window->takes().currentTake() != nullptr &&
                s.window->takes().currentTake()->notes().size() == 1);
    QVERIFY(s.find<QPushButton>("cancelButton")->isVisible());
    QVERIFY(!s.find<QPushButton>("generateButton")->isVisible());
    s.click("cancelButton");
    QTRY_VERIFY(!s.window->takes().generating());
    QCOMPARE(s.window->takes().currentTake()->notes().size(), std::size_t{1});
    s.click("acceptButton");
    QCOMPARE(s.notes().size(), std::size_t{1});
  }

  void escapeStopsThenDiscardsThenSelectsNone() {
    Studio s;
    s.draw({{0, 1, 60}});
    s.script->gated = true;
    s.click("generateButton");
    QTRY_VERIFY(s.player.overlay.size() == 1);
    s.key(Qt::Key_Escape);
    QTRY_VERIFY(!s.window->takes().generating());
    QVERIFY(s.window->takes().currentTake() != nullptr);
    s.key(Qt::Key_Escape);
    QVERIFY(s.window->takes().currentTake() == nullptr);
    QVERIFY(!s.session().selection().empty());
    s.key(Qt::Key_Escape);
    QVERIFY(s.session().selection().empty());
  }

  void takesQueueOneAfterTheOther() {
    Studio s;
    s.find<QSpinBox>("takesSpin")->setValue(3);
    s.click("generateButton");
    QTRY_COMPARE(s.script->composed.load(), 3);
    QCOMPARE(s.script->mostComposing.load(), 1);
    QTRY_VERIFY(!s.window->takes().generating());
    QCOMPARE(s.window->takes().takes().size(), std::size_t{3});
    for (const Take& t : s.window->takes().takes()) QCOMPARE(t.noteCount(), std::size_t{4});
  }

  // A second Generate while one runs replaces it; both runs end, and the later one's notes show.
  void generatingAgainReplacesTheTake() {
    Studio s;
    s.script->gated = true;
    s.window->takes().generate();
    QTRY_VERIFY(s.player.overlay.size() == 1);
    s.window->takes().generate();
    s.script->open();
    QTRY_VERIFY(!s.window->takes().generating());
    QCOMPARE(s.window->takes().takes().size(), std::size_t{1});
    QCOMPARE(s.window->takes().currentTake()->notes().size(), std::size_t{4});
    QTRY_COMPARE(s.script->composed.load(), 2);
    QCOMPARE(s.script->mostComposing.load(), 1);
  }

  void aFixedSeedGivesTheSameNotes() {
    Studio s;
    auto* seed = s.find<QLineEdit>("seedEdit");
    seed->setFocus();
    seed->selectAll();
    QTest::keyClicks(seed, "5");
    QTest::keyClick(seed, Qt::Key_Return);
    QVERIFY(s.window->takes().settings().seedFixed);
    QCOMPARE(s.window->takes().settings().seed, std::uint64_t{5});
    s.click("generateButton");
    QTRY_VERIFY(!s.window->takes().generating());
    const auto first = s.window->takes().currentTake()->notes();
    QCOMPARE(first[0].pitch, 65);
    s.click("discardButton");
    s.click("generateButton");
    QTRY_VERIFY(!s.window->takes().generating());
    QVERIFY(s.window->takes().currentTake()->notes() == first);
  }

  void aRegionIsMadeAgain() {
    Studio s;
    s.click("generateButton");
    QTRY_VERIFY(!s.window->takes().generating());
    s.click("acceptButton");
    const auto made = s.notes();
    QCOMPARE(s.find<QListWidget>("regionList")->count(), 1);
    s.click("regenerateButton");
    QTRY_VERIFY(s.window->takes().currentTake() != nullptr && !s.window->takes().generating());
    const auto again = s.window->takes().currentTake()->notes();
    QCOMPARE(again.size(), made.size());
    for (std::size_t i = 0; i < made.size(); ++i) QVERIFY(sameSound(made[i], again[i]));
  }

  void aFailureIsOneLineInTheBanner() {
    Studio s;
    s.draw({{0, 1, 60}});
    s.script->error = "fake.safetensors: cut off at byte 12; copy the file again";
    s.click("generateButton");
    QTRY_VERIFY(!s.window->banner().messages().isEmpty());
    QVERIFY(s.window->banner().messages().contains(QString::fromStdString(s.script->error)));
    QVERIFY(s.find<QWidget>("banner")->isVisible());
    QCOMPARE(s.notes().size(), std::size_t{1});
    QVERIFY(s.find<QPushButton>("generateButton")->isEnabled());
  }

  void withoutModelsThePanelSaysWhatToDo() {
    Studio s([](Services& services) { services.models = [] { return Catalogue{}; }; });
    QVERIFY(!s.find<QPushButton>("generateButton")->isEnabled());
    QVERIFY(!s.find<QComboBox>("modelCombo")->isEnabled());
  }

  void aMissingModuleIsExplainedBesideTheModel() {
    auto broken = std::make_unique<JobRunner>(
        []() -> Result<std::unique_ptr<Engine>> { return fail("install the models"); });
    {
      Studio s([&](Services& services) { services.jobs = broken.get(); });
      s.click("generateButton");
      auto* label = s.find<QLabel>("engineProblemLabel");
      QTRY_VERIFY(label->isVisible());
      QCOMPARE(label->text(), QString("install the models"));
    }
  }

  void worksWithoutPlayerAndJobs() {
    Studio s([](Services& services) {
      services.player = nullptr;
      services.jobs = nullptr;
    });
    s.draw({{0, 1, 60}});
    s.key(Qt::Key_Space);
    s.click("generateButton");
    QTRY_VERIFY(s.window->banner().messages().size() >= 2);
    QCOMPARE(s.notes().size(), std::size_t{1});
  }
};

QTEST_MAIN(TestCompose)
#include "test_compose.moc"
