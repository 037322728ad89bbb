// Properties of the files over many random documents: written and read again, a document is the
// same music (MIDI) or equal (project); the file keeps the division it came with; a project cut
// anywhere gives a part of itself.
#include <QtTest>
#include <algorithm>

#include "core/io/midi_file.h"
#include "core/io/project_file.h"
#include "core/score/same_music.h"
#include "tests/property/random_document.h"

using namespace incipit;
using namespace incipit::test;

namespace {
constexpr std::uint64_t kDocuments = 400;

int divisionOf(const std::vector<std::uint8_t>& file) { return file[12] << 8 | file[13]; }

bool onGrid(const Document& d, std::int64_t step) {
  bool on = true;
  const auto check = [&](Tick t) { on = on && t.count % step == 0; };
  for (const auto& c : d.tempo.changes()) check(c.at);
  for (const TrackPtr& t : d.tracks) {
    for (const Note& n : t->notes) {
      check(n.start);
      check(n.end());
    }
  }
  return on;
}

std::size_t overlapsOf(const Document& d) {
  std::size_t count = 0;
  for (const TrackPtr& t : d.tracks) {
    Tick end[128] = {};
    for (const Note& n : t->notes) {
      if (n.start < end[n.pitch]) ++count;
      end[n.pitch] = std::max(end[n.pitch], n.end());
    }
  }
  return count;
}
}  // namespace

class TestFiles : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void midiRoundTrip();
  void midiDivision();
  void midiFormatZeroKeepsWhatSounds();
  void projectRoundTrip();
  void projectCut();
};

void TestFiles::midiRoundTrip() {
  std::size_t overlaps = 0;
  std::size_t regions = 0;
  for (std::uint64_t seed = 0; seed < kDocuments; ++seed) {
    const Document d = DocumentMaker(seed).make();
    overlaps += overlapsOf(d);
    regions += d.regions.size();
    const auto r = readMidi(writeMidi(d));
    QVERIFY2(r.has_value(), qPrintable(QString("seed %1").arg(seed)));
    const std::string difference = musicDifference(d, r->document);
    QVERIFY2(difference.empty(),
             qPrintable(QString("seed %1: %2").arg(seed).arg(QString::fromStdString(difference))));
    QVERIFY2(r->faults.empty(), qPrintable(QString("seed %1: a fault").arg(seed)));
  }
  // The documents were hard enough to mean something.
  QVERIFY(overlaps > 1000);
  QVERIFY(regions > 100);
}

void TestFiles::midiDivision() {
  int restored = 0;
  for (std::uint64_t seed = 0; seed < kDocuments; ++seed) {
    const Document d = DocumentMaker(seed).make();
    const int division = divisionOf(writeMidi(d));
    if (!onGrid(d, d.ppq / d.division)) QCOMPARE(division, d.ppq);
    QVERIFY(division == d.ppq || division == d.division);
    restored += division == d.division ? 1 : 0;
  }
  QVERIFY(restored > int(kDocuments) / 3);
}

// One chunk cannot hold names, nor two tracks of one channel apart; the sum of what sounds stays
// where no channel is shared.
void TestFiles::midiFormatZeroKeepsWhatSounds() {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < kDocuments; ++seed) {
    Document d = DocumentMaker(seed).make();
    std::uint32_t channels = 0;
    bool apart = overlapsOf(d) == 0;
    for (const TrackPtr& t : d.tracks) {
      apart = apart && (channels & (1U << t->channel)) == 0 && !t->lanes.contains(kProgramChange) &&
              !t->lanes.contains(123) && !t->notes.empty();
      channels |= 1U << t->channel;
    }
    if (!apart) continue;
    ++compared;
    const auto r = readMidi(writeMidi(d, 0));
    QVERIFY(r && r->format == 0 && r->faults.empty());
    QCOMPARE(r->document.tracks.size(), d.tracks.size());
    for (const TrackPtr& t : d.tracks) {
      const auto same = std::find_if(r->document.tracks.begin(), r->document.tracks.end(),
                                     [&](const TrackPtr& o) { return o->channel == t->channel; });
      QVERIFY(same != r->document.tracks.end());
      QCOMPARE((*same)->program, t->program);
      QVERIFY(std::equal(t->notes.begin(), t->notes.end(), (*same)->notes.begin(),
                         (*same)->notes.end(), sameSound));
    }
  }
  QVERIFY(compared > 20);
}

void TestFiles::projectRoundTrip() {
  for (std::uint64_t seed = 0; seed < kDocuments; ++seed) {
    Document d = DocumentMaker(seed).make();
    if (seed % 2 == 0 && !d.tracks.empty()) {
      const std::string id = std::to_string(d.tracks.back()->id);
      d.unknownFields =
          R"({"later":{"a":[1,null,"x"]},"tracks":[{"id":)" + id + R"(,"fx":[1.5]}]})";
    }
    const auto r = readProject(projectJson(d));
    QVERIFY2(r.has_value() && r->faults.empty(), qPrintable(QString("seed %1").arg(seed)));
    QVERIFY2(r->document == d,
             qPrintable(QString("seed %1: %2 %3")
                            .arg(seed)
                            .arg(QString::fromStdString(musicDifference(d, r->document)),
                                 QString::fromStdString(r->document.unknownFields))));
  }
}

void TestFiles::projectCut() {
  Rng rng(7);
  for (std::uint64_t seed = 0; seed < kDocuments; ++seed) {
    const Document d = DocumentMaker(seed).make();
    const std::string json = projectJson(d);
    const std::size_t cut = 40 + rng.below(static_cast<std::uint32_t>(json.size() - 44));
    const auto r = readProject(std::string_view(json).substr(0, cut));
    QVERIFY2(r.has_value(), r ? "" : r.error().message.c_str());
    QCOMPARE(r->faults.size(), std::size_t{1});
    QVERIFY(r->faults.front().byte <= cut);
    // Every track but the last is complete, and the last has the first of its notes.
    const auto& tracks = r->document.tracks;
    QVERIFY(tracks.size() <= d.tracks.size());
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      const auto whole = d.tracks[i]->notes.toVector();
      const auto part = tracks[i]->notes.toVector();
      QVERIFY(part.size() <= whole.size());
      if (i + 1 < tracks.size()) QCOMPARE(part.size(), whole.size());
      QVERIFY(std::equal(part.begin(), part.end(), whole.begin(), sameSound));
    }
    // No more than one line of notes is lost that stood before the cut.
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = json.find("\n    [", at + 1)) < cut;) ++lines;
    std::size_t notes = 0;
    for (const TrackPtr& t : tracks) notes += t->notes.size();
    if (json.find("\"lanes\": {\n") == std::string::npos &&
        json.find("\"raw\": [\n    ") == std::string::npos) {
      QVERIFY(notes + 1 >= lines);
    }
  }
}

QTEST_APPLESS_MAIN(TestFiles)
#include "test_files.moc"
