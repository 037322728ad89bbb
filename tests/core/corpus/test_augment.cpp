// Variations of a piece: within their limits, repeatable, and nothing else changed.
#include <QtTest>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "../../property/random_document.h"
#include "core/corpus/augment.h"

using namespace incipit;

namespace {

Document piece(int program, std::vector<int> pitches, int channel = 0) {
  Document d;
  Track t;
  t.program = program;
  t.channel = channel;
  std::vector<Note> notes;
  for (const int p : pitches) {
    Note n;
    n.start = {static_cast<std::int64_t>(notes.size()) * 960};
    n.length = {960};
    n.pitch = static_cast<std::uint8_t>(p);
    n.id = d.nextNoteId++;
    notes.push_back(n);
  }
  t.notes = NoteList(std::move(notes));
  d.tracks.push_back(std::make_shared<const Track>(std::move(t)));
  return d;
}

std::vector<int> pitchesOf(const Document& d) {
  std::vector<int> out;
  for (const Note& n : d.tracks[0]->notes) out.push_back(n.pitch);
  return out;
}

}  // namespace

class TestAugment : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void instrumentsLimitTransposition() {
    const AugmentOptions options;
    QVERIFY((transpositionRange(piece(0, {60, 72}), options) == PitchRange{-5, 6}));
    QVERIFY((transpositionRange(piece(40, {57, 100}), options) == PitchRange{-2, 3}));
    // Outside the violin's range already: it may go on.
    QVERIFY((transpositionRange(piece(40, {50, 72}), options) == PitchRange{-5, 6}));
    QVERIFY((transpositionRange(piece(40, {2, 72}), options) == PitchRange{-2, 6}));
    QVERIFY((transpositionRange(piece(0, {60}, kDrumChannel), options) == PitchRange{-5, 6}));
    QVERIFY((transpositionRange(piece(80, {0, 127}), options) == PitchRange{0, 0}));
    for (int p = 0; p < 128; ++p) {
      QVERIFY(instrumentRange(p).low + 12 <= instrumentRange(p).high);
    }
  }

  void everyAllowedTranspositionIsDrawn() {
    Rng rng(1);
    const Document d = piece(40, {57, 100});
    std::map<int, int> drawn;
    for (int i = 0; i < 6000; ++i) {
      const Augmentation a = drawAugmentation(d, {}, rng);
      ++drawn[a.transpose];
      QVERIFY(a.speed >= 0.85 && a.speed <= 1.15);
      QVERIFY(std::abs(a.velocity) <= 8);
    }
    QCOMPARE(drawn.size(), std::size_t{6});
    QCOMPARE(drawn.begin()->first, -2);
    for (const auto& [by, times] : drawn) QVERIFY(std::abs(times - 1000) < 150);
  }

  void whatIsAskedForIsDone() {
    Document d = piece(0, {60, 64});
    d.tempo = TempoMap(960, {{{0}, 500000}, {{960}, 1000000}});
    Augmentation a;
    a.transpose = -3;
    a.speed = 2;
    a.velocity = -100;
    const Document out = augmented(d, a);
    QCOMPARE(pitchesOf(out), (std::vector{57, 61}));
    QCOMPARE(out.tempo.changes()[1].microsPerQuarter, 500000U);
    QCOMPARE(out.tempo.seconds({1920}), 0.75);
    QCOMPARE(int{out.tracks[0]->notes.begin()->velocity}, 1);
    QVERIFY(augmented(d, {}) == d);
    QCOMPARE(pitchesOf(augmented(piece(0, {38}, kDrumChannel), a)), std::vector{38});
  }

  void theSameSeedGivesTheSame() {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      test::DocumentMaker maker(seed);
      const Document d = maker.make();
      AugmentOptions options;
      options.noisyNotes = 0.3;
      Rng one(seed);
      Rng two(seed);
      const Augmentation a = drawAugmentation(d, options, one);
      QVERIFY(a == drawAugmentation(d, options, two));
      const Document out = augmented(d, a);
      QVERIFY(out == augmented(d, a));
      QCOMPARE(out.noteCount(), d.noteCount());
      for (std::size_t t = 0; t < d.tracks.size(); ++t) {
        std::multiset<std::int64_t> before;
        std::multiset<std::int64_t> after;
        for (const Note& n : d.tracks[t]->notes)
          before.insert(n.start.count ^ n.length.count << 40);
        for (const Note& n : out.tracks[t]->notes) {
          after.insert(n.start.count ^ n.length.count << 40);
          QVERIFY(n.velocity >= 1 && n.velocity <= 127 && n.pitch <= 127);
        }
        QVERIFY(before == after);
      }
    }
  }

  // P(|z| < 1) = 0.6827 stays with the integer part, P(|z| < 0.5) = 0.3829 when rounded.
  void noiseIsNormal() {
    const Document d = piece(80, std::vector<int>(20000, 60));
    Augmentation a;
    a.noisyNotes = 1;
    a.noiseSeed = 5;
    const auto shares = [&] {
      std::array<double, 128> share{};
      for (const int p : pitchesOf(augmented(d, a))) share[std::size_t(p)] += 1.0 / 20000;
      return share;
    };
    auto share = shares();
    QVERIFY(std::abs(share[60] - 0.6827) < 0.02);
    QVERIFY(std::abs(share[61] - 0.1359) < 0.015 && std::abs(share[59] - 0.1359) < 0.015);
    QVERIFY(std::abs(share[62] - 0.0214) < 0.006);
    a.roundNoise = true;
    share = shares();
    QVERIFY(std::abs(share[60] - 0.3829) < 0.02);
    QVERIFY(std::abs(share[61] - 0.2417) < 0.015);
    a.noisyNotes = 0.1;
    share = shares();
    QVERIFY(std::abs(share[60] - (0.9 + 0.1 * 0.3829)) < 0.02);
  }

  void noiseStaysInTheInstrumentsRange() {
    const Document d = piece(40, std::vector<int>(2000, 55));
    Augmentation a;
    a.noisyNotes = 1;
    for (const int p : pitchesOf(augmented(d, a))) QVERIFY(p >= 55 && p <= 103);
  }
};

QTEST_APPLESS_MAIN(TestAugment)
#include "test_augment.moc"
