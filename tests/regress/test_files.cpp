// Faults that fuzzing and users found in core/io, each as the smallest input that showed it.
#include <QtTest>

#include "core/io/midi_file.h"
#include "core/io/project_file.h"
#include "core/score/same_music.h"
#include "tests/core/io/midi_bytes.h"

using namespace incipit;
using namespace incipit::test;

class TestFiles : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void splitTrackRewritesItsRawEvents();
  void unknownFieldsFollowARenumberedTrack();
  void notesBelowTheKeyboardAreNotTheHighestKey();
};

// Format 0, two programs on channel 2, polyphonic pressure: the part that moved to another channel
// kept events of the old one.
void TestFiles::splitTrackRewritesItsRawEvents() {
  const auto r = readMidi(song(0, 96,
                               {message(0, {0xC2, 5}) + message(0, {0xA2, 60, 33}) +
                                note(2, 60, 9) + message(0, {0xC2, 6}) + note(2, 61, 9)}));
  QVERIFY(r && r->document.tracks.size() == 2);
  for (const TrackPtr& t : r->document.tracks) {
    QCOMPARE(int{t->raw.at(0).bytes.at(0)}, 0xA0 | t->channel);
  }
  const auto again = readMidi(writeMidi(r->document));
  QVERIFY(sameMusic(r->document, again->document));
}

// Two tracks with one id: the second got another, its unknown fields stayed with the first.
void TestFiles::unknownFieldsFollowARenumberedTrack() {
  const auto r =
      readProject(R"({"format":1,"tracks":[{"id":1,"a":1,"notes":[]},{"id":1,"b":2,"notes":[]}]})");
  QVERIFY(r && r->faults.empty());
  QCOMPARE(r->document.unknownFields, std::string(R"({"tracks":[{"id":1,"a":1},{"id":2,"b":2}]})"));
  const auto again = readProject(projectJson(r->document));
  QVERIFY(again && again->document == r->document);
}

// A published file transposes its bass below key 0 (bytes 0xFB and the like): read as key 127 it
// whistled.
void TestFiles::notesBelowTheKeyboardAreNotTheHighestKey() {
  const auto r = readMidi(song(1, 480,
                               {message(0, {0x93, 0x02, 86}) + message(9, {0x93, 0xFD, 86}) +
                                message(9, {0x93, 0x02, 0}) + message(9, {0x93, 0xFD, 0})}));
  QVERIFY(r.has_value());
  QCOMPARE(r->document.noteCount(), std::size_t{1});
  QCOMPARE(int{(*r->document.tracks[0]->notes.begin()).pitch}, 2);
  QCOMPARE(r->faults.size(), std::size_t{2});
}

QTEST_APPLESS_MAIN(TestFiles)
#include "test_files.moc"
