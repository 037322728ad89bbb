// Where tracks and keyboards are heard: the synth or a port.
#include <QtTest>

#include "tests/core/playback/scheduler_stage.h"

using namespace incipit;
using namespace incipit::fixtures;

class TestSchedulerPorts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
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
            overlay = {{track, {note(rng.below(9000), 3000, 60), note(0, 20000, 61)}}};
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

QTEST_APPLESS_MAIN(TestSchedulerPorts)
#include "test_scheduler_ports.moc"
