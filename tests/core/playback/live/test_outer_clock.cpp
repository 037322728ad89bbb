// The engine led by an incoming MIDI clock.
#include <QtTest>
#include <cmath>

#include "tests/core/playback/live_studio.h"

using namespace incipit;
using namespace incipit::fixtures;

class TestOuterClock : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void anIncomingClockLeads() {
    Studio s(0.0005);
    s.show(song());  // 120 a minute
    s.input.clockSource = 4;
    s.run(100);
    const double pulse = 60.0 / 150 / 24 * 48000;  // frames; the master is faster
    double next = static_cast<double>(s.frame);
    const auto send = [&](std::uint8_t status, double at) {
      s.input.push({midiRealtime(status), timeOf(std::llround(at)), 4});
    };
    send(kMidiStart, next);
    int pulses = 0;
    double worst = 0;
    const double began = next;
    for (int i = 0; i < 1500; ++i) {
      for (; next < static_cast<double>(s.frame); next += pulse, ++pulses) send(kMidiClock, next);
      s.run(1);
      const EnginePosition p = s.engine.position();
      if (i == 3) QVERIFY(p.playing && p.led);
      if (i < 500) continue;
      // That it is heard then, of the master's.
      const double master =
          (static_cast<double>(p.nanoseconds - kStart) * 48e-6 - began) / (pulse * 24);
      worst = std::max(worst, std::abs(static_cast<double>(p.tick) / 960 - master));
      QVERIFY(std::abs(p.clockTempo - 150) < 3);
    }
    QVERIFY2(worst * 60 / 150 < 0.004, qPrintable(QString::number(worst)));
    QCOMPARE(s.synth.only(Told::kOn).size(), std::size_t{1});  // no jump
    // A jump of the master's.
    s.input.push({midiSongPosition(64), timeOf(s.frame), 4});
    send(kMidiClock, static_cast<double>(s.frame));
    s.run(2);
    QVERIFY(std::abs(s.engine.position().tick - 64 * 240) < 200);
    QCOMPARE(s.synth.soundingNotes(), 1 - 1);
    // And it ceases.
    s.run(100);
    QVERIFY(!s.engine.position().playing);
    QCOMPARE(s.engine.position().clockTempo, 0.0);
    QCOMPARE(s.synth.soundingNotes(), 0);
  }

  void theClocksStopAndTheHandsGoBeforeTheClock() {
    Studio s;
    s.show(song());
    s.input.clockSource = 0;
    const auto send = [&](const MidiMessage& m) { s.input.push({m, timeOf(s.frame), 0}); };
    send(midiSongPosition(16));
    s.run(1);
    QVERIFY(!s.engine.position().playing);
    s.run(1);
    QCOMPARE(s.engine.position().tick, std::int64_t{3840});
    QCOMPARE(s.engine.position().start, 1U);
    send(midiRealtime(kMidiContinue));
    send(midiRealtime(kMidiClock));
    s.run(2);
    QVERIFY(s.engine.position().playing);
    QVERIFY(s.engine.position().tick >= 3840);
    send(midiRealtime(kMidiStop));
    s.run(2);
    QVERIFY(!s.engine.position().playing);
    send(midiRealtime(kMidiStart));
    send(midiRealtime(kMidiClock));
    s.run(2);
    QVERIFY(s.engine.position().led);
    s.engine.stop(5);
    send(midiRealtime(kMidiClock));
    s.run(2);
    QVERIFY(!s.engine.position().playing);
    QCOMPARE(s.engine.position().run, 5U);
    s.engine.play(6, Tick{960});
    for (int i = 0; i < 10; ++i) {
      send(midiRealtime(kMidiClock));
      s.run(1);
    }
    QVERIFY(s.engine.position().playing && !s.engine.position().led);
    QCOMPARE(s.engine.position().rate, 1.0);
  }
};

QTEST_APPLESS_MAIN(TestOuterClock)
#include "test_outer_clock.moc"
