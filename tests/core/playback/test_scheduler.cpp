#include <QtTest>

#include "core/playback/scheduler.h"
#include "tests/core/playback/fixtures.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

constexpr std::int64_t kQuarter = 375;  // quanta: 120 a minute at 48 kHz

// A scheduler with its plans, played by hand.
class Stage {
 public:
  Stage() : scheduler(synth) { scheduler.setBus(&bus); }

  void show(const Document& d, const PlanOptions& options = {}, const PlanOverlay& overlay = {}) {
    next_ = compiler_.compile(share(d), overlay, options);
    scheduler.adoptRt(next_.get());
    plan_ = std::move(next_);
  }

  // Plays `quanta` in steps of at most `step`.
  void run(std::int64_t quanta, int step = 16) {
    while (quanta > 0) {
      const int n = scheduler.dueRt(static_cast<int>(std::min<std::int64_t>(quanta, step)));
      synth.quantum += n;
      scheduler.advanceRt(n);
      quanta -= n;
    }
  }

  void playLive(const MidiMessage& m) { scheduler.playLiveRt(m, scheduler.position()); }

  RecordingSynth synth;
  RecordingBus bus;
  Scheduler scheduler;

 private:
  PlanCompiler compiler_{48000};
  std::unique_ptr<Plan> plan_;
  std::unique_ptr<Plan> next_;
};

// Track 1 on a port.
Document routed(const Document& d, int channel = 5, const char* output = "keys") {
  return edited(d, 1, [&](Track& t) {
    t.output = output;
    t.channel = channel;
  });
}

PlanOptions withPorts() {
  PlanOptions options;
  options.slots = {{"keys", 3}, {"rack", 4}};
  return options;
}

Document oneNote() { return withNotes(newDocument(), {note(960, 960, 60)}); }

}  // namespace

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

  void anEditEndsOnlyWhatIsGoneOrChanged() {
    Document d =
        withNotes(newDocument(), {note(0, 9600, 60), note(0, 9600, 64), note(0, 9600, 67)});
    Stage s;
    s.show(d);
    s.scheduler.playRt(0);
    s.run(100);
    QCOMPARE(s.synth.soundingNotes(), 3);
    s.synth.forget();
    const auto notes = d.track(1)->notes.toVector();
    d = removeNotes(d, 1, {&notes[0], 1});                                  // gone
    d = moveNotes(d, 1, {&notes[1], 1}, {0}, 1).document;                   // another pitch
    d = resizeNotes(d, 1, {&notes[2], 1}, Edge::kRight, {-4800}).document;  // sounds on, shorter
    s.show(d);
    QCOMPARE(s.synth.told.size(), std::size_t{2});
    QCOMPARE((s.synth.told[0]), (Told{Told::kOff, 100, 0, 60, 0}));
    QCOMPARE((s.synth.told[1]), (Told{Told::kOff, 100, 0, 64, 0}));
    s.run(6 * kQuarter);
    QCOMPARE(s.synth.soundingNotes(), 0);
    QCOMPARE(s.synth.told.back().quantum, 5 * kQuarter);
  }

  void aNoteShortenedBehindThePlayheadEnds() {
    Document d = withNotes(newDocument(), {note(0, 9600, 60)});
    Stage s;
    s.show(d);
    s.scheduler.playRt(0);
    s.run(2 * kQuarter);
    const auto notes = d.track(1)->notes.toVector();
    s.show(resizeNotes(d, 1, notes, Edge::kRight, {-9000}).document);
    QCOMPARE(s.synth.soundingNotes(), 0);
  }

  void aTempoChangeKeepsThePositionAndTheNotes() {
    Document d = withNotes(newDocument(), {note(0, 9600, 60)});
    Stage s;
    s.show(d);
    s.scheduler.playRt(0);
    s.run(2 * kQuarter);
    s.synth.forget();
    s.show(setTempo(d, {{0}, 250000}));  // twice as fast
    QCOMPARE(s.scheduler.position(), kQuarter);
    s.run(1);
    QVERIFY(s.synth.told.empty());
    s.run(5 * kQuarter);
    QCOMPARE(s.synth.only(Told::kOff).size(), std::size_t{1});
    QCOMPARE(s.synth.told.front().quantum, 2 * kQuarter + 4 * kQuarter);
  }

  void muteWhilePlayingEndsTheTrackAndUnmuteWaitsForTheNextNote() {
    const Document d = withNotes(newDocument(), {note(0, 1920, 60), note(2880, 960, 62)});
    Stage s;
    s.show(d);
    s.scheduler.playRt(0);
    s.run(50);
    s.show(edited(d, 1, [](Track& t) { t.mute = true; }));
    QCOMPARE(s.synth.soundingNotes(), 0);
    s.run(50);
    s.show(d);
    s.run(50);
    QCOMPARE(s.synth.soundingNotes(), 0);
    s.run(3 * kQuarter - 100);
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

  void aTrackOnAPortSoundsThereAlone() {
    Document d = withNotes(newDocument(), {note(960, 960, 60, 77)});
    d = setLane(d, 1, kPitchBend, {{{960}, 4000}});
    d = edited(routed(d), 1, [](Track& t) { t.program = 33; });
    Stage s;
    s.show(d, withPorts());
    s.scheduler.playRt(0);
    s.run(3 * kQuarter);
    QVERIFY(s.synth.only(Told::kOn).empty());
    QVERIFY(s.synth.only(Told::kProgram).empty());
    QCOMPARE((s.bus.programs[{3, 5}]), 33);
    QCOMPARE((s.bus.controls[{3, 5, kVolume}]), 100);
    std::vector<MidiMessage> played;
    for (const auto& sent : s.bus.sent) {
      const int kind = sent.message.kind();
      if (sent.slot == 3 && (kind <= 0x90 || kind == 0xE0)) played.push_back(sent.message);
    }
    const std::vector<MidiMessage> expected = {midiPitchBend(5, 4000), midiNoteOn(5, 60, 77),
                                               midiNoteOff(5, 60)};
    QVERIFY(played == expected);
  }

  void anOutputThatIsNotKnownIsPlayedByTheSynth() {
    Stage s;
    s.show(routed(oneNote(), 5, "gone"), withPorts());
    s.scheduler.playRt(kQuarter);
    s.run(1);
    QCOMPARE(s.synth.soundingNotes(), 1);
    QCOMPARE(s.bus.ons, 0);
  }

  void anotherOutputEndsTheNoteWhereItWasBegunAndChasesAnew() {
    Document d = setLane(withNotes(newDocument(), {note(0, 9600, 60)}), 1, kSustain, {{{0}, 127}});
    d = setLane(d, 1, kModulation, {{{0}, 44}});
    Stage s;
    s.show(routed(d), withPorts());
    s.scheduler.playRt(0);
    s.run(10);
    QCOMPARE(s.bus.soundingNotes(), 1);
    QCOMPARE((s.bus.controls[{3, 5, kSustain}]), 127);
    s.show(routed(d, 6, "rack"), withPorts());
    QCOMPARE(s.bus.soundingNotes(), 0);
    QCOMPARE((s.bus.controls[{3, 5, kSustain}]), 0);
    QCOMPARE((s.bus.controls[{4, 6, kSustain}]), 127);
    QCOMPARE((s.bus.controls[{4, 6, kModulation}]), 44);
    s.show(d, withPorts());
    QCOMPARE((s.bus.controls[{4, 6, kSustain}]), 0);
    QCOMPARE((s.synth.controls[{0, kModulation}]), 44);
    s.scheduler.seekRt(0);
    s.run(1);
    QCOMPARE(s.synth.soundingNotes(), 1);
    s.show(routed(d), withPorts());
    QCOMPARE(s.synth.soundingNotes(), 0);
    QCOMPARE((s.synth.controls[{0, kSustain}]), 0);
    QVERIFY(s.bus.faults.empty() && s.synth.faults.empty());
  }

  void stopAndPanicReachThePorts() {
    const Document d =
        setLane(withNotes(newDocument(), {note(0, 9600, 60)}), 1, kSustain, {{{0}, 127}});
    Stage s;
    s.show(routed(d), withPorts());
    s.scheduler.playRt(0);
    s.run(10);
    s.scheduler.stopRt();
    QCOMPARE(s.bus.soundingNotes(), 0);
    QCOMPARE((s.bus.controls[{3, 5, kSustain}]), 0);
    // Another track's, or a live key's, notes may be on that channel.
    QVERIFY(!s.bus.controls.contains({3, 5, 123}));
    s.scheduler.panicRt();
    QVERIFY(s.bus.controls.contains({3, 5, 123}));
    QVERIFY(s.bus.controls.contains({3, 5, 120}));
  }

  void liveKeysSoundOnTheirTrackAndOverStop() {
    Document d = edited(oneNote(), 1, [](Track& t) { t.program = 20; });
    d = setLane(d, 1, kProgramChange, {{{1920}, 21}});
    Stage s;
    s.show(d, withPorts());
    s.playLive(midiNoteOn(0, 70, 90));
    QCOMPARE(s.synth.soundingNotes(), 0);  // no track is to sound it
    s.scheduler.setLiveTrackRt(1);
    s.scheduler.playRt(0);
    s.playLive(midiNoteOn(9, 70, 90));  // whatever channel the keyboard sends on
    QCOMPARE((s.synth.told.back()), (Told{Told::kOn, 0, kLiveChannel, 70, 90}));
    QCOMPARE(s.synth.programs[kLiveChannel], 20);
    s.playLive(midiControl(0, kVolume, 33));
    s.playLive(midiControl(0, kSustain, 127));
    s.playLive(midiPitchBend(0, -8192));
    s.playLive(midiProgram(0, 5));  // the track's counts
    s.scheduler.stopRt();
    QCOMPARE(s.synth.soundingNotes(), 1);
    s.scheduler.seekRt(2 * kQuarter);
    s.playLive(midiNoteOn(0, 71, 90));
    QCOMPARE(s.synth.programs[kLiveChannel], 21);
    QCOMPARE((s.synth.controls[{kLiveChannel, kVolume}]), 33);  // as the player set it
    QCOMPARE((s.synth.controls[{kLiveChannel, kPitchBend}]), -8192);
    QCOMPARE((s.synth.controls[{kLiveChannel, kSustain}]), 127);
    s.playLive(midiNoteOff(0, 70));
    QCOMPARE(s.synth.soundingNotes(), 1);

    s.show(routed(d), withPorts());  // elsewhere: what is held ends
    QCOMPARE(s.synth.soundingNotes(), 0);
    QCOMPARE((s.synth.controls[{kLiveChannel, kSustain}]), 0);
    s.playLive(midiNoteOn(0, 72, 64));
    QCOMPARE(s.bus.sent.back().slot, 3);
    QVERIFY(s.bus.sent.back().message == midiNoteOn(5, 72, 64));
    QCOMPARE(s.bus.sent.back().when, kAtOnce);
    s.scheduler.setLiveTrackRt(0);
    QCOMPARE(s.bus.soundingNotes(), 0);
    s.playLive(midiNoteOff(0, 72));
    QVERIFY(s.bus.faults.empty() && s.synth.faults.empty());
  }

  void panicEndsLiveKeys() {
    Stage s;
    s.show(oneNote());
    s.scheduler.setLiveTrackRt(1);
    s.playLive(midiNoteOn(0, 70, 90));
    s.playLive(midiControl(0, kSustain, 127));
    s.scheduler.panicRt();
    QCOMPARE(s.synth.soundingNotes(), 0);
    QCOMPARE((s.synth.controls[{kLiveChannel, kSustain}]), 0);
    s.playLive(midiNoteOff(0, 70));
    QVERIFY(s.synth.faults.empty());
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

  // Any actions in any order: each note-on gets exactly one off, on the synth and on every port.
  void nothingSticks() {
    Rng rng(2024);
    int live = 0;
    int ports = 0;
    for (int round = 0; round < 20; ++round) {
      Stage s;
      Document d = randomDocument(rng, 4, 150, 16000);
      PlanOptions options = withPorts();
      PlanOverlay overlay;
      s.show(d);
      for (int action = 0; action < 500; ++action) {
        s.scheduler.setTimeRt(1 + round * 1000000 + action * 1000, action);
        const TrackId track = 1 + rng.below(4);
        switch (rng.below(20)) {
          case 0:
          case 1:
            s.scheduler.playRt(rng.below(6000), rng.below(4) == 0 ? 1 : 0);
            break;
          case 2:
            s.scheduler.stopRt();
            for (int pitch = 0; pitch < 128; ++pitch) s.scheduler.previewOffRt(pitch);
            s.scheduler.setLiveTrackRt(0);
            QCOMPARE(s.synth.soundingNotes(), 0);
            QCOMPARE(s.bus.soundingNotes(), 0);
            break;
          case 3:
            s.scheduler.seekRt(rng.below(6000));
            break;
          case 4: {
            const std::int64_t from = rng.below(12000);
            options.loop = TickRange{{from}, {from + rng.below(3000)}};
            break;
          }
          case 5:
            options.loop.reset();
            break;
          case 6:
            options.metronome = !options.metronome;
            break;
          case 7:
            d = edited(d, track, [&](Track& t) { t.mute = !t.mute; });
            break;
          case 8:
            d = edited(d, track, [&](Track& t) { t.solo = !t.solo; });
            break;
          case 9: {
            const auto notes = d.track(track)->notes.notesIn({{0}, {4000}});
            d = rng.below(2) == 0 ? removeNotes(d, track, notes)
                                  : moveNotes(d, track, notes, {13}, 1).document;
            break;
          }
          case 10:
            overlay = {track, {note(rng.below(9000), 3000, 60), note(0, 20000, 61)}};
            break;
          case 11:
            d = setTempo(d, {{rng.below(9000)}, 200000 + rng.below(900000)});
            break;
          case 12: {
            const Route route{static_cast<int>(rng.below(3)) - 1, static_cast<int>(rng.below(2))};
            s.scheduler.previewOnRt(3, rng.below(2) == 0, 40 + rng.below(8), 100, route);
            break;
          }
          case 13:
            s.scheduler.previewOffRt(40 + rng.below(8));
            break;
          case 14:
          case 15: {
            const char* outputs[] = {"", "keys", "rack", "gone"};
            d = edited(d, track, [&](Track& t) {
              t.output = outputs[rng.below(4)];
              t.channel = static_cast<int>(rng.below(3)) + 8;  // drums at times
              t.program = static_cast<int>(rng.below(128));
            });
            break;
          }
          case 16:
            s.scheduler.setLiveTrackRt(rng.below(6));
            break;
          case 17:
            s.playLive(midiControl(0,
                                   rng.below(2) == 0 ? kSustain : static_cast<int>(rng.below(128)),
                                   static_cast<int>(rng.below(128))));
            break;
          case 18:
            s.playLive(midiNoteOff(0, 50 + static_cast<int>(rng.below(6))));
            break;
          default:
            if (rng.below(30) == 0) {
              options.slots.size() == 2 ? options.slots.erase("keys") : options.slots.erase("no");
            } else if (rng.below(30) == 0) {
              options.slots = withPorts().slots;
            } else {
              s.playLive(midiNoteOn(1, 50 + static_cast<int>(rng.below(6)), 90));
              ++live;
            }
            break;
        }
        s.show(d, options, overlay);
        s.run(1 + rng.below(400), 1 + rng.below(16));
        QCOMPARE(s.scheduler.soundingNotes(), s.synth.soundingNotes() + s.bus.soundingNotes());
      }
      s.scheduler.stopRt();
      s.scheduler.panicRt();
      QCOMPARE(s.synth.soundingNotes(), 0);
      QCOMPARE(s.bus.soundingNotes(), 0);
      QVERIFY2(s.synth.faults.empty(), s.synth.faults.empty() ? "" : s.synth.faults[0].c_str());
      QVERIFY2(s.bus.faults.empty(), s.bus.faults.empty() ? "" : s.bus.faults[0].c_str());
      QVERIFY(s.synth.only(Told::kOn).size() > 100);
      QCOMPARE(s.synth.only(Told::kOn).size(), s.synth.only(Told::kOff).size());
      QCOMPARE(s.bus.ons, s.bus.offs);
      ports += s.bus.ons;
      // No pedal is left down anywhere.
      for (const auto& [key, value] : s.bus.controls) {
        if (std::get<2>(key) == kSustain) QCOMPARE(value, 0);
      }
    }
    QVERIFY(live > 100);
    QVERIFY(ports > 2000);
  }
};

QTEST_APPLESS_MAIN(TestScheduler)
#include "test_scheduler.moc"
