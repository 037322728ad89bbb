#include <QClipboard>
#include <QtTest>

#include "core/io/midi_file.h"
#include "ui/actions/clipboard.h"

using namespace incipit;

namespace {

Note note(std::int64_t start, std::int64_t length, int pitch, int velocity = 90) {
  Note n;
  n.start = {start};
  n.length = {length};
  n.pitch = static_cast<std::uint8_t>(pitch);
  n.velocity = static_cast<std::uint8_t>(velocity);
  return n;
}

}  // namespace

class TestClipboard : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void roundTripKeepsEverything() {
    NoteClip clip;
    clip.ppq = 480;
    clip.notes = {note(0, 240, 60), note(480, 960, 67, 33)};
    clip.notes[1].locked = true;
    clip.notes[1].releaseVelocity = 12;
    clip.length = {1440};
    const auto back = clipFromJson(clipJson(clip));
    QVERIFY(back.has_value());
    QCOMPARE(back->ppq, 480);
    QCOMPARE(back->length.count, 1440);
    QVERIFY(back->notes == clip.notes);
  }

  void refusesWhatIsDamaged_data() {
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("other format") << QByteArray(
        R"({"format":2,"ppq":960,"notes":[[0,1,60,80,64,0]]})");
    QTest::newRow("no ppq") << QByteArray(R"({"format":1,"notes":[[0,1,60,80,64,0]]})");
    QTest::newRow("pitch") << QByteArray(R"({"format":1,"ppq":960,"notes":[[0,1,128,80,64,0]]})");
    QTest::newRow("length") << QByteArray(R"({"format":1,"ppq":960,"notes":[[0,0,60,80,64,0]]})");
    QTest::newRow("start") << QByteArray(R"({"format":1,"ppq":960,"notes":[[-5,9,60,80,64,0]]})");
    QTest::newRow("short") << QByteArray(R"({"format":1,"ppq":960,"notes":[[0,9]]})");
    QTest::newRow("nothing") << QByteArray(R"({"format":1,"ppq":960,"notes":[]})");
  }
  void refusesWhatIsDamaged() {
    QFETCH(QByteArray, json);
    QVERIFY(!clipFromJson(json).has_value());
  }

  void offersMidiToOthersAndTakesItFromThem() {
    const Document d = newDocument();
    const std::vector<Note> notes = {note(960, 960, 62), note(1920, 480, 65)};
    putOnClipboard(d, notes);
    const QMimeData* data = QApplication::clipboard()->mimeData();
    QVERIFY(data->hasFormat(kNotesMimeType));
    const QByteArray midi = data->data(kMidiMimeType);
    QVERIFY(midi.startsWith("MThd"));
    QMimeData foreign;
    foreign.setData(kMidiMimeType, midi);
    const auto clip = clipFrom(&foreign);
    QVERIFY(clip.has_value());
    QCOMPARE(clip->notes.size(), std::size_t{2});
    QCOMPARE(clip->notes[0].start.count, 0);
    QCOMPARE(clip->notes[0].pitch, 62);
    // In quarters, whatever the resolution of the file.
    QCOMPARE(static_cast<double>(clip->notes[1].start.count) / clip->ppq, 1.0);
  }
};

QTEST_MAIN(TestClipboard)
#include "test_clipboard.moc"
