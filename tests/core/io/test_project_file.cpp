// The project file: versions, unknown fields, damage, size.
#include <QtTest>
#include <fstream>
#include <sstream>

#include "core/io/project_file.h"
#include "core/rng.h"

using namespace incipit;

namespace {

std::filesystem::path pathIn(const QTemporaryDir& dir, const char* name) {
  return std::filesystem::path(dir.path().toStdString()) / name;
}

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

Document withNotes(std::size_t count) {
  Document d = newDocument();
  Rng rng(11);
  std::vector<Note> notes;
  for (std::size_t i = 0; i < count; ++i) {
    notes.push_back({.start = {static_cast<std::int64_t>(i) * 120},
                     .length = {1 + rng.below(960)},
                     .id = d.nextNoteId++,
                     .pitch = static_cast<std::uint8_t>(rng.below(128)),
                     .velocity = static_cast<std::uint8_t>(1 + rng.below(127))});
  }
  Track t = *d.tracks[0];
  t.notes = NoteList(std::move(notes));
  d.tracks[0] = std::make_shared<const Track>(std::move(t));
  return d;
}

}  // namespace

class TestProjectFile : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void looks();
  void keepsThePreviousVersion();
  void newerIsRefused();
  void notAProject_data();
  void notAProject();
  void unknownFields();
  void nonsenseIsBroughtIntoRange();
  void wrongTypeStopsThere();
  void aByteThatIsNotThere();
  void missingFile();
  void halfAMillionNotes();
};

// The file is read by people and compared by their tools.
void TestProjectFile::looks() {
  const std::string expected = R"({
 "incipit": "project",
 "format": 1,
 "ppq": 960,
 "division": 960,
 "next_note": 4,
 "next_track": 3,
 "tempo": [
  [0,500000]],
 "meter": [
  [0,4,4,24,8]],
 "keys": [],
 "markers": [],
 "raw": [],
 "regions": [],
 "tracks": [
  {
   "id": 1, "name": "Piano",
   "program": 0, "channel": 0, "volume": 100, "pan": 64, "mute": false, "solo": false, "colour": "#4c8dff",
   "lanes": {
    "64": [
     [0,127]]},
   "raw": [],
   "notes": [
    [0,960,60,80,1],
    [960,480,64,80,2,64,1]]},
  {
   "id": 2, "name": "Synth",
   "program": 0, "channel": 0, "volume": 100, "pan": 64, "mute": false, "solo": false, "colour": "#4c8dff",
   "output": "Box \"A\"",
   "lanes": {},
   "raw": [],
   "notes": [
    [0,960,60,80,3,64,0,-12]]}]
}
)";
  Document d = newDocument();
  Track t = *d.tracks[0];
  t.lanes[kSustain] = std::make_shared<const Lane>(Lane{{{0}, 127}});
  t.notes = NoteList({{.start = {0}, .length = {960}, .id = 1, .pitch = 60},
                      {.start = {960}, .length = {480}, .id = 2, .pitch = 64, .locked = true}});
  d.tracks[0] = std::make_shared<const Track>(t);
  Track synth;
  synth.id = d.nextTrackId++;
  synth.name = "Synth";
  synth.output = "Box \"A\"";
  synth.notes = NoteList({{.start = {0}, .length = {960}, .id = 3, .pitch = 60}});
  synth.played = std::make_shared<const std::map<NoteId, TickDelta>>(
      std::map<NoteId, TickDelta>{{3, {-12}}});
  d.tracks.push_back(std::make_shared<const Track>(std::move(synth)));
  d.nextNoteId = 4;
  QCOMPARE(projectJson(d), expected);
}

void TestProjectFile::keepsThePreviousVersion() {
  const QTemporaryDir dir;
  const auto file = pathIn(dir, "song.incipit");
  const Document first = withNotes(3);
  const Document second = withNotes(4);
  QVERIFY(writeProjectFile(first, file).has_value());
  QVERIFY(writeProjectFile(second, file).has_value());
  QVERIFY(readProjectFile(file)->document == second);
  QVERIFY(readProjectFile(pathIn(dir, "song.incipit~"))->document == first);
}

void TestProjectFile::newerIsRefused() {
  const auto r = readProject(R"({"incipit":"project","format":2,"tracks":"elsewhere"})");
  QVERIFY(!r.has_value());
  QVERIFY(r.error().message.find("newer Incipit (format 2") != std::string::npos);
}

void TestProjectFile::notAProject_data() {
  QTest::addColumn<QString>("text");
  QTest::newRow("empty") << "";
  QTest::newRow("text") << "Dear diary";
  QTest::newRow("other JSON") << R"({"name":"x","version":3})";
  QTest::newRow("array") << "[1,2]";
}

void TestProjectFile::notAProject() {
  QFETCH(QString, text);
  const auto r = readProject(text.toStdString());
  QVERIFY(!r.has_value());
  QVERIFY2(r.error().message.starts_with("not an Incipit project (byte "),
           r.error().message.c_str());
}

void TestProjectFile::unknownFields() {
  const auto r = readProject(
      R"({"format":1,"tuning":{"a":[415, 1e2]},"tracks":[{"id":4,"effects":["x"],"notes":[]}]})");
  QVERIFY(r && r->faults.empty());
  const std::string json = projectJson(r->document);
  QVERIFY(json.find(R"("tuning": {"a":[415, 1e2]})") != std::string::npos);
  QVERIFY(json.find(R"("effects": ["x"])") != std::string::npos);
  // A track that the user deletes takes its fields with it.
  Document d = r->document;
  d.tracks.clear();
  QVERIFY(projectJson(d).find("effects") == std::string::npos);
}

void TestProjectFile::nonsenseIsBroughtIntoRange() {
  const auto r = readProject(
      R"({"format":1,"ppq":960,"division":7,"next_note":1,"meter":[[0,0,3,0,0]],)"
      R"("tempo":[[-5,0],[1152921504606846976,16777216]],"keys":[[0,99,5]],)"
      R"("tracks":[{"id":9,"program":999,"channel":-1,"lanes":{"7":[[5,300],[1,-2]],"999":[[0,1]],)"
      R"("64":[]},"notes":[[1152921504606846976,1152921504606846976,300,0,7],[-4,0,-1,200,8,999,3]]}]})");
  QVERIFY(r && r->faults.empty());
  const Document& d = r->document;
  QCOMPARE(d.division, 960);
  QCOMPARE(d.meter.changes()[0].numerator, 4);
  QCOMPARE(d.tempo.changes()[0].microsPerQuarter, 1U);
  QCOMPARE(d.keys[0].sharps, 7);
  const Track& t = *d.tracks[0];
  QCOMPARE(t.program, 127);
  QCOMPARE(t.channel, 0);
  QCOMPARE(t.lanes.size(), std::size_t{1});
  QCOMPARE(*t.lanes.at(kVolume), (Lane{{{1}, 0}, {{5}, 127}}));
  const auto notes = t.notes.toVector();
  QCOMPARE(notes[0].start.count, 0);
  QCOMPARE(notes[0].length.count, 1);
  QCOMPARE(int{notes[0].velocity}, 127);
  QVERIFY(notes[0].locked);
  QCOMPARE(int{notes[1].pitch}, 127);
  QVERIFY(d.nextNoteId > 8 && d.nextTrackId > 9);
}

void TestProjectFile::wrongTypeStopsThere() {
  const std::string text =
      R"({"format":1,"tracks":[{"id":1,"name":"A","notes":[[0,9,60,80,1],[9,"x",60,80,2]]}]})";
  const auto r = readProject(text);
  QVERIFY(r.has_value());
  QCOMPARE(r->faults.size(), std::size_t{1});
  QCOMPARE(r->faults[0].byte, text.find("\"x\""));
  QCOMPARE(r->document.noteCount(), std::size_t{1});
  QCOMPARE(r->document.tracks[0]->name, std::string("A"));
  const std::string output = R"({"format":1,"tracks":[{"id":1,"output":["x"],"notes":[]}]})";
  const auto o = readProject(output);
  QVERIFY(o && o->faults.size() == 1);
  QCOMPARE(o->faults[0].byte, output.find("[\"x\"]"));
  QVERIFY(o->document.tracks[0]->output.empty());
}

// Any one byte changed gives a document or one line, never a crash.
void TestProjectFile::aByteThatIsNotThere() {
  const std::string sound = projectJson(withNotes(5));
  for (std::size_t at = 0; at < sound.size(); ++at) {
    for (const char c : {'"', '}', '[', '9', '\0'}) {
      std::string text = sound;
      text[at] = c;
      const auto r = readProject(text);
      if (!r) QVERIFY(!r.error().message.empty());
      if (r) QVERIFY(r->document.noteCount() <= 5);
    }
  }
}

void TestProjectFile::missingFile() {
  const QTemporaryDir dir;
  const auto r = readProjectFile(pathIn(dir, "none.incipit"));
  QVERIFY(!r.has_value());
  QVERIFY(r.error().message.find("none.incipit") != std::string::npos);
}

void TestProjectFile::halfAMillionNotes() {
  const QTemporaryDir dir;
  const Document d = withNotes(500000);
  QElapsedTimer timer;
  timer.start();
  QVERIFY(writeProjectFile(d, pathIn(dir, "large.incipit")).has_value());
  qInfo("saved %.1f MB in %lld ms", double(contents(pathIn(dir, "large.incipit")).size()) / 1e6,
        timer.restart());
  const auto r = readProjectFile(pathIn(dir, "large.incipit"));
  qInfo("opened in %lld ms", timer.elapsed());
  QVERIFY(r && r->document == d);
}

QTEST_APPLESS_MAIN(TestProjectFile)
#include "test_project_file.moc"
