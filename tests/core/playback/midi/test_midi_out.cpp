// The MIDI-out thread with ports that write down what they are sent: order, pairing, completeness.
#include <QtTest>
#include <condition_variable>
#include <map>
#include <mutex>

#include "core/playback/midi/midi_out.h"
#include "core/playback/waker.h"
#include "core/rng.h"
#include "tests/core/playback/counting.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

constexpr std::int64_t kMillisecond = 1000000;

std::int64_t inMilliseconds(int n) { return steadyNanoseconds() + n * kMillisecond; }

// One list for all ports shows the order between them.
struct Log {
  struct Entry {
    int port = 0;
    MidiMessage message;
  };
  std::mutex mutex;
  std::vector<Entry> entries;

  std::vector<Entry> all() {
    const std::scoped_lock lock(mutex);
    return entries;
  }
  std::vector<MidiMessage> of(int port) {
    std::vector<MidiMessage> found;
    for (const Entry& e : all()) {
      if (e.port == port) found.push_back(e.message);
    }
    return found;
  }
};

class Writer : public MidiPortWriter {
 public:
  Writer(Log& log, int port) : log_(log), port_(port) {}
  bool write(const MidiMessage& m) override {
    const std::scoped_lock lock(log_.mutex);
    log_.entries.push_back({port_, m});
    return true;
  }

 private:
  Log& log_;
  int port_;
};

std::shared_ptr<Writer> writer(Log& log, int port = 0) {
  return std::make_shared<Writer>(log, port);
}

// A device that takes its time: write() returns when it is let.
class Gate : public Writer {
 public:
  using Writer::Writer;
  bool write(const MidiMessage& m) override {
    Writer::write(m);
    std::unique_lock lock(mutex_);
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    return true;
  }
  void waitUntilWritten() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_; });
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool waiting_ = false;
  bool open_ = false;
};

class Refusing : public MidiPortWriter {
 public:
  bool write(const MidiMessage&) override {
    ++calls;
    return false;
  }
  std::atomic<int> calls{0};
};

// Keys that a device would still sound, or an error: a note-off that ends nothing.
QString unpaired(const std::vector<MidiMessage>& sent) {
  std::map<std::pair<int, int>, int> sounding;
  for (const MidiMessage& m : sent) {
    if (!m.channelMessage()) continue;
    int& count = sounding[{m.channel(), m.data1()}];
    if (m.noteOn() && ++count > 1) return "a key began twice";
    if (m.noteOff() && --count < 0) return "a key ended that did not sound";
  }
  for (const auto& [key, count] : sounding) {
    if (count != 0) return QString("key %1 of channel %2 sounds").arg(key.second).arg(key.first);
  }
  return {};
}

}  // namespace

class TestMidiOut : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void sendsInTheOrderOfTheCalls() {
    Log log;
    MidiOut out;
    out.setPort(3, writer(log));
    std::vector<MidiMessage> expected;
    for (int i = 0; i < 5000; ++i) {
      const MidiMessage m = midiControl(i % 16, 1 + i % 100, i % 128);
      expected.push_back(m);
      out.sendRt(3, m, steadyNanoseconds() + i * 1000, i);
    }
    QTRY_COMPARE(log.of(0).size(), expected.size());
    QVERIFY(log.of(0) == expected);
  }

  void drainReturnsWhenWhatIsDueIsSent() {
    Log log;
    MidiOut out;
    out.setPort(0, writer(log));
    for (int i = 0; i < 100; ++i) out.sendRt(0, midiProgram(0, i), steadyNanoseconds(), 0);
    out.sendRt(0, midiProgram(1, 0), inMilliseconds(3600000), 0);
    out.drain();
    QCOMPARE(log.of(0).size(), std::size_t(100));
  }

  void slotsGoByTheirTimesLessTheirLatency() {
    Log log;
    MidiOut out;
    for (int port = 0; port < 3; ++port) {
      out.setPort(port, writer(log, port));
      out.setLatency(port, 60.0 * (port - 1));  // -60, 0, 60 ms
    }
    const std::int64_t when = inMilliseconds(400);
    for (int port = 0; port < 3; ++port) out.sendRt(port, midiProgram(0, port), when, 0);
    QTRY_COMPARE(log.all().size(), std::size_t(3));
    QCOMPARE(log.all()[0].port, 2);
    QCOMPARE(log.all()[1].port, 1);
    QCOMPARE(log.all()[2].port, 0);
  }

  void whatIsPlayedLiveOvertakesWhatIsPlanned() {
    Log log;
    MidiOut out;
    out.setPort(0, writer(log));
    out.sendRt(0, midiNoteOn(0, 60, 100), inMilliseconds(3600000), 0);
    out.sendRt(0, midiNoteOn(0, 61, 100), kAtOnce, 0);
    out.sendRt(0, midiNoteOff(0, 61), kAtOnce, 0);
    QTRY_COMPARE(log.of(0).size(), std::size_t(2));
    QVERIFY(log.of(0) == std::vector({midiNoteOn(0, 61, 100), midiNoteOff(0, 61)}));
  }

  void aKeyThatSoundsIsEndedBeforeItBeginsAgain() {
    Log log;
    MidiOut out;
    out.setPort(0, writer(log));
    for (int i = 0; i < 3; ++i) out.sendRt(0, midiNoteOn(2, 60, 90 + i), kAtOnce, 0);
    out.drain();
    QCOMPARE(out.soundingNotes(), 1);
    for (int i = 0; i < 2; ++i) out.sendRt(0, midiNoteOff(2, 60), kAtOnce, 0);
    out.drain();
    QCOMPARE(out.soundingNotes(), 1);  // the last of the three still plays
    for (int i = 0; i < 3; ++i) out.sendRt(0, midiNoteOff(2, 60), kAtOnce, 0);
    out.drain();
    QCOMPARE(out.soundingNotes(), 0);
    QVERIFY(log.of(0) ==
            std::vector({midiNoteOn(2, 60, 90), midiNoteOff(2, 60), midiNoteOn(2, 60, 91),
                         midiNoteOff(2, 60), midiNoteOn(2, 60, 92), midiNoteOff(2, 60)}));
  }

  void endingAllNotesEndsEachAndThoseThatWaitDoNotBegin() {
    for (const int controller : {120, 123, 127}) {
      Log log;
      MidiOut out;
      out.setPort(0, writer(log));
      out.sendRt(0, midiNoteOn(1, 60, 100), kAtOnce, 0);
      out.sendRt(0, midiNoteOn(1, 64, 100), kAtOnce, 0);
      out.sendRt(0, midiNoteOn(2, 64, 100), kAtOnce, 0);
      const std::int64_t later = inMilliseconds(50);
      out.sendRt(0, midiNoteOn(1, 67, 100), later, 0);
      out.sendRt(0, midiNoteOn(2, 67, 100), later, 0);
      out.sendRt(0, midiControl(1, controller, 0), kAtOnce, 0);
      const std::vector expected{midiNoteOn(1, 60, 100), midiNoteOn(1, 64, 100),
                                 midiNoteOn(2, 64, 100), midiNoteOff(1, 60),
                                 midiNoteOff(1, 64),     midiControl(1, controller, 0),
                                 midiNoteOn(2, 67, 100)};
      QTRY_COMPARE(log.of(0).size(), expected.size());
      QVERIFY(log.of(0) == expected);
      QCOMPARE(out.soundingNotes(), 2);
    }
  }

  void whatIsTakenBackIsNotBegunAndTheRestIsSent() {
    Log log;
    MidiOut out;
    out.setPort(0, writer(log));
    out.setClock(0, true);
    const std::int64_t later = inMilliseconds(3600000);
    out.sendRt(0, midiNoteOn(0, 60, 1), kAtOnce, 0);  // as if played by hand
    out.sendRt(0, midiNoteOn(0, 61, 1), kAtOnce, 0);
    out.sendRt(0, midiNoteOn(0, 62, 1), later, 64);  // rendered, and about to be heard
    out.sendRt(0, midiNoteOn(0, 60, 2), later, 128);
    out.sendRt(0, midiControl(0, 7, 3), later, 128);
    out.sendRt(kClockSlots, midiRealtime(kMidiContinue), later, 128);
    out.sendRt(kClockSlots, midiRealtime(kMidiClock), later, 128);
    out.sendRt(0, midiNoteOff(0, 60), later, 192);  // not of the one that is held
    out.sendRt(0, midiNoteOff(0, 61), later, 192);
    out.sendRt(0, midiNoteOff(0, 62), later, 192);
    out.takeBackRt(kMillisecond, 128);
    out.drain();
    QCOMPARE(log.of(0).size(), std::size_t(2));  // it still waits for its time
    out.takeBackRt(kMillisecond, 64);
    out.sendRt(0, midiNoteOn(0, 63, 1), kMillisecond, 64);
    out.drain();
    const std::vector expected{midiNoteOn(0, 60, 1), midiNoteOn(0, 61, 1),
                               midiControl(0, 7, 3), midiRealtime(kMidiContinue),
                               midiNoteOff(0, 61),   midiNoteOn(0, 63, 1)};
    QVERIFY(log.of(0) == expected);
    QCOMPARE(out.soundingNotes(), 2);
  }

  void clockGoesToTheSlotsThatTakeIt() {
    Log log;
    MidiOut out;
    for (int port = 0; port < 4; ++port) out.setPort(port, writer(log, port));
    out.setClock(1, true);
    out.setClock(2, true);
    out.sendRt(kClockSlots, midiSongPosition(16), kAtOnce, 0);
    out.sendRt(kClockSlots, midiRealtime(kMidiContinue), steadyNanoseconds(), 0);
    out.drain();
    out.setClock(2, false);
    out.sendRt(kClockSlots, midiRealtime(kMidiClock), steadyNanoseconds(), 0);
    out.drain();
    const std::vector first{midiSongPosition(16), midiRealtime(kMidiContinue)};
    std::vector all = first;
    all.push_back(midiRealtime(kMidiClock));
    QVERIFY(log.of(0).empty() && log.of(3).empty());
    QVERIFY(log.of(1) == all);
    QVERIFY(log.of(2) == first);
  }

  void aPortThatGoesHasItsKeysEndedAndItsPedalsUp() {
    Log log;
    MidiOut out;
    out.setPort(0, writer(log));
    out.sendRt(0, midiControl(4, 64, 127), kAtOnce, 0);
    out.sendRt(0, midiControl(5, 64, 127), kAtOnce, 0);
    out.sendRt(0, midiControl(5, 64, 0), kAtOnce, 0);
    out.sendRt(0, midiNoteOn(4, 60, 1), kAtOnce, 0);
    out.drain();
    out.setPort(0, writer(log, 1));
    QCOMPARE(out.soundingNotes(), 0);
    QVERIFY(log.of(0).back() == midiControl(4, 64, 0));
    QCOMPARE(unpaired(log.of(0)), QString());
    // The next port knows nothing of it.
    out.sendRt(0, midiNoteOff(4, 60), kAtOnce, 0);
    out.drain();
    QVERIFY(log.of(1).empty());
    // Without a port, nothing is begun.
    out.setPort(0, nullptr);
    out.sendRt(0, midiNoteOn(4, 60, 1), kAtOnce, 0);
    out.drain();
    QCOMPARE(out.soundingNotes(), 0);
    QVERIFY(!out.works(0));
  }

  void endsWhatSoundsAtTheEnd() {
    Log log;
    {
      MidiOut out;
      for (int port = 0; port < 3; ++port) {
        out.setPort(port, writer(log, port));
        for (int key = 0; key < 128; ++key) {
          out.sendRt(port, midiNoteOn(key % 16, key, 99), kAtOnce, 0);
        }
      }
    }
    for (int port = 0; port < 3; ++port) {
      QCOMPARE(log.of(port).size(), std::size_t(256));
      QCOMPARE(unpaired(log.of(port)), QString());
    }
  }

  void aPortThatRefusesIsLetGo() {
    Log log;
    MidiOut out;
    const auto refusing = std::make_shared<Refusing>();
    out.setPort(0, refusing);
    out.setPort(1, writer(log));
    QVERIFY(out.works(0));
    for (int i = 0; i < 10; ++i) {
      out.sendRt(0, midiNoteOn(0, i, 100), kAtOnce, 0);
      out.sendRt(1, midiNoteOn(0, i, 100), kAtOnce, 0);
    }
    out.drain();
    QVERIFY(!out.works(0));
    QCOMPARE(refusing->calls.load(), 1);
    QCOMPARE(out.soundingNotes(), 10);  // of the other
    out.setPort(0, writer(log, 2));
    QVERIFY(out.works(0));
    out.sendRt(0, midiNoteOn(0, 1, 100), kAtOnce, 0);
    out.drain();
    QCOMPARE(log.of(2).size(), std::size_t(1));
  }

  void aFullQueueEndsEverythingAndGoesOn() {
    Log log;
    {
      MidiOut out;
      const auto gate = std::make_shared<Gate>(log, 1);
      out.setPort(0, writer(log));
      out.setPort(1, gate);
      for (int key = 0; key < 50; ++key) out.sendRt(0, midiNoteOn(0, key, 100), kAtOnce, 0);
      out.sendRt(1, midiNoteOn(0, 60, 100), kAtOnce, 0);
      gate->waitUntilWritten();
      // The thread stands in that device. More than the queue holds, ending with note-offs.
      for (int i = 0; i < 100000; ++i) out.sendRt(0, midiNoteOn(1, i % 128, 100), kAtOnce, 0);
      QVERIFY(out.lostMessages() > 0);
      for (int key = 0; key < 50; ++key) out.sendRt(0, midiNoteOff(0, key), kAtOnce, 0);
      gate->open();
      QTRY_COMPARE(out.soundingNotes(), 0);
      QCOMPARE(unpaired(log.of(0)), QString());
      out.sendRt(0, midiNoteOn(0, 7, 100), kAtOnce, 0);
      QTRY_COMPARE(out.soundingNotes(), 1);
    }
    QCOMPARE(unpaired(log.of(0)), QString());
    QCOMPARE(unpaired(log.of(1)), QString());
  }

  // A device that never returned hung the program when its port was changed, and at its end.
  void aDeviceThatNeverReturnsIsAbandoned() {
    Log log;
    const auto gate = std::make_shared<Gate>(log, 0);
    {
      MidiOut out;
      out.setPort(0, gate);
      out.sendRt(0, midiNoteOn(0, 60, 100), kAtOnce, 0);
      gate->waitUntilWritten();
      out.setPort(0, nullptr);
      QVERIFY(!out.works(0));
    }
    gate->open();
    // It is let go by the thread when that comes back.
    QTRY_COMPARE(gate.use_count(), 1L);
    QCOMPARE(unpaired(log.of(0)), QString());
  }

  void theProbeSeesWhatIsWritten() {
    Log log;
    std::vector<MidiOut::Sent> sent;
    MidiOut out;
    out.setPort(2, writer(log));
    out.setLatency(2, 1);
    out.setProbe([&](const MidiOut::Sent& s) { sent.push_back(s); });
    const std::int64_t when = steadyNanoseconds();
    out.sendRt(2, midiNoteOn(0, 60, 100), when, 640);
    out.drain();
    out.setPort(2, nullptr);
    out.setProbe(nullptr);
    QCOMPARE(sent.size(), std::size_t(2));
    QCOMPARE(sent[0].slot, 2);
    QVERIFY(sent[0].message == midiNoteOn(0, 60, 100));
    QCOMPARE(sent[0].when, when - kMillisecond);
    QCOMPARE(sent[0].frame, std::int64_t(640));
    QVERIFY(sent[0].began >= sent[0].when);
    QVERIFY(sent[1].message == midiNoteOff(0, 60));
    QCOMPARE(sent[1].frame, std::int64_t(-1));
  }

  void sendingAllocatesNothing() {
    if (!INCIPIT_HEAP_COUNTED) QSKIP("the sanitizer has its own heap");
    Log log;
    MidiOut out;
    out.setPort(0, writer(log));
    const HeapCount count;
    for (int i = 0; i < 20000; ++i) out.sendRt(0, midiNoteOn(0, i % 128, 1), kAtOnce, i);
    QCOMPARE(count.calls(), 0L);
  }

  // Music that is taken back again and again, with live keys between: what was begun is ended, and
  // nothing else is.
  void takingBackLeavesNothingSounding() {
    Rng rng(41);
    Log log;
    {
      MidiOut out;
      for (int port = 0; port < 3; ++port) out.setPort(port, writer(log, port));
      std::map<std::pair<int, int>, int> planned;
      std::int64_t frame = 0;
      for (int action = 0; action < 20000; ++action) {
        const int slot = static_cast<int>(rng.below(3));
        const int key = static_cast<int>(rng.below(8));
        const std::int64_t when = steadyNanoseconds() + rng.below(300000);
        frame += rng.below(2);
        if (rng.below(10) == 0) {
          out.sendRt(slot, midiNoteOn(1, key, 1), kAtOnce, frame);
          out.sendRt(slot, midiNoteOff(1, key), kAtOnce, frame);
        } else if (rng.below(60) == 0) {
          for (auto& [place, count] : planned) {
            for (; count > 0; --count) {
              out.sendRt(place.first, midiNoteOff(1, place.second), when, frame);
            }
          }
          frame = std::max<std::int64_t>(frame - 20, 0);
          out.takeBackRt(steadyNanoseconds(), frame);
        } else if (int& count = planned[{slot, key}]; count > 0 && rng.below(2) == 0) {
          --count;
          out.sendRt(slot, midiNoteOff(1, key), when, frame);
        } else {
          ++count;
          out.sendRt(slot, midiNoteOn(1, key, 1), when, frame);
        }
      }
      for (auto& [place, count] : planned) {
        for (; count > 0; --count) out.sendRt(place.first, midiNoteOff(1, place.second), 1, frame);
      }
      const MidiMessage last = midiProgram(2, 7);
      for (int port = 0; port < 3; ++port) out.sendRt(port, last, 1, frame);
      constexpr int kPatience = 60000;
      for (int port = 0; port < 3; ++port) {
        QTRY_VERIFY_WITH_TIMEOUT(!log.of(port).empty() && log.of(port).back() == last, kPatience);
      }
      QCOMPARE(out.soundingNotes(), 0);
    }
    for (int port = 0; port < 3; ++port) QCOMPARE(unpaired(log.of(port)), QString());
    QVERIFY(log.all().size() > 1000);
  }

  // Any messages on any slots at any times while ports come, refuse and go: each port's notes are
  // paired.
  void randomMessagesAndPortsLeaveNothingSounding() {
    Rng rng(20261121);
    Log log;
    int ports = 0;
    {
      MidiOut out;
      for (int action = 0; action < 20000; ++action) {
        const int slot = static_cast<int>(rng.below(6));
        if (rng.below(100) == 0) {
          out.setPort(slot, rng.below(4) == 0 ? nullptr : writer(log, ports++));
          continue;
        }
        const int channel = static_cast<int>(rng.below(3));
        const int key = static_cast<int>(rng.below(12));
        const auto kind = rng.below(40);
        const MidiMessage m = kind == 0   ? midiControl(channel, 123, 0)
                              : kind < 4  ? midiControl(channel, 64, kind % 2 == 0 ? 127 : 0)
                              : kind < 22 ? midiNoteOn(channel, key, 1 + action % 127)
                              : kind < 24 ? midiNoteOn(channel, key, 0)
                                          : midiNoteOff(channel, key);
        const bool live = rng.below(3) == 0;
        out.sendRt(slot, m, live ? kAtOnce : steadyNanoseconds() + rng.below(2000000), action);
      }
    }
    QVERIFY(ports > 100);
    std::size_t messages = 0;
    for (int port = 0; port < ports; ++port) {
      messages += log.of(port).size();
      QCOMPARE(unpaired(log.of(port)), QString());
    }
    QVERIFY(messages > 5000);
  }
};

QTEST_GUILESS_MAIN(TestMidiOut)
#include "test_midi_out.moc"
