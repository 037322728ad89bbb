// The metrics against small pieces computed by hand.
#include <QtTest>
#include <cmath>

#include "core/corpus/music_metrics.h"

using namespace incipit;

namespace {

Note note(std::int64_t start, std::int64_t length, int pitch) {
  Note n;
  n.start = {start};
  n.length = {length};
  n.pitch = static_cast<std::uint8_t>(pitch);
  return n;
}

TrackPtr track(int channel, std::vector<Note> notes) {
  Track t;
  t.channel = channel;
  t.notes = NoteList(std::move(notes));
  return std::make_shared<const Track>(std::move(t));
}

Document piece(std::vector<TrackPtr> tracks) {
  Document d;
  d.tracks = std::move(tracks);
  return d;
}

// C major in quarters for two bars of 4/4, the last two a rest and a C an octave higher.
Document scale() {
  std::vector<Note> notes;
  int i = 0;
  for (const int p : {60, 62, 64, 65, 67, 69}) notes.push_back(note(960 * i++, 960, p));
  notes.push_back(note(960 * 7, 960, 72));
  return piece({track(0, notes)});
}

bool near(double a, double b) { return std::abs(a - b) < 1e-12; }

}  // namespace

class TestMusicMetrics : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void pitches() {
    const Document d = scale();
    QCOMPARE(pitchesUsed(d), 7);
    QCOMPARE(pitchClassesUsed(d), 6);
    QCOMPARE(pitchRange(d), 12);
    QVERIFY(near(pitchEntropy(d), std::log2(7.0)));
    // C twice of seven, the others once.
    QVERIFY(
        near(pitchClassEntropy(d), -(2.0 / 7 * std::log2(2.0 / 7) + 5.0 / 7 * std::log2(1.0 / 7))));
    QVERIFY(near(pitchInScaleRate(d, {0, Mode::kMajor}), 1));
    QVERIFY(near(pitchInScaleRate(d, {7, Mode::kMajor}), 6.0 / 7));  // F is not in G major
    QVERIFY(near(pitchInScaleRate(d, {6, Mode::kMajor}), 1.0 / 7));  // F alone, as E sharp
    QVERIFY(near(scaleConsistency(d), 1));
    const Document chromatic = piece({track(
        0, {note(0, 1, 60), note(1, 1, 61), note(2, 1, 62), note(3, 1, 63), note(4, 1, 64)})});
    QVERIFY(near(scaleConsistency(chromatic), 3.0 / 5));
  }

  void emptiness() {
    QVERIFY(near(emptyBeatRate(scale()), 1.0 / 8));
    QVERIFY(near(emptyMeasureRate(scale()), 0));
    // Sounds into the second beat, then nothing until the third bar of three.
    const Document d = piece({track(0, {note(0, 1000, 60), note(3840 * 2, 960, 60)}),
                              track(kDrumChannel, {note(3840 * 2 + 960, 10, 38)})});
    QVERIFY(near(emptyBeatRate(d), 6.0 / 10));
    QVERIFY(near(emptyMeasureRate(d), 1.0 / 3));
  }

  void polyphonies() {
    QVERIFY(near(polyphony(scale()), 1));
    QVERIFY(near(polyphonyRate(scale(), 0), 7.0 / 8));
    QVERIFY(near(polyphonyRate(scale()), 0));
    // One pitch, then three, then a rest, then two; doubled pitches count once; drums do not.
    const Document d = piece({track(0, {note(0, 2000, 60), note(0, 1500, 60), note(1000, 1000, 64),
                                        note(1000, 1000, 67), note(3000, 1000, 60)}),
                              track(1, {note(3000, 1000, 60), note(3000, 1000, 62)}),
                              track(kDrumChannel, {note(0, 9000, 38)})});
    QVERIFY(near(polyphony(d), 6.0 / 3));
    QVERIFY(near(polyphonyRate(d), 1.0 / 4));
    QVERIFY(near(polyphonyRate(d, 1), 2.0 / 4));
  }

  void drums() {
    // A quarter, a sixteenth, an eighth triplet, and nothing of either.
    const Document d = piece({track(kDrumChannel, {note(960, 10, 36), note(240, 10, 38),
                                                   note(320, 10, 42), note(100, 10, 46)})});
    QVERIFY(near(drumInPatternRate(d, DrumPattern::kDuple), 0.5));
    QVERIFY(near(drumInPatternRate(d, DrumPattern::kTriple), 0.5));
    QVERIFY(near(drumPatternConsistency(d), 0.5));
    const Document swing =
        piece({track(kDrumChannel, {note(0, 10, 36), note(640, 10, 36), note(960, 10, 36)})});
    QVERIFY(near(drumInPatternRate(swing, DrumPattern::kDuple), 2.0 / 3));
    QVERIFY(near(drumPatternConsistency(swing), 1));
    QVERIFY(std::isnan(drumPatternConsistency(scale())));
  }

  void groove() {
    // Quarters in both bars but for a rest in the second: one of 96 steps differs.
    QVERIFY(near(grooveConsistency(scale()), 1 - 1.0 / 96));
    std::vector<Note> same;
    for (int bar = 0; bar < 4; ++bar) {
      for (const int at : {0, 480, 1440}) same.push_back(note(bar * 3840 + at, 100, 60));
    }
    QVERIFY(near(grooveConsistency(piece({track(0, same)})), 1));
    // A bar, an empty bar, the bar again: four steps of two times 96.
    const Document gap = piece({track(
        0, {note(0, 100, 60), note(960, 100, 60), note(7680, 100, 60), note(8640, 100, 60)})});
    QVERIFY(near(grooveConsistency(gap), 1 - 4.0 / 192));
    QVERIFY(std::isnan(grooveConsistency(piece({track(0, {note(0, 100, 60)})}))));
  }

  void nothingIsNotANumber() {
    for (const Metric& m : musicMetrics(Document{})) {
      QVERIFY2(std::isnan(m.value) || m.value == 0, m.name);
    }
    QCOMPARE(musicMetrics(scale()).size(), std::size_t{14});
  }

  void longSilencesCostNothing() {
    const Document d = piece({track(0, {note(0, 960, 60), note(std::int64_t{1} << 40, 960, 64)})});
    QVERIFY(emptyBeatRate(d) > 0.999 && emptyMeasureRate(d) > 0.999);
    QVERIFY(near(polyphony(d), 1));
    QVERIFY(grooveConsistency(d) < 1);
  }
};

QTEST_APPLESS_MAIN(TestMusicMetrics)
#include "test_music_metrics.moc"
