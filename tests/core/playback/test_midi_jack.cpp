// MIDI through RtMidi and a real JACK server, with a program that is not ours at the other end.
#include <QtTest>
#include <map>

#include "core/playback/audio/jack_connection.h"
#include "core/playback/midi/midi_ports.h"
#include "core/playback/waker.h"
#include "tests/core/playback/jack_server.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

template <typename Condition>
bool reached(Condition condition) {
  return QTest::qWaitFor(condition, 20000);
}

QByteArray hex(const MidiMessage& m) {
  return QByteArray(reinterpret_cast<const char*>(m.bytes.data()), m.size).toHex();
}

MidiMessage message(const QByteArray& hexadecimal) {
  const QByteArray bytes = QByteArray::fromHex(hexadecimal);
  MidiMessage m;
  m.size = static_cast<std::uint8_t>(std::min<qsizetype>(bytes.size(), m.bytes.size()));
  std::copy_n(bytes.begin(), m.size, m.bytes.begin());
  return m;
}

// As a program with MIDI has them.
struct Studio {
  MidiOut out;
  LiveInput in;
  MidiPorts ports{out, in};

  explicit Studio(const std::vector<std::string>& outputs = {}, MidiSettings settings = {}) {
    ports.use(outputs);
    settings.system = "jack";
    ports.configure(settings, "");
    ports.settle();
  }
  bool open(bool input, const std::string& name) const {
    const MidiStatus s = ports.status();
    for (const MidiPort& p : input ? s.inputs : s.outputs) {
      if (p.name == name) return p.open;
    }
    return false;
  }
  std::vector<TimedMessage> taken() {
    std::vector<TimedMessage> all;
    for (TimedMessage m; in.takeRt(m);) all.push_back(m);
    return all;
  }
};

// The server makes a connection in its own time, and what is sent before is nobody's: sends until
// something arrives, and then waits for the last of what was sent.
template <typename Send, typename Last>
bool carries(Send send, Last last) {
  int sent = 0;
  MidiMessage m;
  const auto again = [&] {
    m = midiControl(15, sent / 128 % 100, sent % 128);
    ++sent;
    send(m);
    return last().size != 0;
  };
  return reached(again) && reached([&] { return last() == m; });
}

bool carriesOut(Studio& studio, int slot, JackPeer& peer) {
  MidiMessage seen;
  const bool through = carries(
      [&](const MidiMessage& m) { studio.out.sendRt(slot, m, kAtOnce, 0); },
      [&] {
        const auto& all = peer.received();
        if (!all.empty()) seen = message(all.back());
        return seen;
      });
  peer.forget();
  return through;
}

bool carriesIn(Studio& studio, JackPeer& peer) {
  MidiMessage seen;
  return carries([&](const MidiMessage& m) { peer.ask("after 0 " + hex(m)); },
                 [&] {
                   for (const TimedMessage& m : studio.taken()) seen = m.message;
                   return seen;
                 });
}

// Keys that still sound after these hexadecimal messages; -1: one began twice.
int sounding(const std::vector<QByteArray>& messages) {
  std::map<QByteArray, int> keys;
  for (const QByteArray& m : messages) {
    if (m.startsWith('9') && ++keys[m.mid(1, 3)] > 1) return -1;
    if (m.startsWith('8')) --keys[m.mid(1, 3)];
  }
  int count = 0;
  for (const auto& [key, n] : keys) count += n;
  return count;
}

}  // namespace

class TestMidiJack : public QObject {
  Q_OBJECT
  TestJackServer server_;

  QString startServer() {
    return server_.start([] { return JackConnection::find() != nullptr; },
                         TestJackServer::Pace::kInStep);
  }

 private Q_SLOTS:
  void initTestCase() {
    const QString none = startServer();
    if (!none.isEmpty()) QSKIP(qPrintable(none));
  }
  void init() {
    if (JackConnection::find() == nullptr) QCOMPARE(startServer(), QString());
  }

  void ourOwnPortsAreThereInBothDirections() {
    Studio studio;
    QCOMPARE(studio.ports.status().problem.find("No MIDI"), std::string::npos);
    QCOMPARE(studio.ports.status().system, std::string("jack"));
    QVERIFY(studio.open(true, kVirtualMidiPort) && studio.open(false, kVirtualMidiPort));
    JackPeer peer;
    QVERIFY(peer.start("peer"));
    QCOMPARE(peer.ask("listen ^Incipit.out:midi$"), QByteArray("ok Incipit out:midi"));
    QCOMPARE(peer.ask("speak ^Incipit.in:midi$"), QByteArray("ok Incipit in:midi"));
    QVERIFY(carriesOut(studio, 0, peer) && carriesIn(studio, peer));
    studio.out.sendRt(0, midiNoteOn(2, 60, 100), kAtOnce, 0);
    QVERIFY(reached([&] { return peer.received().size() == 1; }));
    QCOMPARE(peer.received()[0], QByteArray("923c64"));
    QVERIFY(peer.ask("after 0 93407f").startsWith("ok"));
    std::vector<TimedMessage> got;
    QVERIFY(reached([&] { return !(got = studio.taken()).empty(); }));
    QVERIFY(got[0].message == midiNoteOn(3, 64, 127));
    studio.out.setPort(0, nullptr);
    QVERIFY(reached([&] { return sounding(peer.received()) == 0; }));
  }

  void aDeviceIsFoundByItsNameAndNothingIsLost() {
    JackPeer peer;
    QVERIFY(peer.start("keys"));
    Studio studio({"keys:in"});
    QVERIFY(
        reached([&] { return studio.open(true, "keys:out") && studio.open(false, "keys:in"); }));
    QVERIFY(carriesOut(studio, 1, peer) && carriesIn(studio, peer));

    // In portions: RtMidi has room for about two thousand in a period, however long that lasts.
    std::vector<QByteArray> expected;
    while (expected.size() < 4000) {
      const std::int64_t start = steadyNanoseconds();
      for (int i = 0; i < 500; ++i) {
        const MidiMessage m = midiControl(i % 16, i % 100, i % 128);
        expected.push_back(hex(m));
        studio.out.sendRt(1, m, start + i * 100000, i);
      }
      QVERIFY(reached([&] { return peer.received().size() >= expected.size(); }));
    }
    QVERIFY(peer.received() == expected);

    std::vector<MidiMessage> played;
    for (int i = 0; i < 500; ++i) {
      played.push_back(midiNoteOn(i % 16, i % 128, 1 + i % 127));
      QVERIFY(peer.ask("after " + QByteArray::number(i * 16) + " " + hex(played.back()))
                  .startsWith("ok"));
    }
    std::vector<MidiMessage> got;
    QVERIFY(reached([&] {
      for (const TimedMessage& m : studio.taken()) got.push_back(m.message);
      return got.size() >= played.size();
    }));
    QVERIFY(got == played);
  }

  void garbageIsPassedOver() {
    JackPeer peer;
    QVERIFY(peer.start("broken"));
    Studio studio;
    QVERIFY(reached([&] { return studio.open(true, "broken:out"); }));
    QVERIFY(carriesIn(studio, peer));
    for (const char* bytes : {"90", "903c", "3c64", "f4", "fe", "ff", "f1", "c0", "9060f0f7", "f7",
                              "f001020304f7", "90ffff", "8080", "fdfdfd"}) {
      QVERIFY(peer.ask(QByteArray("after 0 ") + bytes).startsWith("ok"));
    }
    for (int i = 0; i < 2000; ++i) QVERIFY(peer.ask("after 0 fe").startsWith("ok"));
    QVERIFY(peer.ask("after 0 903d40").startsWith("ok"));
    std::vector<TimedMessage> got;
    QVERIFY(reached([&] { return !(got = studio.taken()).empty(); }));
    QCOMPARE(got.size(), std::size_t(1));
    QVERIFY(got[0].message == midiNoteOn(0, 61, 64));
  }

  // A system exclusive message that was never finished made the keyboard dumb.
  void anEndlessSystemExclusiveDoesNotSilenceAKeyboard() {
    JackPeer peer;
    QVERIFY(peer.start("endless"));
    Studio studio;
    QVERIFY(reached([&] { return studio.open(true, "endless:out"); }));
    QVERIFY(carriesIn(studio, peer));
    QVERIFY(peer.ask("after 0 f00102030405").startsWith("ok"));
    bool heard = false;
    QVERIFY(reached([&] {
      peer.ask("after 0 903d40");
      for (const TimedMessage& m : studio.taken()) {
        heard = heard || m.message == midiNoteOn(0, 61, 64);
      }
      return heard;
    }));
  }

  void aDeviceThatIsUnpluggedAHundredTimesComesBack() {
    JackPeer peer;
    QVERIFY(peer.start("loose"));
    Studio studio({"loose:in"});
    int sent = 0;
    for (int round = 0; round < 100; ++round) {
      QVERIFY(reached([&] {
        // Notes in between; what is sent to a device that is not there is nobody's.
        studio.out.sendRt(1, midiNoteOn(0, sent++ % 128, 100), kAtOnce, 0);
        return studio.open(true, "loose:out") && studio.open(false, "loose:in");
      }));
      QCOMPARE(peer.ask("close"), QByteArray("ok"));
      if (round % 10 == 3) {
        QVERIFY(reached([&] { return !studio.open(true, "loose:out"); }));
      }
      QCOMPARE(peer.ask("open"), QByteArray("ok"));
      if (round >= 10 && round % 10 != 0) continue;
      // Whether or not it was noticed that it went: it works again.
      studio.taken();
      peer.forget();
      QVERIFY(reached([&] {
        peer.ask("after 0 903d40");
        studio.out.sendRt(1, midiControl(0, 7, round), kAtOnce, 0);
        bool note = false;
        for (const TimedMessage& m : studio.taken()) {
          note = note || m.message == midiNoteOn(0, 61, 64);
        }
        return note && !peer.received().empty();
      }));
    }
    // What sounds at the end is ended.
    QVERIFY(reached([&] { return studio.open(false, "loose:in"); }));
    studio.ports.use({});
    studio.ports.settle();
    QCOMPARE(studio.out.soundingNotes(), 0);
  }

  void aKeyboardThatVanishesLetsGo() {
    JackPeer peer;
    QVERIFY(peer.start("keys"));
    Studio studio;
    QVERIFY(reached([&] { return studio.open(true, "keys:out"); }));
    QVERIFY(carriesIn(studio, peer));
    peer.ask("after 0 903c40");
    QVERIFY(reached([&] { return !studio.taken().empty(); }));
    peer.ask("close");
    std::vector<TimedMessage> got;
    QVERIFY(reached([&] { return !(got = studio.taken()).empty(); }));
    QCOMPARE(static_cast<int>(got[0].message.size), 0);
  }

  void aServerThatIsKilledIsNoticedAndTheNextOneUsed() {
    for (const bool violently : {false, true}) {
      if (JackConnection::find() == nullptr) QCOMPARE(startServer(), QString());
      auto peer = std::make_unique<JackPeer>();
      QVERIFY(peer->start("keys"));
      Studio studio({"keys:in"});
      QVERIFY(
          reached([&] { return studio.open(true, "keys:out") && studio.open(false, "keys:in"); }));
      studio.out.sendRt(1, midiNoteOn(0, 60, 100), kAtOnce, 0);
      violently ? server_.kill() : server_.end();
      // More than RtMidi has room for.
      QVERIFY(reached([&] {
        for (int i = 0; i < 200; ++i) studio.out.sendRt(1, midiControl(0, 1, i % 128), kAtOnce, 0);
        studio.out.drain();
        return studio.ports.status().system.empty();
      }));
      QVERIFY(studio.ports.status().problem.starts_with("No MIDI: jack: "));
      QVERIFY(!studio.open(true, "keys:out") && !studio.open(false, "keys:in"));
      QVERIFY(!studio.open(true, kVirtualMidiPort));
      peer.reset();

      QCOMPARE(startServer(), QString());
      peer = std::make_unique<JackPeer>();
      QVERIFY(peer->start("keys"));
      QVERIFY(
          reached([&] { return studio.open(true, "keys:out") && studio.open(false, "keys:in"); }));
      QVERIFY(carriesOut(studio, 1, *peer));
      studio.out.sendRt(1, midiNoteOn(0, 61, 100), kAtOnce, 0);
      QVERIFY(reached([&] { return peer->received().size() == 1; }));
      QCOMPARE(peer->received()[0], QByteArray("903d64"));
    }
  }

  // RtMidi waits for ever for room that a server which stands still does not make.
  void aServerThatStandsStillDoesNotHangUs() {
    JackPeer peer;
    QVERIFY(peer.start("keys"));
    Studio studio({"keys:in"});
    QVERIFY(
        reached([&] { return studio.open(true, "keys:out") && studio.open(false, "keys:in"); }));
    server_.pause();
    for (int i = 0; i < 5000; ++i) studio.out.sendRt(1, midiControl(0, 1, i % 128), kAtOnce, 0);
    studio.out.drain();
    QVERIFY(!studio.out.works(1));
    server_.resume();
    QVERIFY(reached([&] {
      studio.out.sendRt(1, midiControl(0, 2, 3), kAtOnce, 0);
      const auto& got = peer.received();
      return !got.empty() && got.back() == "b00203";
    }));
  }

  void withoutAServerThereIsAReasonAndALaterOneIsFound() {
    server_.end();
    Studio studio;
    QVERIFY(reached([&] { return !studio.ports.status().problem.empty(); }));
    QCOMPARE(studio.ports.status().problem,
             std::string("No MIDI: jack: no JACK server is running"));
    QCOMPARE(studio.ports.status().system, std::string());
    QCOMPARE(startServer(), QString());
    QVERIFY(reached([&] { return studio.open(true, kVirtualMidiPort); }));
  }
};

QTEST_GUILESS_MAIN(TestMidiJack)
#include "test_midi_jack.moc"
