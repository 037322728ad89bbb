// Opening, saving, recent files, drops, the question about changes, autosave and recovery.
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QMessageBox>
#include <QMimeData>
#include <QSpinBox>
#include <QtTest>

#include "core/io/midi_file.h"
#include "core/io/project_file.h"
#include "tests/ui/studio.h"

using namespace incipit;
using namespace incipit::test;

namespace {

// Presses a button of the next message box.
void answerNextQuestion(const std::function<QAbstractButton*(QMessageBox*)>& which) {
  QTimer::singleShot(0, qApp, [which] {
    auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
    if (box == nullptr) return answerNextQuestion(which);
    which(box)->click();
  });
}

QByteArray bytesOf(const std::filesystem::path& p) {
  QFile file(QString::fromStdString(p.string()));
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class TestFiles : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void savesAndOpensAgain() {
    Studio s;
    s.draw({{0, 1, 60}, {1, 2, 67}});
    QVERIFY(s.window->isWindowModified());
    QVERIFY(s.window->files().saveTo(s.file("waltz.incipit")));
    QVERIFY(!s.window->isWindowModified());
    QVERIFY(s.window->windowTitle().startsWith("waltz"));
    QVERIFY(s.window->files().newDocument());
    QVERIFY(s.notes().empty());
    QVERIFY(s.window->files().open(s.file("waltz.incipit")));
    QCOMPARE(s.notes().size(), std::size_t{2});
    QCOMPARE(s.window->files().file(), s.file("waltz.incipit"));
    QCOMPARE(s.window->files().recent().size(), 1);
    QVERIFY(s.window->files().recent().at(0).endsWith("waltz.incipit"));
  }

  void midiOpensWithoutAFileAndItsSourceIsKept() {
    Studio s;
    s.draw({{0, 1, 60}});
    const auto midi = s.file("tune.mid");
    QVERIFY(s.window->files().exportMidiTo(midi));
    s.session().markSaved();
    const QByteArray before = bytesOf(midi);
    QVERIFY(s.window->files().open(midi));
    QVERIFY(s.window->files().file().empty());
    QCOMPARE(s.window->files().title(), QString("tune"));
    s.draw({{1, 1, 62}});
    QVERIFY(!s.window->files().saveTo(midi));
    QVERIFY(!s.window->banner().messages().isEmpty());
    QCOMPARE(bytesOf(midi), before);
  }

  void whatCannotBeReadIsSaidAndChangesNothing() {
    Studio s;
    s.draw({{0, 1, 60}});
    QFile text(QString::fromStdString(s.file("text.mid").string()));
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write("this is a text file");
    text.close();
    QVERIFY(!s.window->files().open(s.file("text.mid")));
    QVERIFY(!s.window->files().open(s.file("missing.incipit")));
    QCOMPARE(s.notes().size(), std::size_t{1});
    QVERIFY(s.window->banner().messages().join('\n').contains("missing.incipit"));
    QVERIFY(!s.window->files().saveTo("/nonexistent/folder/x.incipit"));
    QVERIFY(s.window->isWindowModified());
  }

  void aDamagedProjectIsNeverWrittenOver() {
    Studio s;
    s.draw({{0, 1, 60}, {1, 1, 62}, {2, 1, 64}});
    const auto file = s.file("hurt.incipit");
    QVERIFY(s.window->files().saveTo(file));
    const QByteArray whole = bytesOf(file);
    QFile cut(QString::fromStdString(file.string()));
    QVERIFY(cut.resize(whole.size() - 40));
    QVERIFY(s.window->files().open(file));
    QVERIFY(s.window->files().file().empty());
    QVERIFY(!s.window->banner().messages().isEmpty());
  }

  void asksAboutChanges() {
    Studio s;
    s.draw({{0, 1, 60}});
    answerNextQuestion([](QMessageBox* box) { return box->button(QMessageBox::Cancel); });
    QVERIFY(!s.window->close());
    QVERIFY(s.window->isVisible());
    answerNextQuestion(
        [](QMessageBox* box) { return box->findChild<QAbstractButton*>("dontSaveButton"); });
    QVERIFY(s.window->files().newDocument());
    QVERIFY(s.notes().empty());
    QVERIFY(s.window->files().saveTo(s.file("kept.incipit")));
    s.draw({{0, 1, 72}});
    answerNextQuestion([](QMessageBox* box) { return box->button(QMessageBox::Save); });
    QVERIFY(s.window->close());
    const auto saved = readProjectFile(s.file("kept.incipit"));
    QVERIFY(saved.has_value());
    QCOMPARE(saved->document.noteCount(), std::size_t{1});
  }

  void takesADroppedFile() {
    Studio s;
    s.draw({{0, 1, 60}, {1, 1, 62}});
    QVERIFY(s.window->files().exportMidiTo(s.file("drop.mid")));
    s.session().markSaved();
    QVERIFY(s.window->files().newDocument());
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(QString::fromStdString(s.file("drop.mid").string()))});
    QDragEnterEvent enter({50, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(s.window.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop({50, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(s.window.get(), &drop);
    QTRY_COMPARE(s.notes().size(), std::size_t{2});
    QMimeData other;
    other.setUrls({QUrl::fromLocalFile("/tmp/picture.png")});
    QDragEnterEvent no({50, 50}, Qt::CopyAction, &other, Qt::LeftButton, Qt::NoModifier);
    no.ignore();
    QApplication::sendEvent(s.window.get(), &no);
    QVERIFY(!no.isAccepted());
  }

  void autosavesAndForgetsWhenSaved() {
    Studio s([](Services& services) { services.autosaveAfter = std::chrono::milliseconds(1); });
    s.draw({{0, 1, 60}});
    const auto copy = s.window->autosaver().file();
    QTRY_VERIFY(std::filesystem::exists(copy));
    QTRY_VERIFY(readProjectFile(copy).has_value());
    QCOMPARE(readProjectFile(copy)->document.noteCount(), std::size_t{1});
    QVERIFY(s.window->files().saveTo(s.file("safe.incipit")));
    QTRY_VERIFY(!std::filesystem::exists(copy));
  }

  // Ended by the system while recording: what was played was in no autosave.
  void aSignalKeepsWhatIsBeingRecorded() {
    Studio s;
    s.window->actionTable().action("transport.record")->trigger();
    s.player.press(60);
    s.player.advance({s.quarter()});
    s.window->closeForSignal();
    QCOMPARE(s.session().document()->noteCount(), std::size_t{1});
    QVERIFY(std::filesystem::exists(s.window->autosaver().file()));
  }

  // Killed while recording: half an hour of playing was in no autosave.
  void autosaveHoldsWhatIsBeingRecorded() {
    Studio s([](Services& services) { services.autosaveAfter = std::chrono::milliseconds(1); });
    const auto copy = s.window->autosaver().file();
    s.window->actionTable().action("transport.record")->trigger();
    s.player.press(60);
    s.player.advance({s.quarter()});
    const auto kept = [&] {
      const auto read = readProjectFile(copy);
      return read ? read->document.noteCount() : std::size_t{0};
    };
    QTRY_COMPARE(kept(), std::size_t{1});
    QVERIFY(s.window->live().recorder().recording());
    QCOMPARE(s.session().document()->noteCount(), std::size_t{0});
    s.window->actionTable().action("transport.record")->trigger();
    QCOMPARE(s.session().document()->noteCount(), std::size_t{1});
  }

  void aSignalLeavesACopy() {
    Studio s;
    s.draw({{0, 1, 60}});
    const auto copy = s.window->autosaver().file();
    s.window->closeForSignal();
    QVERIFY(!s.window->isVisible());
    const auto left = readProjectFile(copy);
    QVERIFY(left.has_value());
    QCOMPARE(left->document.noteCount(), std::size_t{1});
  }

  void keepsTheLayoutAndTheRecentFiles() {
    const QTemporaryDir folder;
    const auto settings = folder.filePath("shared.ini").toStdString();
    const auto share = [&](Services& services) { services.settingsFile = settings; };
    {
      Studio s(share);
      QVERIFY(s.window->files().saveTo(folder.filePath("one.incipit").toStdString()));
      s.window->actionTable().action("view.tracks")->setChecked(false);
      s.find<QSpinBox>("barsSpin")->setValue(12);
      QVERIFY(s.window->close());
    }
    Studio s(share);
    QCOMPARE(s.window->files().recent().size(), 1);
    QVERIFY(!s.window->actionTable().action("view.tracks")->isChecked());
    QCOMPARE(s.window->takes().settings().bars, 12);
  }
};

QTEST_MAIN(TestFiles)
#include "test_files.moc"
