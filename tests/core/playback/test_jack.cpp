// Plays through FluidSynth's JACK driver into a real server of our own, which runs in real time
// without a device, and listens there as another JACK program.
#include <dlfcn.h>
#include <jack/jack.h>

#include <QtTest>
#include <atomic>
#include <cmath>
#include <string_view>

#include "core/playback/audio/audio_driver.h"
#include "core/playback/studio_player.h"
#include "tests/core/playback/fixtures.h"
#include "tests/core/playback/jack_server.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

jack_client_t* soundClient = nullptr;  // FluidSynth's last

constexpr float kHeard = 1e-3F;
constexpr float kSilent = 1e-4F;

template <typename Condition>
bool reached(Condition condition) {
  return QTest::qWaitFor(condition, 20000);
}

// Listens to what Incipit plays.
class Listener {
 public:
  ~Listener() {
    if (client_ != nullptr) jack_client_close(client_);
  }
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  bool open() {
    client_ = jack_client_open("listener", JackNoStartServer, nullptr);
    if (client_ == nullptr) return false;
    for (const char* name : {"left", "right"}) {
      ports_[count_++] =
          jack_port_register(client_, name, JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    }
    jack_set_process_callback(client_, process, this);
    return jack_activate(client_) == 0;
  }

  // False until the player's ports are there.
  bool connect() {
    const char** outputs =
        jack_get_ports(client_, "^Incipit:", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput);
    if (outputs == nullptr) return false;
    int connected = 0;
    for (int i = 0; i < 2 && outputs[i] != nullptr; ++i) {
      if (jack_connect(client_, outputs[i], jack_port_name(ports_[i])) == 0) ++connected;
    }
    jack_free(outputs);
    return connected == 2;
  }

  // The loudest value of the last whole block, and blocks so far.
  float level() const { return level_.load(); }
  int blocks() const { return blocks_.load(); }
  // Waits for that many more blocks; the loudest value in them.
  float loudestOfNext(int blocks) {
    const int first = blocks_.load();
    loudest_.store(0);
    if (!reached([&] { return blocks_.load() >= first + blocks; })) return -1;
    return loudest_.load();
  }

 private:
  static int process(jack_nframes_t frames, void* data) {
    auto* self = static_cast<Listener*>(data);
    float level = 0;
    for (jack_port_t* port : self->ports_) {
      const auto* in = static_cast<const float*>(jack_port_get_buffer(port, frames));
      for (jack_nframes_t i = 0; i < frames; ++i) level = std::max(level, std::abs(in[i]));
    }
    self->level_.store(level);
    if (level > self->loudest_.load()) self->loudest_.store(level);
    self->blocks_.fetch_add(1);
    return 0;
  }

  jack_client_t* client_ = nullptr;
  jack_port_t* ports_[2] = {};
  int count_ = 0;
  std::atomic<float> level_{0};
  std::atomic<float> loudest_{0};
  std::atomic<int> blocks_{0};
};

}  // namespace

// In front of the library's: FluidSynth calls this one.
extern "C" int jack_activate(jack_client_t* client) {
  using Activate = int(jack_client_t*);
  static auto* const real = reinterpret_cast<Activate*>(dlsym(RTLD_NEXT, "jack_activate"));
  if (std::string_view(jack_get_client_name(client)).starts_with("Incipit")) soundClient = client;
  return real(client);
}

class TestJack : public QObject {
  Q_OBJECT
  TestJackServer server_;

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY2(!findJackServer().running, "nobody may have started a server of that name");
    const QString none = server_.start([] { return findJackServer().running; });
    if (!none.isEmpty()) QSKIP(qPrintable(none));
  }

  void isFoundAndChosen() {
    const JackServer server = findJackServer();
    QVERIFY(server.running);
    QCOMPARE(server.sampleRate, kJackRate);
    QCOMPARE(server.period, kJackPeriod);
    const auto player = makePlayer();
    AudioSettings s;
    s.sampleRate = 44100;  // the server's counts
    player->configure(s);
    QVERIFY(reached([&] { return player->status().sounding; }));
    const AudioStatus status = player->status();
    QCOMPARE(status.problem, std::string());
    QCOMPARE(status.driver, std::string("jack"));
    QCOMPARE(status.sampleRate, 48000);
    QCOMPARE(status.period, 256);
  }

  // Preferences changed and changed back, while something is to be heard.
  void aChangeOfSettingsIsHeardAtTheNextPlay() {
    const auto player = makePlayer();
    player->setDocument(share(withNotes(edited(newDocument(), 1, [](Track& t) { t.program = 16; }),
                                        {note(0, 96000, 60, 110)})));
    Listener listener;
    QVERIFY(listener.open());
    for (const double gain : {0.5, 1.0, 0.5}) {
      AudioSettings s;
      s.gain = gain;
      player->configure(s);
      QVERIFY(reached([&] { return listener.connect(); }));
      player->seek(Tick{0});
      player->play();  // whether or not the soundfont is there already
      QVERIFY(reached([&] { return listener.level() > kHeard; }));
      QVERIFY(player->status().sounding);
      player->stop();
      QVERIFY(reached([&] { return listener.level() < kSilent; }));
    }
  }

  void playsIsHeardAndIsSilentAfterStop() {
    const auto player = makePlayer();
    player->configure({});
    QVERIFY(reached([&] { return player->status().sounding; }));
    Listener listener;
    QVERIFY(listener.open());
    QVERIFY(reached([&] { return listener.connect(); }));
    QCOMPARE(listener.loudestOfNext(20), 0.0F);

    player->setDocument(share(
        withNotes(edited(newDocument(), 1, [](Track& t) { t.program = 16; }),  // an organ: it holds
                  {note(0, 96000, 60, 110), note(0, 96000, 64, 110)})));
    player->play();
    QVERIFY(reached([&] { return listener.level() > kHeard; }));
    QVERIFY(listener.loudestOfNext(50) > kHeard);
    QVERIFY(reached([&] { return player->position() > Tick{480}; }));

    // What is edited away is not heard any more, though playing goes on.
    player->setDocument(share(newDocument()));
    QVERIFY(reached([&] { return listener.level() < kSilent; }));
    QVERIFY(player->playing());
    player->setDocument(share(withNotes(newDocument(), {note(0, 96000, 60)})));
    player->seek(Tick{0});
    QVERIFY(reached([&] { return listener.level() > kHeard; }));

    player->stop();
    QVERIFY(reached([&] { return listener.level() < kSilent; }));
    QVERIFY(listener.loudestOfNext(200) < 10 * kSilent);

    player->previewOn(fixtures::voice(16), 67, 110);
    QVERIFY(reached([&] { return listener.level() > kHeard; }));
    player->previewOff(67);
    QVERIFY(reached([&] { return listener.level() < kSilent; }));

    player->previewOn(fixtures::voice(16), 67, 110);
    QVERIFY(reached([&] { return listener.level() > kHeard; }));
    player->panic();
    QVERIFY(reached([&] { return listener.level() < kSilent; }));

    player->setMetronome(true);
    player->setDocument(share(newDocument()));
    player->play();
    QVERIFY(reached([&] { return listener.level() > kHeard; }));
    QVERIFY(player->status().loadPercent > 0);
  }

  // When the server ended the transport stood still, and what was opened at the next one crashed.
  void aServerThatEndsLeavesSilenceUntilTheNextOneRuns() {
    const auto player = makePlayer();
    player->configure({});
    player->configureMidi({});
    QVERIFY(reached([&] { return player->status().sounding; }));
    QVERIFY(reached([&] { return player->midiStatus().system == "jack"; }));
    player->setDocument(share(withNotes(newDocument(), {note(0, 960000, 60)})));
    player->play();
    QVERIFY(reached([&] { return player->position() > Tick{0}; }));
    server_.kill();
    QVERIFY(reached([&] { return !player->status().sounding; }));
    QVERIFY(player->status().problem.starts_with("No sound: the jack server has ended"));
    QVERIFY(player->playing());
    const Tick then = player->position();
    QVERIFY(reached([&] { return player->position() > then; }));
    QVERIFY(reached([&] { return player->midiStatus().system != "jack"; }));

    // Ports and sound return by themselves.
    QCOMPARE(server_.start([&] { return player->midiStatus().system == "jack"; }), QString());
    QVERIFY(reached([&] { return player->status().sounding; }));
    QCOMPARE(player->status().driver, std::string("jack"));
    QCOMPARE(player->status().problem, std::string());
    QVERIFY(!player->playing());
    Listener listener;
    QVERIFY(listener.open());
    QVERIFY(reached([&] { return listener.connect(); }));
    player->seek(Tick{0});
    player->play();
    QVERIFY(reached([&] { return listener.level() > kHeard; }));
  }

  // A server that dropped FluidSynth's client and ran on left a player that stood still.
  void aClientThatIsDroppedIsOpenedAgain() {
    const auto player = makePlayer();
    player->configure({});
    QVERIFY(reached([&] { return player->status().sounding; }));
    player->setDocument(share(withNotes(newDocument(), {note(0, 960000, 60)})));
    player->play();
    QVERIFY(reached([&] { return player->position() > Tick{0}; }));
    QVERIFY(soundClient != nullptr);
    jack_deactivate(soundClient);
    QVERIFY(reached([&] { return !player->status().sounding; }));
    QVERIFY(player->status().problem.starts_with("No sound: the jack server goes on without us"));
    QVERIFY(reached([&] { return player->status().sounding; }));
    QCOMPARE(player->status().problem, std::string());
    QVERIFY(!player->playing());
    Listener listener;
    QVERIFY(listener.open());
    QVERIFY(reached([&] { return listener.connect(); }));
    player->seek(Tick{0});
    player->play();
    QVERIFY(reached([&] { return listener.level() > kHeard; }));
  }
};

QTEST_GUILESS_MAIN(TestJack)
#include "test_jack.moc"
