// The writer of Standard MIDI Files: exact bytes, order, divisions and what becomes of music that
// the format cannot say.
#include <QtTest>
#include <algorithm>
#include <string_view>

#include "core/io/midi_file.h"
#include "core/score/same_music.h"
#include "tests/core/io/midi_bytes.h"

using namespace incipit;
using namespace incipit::test;

namespace {

Document oneTrack(std::vector<Note> notes) {
  Document d = newDocument();
  Track t = *d.tracks[0];
  for (Note& n : notes) n.id = d.nextNoteId++;
  t.notes = NoteList(std::move(notes));
  d.tracks[0] = std::make_shared<const Track>(std::move(t));
  return d;
}

template <typename F>
Document withTrack(Document d, F&& change) {
  Track t = *d.tracks[0];
  change(t);
  d.tracks[0] = std::make_shared<const Track>(std::move(t));
  return d;
}

int divisionOf(const Bytes& file) { return file[12] << 8 | file[13]; }

bool holds(const Bytes& file, std::string_view text) {
  return std::search(file.begin(), file.end(), text.begin(), text.end()) != file.end();
}

// Where the bytes stand; the size of the file where they do not.
std::ptrdiff_t placeOf(const Bytes& file, const Bytes& part) {
  return std::search(file.begin(), file.end(), part.begin(), part.end()) - file.begin();
}

}  // namespace

class TestMidiWriter : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void bytes();
  void order();
  void divisionIsRestored();
  void divisionTooFine();
  void divisionTooLarge();
  void longGaps();
  void overlaps();
  void plainNotesHaveNoOverlaps();
  void locksOfAnEditedFile();
  void movedToAnotherChannel();
  void formatZero();
  void deletedTrackOfARegion();
  void emptyDocument();
  void nonsense();
  void toAFile();
};

void TestMidiWriter::bytes() {
  const Document d = oneTrack(
      {{.start = {0}, .length = {960}, .pitch = 60, .velocity = 80},
       {.start = {960}, .length = {480}, .pitch = 62, .velocity = 81, .releaseVelocity = 9}});
  const Bytes expected =
      header(1, 2, 960) +
      chunk(meta(0, 0x51, {0x07, 0xA1, 0x20}) + meta(0, 0x58, {4, 2, 24, 8}) + end()) +
      chunk(textMeta(0, 3, "Piano") +
            textMeta(0, 1, R"(incipit:{"track":{"channel":0,"colour":"#4c8dff","notes":2}})") +
            message(0, {0xC0, 0}) + message(0, {0xB0, 7, 100}) + message(0, {10, 64}) +
            message(0, {0x90, 60, 80}) + message(960, {60, 0}) + message(0, {62, 81}) +
            message(480, {0x80, 62, 9}) + end());
  QCOMPARE(writeMidi(d), expected);
}

// At one tick: ends, then bank, program, curves, then starts.
void TestMidiWriter::order() {
  const Document d = withTrack(
      oneTrack({{.start = {0}, .length = {960}}, {.start = {960}, .length = {960}}}), [](Track& t) {
        const auto lane = [](int v) { return std::make_shared<const Lane>(Lane{{{960}, v}}); };
        t.lanes = {{kModulation, lane(33)}, {0, lane(8)}, {kProgramChange, lane(5)}};
        t.raw = {{{960}, {0xF0, 0x7E, 0xF7}}};
      });
  const Bytes expected = message(960, {60, 0}) + message(0, {0xF0, 2, 0x7E, 0xF7}) +
                         message(0, {0xB0, 0, 8}) + message(0, {0xC0, 5}) +
                         message(0, {0xB0, 1, 33}) + message(0, {0x90, 60, 80});
  const Bytes file = writeMidi(d);
  QVERIFY(placeOf(file, expected) < static_cast<std::ptrdiff_t>(file.size()));
}

void TestMidiWriter::divisionIsRestored() {
  for (const std::uint32_t division : {24U, 96U, 480U, 1024U, 4000U, 32767U}) {
    const Bytes file = song(1, division, {note(0, 60, 7, 5)});
    QCOMPARE(divisionOf(writeMidi(readMidi(file)->document)), int(division));
  }
}

void TestMidiWriter::divisionTooFine() {
  Document d = readMidi(song(1, 96, {note(0, 60, 7, 5)}))->document;
  d = withTrack(d, [](Track& t) {
    Note n = *t.notes.begin();
    n.start.count += 1;
    t.notes = NoteList({n});
  });
  const Bytes file = writeMidi(d);
  QCOMPARE(divisionOf(file), 960);
  QVERIFY(holds(file, R"(incipit:{"document":{"division":96}})"));
  QCOMPARE(musicDifference(readMidi(file)->document, d), std::string());
}

// 32,767 ticks a quarter make 491,505 in the document, more than a file can say.
void TestMidiWriter::divisionTooLarge() {
  Document d = readMidi(song(1, 32767, {note(0, 60, 7, 5)}))->document;
  d = withTrack(d, [](Track& t) {
    Note n = *t.notes.begin();
    n.start.count += 7;   // under half a tick of the file
    n.length.count = 22;  // to 104: 6.9 ticks
    t.notes = NoteList({n});
  });
  const Bytes file = writeMidi(d);
  QCOMPARE(divisionOf(file), 32767);
  const Note n = *readMidi(file)->document.tracks[0]->notes.begin();
  QCOMPARE(n.start.count, 5 * 15);
  QCOMPARE(n.length.count, 2 * 15);
}

void TestMidiWriter::longGaps() {
  Document d = oneTrack({{.start = {std::int64_t{1} << 34}, .length = {std::int64_t{1} << 33}}});
  d.raw.push_back({{std::int64_t{1} << 36}, {0xFF, 0x2F}});
  const auto r = readMidi(writeMidi(d));
  QVERIFY(r && r->faults.empty());
  QCOMPARE(musicDifference(r->document, d), std::string());
}

void TestMidiWriter::overlaps() {
  const Document d = oneTrack({{.start = {0}, .length = {1000}},
                               {.start = {200}, .length = {100}, .velocity = 90},
                               {.start = {200}, .length = {50}, .velocity = 91},
                               {.start = {300}, .length = {9}}});
  const Bytes file = writeMidi(d);
  // For any player: one start ends the note before it, the doubled one sounds once.
  const Bytes heard = message(0, {0x90, 60, 80}) + message(200, {60, 0}) + message(0, {60, 91}) +
                      message(50, {60, 0}) + message(50, {60, 80}) + message(9, {60, 0});
  QVERIFY(placeOf(file, heard) < static_cast<std::ptrdiff_t>(file.size()));
  QVERIFY(holds(file, R"("overlaps":[[0,60,1000,80,64],[200,60,100,90,64],[200,60,50,91,64]])"));
  QCOMPARE(musicDifference(readMidi(file)->document, d), std::string());
}

void TestMidiWriter::plainNotesHaveNoOverlaps() {
  const Bytes file =
      writeMidi(oneTrack({{.start = {0}, .length = {100}}, {.start = {100}, .length = {100}}}));
  QVERIFY(!holds(file, "overlaps"));
}

// Another program has added a note: the places of the locks mean nothing any more.
void TestMidiWriter::locksOfAnEditedFile() {
  const std::string tag =
      R"(incipit:{"track":{"channel":0,"notes":2,"locked":[[0,1]],"overlaps":[[99,60,5,80,64]]}})";
  const auto own =
      readMidi(song(1, 960, {Bytes{}, textMeta(0, 1, tag) + note(0, 60, 5) + note(0, 61, 5)}));
  QVERIFY((*own->document.tracks[0]->notes.begin()).locked);
  const auto edited = readMidi(song(
      1, 960, {Bytes{}, textMeta(0, 1, tag) + note(0, 60, 5) + note(0, 61, 5) + note(0, 62, 5)}));
  QCOMPARE(edited->document.noteCount(), std::size_t{3});
  for (const Note& n : edited->document.tracks[0]->notes) QVERIFY(!n.locked);
}

void TestMidiWriter::movedToAnotherChannel() {
  const auto r =
      readMidi(song(1, 960,
                    {Bytes{}, textMeta(0, 1, R"(incipit:{"track":{"channel":0,"mute":true}})") +
                                  note(5, 60, 5)}));
  QCOMPARE(r->document.tracks.size(), std::size_t{1});
  QCOMPARE(r->document.tracks[0]->channel, 5);
  QVERIFY(r->document.tracks[0]->mute);
}

void TestMidiWriter::formatZero() {
  Document d = oneTrack({{.start = {0}, .length = {100}}});
  Track other = *d.tracks[0];
  other.id = d.nextTrackId++;
  other.channel = 4;
  other.program = 40;
  d.tracks.push_back(std::make_shared<const Track>(other));
  d.regions.push_back({{{0}, {100}}, other.id, "hash", "{}", "[]"});
  const Bytes file = writeMidi(d, 0);
  QCOMPARE(int{file[9]}, 0);
  QCOMPARE(int{file[11]}, 1);
  const auto r = readMidi(file);
  QVERIFY(r && r->faults.empty());
  QCOMPARE(r->document.tracks.size(), std::size_t{2});
  QCOMPARE(r->document.tracks[1]->program, 40);
  QCOMPARE(r->document.regions.at(0).track, r->document.tracks[1]->id);
}

void TestMidiWriter::deletedTrackOfARegion() {
  Document d = newDocument();
  d.regions.push_back({{{960}, {1920}}, 77, "hash", "{\"a\":\"\u00e9\\n\"}", "[]"});
  const auto r = readMidi(writeMidi(d));
  QCOMPARE(musicDifference(r->document, d), std::string());
  QCOMPARE(r->document.regions.at(0).settings, d.regions[0].settings);
}

void TestMidiWriter::emptyDocument() {
  Document d;
  const auto r = readMidi(writeMidi(d));
  QVERIFY(r && r->faults.empty());
  QCOMPARE(musicDifference(r->document, d), std::string());
}

// A document that breaks its own invariants still gives a file that every program reads.
void TestMidiWriter::nonsense() {
  Document d = withTrack(oneTrack({{.start = {-5}, .length = {0}, .pitch = 200, .velocity = 0},
                                   {.start = {std::int64_t{1} << 60}, .length = {1}}}),
                         [](Track& t) {
                           t.channel = 99;
                           t.program = -1;
                           t.volume = 999;
                           t.raw = {{{0}, {}}, {{0}, {0xFF}}, {{0}, {0xB0}}, {{0}, {0x42}}};
                           t.lanes[500] = std::make_shared<const Lane>(Lane{{{0}, 1}});
                         });
  for (const int format : {0, 1}) {
    const auto r = readMidi(writeMidi(d, format));
    QVERIFY(r && r->faults.empty());
    QCOMPARE(r->document.noteCount(), std::size_t{2});
    QCOMPARE(r->document.tracks[0]->volume, 127);
  }
}

void TestMidiWriter::toAFile() {
  const QTemporaryDir dir;
  const std::filesystem::path folder = dir.path().toStdString();
  const Document d = oneTrack({{.start = {0}, .length = {100}}});
  QVERIFY(writeMidiFile(d, folder / "a.mid").has_value());
  QVERIFY(sameMusic(readMidiFile(folder / "a.mid")->document, d));
  const auto r = writeMidiFile(d, folder / "none" / "a.mid");
  QVERIFY(!r && r.error().message.find("none/a.mid: not saved: the folder") != std::string::npos);
  const auto missing = readMidiFile(folder / "b.mid");
  QVERIFY(!missing &&
          missing.error().message.find("b.mid: there is no such file") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestMidiWriter)
#include "test_midi_writer.moc"
