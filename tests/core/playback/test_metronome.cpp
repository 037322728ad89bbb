#include <QtTest>

#include "tests/core/playback/scheduler_stage.h"

using namespace incipit;
using namespace incipit::fixtures;

class TestMetronome : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theMetronomeFollowsTheMeter() {
    Document d = newDocument();
    d = setMeter(d, {{3840}, 6, 8});
    PlanOptions options;
    options.metronome = true;
    Stage s;
    s.show(d, options);
    s.scheduler.playRt(0);
    s.run(4 * kQuarter + 6 * kQuarter / 2 + 1, 7);
    std::vector<int> keys;
    for (const Told& t : s.synth.only(Told::kOn)) {
      QCOMPARE(t.channel, kMetronomeChannel);
      keys.push_back(t.a);
    }
    const std::vector<int> expected = {76, 77, 77, 77, 76, 77, 77, 77, 77, 77, 76};
    QVERIFY(keys == expected);
    QCOMPARE(s.synth.only(Told::kOn)[4].quantum, 4 * kQuarter);
    QCOMPARE(s.synth.only(Told::kOn)[5].quantum, 4 * kQuarter + 188);  // 187.5
    s.scheduler.stopRt();
    QCOMPARE(s.synth.soundingNotes(), 0);
    // Starting between beats waits for the next.
    s.synth.forget();
    s.scheduler.playRt(kQuarter / 2);
    s.run(kQuarter);
    QCOMPARE(s.synth.only(Told::kOn).size(), std::size_t{1});
    QCOMPARE(s.synth.only(Told::kOn)[0].a, 77);
    s.show(d);  // off while playing
    s.synth.forget();
    s.run(3 * kQuarter);
    QVERIFY(s.synth.only(Told::kOn).empty());
  }

  void aMeterOfTinyBeatsStillTerminates() {
    PlanOptions options;
    options.metronome = true;
    Stage s;
    s.show(setMeter(newDocument(), {{0}, 255, 1 << 30}), options);
    s.scheduler.playRt(17);
    s.run(200);
    QVERIFY(s.synth.only(Told::kOn).size() > 100);
    s.scheduler.stopRt();
    QCOMPARE(s.synth.soundingNotes(), 0);
  }

  void theCountInClicksExactlyAndPlaysOnTheNextBeat() {
    // 7/8 at 127 a minute: a beat of 177.17 quanta; from a bar line, a beat and between two.
    const std::uint32_t micros = microsPerQuarterOf(127);
    const double beat = micros * 1e-6 / 2 * 48000 / 64;
    for (const std::int64_t start : {7 * 480, 7 * 480 + 3 * 480, 7 * 480 + 3 * 480 + 100}) {
      for (const int step : {1, 16}) {
        Document d = setMeter(setTempo(newDocument(), {{0}, micros}), {{0}, 7, 8});
        d = withNotes(d, {note(start, 480, 60)});
        PlanOptions options;
        options.metronome = true;
        Stage s;
        s.show(d, options);
        const std::int64_t from = s.scheduler.plan()->quantumAt(Tick{start});
        s.scheduler.playRt(from, 2);
        const bool onBeat = start % 480 == 0;
        const double lead = onBeat ? beat : static_cast<double>(from) - start / 480 * beat;
        const std::int64_t all = std::llround(lead + 13 * beat);
        for (std::int64_t done = 0; done < all;) {
          QCOMPARE(s.scheduler.position(), from);
          QVERIFY(s.scheduler.playing());
          const double beats = static_cast<double>(all - done - lead) / beat + 1;
          QVERIFY(std::abs(s.scheduler.countInBeats() - std::max(beats, 1.0)) < 1.02);
          const std::int64_t n = std::min<std::int64_t>(step, all - done);
          s.run(n, step);
          done += n;
        }
        QCOMPARE(s.scheduler.countInBeats(), 0);
        QCOMPARE(s.scheduler.position(), from);
        s.run(1);
        const auto on = s.synth.only(Told::kOn);
        // 14 clicks; the piece's first note; and on a beat its click.
        QCOMPARE(on.size(), onBeat ? std::size_t{16} : std::size_t{15});
        for (std::size_t i = 0; i < 14; ++i) {
          const double left = lead + (13 - static_cast<double>(i)) * beat;
          QCOMPARE(on[i].channel, kMetronomeChannel);
          QCOMPARE(on[i].quantum, all - std::llround(left));
          const int place = start / 480 - (onBeat ? 14 : 13) + static_cast<int>(i);
          QCOMPARE(on[i].a, (place + 70) % 7 == 0 ? 76 : 77);
        }
        QCOMPARE(on[14].a, 60);
        QCOMPARE(on[14].quantum, all);
        s.run(2 * kQuarter);
        QVERIFY(s.synth.faults.empty());
      }
    }
  }

  void stopSeekAndPanicWorkDuringTheCountIn() {
    Stage s;
    s.show(oneNote());
    s.scheduler.playRt(0, 1);
    s.run(kQuarter + 3);
    QCOMPARE(s.synth.soundingNotes(), 1);
    QCOMPARE(s.scheduler.countInBeats(), 3);
    s.scheduler.panicRt();
    QCOMPARE(s.synth.soundingNotes(), 0);
    s.scheduler.seekRt(kQuarter);  // counts on, and plays from there
    QCOMPARE(s.scheduler.countInBeats(), 3);
    QCOMPARE(s.scheduler.position(), kQuarter);
    s.run(3 * kQuarter - 3);
    QCOMPARE(s.scheduler.countInBeats(), 0);
    s.run(1);
    QCOMPARE(s.synth.told.back().a, 60);
    s.scheduler.playRt(0, 2);
    s.run(5);
    s.scheduler.stopRt();
    QCOMPARE(s.scheduler.countInBeats(), 0);
    QVERIFY(!s.scheduler.playing());
    QCOMPARE(s.synth.soundingNotes(), 0);
    s.synth.forget();
    s.run(10 * kQuarter);
    QVERIFY(s.synth.told.empty());
  }

  void aTempoChangedDuringTheCountInCountsOnInTheNewOne() {
    Stage s;
    s.show(oneNote());
    s.scheduler.playRt(0, 1);
    s.run(2 * kQuarter);
    s.show(setTempo(oneNote(), {{0}, 250000}));  // twice as fast
    s.run(kQuarter - 1);
    QCOMPARE(s.scheduler.countInBeats(), 1);
    s.run(1);
    QCOMPARE(s.scheduler.countInBeats(), 0);
    QCOMPARE(s.synth.only(Told::kOn).size(), std::size_t{4});
  }
};

QTEST_APPLESS_MAIN(TestMetronome)
#include "test_metronome.moc"
