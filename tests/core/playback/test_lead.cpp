// The scheduler ahead of the sound: what is sent how early, and what is heard of it when the
// transport is worked meanwhile.
#include <QtTest>
#include <cmath>
#include <deque>

#include "tests/core/playback/live_studio.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

constexpr std::int64_t kMillisecond = 1000000;
constexpr std::int64_t kPeriodTime = std::int64_t{kPeriod} * 1000000000 / 48000;
constexpr std::int64_t kLeadTime = std::int64_t{kLead} * 1000000000 / 48000;

// A note every 48 quanta or so, on a port and on the synth.
Document busy() {
  std::vector<Note> notes;
  for (int i = 0; i < 3000; ++i) notes.push_back(note(i * 120, 100, 40 + i % 40));
  Document d = addTrack(newDocument(), "second", 3).document;
  d = withNotes(d, notes, 1);
  d = withNotes(d, notes, d.tracks[1]->id);
  return edited(d, 1, [](Track& t) { t.output = "keys"; });
}

// By time; between keys the order within a quantum says nothing.
std::vector<Told> sorted(std::vector<Told> notes) {
  std::stable_sort(notes.begin(), notes.end(), [](const Told& a, const Told& b) {
    return std::tuple(a.quantum, a.channel, a.a) < std::tuple(b.quantum, b.channel, b.a);
  });
  return notes;
}

std::vector<Told> notesOf(const Studio& s) {
  std::vector<Told> notes;
  for (const Told& t : s.synth.told) {
    if (t.kind == Told::kOn || t.kind == Told::kOff) notes.push_back(t);
  }
  return sorted(std::move(notes));
}

// The planned ones that are heard before `end`, as if each port were sixteen channels of a synth.
std::vector<Told> portNotesOf(const Studio& s, std::int64_t end) {
  std::vector<Told> notes;
  for (const auto& sent : s.bus.sent) {
    const MidiMessage& m = sent.message;
    if (sent.when == kAtOnce || sent.frame >= end) continue;
    if (!m.channelMessage() || (!m.noteOn() && !m.noteOff())) continue;
    notes.push_back({m.noteOn() ? Told::kOn : Told::kOff, sent.frame / kQuantum,
                     sent.slot * 16 + m.channel(), m.data1(), m.data2()});
  }
  return sorted(std::move(notes));
}

QString differing(const std::vector<Told>& a, const std::vector<Told>& b) {
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (x == a.end() && y == b.end()) return {};
  const auto text = [](auto at, auto end) {
    if (at == end) return QString("nothing");
    return QString("%1 of %2 on %3 at %4")
        .arg(at->kind == Told::kOn ? "begin" : "end")
        .arg(at->a)
        .arg(at->channel)
        .arg(at->quantum);
  };
  return text(x, a.end()) + "; " + text(y, b.end());
}

int valueOf(const std::map<std::pair<int, int>, int>& controls, int channel, int controller) {
  const auto found = controls.find({channel, controller});
  if (found != controls.end()) return found->second;
  return controller == kVolume ? 100 : 0;
}

QString differing(const EnginePosition& a, const EnginePosition& b) {
  const auto text = [](const EnginePosition& p) {
    return QString("run %1 start %2 wraps %3 tick %4 count-in %5 playing %6 ended %7")
        .arg(p.run)
        .arg(p.start)
        .arg(p.wraps)
        .arg(p.tick)
        .arg(p.countIn)
        .arg(p.playing)
        .arg(p.ended);
  };
  return text(a) == text(b) ? QString() : text(a) + "; " + text(b);
}

}  // namespace

class TestLead : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  // A callback that came late made MIDI messages late, which have nothing to do with it.
  void aCallbackThatComesLateLeavesEveryMessageInTime_data() {
    QTest::addColumn<int>("latency");  // frames that the device has to play meanwhile
    QTest::newRow("the device plays on, and the callbacks catch up") << 4096;
    QTest::newRow("the device plays nothing meanwhile") << kLatency;
  }
  void aCallbackThatComesLateLeavesEveryMessageInTime() {
    QFETCH(int, latency);
    const bool catchesUp = latency > kLatency;
    Studio s;
    s.options.slots = {{"keys", 0}};
    s.engine.setLatency(latency);
    s.show(busy());
    s.engine.play(1, Tick{0});
    s.run(400);
    s.bus.sent.clear();
    std::int64_t now = 0;
    std::int64_t lost = 0;
    for (int i = 0; i < 2000; ++i) {
      const std::int64_t late = i % 100 == 70 ? 30 * kMillisecond : 0;
      if (!catchesUp) lost += late;
      now = std::max(timeOf(s.frame) + lost + (catchesUp ? late : 0), now + kMillisecond / 20);
      const std::size_t before = s.bus.sent.size();
      s.callback(now);
      for (std::size_t m = before; m < s.bus.sent.size(); ++m) {
        const auto& sent = s.bus.sent[m];
        const std::int64_t left = sent.when - sent.now;
        QVERIFY(left > kLeadTime - kPeriodTime || (catchesUp && i % 100 >= 70 && left > 0));
        const std::int64_t heard = timeOf(sent.frame + latency) + lost;
        const double off = static_cast<double>(sent.when - heard) * 1e-6;
        QVERIFY2(std::abs(off) < 1.5, qPrintable(QString("%1 ms").arg(off)));
      }
    }
    QVERIFY(s.bus.sent.size() > 300);
  }

  void afterStopNothingBegins() {
    for (int callbacks = 1; callbacks < 60; ++callbacks) {
      Studio s;
      s.options.slots = {{"keys", 0}};
      s.options.metronome = true;
      s.show(busy());
      s.engine.play(1, Tick{0});
      s.run(callbacks);
      s.engine.stop(2);
      const std::int64_t stopped = s.frame;
      const auto playedBefore = s.synth.only(Told::kOn).size();
      s.run(30);
      QVERIFY(playedBefore > 0);
      QCOMPARE(s.synth.only(Told::kOn).size(), playedBefore);
      QCOMPARE(s.synth.soundingNotes(), 0);
      QCOMPARE(s.bus.soundingNotes(), 0);
      QCOMPARE(s.bus.ons, s.bus.offs);
      for (const auto& sent : s.bus.sent) {
        QVERIFY(sent.frame <= stopped);
        QVERIFY(!sent.message.noteOn() || sent.frame < stopped);
        QVERIFY(sent.when <= timeOf(stopped + kLatency));
      }
      QVERIFY(s.bus.clock().back().message == midiRealtime(kMidiStop));
      QVERIFY(s.bus.faults.empty() && s.synth.faults.empty());
    }
  }

  // Whatever is done to the transport: what is heard, and when, and what is told of the position,
  // is the same as without a lead.
  void whatIsHeardIsTheSameAsWithoutALead() {
    Rng rng(77);
    int heard = 0;
    int sent = 0;
    int ended = 0;
    int counted = 0;
    for (int round = 0; round < 40; ++round) {
      Studio ahead;
      Studio plain(0, false);
      Document d = randomDocument(rng, 4, 120, 16000);
      d = edited(d, 2, [](Track& t) { t.output = "keys"; });
      PlanOptions options;
      options.slots = {{"keys", 0}};
      options.metronome = round % 3 == 0;
      // Among them loops that are shorter than the lead.
      if (round % 2 == 0) options.loop = TickRange{{2000}, {2000 + 5 + rng.below(400)}};
      for (Studio* s : {&ahead, &plain}) {
        s->options = options;
        s->show(d);
        s->engine.setLiveTrack(1);
      }
      std::uint32_t run = 0;
      for (int i = 0; i < 170; ++i) {
        const auto what = rng.below(12);
        const Tick at{rng.below(3) == 0 ? 1800 + rng.below(300) : rng.below(23000)};
        const auto key = static_cast<int>(rng.below(10));
        const int bars = static_cast<int>(rng.below(2));
        for (Studio* s : {&ahead, &plain}) {
          switch (what) {
            case 0:
              s->engine.play(run + 1, at, bars);
              break;
            case 1:
              s->engine.seek(run + 1, at);
              break;
            case 2:
              s->engine.stop(run + 1);
              break;
            case 3:
              s->engine.panic();
              break;
            case 4:
              s->engine.previewOn(7, false, key, 80);
              break;
            case 5:
              s->engine.previewOff(key);
              break;
            case 6:
              s->key(midiNoteOn(0, key, 90), s->frame - kLatency);
              break;
            case 7:
              s->key(midiNoteOff(0, key), s->frame - kLatency);
              break;
            default:
              break;
          }
        }
        if (what < 3) ++run;
        const int callbacks = 1 + static_cast<int>(rng.below(12));
        for (int n = 0; n < callbacks; ++n) {
          ahead.run(1);
          plain.run(1);
          const EnginePosition p = ahead.engine.position();
          QCOMPARE(differing(p, plain.engine.position()), QString());
          ended += p.ended ? 1 : 0;
          counted += p.countIn > 0 ? 1 : 0;
          if (!p.playing) continue;
          for (int c = 0; c < 4; ++c) {
            for (const Controller k : {kSustain, kVolume, kPitchBend}) {
              QCOMPARE(valueOf(ahead.synth.controls, c, k), valueOf(plain.synth.controls, c, k));
            }
            QCOMPARE(ahead.synth.programs[c], plain.synth.programs[c]);
          }
        }
      }
      QCOMPARE(differing(notesOf(ahead), notesOf(plain)), QString());
      QCOMPARE(differing(portNotesOf(ahead, ahead.frame), portNotesOf(plain, plain.frame)),
               QString());
      heard += static_cast<int>(notesOf(ahead).size());
      sent += static_cast<int>(portNotesOf(ahead, ahead.frame).size());
      QVERIFY(ahead.bus.faults.empty() && ahead.synth.faults.empty());
    }
    QVERIFY2(heard > 5000 && sent > 1000 && ended > 50 && counted > 1000,
             qPrintable(QString("%1 %2 %3 %4").arg(heard).arg(sent).arg(ended).arg(counted)));
  }

  // As if it had been made a lead later.
  void anEditIsHeardALeadLater() {
    Rng rng(78);
    int heard = 0;
    for (int round = 0; round < 30; ++round) {
      Studio ahead;
      Studio plain(0, false);
      Document d = randomDocument(rng, 4, 150, 16000);
      for (Studio* s : {&ahead, &plain}) {
        s->options.slots = {{"keys", 0}, {"rack", 1}};
        s->show(d);
        s->engine.play(1, Tick{0});
        s->run(1);
      }
      for (int i = 0; i < 40; ++i) {
        const TrackId track = 1 + rng.below(4);
        switch (rng.below(5)) {
          case 0:
            d = setTempo(d, {{rng.below(9000)}, 300000 + rng.below(600000)});
            break;
          case 1:
            d = edited(d, track, [](Track& t) { t.mute = !t.mute; });
            break;
          case 2:
            d = edited(d, track, [&](Track& t) {
              const char* outputs[] = {"", "keys", "rack"};
              t.output = outputs[rng.below(3)];
            });
            break;
          case 3:
            d = withNotes(d, {note(rng.below(16000), 400, 40 + static_cast<int>(rng.below(30)))},
                          track);
            break;
          default:
            for (Studio* s : {&ahead, &plain}) s->options.metronome = !s->options.metronome;
            break;
        }
        ahead.show(d);
        for (Studio* s : {&ahead, &plain}) {
          for (int n = 0; n < kLead / 128; ++n) s->callback(timeOf(s->frame), 128);
        }
        plain.show(d);
        const int callbacks = static_cast<int>(1 + rng.below(20));
        for (Studio* s : {&ahead, &plain}) s->run(callbacks);
      }
      QCOMPARE(differing(notesOf(ahead), notesOf(plain)), QString());
      QCOMPARE(differing(portNotesOf(ahead, ahead.frame), portNotesOf(plain, plain.frame)),
               QString());
      heard += static_cast<int>(notesOf(ahead).size());
      for (Studio* s : {&ahead, &plain}) {
        s->engine.stop(2);
        s->run(1);
        QCOMPARE(s->synth.soundingNotes(), 0);
        QCOMPARE(s->bus.soundingNotes(), 0);
        QVERIFY(s->bus.faults.empty() && s->synth.faults.empty());
      }
    }
    QVERIFY(heard > 3000);
  }

  // What was planned for the synth before is not lost with it.
  void anotherSynthTakesOverWhatIsPlanned() {
    for (int callbacks = 1; callbacks < 40; ++callbacks) {
      Studio s;
      RecordingSynth second;
      s.options.slots = {{"keys", 0}};
      s.show(setLane(busy(), busy().tracks[1]->id, kModulation, {{{0}, 44}}));
      s.engine.play(1, Tick{0});
      s.run(callbacks);
      s.engine.offerSynth(&second);
      const auto before = s.synth.only(Told::kOn).size();
      s.run(40);
      QCOMPARE(s.synth.soundingNotes(), 0);
      QCOMPARE(second.controls.size() > 2, true);
      QCOMPARE((second.controls[{1, kModulation}]), 44);
      QCOMPARE(second.programs[1], 3);
      const auto ons = second.only(Told::kOn);
      std::size_t due = 0;
      for (std::int64_t q = 0; q < s.frame / kQuantum; ++q) {
        for (const PlanEvent& e : s.engine.scheduler().plan()->parts[1].track->events) {
          due += e.kind == PlanKind::kNoteOn && e.quantum == q ? 1 : 0;
        }
      }
      QCOMPARE(before + ons.size(), due);
      QVERIFY(second.faults.empty() && s.synth.faults.empty() && s.bus.faults.empty());
      s.engine.setSynth(nullptr);
      QCOMPARE(s.bus.soundingNotes(), 0);
      QCOMPARE(s.bus.ons, s.bus.offs);
    }
  }

  // While an outer clock leads, nothing is planned ahead; before and after it is.
  void anOuterClockTakesBackWhatIsPlanned() {
    Studio s;
    s.options.slots = {{"keys", 0}};
    s.show(busy());
    s.engine.play(1, Tick{0});
    s.run(100);
    QVERIFY(s.bus.sent.back().frame > s.frame + kLead / 2);
    s.input.clockSource = 2;
    s.input.push({midiRealtime(kMidiStart), timeOf(s.frame), 2});
    double next = static_cast<double>(s.frame);
    for (int i = 0; i < 300; ++i) {
      for (; next < static_cast<double>(s.frame); next += 1000) {
        s.input.push({midiRealtime(kMidiClock), timeOf(std::llround(next)), 2});
      }
      s.run(1);
      if (i < 5) continue;
      QVERIFY(s.engine.position().led);
      QVERIFY(s.bus.sent.back().frame <= s.frame);
    }
    QCOMPARE(s.bus.soundingNotes() + s.synth.soundingNotes(), 2);
    s.input.clockSource = -1;  // it plays on, freely
    s.run(30);
    QVERIFY(s.engine.position().playing && !s.engine.position().led);
    QVERIFY(s.bus.sent.back().frame > s.frame + kLead / 2);
    s.engine.stop(2);
    s.run(1);
    QCOMPARE(s.bus.soundingNotes() + s.synth.soundingNotes(), 0);
    QCOMPARE(s.bus.ons, s.bus.offs);
    QVERIFY(s.bus.faults.empty() && s.synth.faults.empty());
  }

  // A device that is lost is followed by the timer: the music goes on where it was.
  void anotherDeviceGoesOnWhereTheLastStopped() {
    Studio s;
    Studio one;
    for (Studio* studio : {&s, &one}) {
      studio->options.slots = {{"keys", 0}};
      studio->show(busy());
      studio->engine.play(1, Tick{0});
      studio->run(50);
    }
    s.engine.openDevice({48000, kPeriod});
    s.run(200);
    one.run(200);
    QCOMPARE(differing(notesOf(s), notesOf(one)), QString());
    QCOMPARE(differing(portNotesOf(s, s.frame), portNotesOf(one, one.frame)), QString());
    QVERIFY(s.bus.faults.empty());
  }
};

QTEST_APPLESS_MAIN(TestLead)
#include "test_lead.moc"
