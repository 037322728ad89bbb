// Damaged MIDI files: what is sound is kept, every fault has its byte, and nothing takes long or
// much memory.
#include <QtTest>

#include "core/io/midi_file.h"
#include "tests/core/io/midi_bytes.h"

using namespace incipit;
using namespace incipit::test;

namespace {

struct Expected {
  Bytes bytes;
  std::size_t notes;
  std::size_t faults;
  std::size_t byte;  // of the first fault
  const char* what;  // a part of its text
};

const Bytes kTwoNotes = note(0, 60, 10) + note(0, 62, 10);  // 16 bytes

}  // namespace
Q_DECLARE_METATYPE(Expected)

class TestMidiDamage : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void salvaged_data();
  void salvaged();
  void refused_data();
  void refused();
  void everyCut();
  void everyByteSpoilt();
  void manyTracks();
  void manyFaults();
};

void TestMidiDamage::salvaged_data() {
  QTest::addColumn<Expected>("expected");
  const auto row = [](const char* name, const Bytes& bytes, std::size_t notes, std::size_t faults,
                      std::size_t byte, const char* what) {
    QTest::newRow(name) << Expected{bytes, notes, faults, byte, what};
  };
  const Bytes sound = song(1, 960, {kTwoNotes});
  const Bytes track = chunk(kTwoNotes + end());
  row("no end of track", header(1, 1, 960) + chunk(kTwoNotes), 2, 1, 38, "no end-of-track");
  row("cut in an event", Bytes(sound.begin(), sound.begin() + 36), 2, 3, 18, "beyond the end");
  row("junk before", Bytes(5, 1) + sound, 2, 1, 0, "starts at byte 5");
  row("junk between", header(1, 2, 960) + track + Bytes(9, 0xEE) + track, 4, 1, 42,
      "no track starts here");
  row("no header", track, 2, 1, 0, "header is missing");
  row("format 9", song(9, 960, {kTwoNotes}), 2, 1, 8, "format 9");
  row("no division", song(1, 0, {kTwoNotes}), 2, 1, 12, "480 is assumed");
  row("track count", header(1, 7, 960) + track, 2, 1, 10, "announces 7 tracks, the file holds 1");
  row("data over 127", song(1, 960, {message(0, {0xB0, 7, 200}) + kTwoNotes}), 2, 1, 24,
      "read as 127");
  row("key over 127", song(1, 960, {message(0, {0x90, 200, 80}) + kTwoNotes}), 2, 1, 24,
      "outside the 128 keys");
  row("no status", song(1, 960, {Bytes{0, 0x40} + kTwoNotes}), 2, 1, 23, "belongs to no event");
  row("real-time", song(1, 960, {message(0, {0xF8}) + message(0, {0xF2, 1, 2}) + kTwoNotes}), 2, 2,
      23, "cannot hold");
  row("long quantity", song(1, 960, {kTwoNotes + Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x7F} + kTwoNotes}),
      2, 1, 38, "more than four bytes");
  row("meta beyond the end", song(1, 960, {kTwoNotes + Bytes{0, 0xFF, 1, 0x7F}}), 2, 1, 38,
      "cut off within an event");
  row("no tempo", song(1, 960, {meta(0, 0x51, {0, 0, 0}) + kTwoNotes}), 2, 1, 26, "tempo");
  row("short tempo", song(1, 960, {meta(0, 0x51, {9}) + kTwoNotes}), 2, 1, 26, "tempo");
  row("no meter", song(1, 960, {meta(0, 0x58, {0, 2, 24, 8}) + kTwoNotes}), 2, 1, 26,
      "time signature");
  row("tiny beats", song(1, 960, {meta(0, 0x58, {4, 31, 24, 8}) + kTwoNotes}), 2, 1, 26,
      "time signature");
  row("no such key", song(1, 960, {meta(0, 0x59, {8, 0}) + kTwoNotes}), 2, 1, 26, "key signature");

  Bytes wrong = sound;
  wrong[21] = 3;
  row("length too short", wrong, 2, 1, 18, "too short");
  wrong[20] = 0x7F;
  row("length too long", wrong, 2, 1, 18, "beyond the end");
  wrong = header(1, 2, 960) + track + track;
  wrong[21] = 22;
  row("length over the next track", wrong, 4, 1, 18, "too long");

  Bytes late;
  for (int i = 0; i < 5000; ++i) late = late + message(0x0FFFFFFF, {0xB0, 1, 1});
  row("too late", song(1, 960, {kTwoNotes + late}), 2, 1, 0, "later than any music");
}

void TestMidiDamage::salvaged() {
  QFETCH(Expected, expected);
  const auto r = readMidi(expected.bytes);
  QVERIFY2(r.has_value(), r ? "" : r.error().message.c_str());
  for (const MidiFault& f : r->faults) qInfo("byte %zu: %s", f.byte, f.what.c_str());
  QCOMPARE(r->document.noteCount(), expected.notes);
  QCOMPARE(r->faults.size(), expected.faults);
  if (expected.byte != 0) QCOMPARE(r->faults.front().byte, expected.byte);
  QVERIFY(r->faults.front().what.find(expected.what) != std::string::npos);
}

void TestMidiDamage::refused_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QString>("what");
  QTest::newRow("empty") << QByteArray() << "empty";
  QTest::newRow("text") << QByteArray("Dear diary") << "not a MIDI file (byte 0";
  QTest::newRow("no track") << QByteArray("MThd\0\0\0\6\0\1\0\1\3\xC0", 14) << "no track (byte 14";
  QTest::newRow("cut header") << QByteArray("MThd\0\0", 6) << "no track";
}

void TestMidiDamage::refused() {
  QFETCH(QByteArray, bytes);
  QFETCH(QString, what);
  const auto r = readMidi({reinterpret_cast<const std::uint8_t*>(bytes.constData()),
                           static_cast<std::size_t>(bytes.size())});
  QVERIFY(!r.has_value());
  QVERIFY2(r.error().message.find(what.toStdString()) != std::string::npos,
           r.error().message.c_str());
}

// A file cut anywhere gives every note that ended before the cut.
void TestMidiDamage::everyCut() {
  Bytes body;
  std::vector<std::size_t> ends;
  const std::size_t start = 14 + 8;
  for (std::uint8_t i = 0; i < 20; ++i) {
    body = body + note(0, static_cast<std::uint8_t>(40 + i), 10);
    ends.push_back(start + body.size());
  }
  const Bytes whole = song(1, 960, {body});
  for (std::size_t cut = start; cut < whole.size(); ++cut) {
    const auto r = readMidi(std::span(whole).first(cut));
    QVERIFY(r.has_value());
    const auto sound = static_cast<std::size_t>(
        std::count_if(ends.begin(), ends.end(), [cut](std::size_t e) { return e <= cut; }));
    QVERIFY(r->document.noteCount() >= sound);
    QVERIFY(r->document.noteCount() <= sound + 1);
    QVERIFY(!r->faults.empty());
  }
}

// One byte wrong in one track leaves the other track as it was.
void TestMidiDamage::everyByteSpoilt() {
  const Bytes first = chunk(kTwoNotes + end());
  const Bytes second = chunk(note(1, 70, 33) + note(1, 71, 33) + end());
  const Bytes whole = header(1, 2, 960) + first + second;
  for (std::size_t at = 14 + 8; at < 14 + first.size(); ++at) {
    for (const std::uint8_t value : {0x00, 0x7F, 0x80, 0xF0, 0xFF}) {
      Bytes spoilt = whole;
      spoilt[at] = value;
      const auto r = readMidi(spoilt);
      QVERIFY(r.has_value());
      const auto& tracks = r->document.tracks;
      const auto other = std::find_if(tracks.begin(), tracks.end(), [](const TrackPtr& t) {
        return t->notes.size() == 2 && (*t->notes.begin()).pitch == 70;
      });
      QVERIFY(other != tracks.end());
    }
  }
}

void TestMidiDamage::manyTracks() {
  const Bytes head = header(1, 65535, 960);
  const Bytes empty = chunk({});
  Bytes all;
  all.reserve(empty.size() * 200000);
  for (int i = 0; i < 200000; ++i) all.insert(all.end(), empty.begin(), empty.end());
  const auto r = readMidi(head + all);
  QVERIFY(r.has_value());
  QVERIFY(r->document.tracks.empty());
  QVERIFY(r->faults.size() <= 101);
}

void TestMidiDamage::manyFaults() {
  Bytes bytes = header(1, 300, 960);
  for (int i = 0; i < 300; ++i) bytes = bytes + chunk(note(0, 60, 5));
  const auto r = readMidi(bytes);
  QVERIFY(r.has_value());
  QCOMPARE(r->document.noteCount(), std::size_t{300});
  QCOMPARE(r->faults.size(), std::size_t{101});
  QVERIFY(r->faults.back().what.find("and 200 more") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestMidiDamage)
#include "test_midi_damage.moc"
