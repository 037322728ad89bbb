// The panels and dialogs over a shown window.
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QKeySequenceEdit>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QProgressBar>
#include <QSlider>
#include <QSpinBox>
#include <QToolButton>
#include <QTreeWidget>
#include <QtTest>
#include <fstream>
#include <thread>

#include "tests/ui/studio.h"
#include "ui/dialogs/export_audio_dialog.h"
#include "ui/dialogs/preferences_dialog.h"
#include "ui/dialogs/shortcut_page.h"

using namespace incipit;
using namespace incipit::test;

class TestPanels : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aTrackRowEditsItsTrack() {
    Studio s;
    auto* row = s.find<TrackRow>("trackRow");
    QTest::mouseClick(row->findChild<QToolButton*>("muteButton"), Qt::LeftButton);
    QVERIFY(s.session().track()->mute);
    QTest::mouseClick(row->findChild<QToolButton*>("soloButton"), Qt::LeftButton);
    QVERIFY(s.session().track()->solo);
    row->findChild<QSlider*>("volumeSlider")->setValue(31);
    QCOMPARE(s.session().track()->volume, 31);
    row->findChild<QSlider*>("panSlider")->setValue(100);
    QCOMPARE(s.session().track()->pan, 100);
    auto* name = row->findChild<QLineEdit*>("trackNameEdit");
    name->setFocus();
    name->selectAll();
    QTest::keyClicks(name, "Cello");
    QTest::keyClick(name, Qt::Key_Return);
    QCOMPARE(s.session().track()->name, std::string("Cello"));
    s.session().undo();
    QCOMPARE(name->text(), QString::fromStdString(s.session().track()->name));
  }

  void aDraggedSliderIsOneStep() {
    Studio s;
    auto* volume = s.find<TrackRow>("trackRow")->findChild<QSlider*>("volumeSlider");
    const std::size_t before = s.session().history().entries().size();
    volume->setSliderDown(true);
    for (int v = 90; v > 50; --v) volume->setSliderPosition(v);
    volume->setSliderDown(false);
    QCOMPARE(s.session().history().entries().size(), before + 1);
    QCOMPARE(s.session().track()->volume, 51);
  }

  void instrumentsAndDrums() {
    Studio s;
    auto* button = s.find<QPushButton>("instrumentButton");
    const auto families = button->menu()->actions();
    families.at(0)->menu()->actions().at(6)->trigger();
    QCOMPARE(s.session().track()->program, 6);
    families.last()->trigger();
    QCOMPARE(s.session().track()->channel, kDrumChannel);
    QCOMPARE(button->text(), QString("Drum kit"));
    families.at(5)->menu()->actions().at(0)->trigger();
    QVERIFY(s.session().track()->channel != kDrumChannel);
    QCOMPARE(s.session().track()->program, 40);
  }

  void tempoAndMeterAtThePlayhead() {
    Studio s;
    s.find<QDoubleSpinBox>("tempoSpin")->setValue(90);
    QVERIFY(qAbs(s.session().document()->tempo.at({0}).bpm() - 90) < 0.01);
    s.find<QSpinBox>("meterBeatsSpin")->setValue(3);
    QCOMPARE(s.session().document()->meter.at({0}).numerator, 3);
    s.window->transport().seek({s.quarter() * 4});
    QCOMPARE(s.find<QLabel>("barBeatLabel")->text(), QString("2.2.000"));
    s.session().undo();
    QCOMPARE(s.find<QSpinBox>("meterBeatsSpin")->value(), 4);
  }

  void gridAndScale() {
    Studio s;
    auto* grid = s.find<QComboBox>("gridCombo");
    grid->setCurrentIndex(grid->findText("1/8"));
    Q_EMIT grid->activated(grid->currentIndex());
    QCOMPARE(s.session().grid().division, 8);
    auto* mode = s.find<QComboBox>("modeCombo");
    mode->setCurrentIndex(2);
    Q_EMIT mode->activated(2);
    QVERIFY(s.session().scaleShown());
    QCOMPARE(static_cast<int>(s.session().scale().mode), mode->itemData(2).toInt());
  }

  void historyJumps() {
    Studio s;
    s.draw({{0, 1, 60}});
    s.draw({{1, 1, 62}});
    s.draw({{2, 1, 64}});
    auto* list = s.find<QListWidget>("historyList");
    QCOMPARE(list->count(), 4);
    list->setCurrentRow(1);
    QCOMPARE(s.notes().size(), std::size_t{1});
    QCOMPARE(list->count(), 4);
    list->setCurrentRow(3);
    QCOMPARE(s.notes().size(), std::size_t{3});
  }

  void exportRunsOnAWorkerAndCancels() {
    Studio s;
    const auto file = s.folder.filePath("out.wav");
    std::atomic<bool> block{false};
    std::atomic<int> bits{0};
    const AudioExporter exporter = [&](const AudioExportRequest& r,
                                       const std::function<void(double)>& progress,
                                       std::stop_token stop) -> Result<AudioExportResult> {
      bits = r.bits;
      progress(0.5);
      while (block && !stop.stop_requested()) std::this_thread::yield();
      if (stop.stop_requested()) return AudioExportResult{.cancelled = true};
      std::ofstream(r.file) << "audio";
      return AudioExportResult{.seconds = 1.5};
    };
    {
      ExportAudioDialog dialog(s.session().document(), *s.jobs, exporter, {}, file);
      QSignalSpy exported(&dialog, &ExportAudioDialog::exported);
      dialog.show();
      dialog.start();
      QVERIFY(exported.wait());
      QVERIFY(QFile::exists(file));
      QCOMPARE(bits.load(), 24);
    }
    QFile::remove(file);
    block = true;
    ExportAudioDialog dialog(s.session().document(), *s.jobs, exporter, {}, file);
    dialog.show();
    dialog.start();
    QTRY_COMPARE(dialog.findChild<QProgressBar*>("exportProgress")->value(), 500);
    QTest::mouseClick(dialog.findChild<QPushButton*>("exportCancelButton"), Qt::LeftButton);
    QTRY_VERIFY(dialog.findChild<QLabel*>("exportMessage")->text().contains("Cancelled"));
    QVERIFY(!QFile::exists(file));
  }

  void preferencesReachThePlayer() {
    Studio s;
    QTRY_VERIFY(s.player.configured == 1);
    s.window->actionTable().action("file.preferences")->trigger();
    auto* dialog = s.find<PreferencesDialog>("preferencesDialog");
    QVERIFY(dialog != nullptr);
    auto* driver = dialog->findChild<QComboBox*>("driverCombo");
    driver->setCurrentIndex(driver->findText("beta"));
    dialog->findChild<QComboBox*>("themeCombo")->setCurrentIndex(1);
    dialog->findChild<QDoubleSpinBox*>("gainSpin")->setValue(1.5);
    QVERIFY(dialog->findChild<QLabel*>("soundfontOffer") != nullptr);
    Q_EMIT dialog->applied(s.window->preferences());  // nothing changed: not opened again
    QCOMPARE(s.player.configured, 1);
    auto* box = dialog->findChild<QDialogButtonBox*>();
    box->button(QDialogButtonBox::Ok)->click();
    QCOMPARE(s.player.configured, 2);
    QCOMPARE(s.player.settings.driver, std::string("beta"));
    QCOMPARE(s.player.settings.gain, 1.5);
    QVERIFY(!s.window->preferences().dark);
  }

  void soundProblemsAreABannerWithAWayOut() {
    Studio s([](Services&) {});
    s.player.statusNow.sounding = false;
    s.player.statusNow.problem = "no soundfont was found: install timgm6mb-soundfont";
    Preferences p = s.window->preferences();
    p.audio.gain = 0.7;
    s.window->setPreferences(p);
    QVERIFY(
        s.window->banner().messages().contains(QString::fromStdString(s.player.statusNow.problem)));
    QVERIFY(s.find<QPushButton>("bannerButton") != nullptr);
    s.player.statusNow.problem.clear();
    p.audio.gain = 0.6;
    s.window->setPreferences(p);
    QVERIFY(s.window->banner().messages().isEmpty());
  }

  void soundThatIsLostLaterIsABannerToo() {
    Studio s;
    QTRY_COMPARE(s.player.configured, 1);
    QVERIFY(s.window->banner().messages().isEmpty());
    s.player.statusNow.problem = "the sound server has ended";
    QTRY_COMPARE(s.window->banner().messages(), QStringList{"the sound server has ended"});
    s.player.statusNow.problem.clear();
    QTRY_VERIFY(s.window->banner().messages().isEmpty());
  }

  void aShortcutIsTakenOver() {
    ActionTable table;
    ShortcutPage page(table);
    auto* tree = page.findChild<QTreeWidget*>("shortcutEditTree");
    for (int i = 0; i < tree->topLevelItemCount(); ++i) {
      if (tree->topLevelItem(i)->data(0, Qt::UserRole) == "tool.draw")
        tree->setCurrentItem(tree->topLevelItem(i));
    }
    page.findChild<QKeySequenceEdit*>("shortcutKeyEdit")->setKeySequence(QKeySequence("V"));
    QVERIFY(page.findChild<QLabel*>("shortcutConflict")->text().contains("Select tool"));
    page.findChild<QPushButton*>("shortcutAssignButton")->click();
    QCOMPARE(table.keys("tool.draw"), QList<QKeySequence>{QKeySequence("V")});
    QVERIFY(table.keys("tool.select").isEmpty());
  }
};

QTEST_MAIN(TestPanels)
#include "test_panels.moc"
