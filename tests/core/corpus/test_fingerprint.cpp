// Near-duplicates: what a fingerprint ignores, what it tells apart, and how groups are made.
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <set>

#include "core/corpus/fingerprint.h"
#include "core/rng.h"

using namespace incipit;

namespace {

// A random melody of quarters and eighths with a bass.
Document tune(std::uint64_t seed, int notes = 120) {
  Rng rng(seed);
  Document d = newDocument();
  auto track = std::make_shared<Track>(*d.tracks.front());
  std::vector<Note> list;
  std::int64_t at = 0;
  for (int i = 0; i < notes; ++i) {
    Note n;
    n.start = {at};
    n.length = {rng.below(2) == 0 ? 480 : 960};
    n.pitch = static_cast<std::uint8_t>(60 + rng.below(17));
    n.id = d.nextNoteId++;
    at += n.length.count;
    list.push_back(n);
    n.pitch = static_cast<std::uint8_t>(36 + rng.below(12));
    n.id = d.nextNoteId++;
    list.push_back(n);
  }
  track->notes = NoteList(std::move(list));
  d.tracks.front() = std::move(track);
  return d;
}

template <typename F>
Document changed(const Document& d, F&& f) {
  Document out = d;
  auto track = std::make_shared<Track>(*d.tracks.front());
  std::vector<Note> notes = track->notes.toVector();
  for (std::size_t i = 0; i < notes.size(); ++i) f(notes[i], i);
  std::erase_if(notes, [](const Note& n) { return n.length.count == 0; });
  track->notes = NoteList(std::move(notes));
  out.tracks.front() = std::move(track);
  return out;
}

double alike(const Document& a, const Document& b) {
  const auto x = fingerprintOf(a);
  const auto y = fingerprintOf(b);
  if (!x || !y) qFatal("no fingerprint");
  return similarity(*x, *y);
}

std::vector<std::uint32_t> groupsOf(const std::vector<Document>& pieces) {
  std::vector<std::optional<Fingerprint>> prints;
  for (const Document& d : pieces) prints.push_back(fingerprintOf(d));
  return groupNearDuplicates(prints);
}

}  // namespace

class TestFingerprint : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void transpositionAndTempoDoNotMatter() {
    const Document d = tune(1);
    QCOMPARE(alike(d, changed(d, [](Note& n, std::size_t) { n.pitch += 5; })), 1.0);
    Document slow = d;
    slow.tempo = TempoMap(d.ppq, {{{0}, 900000}});
    QCOMPARE(alike(d, slow), 1.0);
    // Twice the note values, starting later.
    const Document augmented = changed(d, [](Note& n, std::size_t) {
      n.start = {n.start.count * 2 + 5000};
      n.length = {n.length.count * 2};
    });
    QCOMPARE(alike(d, augmented), 1.0);
    const Document humanised =
        changed(d, [](Note& n, std::size_t i) { n.start += TickDelta{static_cast<int>(i % 20)}; });
    QCOMPARE(alike(d, humanised), 1.0);
  }

  void aFewWrongNotesStayAlike() {
    const Document d = tune(2);
    const Document wrong = changed(d, [](Note& n, std::size_t i) {
      if (i % 50 == 1) n.pitch += 1;
    });
    const double s = alike(d, wrong);
    QVERIFY2(s > kNearDuplicate && s < 1, qPrintable(QString::number(s)));
    const Document cut = changed(d, [](Note& n, std::size_t i) {
      if (i > 150) n.length = {0};
    });
    QVERIFY(alike(d, cut) > kNearDuplicate);
  }

  void theEstimateIsTheJaccardSimilarity() {
    // Two tunes that share a beginning: half of the runs of one are those of the other.
    const Document a = tune(3, 400);
    const Document b = tune(4, 400);
    const Document mixed = changed(a, [&](Note& n, std::size_t i) {
      if (i >= 400) n.pitch = b.tracks.front()->notes.toVector()[i].pitch;
    });
    // About 200 of 600 runs in common.
    const double s = alike(a, mixed);
    QVERIFY2(std::abs(s - 1.0 / 3) < 0.15, qPrintable(QString::number(s)));
    QVERIFY(alike(a, b) < 0.05);
  }

  void drumsDoNotCount() {
    const Document d = tune(5);
    Document withDrums = d;
    Track drums;
    drums.channel = kDrumChannel;
    drums.notes = tune(6).tracks.front()->notes;
    withDrums.tracks.push_back(std::make_shared<const Track>(drums));
    QCOMPARE(alike(d, withDrums), 1.0);
    withDrums.tracks.erase(withDrums.tracks.begin());
    QVERIFY(!fingerprintOf(withDrums));
  }

  void littleSaysNothing() {
    QVERIFY(!fingerprintOf(newDocument()));
    QVERIFY(!fingerprintOf(tune(7, 10)));
    // A scale up and down has few different runs however long it is.
    const Document scale = changed(tune(8, 300), [](Note& n, std::size_t i) {
      constexpr int kScale[] = {0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2};
      n.pitch = static_cast<std::uint8_t>(60 + kScale[i / 2 % 14]);
    });
    QVERIFY(!fingerprintOf(scale));
  }

  void copiesAreGroupedWithTheirFirst() {
    std::vector<Document> pieces;
    for (std::uint64_t i = 0; i < 200; ++i) pieces.push_back(tune(100 + i));
    // Every tenth again, higher, among the others.
    for (std::size_t i = 0; i < 200; i += 10) {
      pieces.push_back(changed(pieces[i], [](Note& n, std::size_t k) {
        n.pitch += 2;
        if (k == 7) n.pitch += 1;
      }));
    }
    const auto groups = groupsOf(pieces);
    for (std::size_t i = 0; i < 200; ++i) QCOMPARE(groups[i], static_cast<std::uint32_t>(i));
    for (std::size_t i = 0; i < 20; ++i) {
      QCOMPARE(groups[200 + i], static_cast<std::uint32_t>(10 * i));
    }
    // The order changes names, not groups.
    std::reverse(pieces.begin(), pieces.end());
    const auto back = groupsOf(pieces);
    for (std::size_t i = 0; i < 20; ++i) QCOMPARE(back[219 - 10 * i], back[19 - i]);
    QCOMPARE(std::set<std::uint32_t>(back.begin(), back.end()).size(), std::size_t{200});
  }

  void piecesWithoutFingerprintsAreAlone() {
    const auto groups = groupsOf({newDocument(), tune(9), newDocument(), tune(9)});
    QCOMPARE(groups, (std::vector<std::uint32_t>{0, 1, 2, 1}));
    QVERIFY(groupsOf({}).empty());
  }

  void aChainIsOneGroup() {
    // Each shares most with the next, the ends share little.
    std::vector<Document> pieces{tune(10, 200)};
    Rng rng(1);
    for (int i = 1; i < 8; ++i) {
      pieces.push_back(changed(pieces.back(), [&](Note& n, std::size_t k) {
        if (static_cast<int>(k / 50) == i - 1) {
          n.pitch = static_cast<std::uint8_t>(60 + rng.below(17));
        }
      }));
    }
    QVERIFY(alike(pieces.front(), pieces.back()) < kNearDuplicate);
    for (const std::uint32_t g : groupsOf(pieces)) QCOMPARE(g, 0U);
  }
};

QTEST_APPLESS_MAIN(TestFingerprint)
#include "test_fingerprint.moc"
