// The reader of Standard MIDI Files on sound files, case by case.
#include <QtTest>
#include <chrono>

#include "core/io/midi_file.h"
#include "tests/core/io/midi_bytes.h"

using namespace incipit;
using namespace incipit::test;

namespace {

Document read(const Bytes& bytes) {
  const auto r = readMidi(bytes);
  if (!r) {
    qWarning("%s", r.error().message.c_str());
    return {};
  }
  for (const MidiFault& f : r->faults) qWarning("byte %zu: %s", f.byte, f.what.c_str());
  return r->faults.empty() ? r->document : Document{};
}

std::vector<Note> notesOf(const Document& d, std::size_t track = 0) {
  return d.tracks.at(track)->notes.toVector();
}

int valueAt(const Track& t, Controller c, std::size_t i) { return t.lanes.at(c)->at(i).value; }

}  // namespace

class TestMidiReader : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void ticksAreExact_data();
  void ticksAreExact();
  void runningStatus();
  void releaseVelocity();
  void maps();
  void formatZeroByChannel();
  void formatZeroByProgram();
  void formatZeroOutOfChannels();
  void formatOneWithSeveralChannels();
  void formatTwoInTurn();
  void setUpChunk();
  void initialState();
  void bankBeforeProgram();
  void sharedChannel();
  void orderedControllers();
  void sounding();
  void unended();
  void noLength();
  void allNotesOff();
  void sysexAndMeta();
  void text();
  void keysOfTransposingParts();
  void restAtTheEnd();
  void smpte_data();
  void smpte();
  void aHugeGap();
};

void TestMidiReader::ticksAreExact_data() {
  QTest::addColumn<int>("division");
  QTest::addColumn<int>("ppq");
  QTest::newRow("96") << 96 << 960;
  QTest::newRow("24") << 24 << 960;
  QTest::newRow("480") << 480 << 960;
  QTest::newRow("1024") << 1024 << 15360;
  QTest::newRow("1") << 1 << 960;
  QTest::newRow("32767") << 32767 << 491505;
}

void TestMidiReader::ticksAreExact() {
  QFETCH(int, division);
  QFETCH(int, ppq);
  const Document d = read(song(1, static_cast<std::uint32_t>(division), {note(0, 60, 7, 5)}));
  QCOMPARE(d.ppq, ppq);
  QCOMPARE(d.division, division);
  const std::int64_t factor = ppq / division;
  const Note n = notesOf(d).front();
  QCOMPARE(n.start.count, 5 * factor);
  QCOMPARE(n.length.count, 7 * factor);
}

void TestMidiReader::runningStatus() {
  const Document d =
      read(song(1, 960,
                {message(0, {0x93, 60, 80}) + message(10, {64, 70}) + message(10, {60, 0}) +
                 textMeta(0, 1, "x") + message(10, {64, 0})}));
  const auto n = notesOf(d);
  QCOMPARE(n.size(), std::size_t{2});
  QCOMPARE(n[0].length.count, 20);
  QCOMPARE(n[1].length.count, 20);
  QCOMPARE(int{n[1].velocity}, 70);
  QCOMPARE(d.tracks[0]->channel, 3);
}

void TestMidiReader::releaseVelocity() {
  const Document d = read(song(1, 960,
                               {message(0, {0x90, 60, 80}) + message(5, {0x80, 60, 9}) +
                                message(0, {0x90, 62, 80}) + message(5, {0x90, 62, 0})}));
  QCOMPARE(int{notesOf(d)[0].releaseVelocity}, 9);
  QCOMPARE(int{notesOf(d)[1].releaseVelocity}, 64);
}

void TestMidiReader::maps() {
  const Document d = read(song(
      1, 960,
      {meta(0, 0x51, {0x07, 0xA1, 0x21}) + meta(0, 0x58, {6, 3, 36, 8}) + meta(0, 0x59, {0xFD, 1}) +
           meta(100, 0x51, {0, 0, 1}) + textMeta(0, 0x06, "A") + textMeta(0, 0x06, "B"),
       note(0, 60, 10)}));
  QCOMPARE(d.tempo.changes().size(), std::size_t{2});
  QCOMPARE(d.tempo.changes()[0].microsPerQuarter, 500001U);
  QCOMPARE(d.tempo.changes()[1].microsPerQuarter, 1U);
  QCOMPARE(d.tempo.changes()[1].at.count, 100);
  const MeterChange m = d.meter.changes().front();
  QCOMPARE(m.numerator, 6);
  QCOMPARE(m.denominator, 8);
  QCOMPARE(m.clocksPerClick, 36);
  QCOMPARE(d.keys, (std::vector<KeySignature>{{{0}, -3, true}}));
  QCOMPARE(d.markers, (std::vector<Marker>{{{100}, "A"}, {{100}, "B"}}));
  QCOMPARE(d.tracks.size(), std::size_t{1});
}

void TestMidiReader::formatZeroByChannel() {
  const Document d = read(song(0, 960,
                               {textMeta(0, 3, "Song") + message(0, {0xC5, 33}) + note(5, 40, 10) +
                                note(9, 36, 10) + note(0, 60, 10)}));
  QCOMPARE(d.tracks.size(), std::size_t{3});
  QCOMPARE(d.tracks[0]->channel, 0);
  QCOMPARE(d.tracks[0]->name, std::string("Acoustic Grand Piano"));
  QCOMPARE(d.tracks[1]->program, 33);
  QCOMPARE(d.tracks[1]->name, std::string("Electric Bass (finger)"));
  QCOMPARE(d.tracks[2]->channel, kDrumChannel);
  QCOMPARE(d.tracks[2]->name, std::string("Drums"));
  QCOMPARE(d.raw.size(), std::size_t{1});  // the name of the sequence
  QVERIFY(d.tracks[0]->colour != d.tracks[1]->colour);
}

void TestMidiReader::formatZeroByProgram() {
  // A piano that turns into a violin and back, pedal down throughout.
  const Document d =
      read(song(0, 960,
                {message(0, {0xB0, 64, 127}) + note(0, 60, 10) + message(0, {0xC0, 40}) +
                 note(0, 62, 10) + message(0, {0xC0, 0}) + note(0, 64, 10)}));
  QCOMPARE(d.tracks.size(), std::size_t{2});
  QCOMPARE(d.tracks[0]->program, 0);
  QCOMPARE(d.tracks[1]->program, 40);
  QVERIFY(d.tracks[0]->channel != d.tracks[1]->channel);
  QCOMPARE(d.tracks[0]->notes.size(), std::size_t{2});
  QCOMPARE(d.tracks[1]->notes.size(), std::size_t{1});
  for (const TrackPtr& t : d.tracks) {
    QCOMPARE(valueAt(*t, kSustain, 0), 127);
    QVERIFY(!t->lanes.contains(kProgramChange));
  }
}

void TestMidiReader::formatZeroOutOfChannels() {
  Bytes body;
  for (std::uint8_t c = 0; c < 16; ++c) body = body + note(c, 60, 10);
  body = body + message(0, {0xC0, 40}) + note(0, 62, 10);
  const Document d = read(song(0, 960, {body}));
  QCOMPARE(d.tracks.size(), std::size_t{16});
  QCOMPARE(d.tracks[0]->program, 0);
  QCOMPARE(valueAt(*d.tracks[0], kProgramChange, 0), 40);
}

void TestMidiReader::formatOneWithSeveralChannels() {
  const Document d = read(
      song(1, 960,
           {Bytes{}, textMeta(0, 3, "Winds") + message(0, {0xC0, 73}) + message(0, {0xC1, 71}) +
                         note(0, 70, 5) + note(1, 60, 5) + message(0, {0xC1, 70})}));
  QCOMPARE(d.tracks.size(), std::size_t{2});
  QCOMPARE(d.tracks[0]->name, std::string("Winds: Flute"));
  QCOMPARE(d.tracks[1]->name, std::string("Winds: Clarinet"));
  QCOMPARE(valueAt(*d.tracks[1], kProgramChange, 0), 70);
}

void TestMidiReader::formatTwoInTurn() {
  const auto r = readMidi(
      song(2, 960, {meta(0, 0x51, {0x0F, 0x42, 0x40}) + note(0, 60, 100), note(0, 62, 50)}));
  QVERIFY(r && r->faults.empty());
  QCOMPARE(r->format, 2);
  const Document& d = r->document;
  QCOMPARE(d.tracks.size(), std::size_t{2});
  QCOMPARE(notesOf(d, 1)[0].start.count, 100);
  // The second pattern has no tempo of its own: it runs at the default.
  QCOMPARE(d.tempo.at({99}).microsPerQuarter, 1000000U);
  QCOMPARE(d.tempo.at({100}).microsPerQuarter, 500000U);
}

void TestMidiReader::setUpChunk() {
  // The first chunk sets all channels up; one of them plays, in the second.
  const Document d = read(song(1, 960,
                               {message(0, {0xC2, 12}) + message(0, {0xB2, 7, 90}) +
                                    message(0, {0xC3, 13}) + message(4, {0xB2, 11, 99}),
                                note(2, 60, 10)}));
  QCOMPARE(d.tracks.size(), std::size_t{1});
  QCOMPARE(d.tracks[0]->program, 12);
  QCOMPARE(d.tracks[0]->volume, 90);
  // After the first note: a curve.
  QCOMPARE(valueAt(*d.tracks[0], kExpression, 0), 99);
  QCOMPARE(d.raw, (std::vector<RawEvent>{{{0}, {0xC3, 13}}}));
}

void TestMidiReader::initialState() {
  const Document d = read(
      song(1, 960,
           {message(0, {0xC0, 5}) + message(0, {0xB0, 7, 90}) + message(3, {0xB0, 10, 20}) +
            note(0, 60, 10) + message(0, {0xC0, 6}) + message(0, {0xB0, 7, 91}) +
            message(0, {0xE0, 0, 0}) + message(0, {0xE0, 0x7F, 0x7F}) + message(0, {0xD0, 33})}));
  const Track& t = *d.tracks[0];
  QCOMPARE(t.program, 5);
  QCOMPARE(t.volume, 90);
  QCOMPARE(t.pan, 20);
  QVERIFY(!t.lanes.contains(kPan));
  QCOMPARE(valueAt(t, kProgramChange, 0), 6);
  QCOMPARE(valueAt(t, kVolume, 0), 91);
  QCOMPARE(valueAt(t, kPitchBend, 0), -8192);
  QCOMPARE(valueAt(t, kPitchBend, 1), 8191);
  QCOMPARE(valueAt(t, kChannelPressure, 0), 33);
}

void TestMidiReader::bankBeforeProgram() {
  // The program is chosen from a bank: at the start alone it would be another sound.
  const Document d =
      read(song(1, 960, {message(5, {0xB0, 0, 8}) + message(0, {0xC0, 5}) + note(0, 60, 10)}));
  QCOMPARE(d.tracks[0]->program, 5);
  QCOMPARE(valueAt(*d.tracks[0], kProgramChange, 0), 5);
  QCOMPARE(d.tracks[0]->lanes.at(kProgramChange)->at(0).at.count, 5);
}

void TestMidiReader::sharedChannel() {
  // Two hands on one channel: what the first sets holds for both.
  const Document d = read(
      song(1, 960,
           {message(0, {0xC0, 6}) + message(0, {0xB0, 7, 70}) + note(0, 72, 10), note(0, 48, 10)}));
  QCOMPARE(d.tracks.size(), std::size_t{2});
  QCOMPARE(d.tracks[1]->program, 6);
  QCOMPARE(d.tracks[1]->volume, 70);
  QCOMPARE(d.tracks[1]->pan, 64);
}

void TestMidiReader::orderedControllers() {
  const Document d =
      read(song(1, 960,
                {message(0, {0xB1, 101, 0}) + message(0, {0xB1, 100, 0}) +
                 message(0, {0xB1, 6, 12}) + message(0, {0xB1, 101, 127}) + note(1, 60, 10)}));
  QCOMPARE(d.tracks[0]->raw, (std::vector<RawEvent>{{{0}, {0xB1, 101, 0}},
                                                    {{0}, {0xB1, 100, 0}},
                                                    {{0}, {0xB1, 6, 12}},
                                                    {{0}, {0xB1, 101, 127}}}));
  QVERIFY(d.tracks[0]->lanes.empty());
}

void TestMidiReader::sounding() {
  // On at 0 and at 10 and twice at 30; off at 20, 40 and 50.
  const Document d = read(
      song(1, 960,
           {message(0, {0x90, 60, 80}) + message(10, {0x90, 60, 90}) + message(10, {0x80, 60, 0}) +
            message(10, {0x90, 60, 50}) + message(0, {0x90, 60, 55}) + message(10, {0x80, 60, 0}) +
            message(10, {0x80, 60, 0})}));
  const auto n = notesOf(d);
  QCOMPARE(n.size(), std::size_t{3});
  QCOMPARE(n[0].end().count, 10);
  QCOMPARE(n[1].end().count, 20);
  QCOMPARE(n[2].end().count, 40);
  QCOMPARE(int{n[2].velocity}, 55);
}

void TestMidiReader::unended() {
  const auto r =
      readMidi(header(1, 1, 960) + chunk(message(5, {0x90, 60, 80}) + note(0, 62, 10) + end(100)));
  QVERIFY(r);
  QCOMPARE(r->faults.size(), std::size_t{1});
  QVERIFY(r->faults[0].what.find("1 note has no end") != std::string::npos);
  QCOMPARE(notesOf(r->document)[0].end().count, 115);
}

void TestMidiReader::noLength() {
  const Document d = read(song(1, 96, {note(0, 60, 0, 3) + note(0, 60, 0) + note(0, 61, 2)}));
  const auto n = notesOf(d);
  QCOMPARE(n.size(), std::size_t{2});
  QCOMPARE(n[0].length.count, 10);  // one tick of the file
  QCOMPARE(n[1].start.count, 30);
}

void TestMidiReader::allNotesOff() {
  const Document d = read(
      song(1, 960,
           {message(0, {0x90, 60, 80}) + message(7, {0xB0, 123, 0}) + message(5, {0x80, 60, 0})}));
  QCOMPARE(notesOf(d)[0].length.count, 7);
}

void TestMidiReader::sysexAndMeta() {
  const Document d =
      read(song(1, 960,
                {textMeta(0, 2, "(c)"),
                 message(0, {0xF0, 3, 0x43, 1, 2}) + message(5, {0xF7, 2, 3, 0xF7}) +
                     meta(0, 0x7F, {0x7D, 1}) + textMeta(0, 0x05, "la") + textMeta(0, 0x60, "?") +
                     message(0, {0xA4, 60, 33}) + note(4, 60, 10)}));
  QCOMPARE(d.raw, (std::vector<RawEvent>{{{0}, {0xFF, 2, '(', 'c', ')'}}}));
  QCOMPARE(d.tracks[0]->raw, (std::vector<RawEvent>{{{0}, {0xF0, 0x43, 1, 2}},
                                                    {{5}, {0xA4, 60, 33}},
                                                    {{5}, {0xF7, 3, 0xF7}},
                                                    {{5}, {0xFF, 0x7F, 0x7D, 1}},
                                                    {{5}, {0xFF, 0x05, 'l', 'a'}},
                                                    {{5}, {0xFF, 0x60, '?'}}}));
}

void TestMidiReader::text() {
  const Document d = read(song(1, 960,
                               {Bytes{}, textMeta(0, 3, std::string_view("Fl\xF6te\0", 6)) +
                                             textMeta(0, 6, "\x80 \xC3\xA9") + note(0, 60, 10)}));
  QCOMPARE(d.tracks[0]->name, std::string("Fl\u00F6te"));
  // Not UTF-8 as a whole, so all of it is Windows-1252.
  QCOMPARE(d.markers[0].text, std::string("\u20AC \u00C3\u00A9"));
}

void TestMidiReader::keysOfTransposingParts() {
  const Document d = read(song(
      1, 960,
      {meta(0, 0x59, {0, 0}), meta(0, 0x59, {2, 0}) + note(0, 60, 10) + meta(0, 0x59, {1, 0})}));
  QCOMPARE(d.keys, (std::vector<KeySignature>{{{0}, 0, false}, {{10}, 1, false}}));
}

void TestMidiReader::restAtTheEnd() {
  const Bytes bytes = header(1, 1, 960) + chunk(note(0, 60, 10) + end(990));
  QCOMPARE(read(bytes).raw, (std::vector<RawEvent>{{{1000}, {0xFF, 0x2F}}}));
  QVERIFY(read(song(1, 960, {note(0, 60, 10)})).raw.empty());
}

void TestMidiReader::smpte_data() {
  QTest::addColumn<int>("frames");
  QTest::addColumn<int>("ticks");
  QTest::addColumn<double>("seconds");  // of a thousand ticks
  QTest::newRow("24/4") << 24 << 4 << 1000.0 / 96;
  QTest::newRow("25/40") << 25 << 40 << 1.0;
  QTest::newRow("25/1") << 25 << 1 << 40.0;
  QTest::newRow("29.97/80") << 29 << 80 << 1000.0 * 1001 / 30000 / 80;
  QTest::newRow("30/255") << 30 << 255 << 1000.0 / 7650;
}

void TestMidiReader::smpte() {
  QFETCH(int, frames);
  QFETCH(int, ticks);
  QFETCH(double, seconds);
  const auto division = static_cast<std::uint32_t>(((256 - frames) << 8) | ticks);
  const Document d = read(song(1, division, {meta(0, 0x51, {1, 0, 0}) + note(0, 60, 1000, 1000)}));
  const Note n = notesOf(d).front();
  QVERIFY(std::abs(d.tempo.seconds(n.start) - seconds) < 1e-9);
  QVERIFY(std::abs(d.tempo.seconds(n.end()) - 2 * seconds) < 1e-9);
  QCOMPARE(d.division, d.ppq);
}

void TestMidiReader::aHugeGap() {
  const Document d =
      read(song(1, 960, {note(0, 60, 0x0FFFFFFF, 0x0FFFFFFF) + note(0, 60, 1, 0x0FFFFFFF)}));
  QCOMPARE(notesOf(d)[1].start.count, 3 * std::int64_t{0x0FFFFFFF});
}

QTEST_APPLESS_MAIN(TestMidiReader)
#include "test_midi_reader.moc"
