// Figures of a piece, their distributions, splits, and the table.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/corpus/corpus_table.h"
#include "core/corpus/piece_facts.h"

using namespace incipit;

namespace {

Note note(std::int64_t start, std::int64_t length, int pitch) {
  Note n;
  n.start = {start};
  n.length = {length};
  n.pitch = static_cast<std::uint8_t>(pitch);
  return n;
}

TrackPtr track(int channel, int program, std::vector<Note> notes) {
  Track t;
  t.channel = channel;
  t.program = program;
  t.notes = NoteList(std::move(notes));
  return std::make_shared<const Track>(std::move(t));
}

}  // namespace

class TestPieceFacts : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void countsByHand() {
    Document d = newDocument();
    d.meter = MeterMap(960, {{{0}, 3, 4}});
    d.tempo = TempoMap(960, {{{0}, 1000000}, {{1920}, 500000}});
    // C, E and G of the triad over four quarters, then a rest and one more quarter.
    d.tracks = {track(0, 40, {note(0, 3840, 60), note(0, 1920, 64), note(1920, 1920, 67)}),
                track(1, 0, {note(4800, 960, 36)}), track(2, 40, {note(4800, 960, 72)}),
                track(3, 7, {}), track(kDrumChannel, 0, {note(0, 9600, 38)})};
    const PieceFacts f = factsOf(d);
    QCOMPARE(f.notes, std::int64_t{6});
    QCOMPARE(f.tracks, 4);
    QCOMPARE(f.programs, (std::vector<std::uint8_t>{0, 40}));
    QVERIFY(f.drums);
    QCOMPARE(f.quarters, 10.0);
    QCOMPARE(f.seconds, 6.0);
    QCOMPARE(f.bpm, 100.0);
    QCOMPARE(f.density, 1.0);
    QCOMPARE(f.polyphony, 2.0);  // ten quarters of notes in five quarters of sound
    QCOMPARE(f.lowest, 36);
    QCOMPARE(f.highest, 72);
    QCOMPARE(f.meterNumerator, 3);
    QVERIFY((f.key == Scale{0, Mode::kMajor}));
    QVERIFY(factsOf(Document{}).density == 0);
  }

  void histogramsHoldEveryPiece() {
    PieceFacts slow;
    slow.bpm = 1;
    slow.programs = {0, 40};
    slow.drums = true;
    PieceFacts fast;
    fast.bpm = 1e9;
    fast.density = std::numeric_limits<double>::quiet_NaN();
    fast.key = {9, Mode::kMinor};
    const auto all = histogramsOf({&slow, &fast});
    for (const Histogram& h : all) {
      const auto sum = std::accumulate(h.counts.begin(), h.counts.end(), std::int64_t{0});
      QCOMPARE(sum, std::int64_t{h.name == "instrument" ? 3 : 2});
      QVERIFY(h.labels.empty() || h.labels.size() == h.counts.size());
      if (h.name.starts_with("tempo")) QVERIFY(h.counts.front() == 1 && h.counts.back() == 1);
      if (h.name == "key") QVERIFY(h.counts[0] == 1 && h.counts[21] == 1);
      if (h.name == "key") QCOMPARE(h.labels[21], std::string("A minor"));
    }
  }

  void splitsAreRead() {
    QVERIFY((splitSharesNamed("70/20/10").value() == SplitShares{70, 20, 10}));
    QVERIFY((splitSharesNamed("80/20").value() == SplitShares{80, 20, 0}));
    QVERIFY((splitSharesNamed("100/0/0").value() == SplitShares{100, 0, 0}));
    for (const char* wrong : {"", "80", "80/", "80/20/", "80/10/5", "0/50/50", "-1/101",
                              "80/20/0/0", "70-20-10", "eighty/20", "101/0/-1", "99999999999/1"}) {
      QVERIFY2(!splitSharesNamed(wrong), wrong);
    }
  }

  void sharesAreMet() {
    const SplitShares shares{70, 20, 10};
    std::array<int, 3> counts{};
    int moved = 0;
    for (std::uint64_t i = 0; i < 20000; ++i) {
      const Split s = splitOf(i, shares, 1);
      QVERIFY(s == splitOf(i, shares, 1));
      moved += s != splitOf(i, shares, 2) ? 1 : 0;
      ++counts[static_cast<std::size_t>(s)];
    }
    QVERIFY(std::abs(counts[0] - 14000) < 300 && std::abs(counts[1] - 4000) < 250);
    QVERIFY(moved > 5000);
    for (std::uint64_t i = 0; i < 1000; ++i) {
      QVERIFY(splitOf(i, {80, 20, 0}, 3) != Split::kTest);
    }
  }

  void tablesQuoteWhatNeedsIt() {
    Corpus c;
    CorpusPiece p;
    p.file = "a \"b\", c.mid";
    p.facts.notes = 7;
    p.facts.programs = {0, 40};
    p.facts.drums = true;
    c.pieces = {p, p};
    c.pieces[1].file = "d.mid";
    c.rejected = {{"e.mid", "no,\nnotes"}};
    const QStringList lines = QString::fromStdString(corpusCsv(c)).split('\n');
    QVERIFY(lines[1].startsWith("\"a \"\"b\"\", c.mid\",accepted,,,,train,,7,"));
    QVERIFY(lines[1].contains(",0 40,Acoustic Grand Piano; Violin; Drums,C major,120.00,4/4,"));
    QVERIFY(lines[2].startsWith("d.mid,accepted,,,,train,\"a \"\"b\"\", c.mid\",7,"));
    QVERIFY(lines[3] == "e.mid,rejected,\"no,");
    QCOMPARE(lines[0].count(','), lines[2].count(',') - 1);
    QCOMPARE(lines[4].count(','), lines[0].count(',') - 2);
  }
};

QTEST_APPLESS_MAIN(TestPieceFacts)
#include "test_piece_facts.moc"
