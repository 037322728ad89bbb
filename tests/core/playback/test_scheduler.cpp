#include <QtTest>

#include "tests/core/playback/scheduler_stage.h"

using namespace incipit;
using namespace incipit::fixtures;

class TestScheduler : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void playsWhatThePlanSaysWhenItSays() {
    for (const int step : {1, 3, 16}) {
      Stage s;
      s.show(oneNote());
      s.scheduler.playRt(0);
      s.run(3 * kQuarter, step);
      const auto on = s.synth.only(Told::kOn);
      const auto off = s.synth.only(Told::kOff);
      QCOMPARE(on.size(), std::size_t{1});
      QCOMPARE(off.size(), std::size_t{1});
      QCOMPARE(on[0].quantum, kQuarter);
      QCOMPARE(off[0].quantum, 2 * kQuarter);
      QCOMPARE(s.synth.programs[0], 0);
      QCOMPARE((s.synth.controls[{0, kVolume}]), 100);
      QCOMPARE((s.synth.controls[{0, kPan}]), 64);
    }
  }

  void stopEndsNotesAndPedal() {
    Stage s;
    s.show(setLane(oneNote(), 1, kSustain, {{{0}, 127}}));
    s.scheduler.playRt(0);
    s.run(kQuarter + 5);
    QCOMPARE(s.synth.soundingNotes(), 1);
    QCOMPARE((s.synth.controls[{0, kSustain}]), 127);
    s.scheduler.stopRt();
    QCOMPARE(s.synth.soundingNotes(), 0);
    QCOMPARE((s.synth.controls[{0, kSustain}]), 0);
    s.synth.forget();
    s.run(1000);
    QVERIFY(s.synth.told.empty());
    s.scheduler.playRt(kQuarter);  // the pedal comes back
    QCOMPARE((s.synth.controls[{0, kSustain}]), 127);
  }

  void seekEndsWhatSoundsAndChases() {
    Document d = withNotes(newDocument(), {note(0, 9600, 60)});
    d = setLane(d, 1, kProgramChange, {{{1920}, 40}, {{3840}, 41}});
    d = setLane(d, 1, 0, {{{1900}, 8}, {{3000}, 9}});
    d = setLane(d, 1, kPitchBend, {{{1920}, 4000}, {{3840}, 0}});
    d = setLane(d, 1, kModulation, {{{1920}, 55}});
    Stage s;
    s.show(d);
    s.scheduler.playRt(0);
    s.run(10);
    s.scheduler.seekRt(3 * kQuarter + 30);
    QCOMPARE(s.synth.soundingNotes(), 0);
    QCOMPARE(s.synth.programs[0], 40);
    QCOMPARE((s.synth.controls[{0, 0}]), 8);  // the bank as it was when the program was chosen
    QCOMPARE((s.synth.controls[{0, kPitchBend}]), 4000);
    QCOMPARE((s.synth.controls[{0, kModulation}]), 55);
    s.scheduler.seekRt(0);
    QCOMPARE(s.synth.programs[0], 0);
    QCOMPARE((s.synth.controls[{0, 0}]), 0);
    QCOMPARE((s.synth.controls[{0, kPitchBend}]), 0);
    QCOMPARE((s.synth.controls[{0, kModulation}]), 0);
    s.run(1);
    QCOMPARE(s.synth.soundingNotes(), 1);
  }

  void chasedStateIsThatOfPlayingThere() {
    Rng rng(11);
    for (int round = 0; round < 30; ++round) {
      const Document d = randomDocument(rng, 4, 20, 12000);
      const auto at = static_cast<std::int64_t>(1 + rng.below(4000));
      Stage played;
      played.show(d);
      played.scheduler.playRt(0);
      played.run(at);
      Stage sought;
      sought.show(d);
      sought.scheduler.playRt(static_cast<std::int64_t>(rng.below(5000)));
      sought.run(rng.below(500));
      sought.scheduler.seekRt(at);
      QCOMPARE(sought.synth.programs, played.synth.programs);
      for (const auto& [key, value] : played.synth.controls) {
        const auto found = sought.synth.controls.find(key);
        // A bank that was set after the program counts for nothing until the next.
        if (key.second == 0 || (found == sought.synth.controls.end() && value == 0)) continue;
        QVERIFY(found != sought.synth.controls.end());
        QCOMPARE(found->second, value);
      }
    }
  }

  void registeredParametersAreReplayedInOrder() {
    Document d = withNotes(newDocument(), {note(0, 960, 60)});
    d = setLane(d, 1, 101, {{{0}, 0}, {{10}, 0}});
    d = setLane(d, 1, 100, {{{0}, 0}, {{10}, 1}});
    d = setLane(d, 1, 6, {{{0}, 12}, {{10}, 70}});
    Stage s;
    s.show(d);
    s.scheduler.playRt(kQuarter);
    std::vector<std::pair<int, int>> sent;
    for (const Told& t : s.synth.only(Told::kControl)) {
      if (t.a == 6 || t.a >= 100) sent.emplace_back(t.a, t.b);
    }
    const std::vector<std::pair<int, int>> expected = {{100, 0}, {101, 0}, {6, 12},
                                                       {100, 1}, {101, 0}, {6, 70}};
    QVERIFY(sent == expected);
  }

  // As a file's reader keeps them: raw, in their order, whatever channel they name.
  void rawParametersAndKeyPressureArePlayed() {
    Document d = withNotes(newDocument(), {note(0, 9600, 60)});
    d = edited(d, 1, [](Track& t) {
      const auto raw = [&t](std::int64_t at, std::vector<std::uint8_t> bytes) {
        t.raw.push_back({{at}, std::move(bytes)});
      };
      raw(0, {0xB3, 101, 0});
      raw(0, {0xB3, 100, 0});
      raw(0, {0xB3, 6, 12});
      raw(0, {0xB3, 101, 127});
      raw(960, {0xA3, 60, 99});
      raw(960, {0xA3, 61, 99});  // does not sound
      raw(960, {0xF0, 0x7E, 0xF7});
      raw(970, {0xFF, 0x01, 'x'});
    });
    Stage s;
    s.show(d);
    s.scheduler.playRt(0);
    s.run(2 * kQuarter);
    std::vector<std::pair<int, int>> sent;
    for (const Told& t : s.synth.only(Told::kControl)) {
      if (t.a == 6 || t.a >= 100) sent.emplace_back(t.a, t.b);
    }
    const std::vector<std::pair<int, int>> expected = {{101, 0}, {100, 0}, {6, 12}, {101, 127}};
    QVERIFY(sent == expected);
    const auto pressure = s.synth.only(Told::kKeyPressure);
    QCOMPARE(pressure.size(), std::size_t{1});
    QCOMPARE((pressure[0]), (Told{Told::kKeyPressure, kQuarter, 0, 60, 99}));
    s.synth.forget();
    s.scheduler.seekRt(kQuarter);
    QCOMPARE(s.synth.only(Told::kControl).size(), std::size_t{4});
  }

  void loopEndsNotesAtTheWrapAndStartsThemAgain() {
    Document d = withNotes(newDocument(), {note(0, 9600, 60)});
    PlanOptions options;
    options.loop = TickRange{{0}, {1920}};
    Stage s;
    s.show(d, options);
    s.scheduler.playRt(0);
    s.run(5 * kQuarter);
    const auto on = s.synth.only(Told::kOn);
    const auto off = s.synth.only(Told::kOff);
    QCOMPARE(on.size(), std::size_t{3});
    QCOMPARE(off.size(), std::size_t{2});
    for (std::size_t i = 0; i < on.size(); ++i) {
      QCOMPARE(on[i].quantum, static_cast<std::int64_t>(i) * 2 * kQuarter);
    }
    QCOMPARE(s.scheduler.wraps(), 2U);
    QCOMPARE(s.scheduler.position(), kQuarter);
    QVERIFY(s.synth.faults.empty());
  }

  void playingFromAfterTheLoopRunsOn() {
    PlanOptions options;
    options.loop = TickRange{{0}, {960}};
    Stage s;
    s.show(withNotes(newDocument(), {note(0, 960, 60), note(1920, 960, 64)}), options);
    s.scheduler.playRt(kQuarter);
    s.run(2 * kQuarter);
    QCOMPARE(s.scheduler.wraps(), 0U);
    QCOMPARE(s.synth.soundingNotes(), 1);
  }

  void previewsAndTransportDoNotTouchEachOther() {
    Stage s;
    s.show(oneNote());
    s.scheduler.previewOnRt(13, false, 60, 90);
    s.scheduler.playRt(0);
    s.run(kQuarter + 1);
    QCOMPARE(s.synth.soundingNotes(), 2);
    s.scheduler.stopRt();
    QCOMPARE(s.synth.soundingNotes(), 1);
    s.scheduler.previewOnRt(13, false, 60, 90);  // again: ends the first
    QCOMPARE(s.synth.soundingNotes(), 1);
    s.scheduler.previewOffRt(60);
    QCOMPARE(s.synth.soundingNotes(), 0);
    s.scheduler.previewOnRt(0, true, 38, 90);
    QCOMPARE(s.synth.told.back().channel, kPreviewDrums);
    s.scheduler.panicRt();
    QCOMPARE(s.synth.soundingNotes(), 0);
    QVERIFY(s.synth.faults.empty());
  }

  void stopsByItselfAtTheEnd() {
    Stage s;
    s.show(oneNote());
    s.scheduler.playRt(0);
    s.run(20 * kQuarter);
    QVERIFY(!s.scheduler.playing());
    QVERIFY(s.scheduler.ended());
    QCOMPARE(s.scheduler.position(), 4 * kQuarter);
    // From the end it runs on, so that what is still being written can be waited for.
    s.scheduler.playRt(4 * kQuarter);
    s.run(20 * kQuarter);
    QVERIFY(s.scheduler.playing());
  }
};

QTEST_APPLESS_MAIN(TestScheduler)
#include "test_scheduler.moc"
