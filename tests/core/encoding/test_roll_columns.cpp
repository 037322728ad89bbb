// Music as columns of 88 keys: where notes fall, and that nothing but what is stated is lost.
#include <QtTest>
#include <cmath>

#include "core/encoding/roll_columns.h"
#include "core/rng.h"
#include "real_music.h"

using namespace incipit;

namespace {

Note note(std::int64_t start, std::int64_t length, int pitch) {
  Note n;
  n.start = {start};
  n.length = {length};
  n.pitch = static_cast<std::uint8_t>(pitch);
  return n;
}

Roll encode(const std::vector<Note>& notes, const TempoMap& tempo) {
  return encodeRoll(notes, tempo, 0, static_cast<int>(columnsOf(notes, tempo))).roll;
}

TempoMap randomTempo(Rng& rng) {
  const int ppq = documentPpq(static_cast<int>(1 + rng.below(2000)));
  std::vector<TempoChange> changes;
  for (std::uint32_t i = rng.below(5); i > 0; --i) {
    changes.push_back({{rng.below(40) * ppq / 4}, 1 + rng.below(0xFFFFFF)});
  }
  return {ppq, changes};
}

// Sustained cells only after a sounding one, and nothing that lasts no time.
Roll randomRoll(Rng& rng, int columns) {
  Roll roll(columns);
  for (int key = 0; key < kRollKeys; key += 1 + static_cast<int>(rng.below(20))) {
    for (int c = 0; c < columns; ++c) {
      const bool sounding = c > 0 && roll.at(c - 1, key) != RollCell::kSilent;
      const std::uint32_t chance = rng.below(10);
      if (chance < 3) {
        roll.at(c, key) = RollCell::kOnset;
      } else if (chance < 8 && sounding) {
        roll.at(c, key) = RollCell::kSustained;
      }
    }
  }
  return roll;
}

}  // namespace

class TestRollColumns : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void columnsAreTwentiethsOfASecond() {
    const TempoMap tempo(480, {{{0}, 500000}, {{480}, 1000000}});
    QCOMPARE(columnOf({48}, tempo), std::int64_t{1});  // 0.05 s
    QCOMPARE(columnOf({480}, tempo), std::int64_t{10});
    QCOMPARE(columnOf({960}, tempo), std::int64_t{30});
    QCOMPARE(columnOf({23}, tempo), std::int64_t{0});
    QCOMPARE(columnOf({25}, tempo), std::int64_t{1});
    QCOMPARE(tickOfColumn(30, tempo).count, std::int64_t{960});
    QCOMPARE(tickOfColumn(11, tempo).count, std::int64_t{504});
    // 500000 us a quarter * 1200 ticks / 480 / 1e6 = 1.25 s
    QCOMPARE(columnOf({1200}, TempoMap(480, {})), std::int64_t{25});
  }

  void cellsAreOnsetsAndSustains() {
    const TempoMap tempo(480, {});
    const Roll roll = encode({note(48, 144, 60), note(192, 48, 60), note(0, 10, 21)}, tempo);
    QCOMPARE(roll.columns(), 5);
    QVERIFY(roll.at(0, 39) == RollCell::kSilent && roll.at(1, 39) == RollCell::kOnset);
    QVERIFY(roll.at(2, 39) == RollCell::kSustained && roll.at(3, 39) == RollCell::kSustained);
    QVERIFY(roll.at(4, 39) == RollCell::kOnset);
    QVERIFY(roll.at(0, 0) == RollCell::kOnset && roll.at(1, 0) == RollCell::kSilent);
    const auto values = roll.values();
    QCOMPARE(values.size(), std::size_t{5 * 88});
    QCOMPARE(values[39], 0.0F);
    QCOMPARE(values[88 + 39], 125.0F / 255.0F);
    QCOMPARE(values[2 * 88 + 39], 1.0F);
    QVERIFY(Roll::fromValues(values) == roll);
    QCOMPARE(roll.binary()[88 + 39], 1.0F);
  }

  void windowsContinueWhatSounds() {
    const TempoMap tempo(480, {});
    const std::vector<Note> notes{note(0, 480, 60), note(960, 480, 62)};
    const auto window = encodeRoll(notes, tempo, 5, 10);
    QVERIFY(window.roll.at(0, 39) == RollCell::kSustained);
    QVERIFY(window.roll.at(4, 39) == RollCell::kSustained);
    QVERIFY(window.roll.at(5, 39) == RollCell::kSilent);
    QVERIFY(window.loss == RollLoss{});
    const auto back = decodeRoll(window.roll, tempo, 5);
    QCOMPARE(back.size(), std::size_t{1});
    QCOMPARE(back[0].start.count, std::int64_t{240});
    QCOMPARE(back[0].end().count, std::int64_t{480});
  }

  void lossIsCounted() {
    const TempoMap tempo(480, {});
    const std::vector<Note> notes{note(0, 480, 20),   note(0, 480, 109), note(0, 480, 60),
                                  note(10, 100, 60),  note(0, 480, 64),  note(240, 480, 64),
                                  note(480, 240, 67), note(720, 48, 67)};
    const auto e = encodeRoll(notes, tempo, 0, 40);
    QCOMPARE(e.loss.outside, std::int64_t{2});
    QCOMPARE(e.loss.merged, std::int64_t{1});
    QCOMPARE(e.loss.cut, std::int64_t{1});
    QCOMPARE(columnsOf({}, tempo), std::int64_t{0});
  }

  void decodedRollsEncodeToThemselves() {
    Rng rng(3);
    for (int i = 0; i < 100; ++i) {
      const TempoMap tempo = randomTempo(rng);
      const int columns = 1 + static_cast<int>(rng.below(200));
      const Roll roll = randomRoll(rng, columns);
      const auto first = static_cast<std::int64_t>(rng.below(1000));
      const auto notes = decodeRoll(roll, tempo, first);
      const auto again = encodeRoll(notes, tempo, first, columns);
      QVERIFY(again.roll == roll);
      QVERIFY(again.loss == RollLoss{});
    }
  }

  void binaryRunsAreNotes() {
    Rng rng(4);
    for (int i = 0; i < 50; ++i) {
      std::vector<float> cells(88 * 60);
      for (float& c : cells) c = rng.below(3) == 0 ? 0.9F : 0.1F;
      const Roll roll = Roll::fromBinary(cells);
      const TempoMap tempo = randomTempo(rng);
      const auto again = encodeRoll(decodeRoll(roll, tempo, 0), tempo, 0, 60);
      QVERIFY(again.roll == roll);
      std::vector<float> expected(cells.size());
      std::transform(cells.begin(), cells.end(), expected.begin(),
                     [](float c) { return c > 0.5F ? 1.0F : 0.0F; });
      QCOMPARE(again.roll.binary(), expected);
    }
  }

  void noisyValuesDecode() {
    Rng rng(5);
    std::vector<float> values(88 * 50 + 7);
    for (float& v : values) v = static_cast<float>(rng.uniform() * 3 - 1);
    values[0] = std::nanf("");
    const Roll roll = Roll::fromValues(values);
    QCOMPARE(roll.columns(), 50);
    QVERIFY(roll.at(0, 0) == RollCell::kSilent);
    for (const Note& n : decodeRoll(roll, TempoMap(), 0)) {
      QVERIFY(n.length.count > 0 && n.pitch >= 21 && n.pitch <= 108);
    }
  }

  void notesMoveByHalfAColumnAtMost() {
    Rng rng(6);
    for (int i = 0; i < 50; ++i) {
      const TempoMap tempo = randomTempo(rng);
      std::vector<Note> notes;
      for (int k = 0; k < 88; ++k) {  // one a key: nothing merges
        const double start = rng.uniform() * 20;
        const Tick from = tempo.tick(start);
        const TickDelta length = tempo.tick(start + 0.1 + rng.uniform()) - from;
        notes.push_back(note(from.count, std::max<std::int64_t>(1, length.count), 21 + k));
      }
      const int columns = static_cast<int>(columnsOf(notes, tempo));
      auto back = decodeRoll(encodeRoll(notes, tempo, 0, columns).roll, tempo, 0);
      std::sort(back.begin(), back.end(),
                [](const Note& a, const Note& b) { return a.pitch < b.pitch; });
      QCOMPARE(back.size(), notes.size());
      const double tick = 0.0175;  // the longest there is
      for (std::size_t k = 0; k < notes.size(); ++k) {
        const double most = kColumnSeconds / 2 + tick / 2 + 1e-9;
        QVERIFY(std::abs(tempo.seconds(back[k].start) - tempo.seconds(notes[k].start)) <= most);
        const double shift = std::abs(tempo.seconds(back[k].end()) - tempo.seconds(notes[k].end()));
        // One column is the shortest length.
        QVERIFY(shift <= most + kColumnSeconds);
      }
    }
  }

  void lossOnRealMusic() {
    QTemporaryDir dir;
    const auto pieces = test::realPieces("piano_midi_de", dir);
    if (pieces.empty()) QSKIP(test::kNoMusic);
    RollLoss sum;
    std::int64_t notes = 0;
    for (const Document& d : pieces) {
      for (const TrackPtr& t : d.tracks) {
        const auto list = t->notes.toVector();
        const auto e = encodeRoll(list, d.tempo, 0, static_cast<int>(columnsOf(list, d.tempo)));
        sum.outside += e.loss.outside;
        sum.merged += e.loss.merged;
        sum.cut += e.loss.cut;
        notes += static_cast<std::int64_t>(list.size());
        const auto back = decodeRoll(e.roll, d.tempo, 0);
        QCOMPARE(back.size() + static_cast<std::size_t>(e.loss.outside + e.loss.merged),
                 list.size());
        QVERIFY(encodeRoll(back, d.tempo, 0, e.roll.columns()).roll == e.roll);
      }
    }
    qInfo("of %d notes %d outside, %d merged, %d cut", static_cast<int>(notes),
          static_cast<int>(sum.outside), static_cast<int>(sum.merged), static_cast<int>(sum.cut));
  }
};

QTEST_APPLESS_MAIN(TestRollColumns)
#include "test_roll_columns.moc"
