// The reader against figures that others computed: the manifest of the public collection gives the
// number of notes and the length in seconds of every piece, as its makers' tools read them.
//
// Needs INCIPIT_DATA with corpus.tar.xz (or the variable INCIPIT_CORPUS with the unpacked
// collection) and the tar command; skips without.
#include <QtTest>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/io/midi_file.h"
#include "core/score/same_music.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

struct Piece {
  std::string file;
  std::size_t notes;
  double seconds;
};

// Where a player stops: the latest of notes, curves, maps and the end-of-track mark.
double secondsOf(const Document& d) {
  Tick end = d.end();
  const auto extend = [&end](const auto& list) {
    for (const auto& item : list) end = std::max(end, item.at);
  };
  extend(d.raw);
  extend(d.markers);
  extend(d.keys);
  extend(d.tempo.changes());
  extend(d.meter.changes());
  for (const TrackPtr& t : d.tracks) {
    extend(t->raw);
    for (const auto& [controller, lane] : t->lanes) extend(*lane);
  }
  return d.tempo.seconds(end);
}

}  // namespace

class TestCorpus : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase();
  void notesAndSeconds_data();
  void notesAndSeconds();
  void writtenAndRead_data() { notesAndSeconds_data(); }
  void writtenAndRead();

 private:
  QTemporaryDir dir_;
  fs::path root_;
  std::map<std::string, std::vector<Piece>> sets_;
};

void TestCorpus::initTestCase() {
  if (const char* unpacked = std::getenv("INCIPIT_CORPUS")) {
    root_ = unpacked;
  } else {
    const char* data = std::getenv("INCIPIT_DATA");
    const fs::path archive = fs::path(data != nullptr ? data : "") / "corpus.tar.xz";
    if (data == nullptr || !fs::exists(archive)) {
      QSKIP("the collection is not here: set INCIPIT_DATA to the folder of corpus.tar.xz");
    }
    QProcess tar;
    tar.start("tar", {"-xJf", QString::fromStdString(archive.string()), "-C", dir_.path(),
                      "corpus/manifest.jsonl", "corpus/midi/jsb", "corpus/midi/piano_midi_de",
                      "corpus/midi/openmsx"});
    if (!tar.waitForStarted()) QSKIP("the collection is packed and there is no tar");
    QVERIFY(tar.waitForFinished(120000));
    root_ = fs::path(dir_.path().toStdString()) / "corpus";
  }
  std::ifstream manifest(root_ / "manifest.jsonl");
  for (std::string line; std::getline(manifest, line);) {
    const auto j = nlohmann::json::parse(line);
    sets_[j["set"]].push_back({j["file"], j["notes"], j["seconds"]});
  }
  QVERIFY(!sets_.empty());
}

void TestCorpus::notesAndSeconds_data() {
  QTest::addColumn<QString>("set");
  // The collection counts the note-ons. Of two on one key at one tick a player sounds one, so a
  // piece may give fewer; which share may, by the set.
  QTest::addColumn<double>("fewer");
  QTest::newRow("chorales") << "jsb" << 0.0;
  QTest::newRow("performances") << "piano_midi_de" << 0.05;
  QTest::newRow("sixteen channels") << "openmsx" << 0.3;
}

void TestCorpus::notesAndSeconds() {
  QFETCH(QString, set);
  QFETCH(double, fewer);
  const std::vector<Piece>& pieces = sets_[set.toStdString()];
  std::size_t fewerNotes = 0;
  QVERIFY(!pieces.empty());
  for (const Piece& p : pieces) {
    const auto r = readMidiFile(root_ / p.file);
    QVERIFY2(r.has_value(), r ? "" : r.error().message.c_str());
    const std::size_t notes = r->document.noteCount();
    QVERIFY2(notes <= p.notes && double(notes) >= 0.97 * double(p.notes), p.file.c_str());
    fewerNotes += notes < p.notes ? 1 : 0;
    // Given to a tenth of a second, and rounded once more.
    constexpr double kTolerance = 0.11;
    QVERIFY2(std::abs(secondsOf(r->document) - p.seconds) < kTolerance, p.file.c_str());
  }
  QVERIFY2(double(fewerNotes) <= fewer * double(pieces.size()),
           qPrintable(QString("%1 of %2 pieces").arg(fewerNotes).arg(pieces.size())));
}

void TestCorpus::writtenAndRead() {
  QFETCH(QString, set);
  for (const Piece& p : sets_[set.toStdString()]) {
    const auto first = readMidiFile(root_ / p.file);
    const auto bytes = writeMidi(first->document);
    const auto second = readMidi(bytes);
    const std::string difference = musicDifference(first->document, second->document);
    QVERIFY2(difference.empty(), (p.file + ": " + difference).c_str());
    QVERIFY2(second->faults.empty(), p.file.c_str());
    const int division = bytes[12] << 8 | bytes[13];
    QCOMPARE(division, first->document.division);
  }
}

QTEST_APPLESS_MAIN(TestCorpus)
#include "test_corpus.moc"
