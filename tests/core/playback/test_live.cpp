// The audio engine with keyboards, ports and clocks, in a time that the test makes.
#include <QtTest>
#include <cmath>

#include "tests/core/playback/counting.h"
#include "tests/core/playback/live_studio.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

class CountingBus final : public MidiBus {
 public:
  void sendRt(int, const MidiMessage& m, std::int64_t, std::int64_t) noexcept override {
    ++(m.channelMessage() ? notes : clock);
  }
  void takeBackRt(std::int64_t, std::int64_t) noexcept override {}
  int notes = 0;
  int clock = 0;
};

double seconds(Tick t) { return static_cast<double>(t.count) / 1920; }

}  // namespace

class TestLive : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void whatIsPlayedIsStampedWhereItWasHeard() {
    for (const double jitter : {0.0, 0.002}) {
      Studio s(jitter);
      s.show(song());
      s.run(400);  // the clock settles
      s.engine.play(1, Tick{1920});
      const std::int64_t began = s.frame;
      s.run(10);
      Rng rng(2);
      for (int i = 0; i < 300; ++i) {
        // Somewhere between what is just heard and what was half a second ago.
        const std::int64_t heard = s.frame - kLatency - static_cast<std::int64_t>(rng.below(1000));
        s.key(midiNoteOn(0, 60, 1 + i % 127), heard);
        s.run(1);
        const auto events = s.events();
        QCOMPARE(events.size(), std::size_t{1});
        QVERIFY(events[0].message == midiNoteOn(0, 60, 1 + i % 127));
        QCOMPARE(events[0].rolling, heard >= began);
        if (heard < began) continue;
        QCOMPARE(events[0].run, 1U);
        QCOMPARE(events[0].pass, 0U);
        const double truth = 1.0 + static_cast<double>(heard - began) / 48000;
        const double off = seconds(events[0].at) - truth;
        // The callbacks' mean lateness is the device's.
        QVERIFY2(std::abs(off + jitter / 2) < kQuantumSeconds, qPrintable(QString::number(off)));
      }
    }
  }

  // The wrap has happened where the audio is made, and not yet where it is heard.
  void aNotePlayedJustBeforeTheWrapBelongsToThePassBefore() {
    Studio s;
    s.options.loop = TickRange{{960}, {1920}};
    s.show(song());
    s.engine.play(1, Tick{960});
    const std::int64_t began = s.frame;
    const std::int64_t length = 24000;
    for (int i = 0; i < 400; ++i) {
      s.run(1);
      const std::int64_t heard = s.frame - kLatency - 100;
      if (heard < began) continue;
      s.key(midiNoteOn(0, 60, 90), heard);
      s.run(1);
      const auto events = s.events();
      QCOMPARE(events.size(), std::size_t{1});
      const std::int64_t in = heard - began;
      QCOMPARE(events[0].pass, static_cast<std::uint32_t>(in / length));
      const double truth = 0.5 + static_cast<double>(in % length) / 48000;
      QVERIFY(std::abs(seconds(events[0].at) - truth) < kQuantumSeconds);
    }
    QVERIFY(s.engine.position().wraps > 7);
  }

  void duringTheCountInPositionsAreBeforeTheStart() {
    Studio s;
    s.show(song());
    s.engine.play(7, Tick{3840}, 1);
    const std::int64_t began = s.frame;
    int before = 0;
    for (int i = 0; i < 500; ++i) {
      s.run(1);
      const std::int64_t heard = s.frame - kLatency - 50;
      if (heard < began) continue;
      s.key(midiNoteOn(0, 60, 90), heard);
      s.run(1);
      const auto events = s.events();
      QCOMPARE(events.size(), std::size_t{1});
      QVERIFY(events[0].rolling);
      const double truth = 2.0 + static_cast<double>(heard - began) / 48000 - 2.0;
      QVERIFY(std::abs(seconds(events[0].at) - truth) < kQuantumSeconds);
      if (events[0].at < Tick{3840}) ++before;
    }
    QVERIFY(before > 100);
    QCOMPARE(s.engine.position().run, 7U);
  }

  void aTempoChangeMovesWhatIsRememberedToo() {
    Studio s;
    s.show(song());
    s.engine.play(1, Tick{0});
    s.run(100);
    s.show(setTempo(song(), {{0}, 250000}));  // twice as fast
    const std::int64_t heard = s.frame - 300;
    s.key(midiNoteOn(0, 60, 90), heard);
    s.run(1);
    const auto events = s.events();
    QCOMPARE(events.size(), std::size_t{1});
    // As it was when it was heard.
    QVERIFY(std::abs(seconds(events[0].at) - static_cast<double>(heard) / 48000) < 0.01);
  }

  void afterStopThePositionStands() {
    Studio s;
    s.show(song());
    s.engine.play(1, Tick{0});
    s.run(100);
    s.engine.stop(2);
    const std::int64_t stopped = s.frame;
    s.run(1);
    s.key(midiNoteOn(0, 60, 90), stopped - 480);
    s.run(1);
    s.key(midiNoteOff(0, 60), stopped + 4800);
    s.run(30);
    const auto events = s.events();
    QCOMPARE(events.size(), std::size_t{2});
    QVERIFY(events[0].rolling);
    QVERIFY(!events[1].rolling);
    QVERIFY(events[0].at < events[1].at);
  }

  void keysThatASourceHeldAreLetGoWhenItVanishes() {
    Studio s;
    s.show(song());
    s.engine.setLiveTrack(1);
    s.key(midiNoteOn(3, 60, 90), 0, 2);
    s.key(midiNoteOn(0, 64, 90), 0, 5);
    s.key(midiNoteOn(0, 60, 90), 0, 5);
    s.key(midiControl(3, kSustain, 127), 0, 2);
    s.run(1);
    QCOMPARE(s.synth.soundingNotes(), 2);
    (void)s.events();
    s.key({}, 0, 2);
    s.run(1);
    // 60 is still held on the other keyboard.
    QCOMPARE(s.synth.soundingNotes(), 2);
    QCOMPARE((s.synth.controls[{kLiveChannel, kSustain}]), 0);
    const auto events = s.events();
    QCOMPARE(events.size(), std::size_t{2});
    QVERIFY(events[0].message == midiNoteOff(3, 60));
    QVERIFY(events[1].message == midiControl(3, kSustain, 0));
    s.key({}, 0, 5);
    s.run(1);
    QCOMPARE(s.synth.soundingNotes(), 0);
    QCOMPARE(s.events().size(), std::size_t{2});
    QVERIFY(s.synth.faults.empty());
  }

  void aFloodThatOverflowsLeavesNothingHeld() {
    Studio s;
    s.show(song());
    s.engine.setLiveTrack(1);
    for (int i = 0; i < 100000; ++i) {
      s.key(i % 2 == 0 ? midiNoteOn(0, i / 2 % 128, 90) : midiNoteOff(0, i / 2 * 7 % 128), 0, 1);
    }
    s.run(1);
    QCOMPARE(s.synth.soundingNotes(), 0);
    std::map<int, int> held;
    for (const LiveEvent& e : s.events()) held[e.message.data1()] = e.message.noteOn() ? 1 : 0;
    for (const auto& [key, down] : held) QCOMPARE(down, 0);
    QVERIFY(s.synth.faults.empty());
  }

  void portsAreSentTheirEventsWhenTheyAreHeard() {
    Studio s(0.001);
    Document d = newDocument();
    std::vector<Note> notes;
    for (int i = 0; i < 100; ++i) notes.push_back(note(i * 97, 90, 40 + i % 40));
    d = edited(withNotes(d, notes), 1, [](Track& t) {
      t.output = "keys";
      t.channel = 4;
    });
    s.options.slots = {{"keys", 0}};
    s.show(d);
    s.run(400);
    s.engine.play(1, Tick{0});
    const std::int64_t began = s.frame;
    s.bus.sent.clear();
    s.run(1100);
    std::size_t i = 0;
    for (const auto& sent : s.bus.sent) {
      if (!sent.message.noteOn()) continue;
      const std::int64_t quantum = s.engine.scheduler().plan()->quantumAt(notes[i].start);
      QCOMPARE(sent.frame, began + quantum * 64);
      const double off = static_cast<double>(sent.when - timeOf(sent.frame + kLatency)) * 1e-9;
      QVERIFY2(std::abs(off - 0.0005) < 0.0005, qPrintable(QString::number(off)));
      ++i;
    }
    QCOMPARE(i, notes.size());
    QVERIFY(s.bus.faults.empty());
    QVERIFY(s.synth.only(Told::kOn).empty());
  }

  void closingTheDeviceEndsWhatSoundsOnPorts() {
    Studio s;
    s.options.slots = {{"keys", 0}};
    s.show(edited(song(), 1, [](Track& t) { t.output = "keys"; }));
    s.engine.setLiveTrack(1);
    s.engine.play(1, Tick{0});
    s.key(midiNoteOn(0, 72, 90), 0);
    s.run(3);
    QCOMPARE(s.bus.soundingNotes(), 2);
    s.engine.setSynth(nullptr);
    QCOMPARE(s.bus.soundingNotes(), 0);
    QVERIFY(s.bus.clock().back().message == midiRealtime(kMidiStop));
    s.key(midiNoteOn(0, 74, 90), 0);  // the live track is still known
    s.run(1);
    QCOMPARE(s.bus.soundingNotes(), 1);
  }

  void theCallbackNeverTouchesTheHeap() {
    if (INCIPIT_HEAP_COUNTED == 0) QSKIP("the sanitizer has its own heap");
    Rng rng(12);
    Document d = randomDocument(rng, 4, 200, 30000);
    d = edited(d, 1, [](Track& t) { t.output = "keys"; });
    PlanCompiler compiler(48000);
    PlanOptions options;
    options.slots = {{"keys", 2}};
    CountingBus bus;
    LiveInput input;
    AudioEngine engine;
    engine.connect(&bus, &input);
    engine.openDevice({48000, kPeriod});
    engine.setLatency(kLatency);
    engine.setLiveTrack(1);
    std::vector<LiveEvent> events;
    std::int64_t frame = 0;
    long calls = 0;
    std::size_t played = 0;
    float left[kPeriod];
    float right[kPeriod];
    for (int i = 0; i < 3000; ++i) {
      if (i % 50 == 0) engine.play(1, Tick{rng.below(20000)}, i % 100 == 0 ? 1 : 0);
      if (i % 90 == 7) engine.setLiveTrack(1 + rng.below(4));
      if (i % 33 == 0) engine.setPlan(compiler.compile(share(d), {}, options));
      if (i % 11 == 0) d = setTempo(d, {{rng.below(9000)}, 300000 + rng.below(400000)});
      if (i == 1500) input.clockSource = 3;
      if (i % 200 == 0) input.push({midiRealtime(kMidiStart), timeOf(frame), 3});
      if (i % 4 == 0) input.push({midiRealtime(kMidiClock), timeOf(frame), 3});
      if (i % 70 == 0) input.push({{}, timeOf(frame), 0});
      const auto key = static_cast<int>(rng.below(128));
      input.push({i % 2 == 0 ? midiNoteOn(0, key, 80) : midiControl(0, key, 3), timeOf(frame), 0});
      {
        const HeapCount heap;
        engine.processRt(left, right, kPeriod, timeOf(frame));
        calls += heap.calls();
      }
      frame += kPeriod;
      engine.takeLiveEvents(events);
      played += events.size();
      events.clear();
    }
    QCOMPARE(calls, 0L);
    QVERIFY(bus.notes > 1000 && bus.clock > 100 && played > 3000);
  }

  // Random hands, keyboards, clocks and ports in one long run: nothing is left sounding.
  void nothingSticks() {
    Rng rng(99);
    Studio s(0.003);
    s.options.slots = {{"keys", 0}, {"rack", 31}};
    Document d = randomDocument(rng, 4, 120, 16000);
    s.show(d);
    s.synth.told.reserve(4000000);
    s.bus.sent.reserve(4000000);
    std::uint32_t run = 0;
    int led = 0;
    int stood = 0;
    std::vector<LiveEvent> events;
    events.reserve(10000);
    for (int i = 0; i < 10000; ++i) {
      const int source = static_cast<int>(rng.below(4));
      const auto key = 40 + static_cast<int>(rng.below(12));
      switch (rng.below(22)) {
        case 0:
          s.engine.play(++run, Tick{rng.below(15000)}, static_cast<int>(rng.below(2)));
          break;
        case 1:
          s.engine.seek(++run, Tick{rng.below(15000)});
          break;
        case 2:
          s.engine.stop(++run);
          break;
        case 3:
          if (rng.below(5) == 0) s.engine.panic();
          break;
        case 4:
        case 5:
        case 6:
          s.key(midiNoteOn(0, key, 90), s.frame - kLatency, source);
          break;
        case 7:
        case 8:
          s.key(midiNoteOff(0, key), s.frame - kLatency, source);
          break;
        case 9:
          s.key(midiControl(0, kSustain, rng.below(2) == 0 ? 127 : 0), s.frame, source);
          break;
        case 10:
          s.key({}, s.frame, source);
          break;
        case 11:
          s.engine.setLiveTrack(rng.below(6));
          break;
        case 12:
          s.engine.previewOn(4, false, key, 80, {static_cast<int>(rng.below(2)) - 1, 3});
          break;
        case 13:
          s.engine.previewOff(key);
          break;
        case 14:
          s.options.metronome = !s.options.metronome;
          break;
        case 15:
          s.options.loop.reset();
          if (rng.below(2) == 0) s.options.loop = TickRange{{i % 9000}, {i % 9000 + 1000}};
          break;
        case 16:
          d = edited(d, 1 + rng.below(4), [&](Track& t) {
            const char* outputs[] = {"", "keys", "rack"};
            t.output = outputs[rng.below(3)];
            t.mute = rng.below(3) == 0;
          });
          break;
        case 17:
          d = setTempo(d, {{rng.below(9000)}, 200000 + rng.below(900000)});
          break;
        case 18:
          s.input.clockSource = static_cast<int>(rng.below(3)) - 1;
          break;
        case 19:
          s.input.push({midiRealtime(rng.below(2) == 0 ? kMidiStart : kMidiContinue),
                        timeOf(s.frame), static_cast<int>(rng.below(2))});
          break;
        default:
          if (rng.below(4) == 0) {
            s.input.push({midiSongPosition(static_cast<int>(rng.below(80))), timeOf(s.frame), 0});
          }
          s.input.push({midiRealtime(kMidiStop), timeOf(s.frame), 1});
          break;
      }
      if (rng.below(2) == 0) s.show(d);
      const int callbacks = 1 + static_cast<int>(rng.below(6));
      for (int n = 0; n < callbacks; ++n) {
        for (const int from : {0, 1}) {
          if (rng.below(3) != 0) s.input.push({midiRealtime(kMidiClock), timeOf(s.frame), from});
        }
        s.run(1);
      }
      const EnginePosition p = s.engine.position();
      if (p.led) ++led;
      // Playing, the scheduler is ahead of the sound.
      if (!p.playing) {
        ++stood;
        QCOMPARE(s.engine.scheduler().soundingNotes(),
                 s.synth.soundingNotes() + s.bus.soundingNotes());
      }
      s.engine.takeLiveEvents(events);
      events.clear();
    }
    QVERIFY(led > 300);
    QVERIFY(stood > 1000);
    s.input.clockSource = -1;
    s.engine.setLiveTrack(0);
    s.engine.stop(++run);
    s.run(2);
    s.engine.panic();
    s.run(2);
    QCOMPARE(s.synth.soundingNotes(), 0);
    QCOMPARE(s.bus.soundingNotes(), 0);
    QCOMPARE(s.bus.ons, s.bus.offs);
    QVERIFY2(s.bus.faults.empty(), s.bus.faults.empty() ? "" : s.bus.faults[0].c_str());
    QVERIFY2(s.synth.faults.empty(), s.synth.faults.empty() ? "" : s.synth.faults[0].c_str());
    QVERIFY(s.bus.ons > 1000);
  }
};

QTEST_APPLESS_MAIN(TestLive)
#include "test_live.moc"
