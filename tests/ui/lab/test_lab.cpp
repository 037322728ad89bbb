// The Lab, page by page, driven by the mouse and the keys: music as pictures, what models draw, the
// map of a latent space, timbre.
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QSlider>
#include <QSpinBox>
#include <QtTest>

#include "core/compose/paths.h"
#include "core/compose/run_history.h"
#include "core/compose/run_pictures.h"
#include "core/edit/edits.h"
#include "core/io/midi_file.h"
#include "tests/core/compose/fake_studio.h"
#include "tests/ui/studio.h"
#include "ui/lab/draw_page.h"
#include "ui/lab/lab_window.h"
#include "ui/lab/learning_page.h"
#include "ui/lab/map_page.h"
#include "ui/lab/map_view.h"
#include "ui/lab/music_page.h"
#include "ui/lab/picture_list.h"
#include "ui/lab/picture_panel.h"
#include "ui/lab/picture_placing.h"
#include "ui/lab/timbre_page.h"
#include "ui/training/run_chart.h"

using namespace incipit;
using namespace incipit::test;
namespace fs = std::filesystem;

namespace {

// Pieces of 16 bars: a note a quarter, higher from piece to piece.
fs::path writeMusic(const fs::path& folder, int pieces) {
  fs::create_directories(folder);
  for (int piece = 0; piece < pieces; ++piece) {
    Document d = newDocument();
    std::vector<Note> notes;
    for (int i = 0; i < 64; ++i) {
      notes.push_back({.start = {i * d.ppq},
                       .length = {d.ppq},
                       .pitch = static_cast<std::uint8_t>(48 + piece * 3 + i * (piece + 1) % 12)});
    }
    d = addNotes(d, d.tracks.front()->id, notes).document;
    if (!writeMidiFile(d, folder / (std::to_string(piece) + ".mid"))) return {};
  }
  return folder;
}

// The studio with a Lab, shown by its keys.
class Bench {
 public:
  Bench()
      : studio([this](Services& s) {
          qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
          s.sound = sound;
        }) {
    studio.script->lab = true;
    studio.window->composePanel().reloadModels();
    studio.key(Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
    lab = studio.window->labWindow();
    [[maybe_unused]] const bool shown = QTest::qWaitForWindowExposed(lab);
  }
  template <typename T>
  T* find(QWidget& page, const char* name) {
    return page.findChild<T*>(name);
  }
  void click(QWidget& page, const char* button) {
    QTest::mouseClick(find<QAbstractButton>(page, button), Qt::LeftButton);
  }
  QString text(QWidget& page, const char* label) { return find<QLabel>(page, label)->text(); }
  static void clickPicture(QListView& list, int row, Qt::KeyboardModifiers m = {}) {
    const QModelIndex index = list.model()->index(row, 0);
    list.scrollTo(index);
    QTest::mouseClick(list.viewport(), Qt::LeftButton, m, list.visualRect(index).center());
  }

  QTemporaryDir cache;
  std::shared_ptr<FakeStudio> sound = std::make_shared<FakeStudio>();
  Studio studio;
  LabWindow* lab = nullptr;
};

}  // namespace

class TestLab : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void musicIsShownAsPicturesAndPlaced() {
    Bench b;
    const fs::path music = writeMusic(b.studio.file("music"), 3);
    QVERIFY(b.lab->isVisible());
    MusicPage& page = b.lab->music();
    b.find<QLineEdit>(page, "labMusicFolderEdit")->setText(QString::fromStdString(music.string()));
    b.click(page, "labMusicButton");
    QTRY_VERIFY(!page.running());
    QCOMPARE(b.text(page, "labMusicLabel"), QString("24 pictures"));
    QVERIFY(b.text(page, "labMusicLoss").startsWith("Of 3 pieces, 100"));
    auto* list = b.find<PictureList>(page, "pictureList");
    QCOMPARE(list->pictures().size(), std::size_t{24});

    b.clickPicture(*list, 1);
    QVERIFY(b.text(page, "pictureTitle").contains("0.mid"));
    QCOMPARE(b.text(page, "pictureFacts"), QString("8 notes"));
    b.studio.window->transport().seek({b.studio.quarter() * 5 + 7});
    b.click(page, "pictureInsertButton");
    const auto notes = b.studio.notes();
    QCOMPARE(notes.size(), std::size_t{8});
    QCOMPARE(notes.front().start, Tick{b.studio.quarter() * 5});
    b.studio.session().undo();
    QVERIFY(b.studio.notes().empty());

    // Heard through the studio's player.
    b.click(page, "picturePlayButton");
    QTRY_COMPARE(b.studio.player.previewing(), int{notes.front().pitch});
    b.click(page, "picturePlayButton");
    QVERIFY(b.studio.player.sounding.empty());

    // Two in a row are sixteen notes.
    b.clickPicture(*list, 2, Qt::ControlModifier);
    QCOMPARE(b.text(page, "pictureFacts"), QString("16 notes"));
  }

  void badFoldersSaySo() {
    Bench b;
    MusicPage& page = b.lab->music();
    b.find<QLineEdit>(page, "labMusicFolderEdit")->setText("/nowhere");
    b.click(page, "labMusicButton");
    QTRY_VERIFY(!page.running());
    QVERIFY(b.text(page, "labMusicLabel").contains("/nowhere"));
    const fs::path empty = b.studio.file("empty");
    fs::create_directories(empty);
    b.find<QLineEdit>(page, "labMusicFolderEdit")->setText(QString::fromStdString(empty.string()));
    b.click(page, "labMusicButton");
    QTRY_VERIFY(!page.running());
    QVERIFY(b.text(page, "labMusicLabel").contains("empty"));
    // A corpus of one file is one.
    writeMusic(empty, 1);
    b.click(page, "labMusicButton");
    QTRY_COMPARE(b.text(page, "labMusicLabel"), QString("8 pictures"));
  }

  void aModelDrawsAndDrawsMoreLikeOne() {
    Bench b;
    b.lab->showPage(LabWindow::Page::kDraw);
    DrawPage& page = b.lab->draw();
    auto* models = b.find<QComboBox>(page, "labDrawModelCombo");
    QTRY_COMPARE(models->count(), 1);
    QCOMPARE(models->currentText(), QString("roll-vae"));
    b.find<QSpinBox>(page, "labDrawCountSpin")->setValue(30);
    b.click(page, "labDrawButton");
    auto* list = b.find<PictureList>(page, "pictureList");
    QTRY_COMPARE(list->pictures().size(), std::size_t{30});
    b.clickPicture(*list, 3);
    const Latent like = list->current()->latent;
    b.click(page, "labDrawMoreButton");
    QTRY_COMPARE(list->pictures().size(), std::size_t{13});
    QCOMPARE(list->pictures().front().latent, like);

    b.studio.script->labError = "roll-vae.safetensors: tensor \"a\" is missing";
    b.click(page, "labDrawButton");
    QTRY_COMPARE(b.text(page, "labDrawLabel"),
                 QString("roll-vae.safetensors: tensor \"a\" is missing"));
    QCOMPARE(list->pictures().size(), std::size_t{13});
  }

  void aMapIsHeardMorphedAndExplored_data() {
    QTest::addColumn<int>("layout");
    QTest::newRow("principal components") << 0;
    QTest::newRow("neighbours") << 1;
  }
  void aMapIsHeardMorphedAndExplored() {
    QFETCH(int, layout);
    Bench b;
    const fs::path music = writeMusic(b.studio.file("music"), 4);
    b.lab->showPage(LabWindow::Page::kMap);
    MapPage& page = b.lab->map();
    QTRY_COMPARE(b.find<QComboBox>(page, "labMapModelCombo")->count(), 1);
    b.find<QLineEdit>(page, "labMapFolderEdit")->setText(QString::fromStdString(music.string()));
    b.find<QComboBox>(page, "labMapLayoutCombo")->setCurrentIndex(layout);
    b.click(page, "labMapButton");
    QTRY_VERIFY(page.map() != nullptr);
    QVERIFY(b.text(page, "labMapLabel").startsWith("32 of 32 pictures."));
    auto* view = b.find<MapView>(page, "mapView");
    QCOMPARE(view->points().size(), std::size_t{32});

    // The point that the pointer meets is the topmost of those in one place.
    const auto at = [&](int point) {
      return view->toScreen(view->points()[static_cast<std::size_t>(point)]).toPoint();
    };
    QTest::mouseClick(view, Qt::LeftButton, {}, at(5));
    QVERIFY(b.text(page, "pictureTitle").contains(".mid"));
    QTRY_VERIFY(b.studio.player.previewing() > 0);
    // Between the points it is what the model imagines.
    QTest::mouseClick(view, Qt::LeftButton, {}, QPoint(3, 3));
    QTRY_VERIFY(b.text(page, "pictureTitle").contains("imagines"));

    int far = 0;
    for (int i = 1; i < 32; ++i) {
      if ((at(i) - at(0)).manhattanLength() > (at(far) - at(0)).manhattanLength()) far = i;
    }
    QTest::mouseClick(view, Qt::LeftButton, Qt::ControlModifier, at(0));
    QTest::mouseClick(view, Qt::LeftButton, Qt::ControlModifier, at(far));
    b.find<QSpinBox>(page, "labMapStepsSpin")->setValue(6);
    QTRY_VERIFY(b.find<QAbstractButton>(page, "labMapMorphButton")->isEnabled());
    b.click(page, "labMapMorphButton");
    auto* list = b.find<PictureList>(page, "labMapList");
    QTRY_COMPARE(list->pictures().size(), std::size_t{6});
    const int first = view->nearest(at(0));
    const int last = view->nearest(at(far));
    const auto phrase = [&](int point) {
      return *page.map()->set->picture(page.map()->entries[static_cast<std::size_t>(point)]);
    };
    QCOMPARE(list->pictures().front().picture, phrase(first));
    QCOMPARE(list->pictures().back().picture, phrase(last));
    QCOMPARE(b.text(page, "pictureTitle"), QString("6 pictures in a row"));

    b.click(page, "labMapMoreButton");
    QTRY_COMPARE(list->pictures().size(), std::size_t{13});
  }

  void aRunIsWatchedThroughItsEpochs() {
    Bench b;
    // A run that a trainer left: its history, and a sheet after each of three epochs.
    const fs::path out = dataFolder() / "models" / "gan.safetensors";
    fs::create_directories(runPicturesFolder(out));
    class Quiet final : public TrainSink {
      void message(const std::string& /*line*/) override {}
      void point(const TrainPoint& /*p*/) override {}
    } quiet;
    {
      RunRecorder recorder(quiet);
      TrainRequest request;
      request.family = "roll-gan";
      request.preset = "improved";
      request.out = out;
      recorder.begin(request, "distance");
      for (int epoch = 1; epoch <= 3; ++epoch) {
        QImage sheet(40, 40, QImage::Format_RGB32);
        sheet.fill(QColor(60 * epoch, 0, 0));
        QVERIFY(sheet.save(QString::fromStdString(runPictureFile(out, epoch).string())));
        TrainPoint p;
        p.epoch = epoch;
        p.step = 10 * epoch;
        p.validationLoss = 1.0 / epoch;
        p.figures = {{"critic accuracy", 0.5}, {"critic loss", 1.5}, {"generator loss", 0.7}};
        recorder.point(p);
      }
      recorder.message("convergence failure: the critic is right nearly always");
      recorder.message("the weights of epoch 2 are kept");
      recorder.end(RunEnd::kDone);
    }
    b.lab->showPage(LabWindow::Page::kLearning);
    LearningPage& page = b.lab->learning();
    QTRY_COMPARE(page.epochs(), 3);
    QVERIFY(b.find<QComboBox>(page, "labRunCombo")->currentText().startsWith("gan: roll-gan"));
    // Whatever was said afterwards.
    QCOMPARE(b.text(page, "labRunLabel"),
             QString("convergence failure: the critic is right nearly always"));
    auto* slider = b.find<QSlider>(page, "labEpochSlider");
    QCOMPARE(slider->value(), 2);
    const auto red = [&] {
      const QPixmap shown = b.find<QLabel>(page, "labRunSheet")->pixmap(Qt::ReturnByValue);
      return qRed(shown.toImage().pixel(shown.width() / 2, shown.height() / 2));
    };
    QCOMPARE(red(), 180);
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_Home);
    QCOMPARE(red(), 60);
    const auto curves = [&](const char* chart) {
      int drawn = 0;
      for (const QAbstractSeries* s : b.find<RunChart>(page, chart)->chart()->series()) {
        drawn += qobject_cast<const QLineSeries*>(s)->count() > 0 ? 1 : 0;
      }
      return drawn;
    };
    QCOMPARE(curves("labRunChart1"), 2);
    QCOMPARE(curves("labRunChart2"), 1);
  }

  void aTrackChangesItsTimbreAndIsHeardInStep() {
    Bench b;
    b.studio.draw({{0, 1, 60}, {1, 1, 64}});
    b.lab->showPage(LabWindow::Page::kTimbre);
    TimbrePage& page = b.lab->timbre();
    QTRY_COMPARE(b.find<QComboBox>(page, "labTimbreModelCombo")->count(), 1);
    b.click(page, "labTimbreButton");
    QTRY_VERIFY(b.text(page, "labTimbreLabel").startsWith("3.0 s of sound"));
    b.click(page, "labTimbrePlayButton");
    QVERIFY(b.studio.player.sound != nullptr && b.studio.player.otherSound != nullptr);
    QVERIFY(b.studio.player.soundNow.other);
    b.click(page, "labTimbreBeforeButton");
    QVERIFY(!b.studio.player.soundNow.other);
    b.click(page, "labTimbrePlayButton");
    QVERIFY(!b.studio.player.soundNow.playing);
  }

  void aSoundFileThatIsNoneSaysSo() {
    Bench b;
    b.lab->showPage(LabWindow::Page::kTimbre);
    TimbrePage& page = b.lab->timbre();
    QTRY_COMPARE(b.find<QComboBox>(page, "labTimbreModelCombo")->count(), 1);
    b.click(page, "labTimbreFromFile");
    QVERIFY(!b.find<QAbstractButton>(page, "labTimbreButton")->isEnabled());
    b.find<QLineEdit>(page, "labTimbreFileEdit")->setText("gone.wav");
    b.click(page, "labTimbreButton");
    QTRY_COMPARE(b.text(page, "labTimbreLabel"), QString("gone.wav: no such file"));
    QVERIFY(!b.find<QAbstractButton>(page, "labTimbrePlayButton")->isEnabled());
  }

  void placedNotesSnap() {
    Picture p(PictureKind::kTicks);
    for (int i = 1; i < 8; ++i) p.at(0, 61 - 16, i) = 255;  // C#4, a twelfth late
    for (int i = 25; i < 30; ++i) p.at(0, 64 - 16, i) = 255;
    const Document d = newDocument();
    const Tick from{d.ppq};
    const auto free = notesToPlace(d, std::vector{p}, {from, {}, {}});
    QCOMPARE(free.size(), std::size_t{2});
    QCOMPARE(free[0].start, from + TickDelta{d.ppq / 12});
    const auto snapped = notesToPlace(d, std::vector{p}, {from, Grid{8, false, true}, Scale{}});
    QCOMPARE(snapped[0].start, from);
    QCOMPARE(int{snapped[0].pitch}, 60);
    QCOMPARE(snapped[1].start, from + TickDelta{2 * d.ppq});
    QVERIFY(notesToPlace(d, {}, {from, {}, {}}).empty());
  }
};

QTEST_MAIN(TestLab)
#include "test_lab.moc"
