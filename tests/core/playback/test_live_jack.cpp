// The whole player over a real JACK server, with a musician at the other end who is not ours.
#include <QtTest>

#include "core/playback/audio/audio_driver.h"
#include "core/playback/studio_player.h"
#include "tests/core/playback/fixtures.h"
#include "tests/core/playback/jack_server.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

constexpr double kHeard = 1e-3;
constexpr double kSilent = 1e-4;

template <typename Condition>
bool reached(Condition condition) {
  return QTest::qWaitFor(condition, 20000);
}

bool open(const std::vector<MidiPort>& ports, const std::string& name) {
  return std::any_of(ports.begin(), ports.end(),
                     [&](const MidiPort& p) { return p.name == name && p.open; });
}

QByteArray hex(const MidiMessage& m) {
  return QByteArray(reinterpret_cast<const char*>(m.bytes.data()), m.size).toHex();
}

}  // namespace

class TestLiveJack : public QObject {
  Q_OBJECT
  TestJackServer server_;
  JackPeer peer_;
  std::unique_ptr<MeasuredPlayer> player_;

  // The loudest since the last time.
  double level() { return peer_.ask("level").split(' ').value(1).toDouble(); }

  void onPort(const std::vector<Note>& notes) {
    player_->setDocument(share(edited(withNotes(newDocument(), notes), 1, [](Track& t) {
      t.output = "peer:in";
      t.channel = 4;
    })));
  }

 private Q_SLOTS:
  void initTestCase() {
    const QString none = server_.start([] { return findJackServer().running; });
    if (!none.isEmpty()) QSKIP(qPrintable(none));
    QVERIFY(peer_.start("peer"));
  }
  void init() {
    player_ = makePlayer();
    player_->configure({});
    player_->configureMidi({});
    QVERIFY(reached([&] { return player_->status().sounding; }));
    QVERIFY(reached([&] { return open(player_->midiStatus().inputs, "peer:out"); }));
    QCOMPARE(player_->midiStatus().system, std::string("jack"));
    QVERIFY(reached([&] { return peer_.ask("hear ^Incipit:").startsWith("ok"); }));
    peer_.ask("level");
    peer_.forget();
  }
  void cleanup() { player_.reset(); }

  void aTrackOnAPortIsHeardThereAndNotHere() {
    onPort({note(480, 480, 60, 100), note(960, 480, 64, 101), note(1440, 96000, 67, 102)});
    QVERIFY(reached([&] { return open(player_->midiStatus().outputs, "peer:in"); }));
    player_->play();
    QVERIFY(reached([&] { return player_->position() > Tick{2000}; }));
    player_->stop();
    const QByteArray last = hex(midiNoteOff(4, 67));
    QVERIFY(
        reached([&] { return peer_.received().size() > 4 && peer_.received().back() == last; }));
    std::vector<QByteArray> notes;
    for (const QByteArray& m : peer_.received()) {
      if (m.startsWith('8') || m.startsWith('9')) notes.push_back(m);
    }
    const std::vector<QByteArray> expected = {hex(midiNoteOn(4, 60, 100)), hex(midiNoteOff(4, 60)),
                                              hex(midiNoteOn(4, 64, 101)), hex(midiNoteOff(4, 64)),
                                              hex(midiNoteOn(4, 67, 102)), hex(midiNoteOff(4, 67))};
    QVERIFY(notes == expected);
    QVERIFY(level() < kSilent);
  }

  void aKeyIsHeardAndComesBackToTheWindow() {
    player_->setDocument(share(edited(newDocument(), 1, [](Track& t) { t.program = 16; })));
    player_->setLiveTrack(1);
    peer_.ask("after 0 903c70");
    QVERIFY(reached([&] { return level() > kHeard; }));
    std::vector<LiveEvent> events;
    const auto take = [&] {
      for (const LiveEvent& e : player_->takeLiveEvents()) events.push_back(e);
      return !events.empty();
    };
    QVERIFY(reached(take));
    QVERIFY(events[0].message == midiNoteOn(0, 60, 112));
    // The keyboard is pulled out: its key ends, for the ear and for the recorder.
    events.clear();
    peer_.ask("close");
    QVERIFY(reached(take));
    QVERIFY(events[0].message.noteOff() && events[0].message.data1() == 60);
    peer_.ask("open");
  }

  void theMusiciansClockLeads() {
    MidiSettings settings;
    settings.followClock = "peer:out";
    player_->configureMidi(settings);
    player_->setDocument(share(withNotes(newDocument(), {note(0, 96000, 60)})));
    // Until it is the one that is followed.
    QVERIFY(reached([&] {
      peer_.ask("after 0 f21000");
      return player_->position() == Tick{3840};
    }));
    QVERIFY(!player_->playing());
    // 24 pulses a quarter at 150 a minute, from soon on.
    const QList<QByteArray> now = peer_.ask("now").split(' ');
    const qint64 first = now.value(1).toLongLong() + 9600;
    peer_.ask("at " + QByteArray::number(first - 480) + " fb");
    for (int i = 0; i < 150; ++i) {
      QVERIFY(peer_.ask("at " + QByteArray::number(first + i * 800) + " f8").startsWith("ok"));
    }
    QVERIFY(reached([&] { return player_->playing(); }));
    QVERIFY(player_->position() >= Tick{3840});
    QVERIFY(reached([&] { return std::abs(player_->midiStatus().clockTempo - 150) < 8; }));
    QVERIFY(reached([&] { return player_->position() > Tick{3840 + 3 * 960}; }));
    // The pulses cease.
    QVERIFY(reached([&] { return !player_->playing(); }));
    QCOMPARE(player_->midiStatus().clockTempo, 0.0);
  }

  void ourClockIsHeard() {
    MidiSettings settings;
    settings.outputs["peer:in"].clock = true;
    player_->configureMidi(settings);
    QVERIFY(reached([&] { return open(player_->midiStatus().outputs, "peer:in"); }));
    player_->setDocument(share(withNotes(newDocument(), {note(0, 96000, 60)})));
    const auto playABit = [&] {
      peer_.forget();
      player_->seek(Tick{0});
      player_->play();
      if (!reached([&] { return player_->position() > Tick{1440}; })) return false;
      player_->stop();
      return reached([&] { return !peer_.received().empty() && peer_.received().back() == "fc"; });
    };
    QVERIFY(playABit());  // JACK may not pass on what is sent before the graph has settled
    QVERIFY(playABit());
    const auto& got = peer_.received();
    QCOMPARE(got[0], QByteArray("fa"));
    QVERIFY(std::count(got.begin(), got.end(), QByteArray("f8")) >= 24);
  }
};

QTEST_GUILESS_MAIN(TestLiveJack)
#include "test_live_jack.moc"
