#include <QtTest>

#include "tests/core/playback/scheduler_stage.h"

using namespace incipit;
using namespace incipit::fixtures;

class TestClockOut : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void clockFollowsTheTempoMap() {
    Document d = withNotes(newDocument(), {note(0, 9600, 60)});
    d = setTempo(d, {{960}, 1000000});  // then half as fast
    Stage s;
    s.show(d);
    s.scheduler.playRt(0);
    s.run(1, 1);
    std::vector<std::int64_t> pulses;
    std::size_t seen = 0;
    std::int64_t at = 0;
    for (; at < 3 * kQuarter; ++at) {
      const auto clock = s.bus.clock();
      for (; seen < clock.size(); ++seen) {
        if (clock[seen].message.status() == kMidiClock) pulses.push_back(at);
      }
      s.run(1, 1);
    }
    QVERIFY(s.bus.clock()[0].message == midiRealtime(kMidiStart));
    QCOMPARE(pulses.size(), std::size_t{24 + 24});
    for (std::size_t i = 0; i < pulses.size(); ++i) {
      const double n = static_cast<double>(i);
      const double expected = i < 24 ? n * kQuarter / 24 : kQuarter + (n - 24) * kQuarter / 12;
      QCOMPARE(pulses[i], std::llround(expected));
    }
    s.scheduler.stopRt();
    QVERIFY(s.bus.clock().back().message == midiRealtime(kMidiStop));
    const std::size_t sent = s.bus.sent.size();
    s.scheduler.stopRt();
    QCOMPARE(s.bus.sent.size(), sent);
  }

  void clockTellsWhereItContinues() {
    Document d = withNotes(newDocument(), {note(0, 96000, 60)});
    PlanOptions options;
    options.loop = TickRange{{960}, {1920}};
    Stage s;
    s.show(d, options);
    s.scheduler.playRt(kQuarter + kQuarter / 8);  // half a sixteenth after the first quarter
    s.run(kQuarter / 4);
    std::vector<MidiMessage> told;
    for (const auto& sent : s.bus.clock()) told.push_back(sent.message);
    QVERIFY(told.size() > 5);
    QVERIFY(told[0] == midiSongPosition(5));  // the next sixteenth
    // Half a sixteenth is three pulses; then it is there.
    QVERIFY(told[4] == midiRealtime(kMidiContinue));
    QCOMPARE(std::count(told.begin(), told.end(), midiRealtime(kMidiContinue)), 1);
    // The wrap: stop, position and continue at once, and the pulse there.
    s.bus.sent.clear();
    s.run(kQuarter - kQuarter / 8 - kQuarter / 4 + 1);
    const auto clock = s.bus.clock();
    QVERIFY(clock.size() > 4);
    const std::size_t n = clock.size();
    QVERIFY(clock[n - 4].message == midiRealtime(kMidiStop));
    QVERIFY(clock[n - 3].message == midiSongPosition(4));
    QVERIFY(clock[n - 2].message == midiRealtime(kMidiContinue));
    QVERIFY(clock[n - 1].message == midiRealtime(kMidiClock));
  }
};

QTEST_APPLESS_MAIN(TestClockOut)
#include "test_clock_out.moc"
