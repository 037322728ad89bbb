// Opening whatever the user points at, by content.
#include <QtTest>
#include <filesystem>

#include "core/io/atomic_file.h"
#include "core/io/midi_file.h"
#include "core/io/open_document.h"
#include "core/io/project_file.h"
#include "tests/core/io/midi_bytes.h"

using namespace incipit;
using namespace incipit::test;
namespace fs = std::filesystem;

class TestOpenDocument : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init();
  void byContent();
  void emptyMidi();
  void warnings();
  void refused_data();
  void refused();

 private:
  std::unique_ptr<QTemporaryDir> dir_;
  fs::path folder_;
};

void TestOpenDocument::init() {
  dir_ = std::make_unique<QTemporaryDir>();
  folder_ = dir_->path().toStdString();
}

void TestOpenDocument::byContent() {
  QVERIFY(writeFileAtomically(folder_ / "x.incipit", song(1, 96, {note(0, 60, 9)}), false));
  QVERIFY(writeFileAtomically(folder_ / "y.mid", "\xEF\xBB\xBF \n" + projectJson(newDocument()),
                              false));
  const auto midi = openDocument(folder_ / "x.incipit");
  QVERIFY(midi && !midi->isProject && midi->document.noteCount() == 1);
  const auto project = openDocument(folder_ / "y.mid");
  QVERIFY(project && project->isProject && project->warnings.empty());
  QVERIFY(project->document == newDocument());
}

void TestOpenDocument::emptyMidi() {
  QVERIFY(writeFileAtomically(folder_ / "a.mid", song(1, 96, {Bytes{}}), false));
  const auto r = openDocument(folder_ / "a.mid");
  QVERIFY(r.has_value());
  QCOMPARE(r->document.tracks.size(), std::size_t{1});
  QVERIFY(r->document.nextTrackId > r->document.tracks[0]->id);
}

void TestOpenDocument::warnings() {
  QVERIFY(writeFileAtomically(folder_ / "a.mid", header(1, 1, 96) + chunk(note(0, 60, 9)), false));
  const auto r = openDocument(folder_ / "a.mid");
  QVERIFY(r.has_value());
  QCOMPARE(r->warnings.size(), std::size_t{1});
  QCOMPARE(r->warnings[0],
           (folder_ / "a.mid").string() + ": byte 30: track 1: it has no end-of-track event");
  const std::string json = projectJson(newDocument());
  QVERIFY(writeFileAtomically(folder_ / "b", json.substr(0, json.size() - 30), false));
  QVERIFY(openDocument(folder_ / "b")->warnings.at(0).find("/b: byte ") != std::string::npos);
}

void TestOpenDocument::refused_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QString>("what");
  QTest::newRow("text") << QByteArray("Dear diary,\n") << "it is text";
  QTest::newRow("empty") << QByteArray() << "empty";
  QTest::newRow("picture") << QByteArray("\x89PNG\r\n\x1A\n\0\0", 10) << "not a MIDI file";
  QTest::newRow("other JSON") << QByteArray("{\"a\":1}") << "not an Incipit project";
  QTest::newRow("newer") << QByteArray("{\"format\":9}") << "newer Incipit";
}

void TestOpenDocument::refused() {
  QFETCH(QByteArray, bytes);
  QFETCH(QString, what);
  const fs::path file = folder_ / "song.mid";
  QVERIFY(writeFileAtomically(
      file, std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())), false));
  const auto r = openDocument(file);
  QVERIFY(!r.has_value());
  const QString message = QString::fromStdString(r.error().message);
  QVERIFY2(message.startsWith(QString::fromStdString(file.string()) + ": "), qPrintable(message));
  QVERIFY2(message.contains(what) && !message.contains('\n'), qPrintable(message));
}

QTEST_APPLESS_MAIN(TestOpenDocument)
#include "test_open_document.moc"
