#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "core/playback/studio_player.h"
#include "tests/core/playback/fixtures.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

// Waits for the audio thread, not for a time; false after 20 s.
template <typename Condition>
bool reached(Condition condition) {
  return QTest::qWaitFor(condition, 20000);
}

DocumentPtr longNote() { return share(withNotes(newDocument(), {note(0, 96000, 60)})); }

// A device is not needed here, and a user's must not be played on: the driver that is asked for
// does not exist, and JACK, PulseAudio and ALSA are pointed nowhere.
void hideDevices() {
  qputenv("JACK_DEFAULT_SERVER", "incipit-test-none");
  qputenv("JACK_NO_START_SERVER", "1");
  qputenv("PULSE_SERVER", "unix:/nonexistent");
  qputenv("ALSA_CONFIG_PATH", "/nonexistent");
}

}  // namespace

class TestPlayer : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { hideDevices(); }

  void withoutADeviceTheTransportRunsAndSaysWhy() {
    const auto player = makePlayer();
    player->configure({});
    const AudioStatus status = player->status();
    QVERIFY(!status.sounding);
    QVERIFY(!status.problem.empty());
    QVERIFY(status.problem.find('\n') == std::string::npos);
    QCOMPARE(status.sampleRate, 48000);
    player->setDocument(longNote());
    player->play();
    QVERIFY(player->playing());
    QVERIFY(reached([&] { return player->position() > Tick{480}; }));
    player->stop();
    QVERIFY(!player->playing());
  }

  void anUnknownDriverIsNamed() {
    const auto player = makePlayer();
    AudioSettings s;
    s.driver = "gramophone";
    player->configure(s);
    QVERIFY(player->status().problem.find("gramophone") != std::string::npos);
  }

  void driversAreListed() {
    const auto names = makePlayer()->drivers();
    QVERIFY(std::find(names.begin(), names.end(), "alsa") != names.end());
    QVERIFY(std::find(names.begin(), names.end(), "file") == names.end());
  }

  void positionStaysWhereItIsPut() {
    const auto player = makePlayer();
    player->setDocument(longNote());
    QCOMPARE(player->position(), Tick{0});
    player->seek(Tick{777});
    QCOMPARE(player->position(), Tick{777});
    player->seek(Tick{-5});
    QCOMPARE(player->position(), Tick{0});
    player->seek(Tick{1234567});
    player->play();
    QVERIFY(player->position() >= Tick{1234567});
    player->stop();
    const Tick stopped = player->position();
    QVERIFY(stopped >= Tick{1234567});
    QCOMPARE(player->position(), stopped);
  }

  void thePlayheadNeverRunsBackwards() {
    const auto player = makePlayer();
    player->setDocument(longNote());
    player->play();
    Tick last{0};
    int moves = 0;
    QVERIFY(reached([&] {
      const Tick now = player->position();
      if (now < last) moves = -1000000;
      if (now > last) ++moves;
      last = now;
      return last > Tick{1500};
    }));
    QVERIFY2(moves > 20, "it must move in more steps than there are seconds");
    // A tempo that changes while playing changes the speed and not the place.
    player->setDocument(share(setTempo(*longNote(), {{0}, 100000})));
    QVERIFY(reached([&] {
      const Tick now = player->position();
      if (now < last || now > last + TickDelta{4000}) moves = -1000000;
      last = now;
      return last > Tick{8000};
    }));
    QVERIFY(moves > 20);
  }

  void seekWhilePlayingGoesThereAtOnce() {
    const auto player = makePlayer();
    player->setDocument(longNote());
    player->play();
    QVERIFY(reached([&] { return player->position() > Tick{50}; }));
    player->seek(Tick{50000});
    QVERIFY(player->position() >= Tick{50000});
    QVERIFY(reached([&] { return player->position() > Tick{50100}; }));
    player->seek(Tick{0});
    QVERIFY(player->position() < Tick{50000});
    QVERIFY(player->playing());
  }

  void theLoopIsHeardAgainAndAgain() {
    const auto player = makePlayer();
    player->setDocument(longNote());
    player->setLoop(TickRange{{960}, {1440}});
    player->seek(Tick{960});
    player->play();
    int turns = 0;
    Tick last{960};
    bool outside = false;
    QVERIFY(reached([&] {
      const Tick now = player->position();
      outside = outside || now < Tick{960} || now > Tick{1440};
      if (now < last) ++turns;
      last = now;
      return turns >= 3;
    }));
    QVERIFY(!outside);
    player->setLoop(std::nullopt);
    QVERIFY(reached([&] { return player->position() > Tick{2000}; }));
  }

  // A loop whose end was set where the music was already planned: the playhead stood for ever.
  void aLoopThatComesTooLateLeavesThePlayheadMoving() {
    const auto player = makePlayer();
    player->setDocument(longNote());
    for (int ahead = 10; ahead < 130; ahead += 10) {
      player->setLoop(std::nullopt);
      player->play();
      const Tick start = player->position();
      QVERIFY(reached([&] { return player->position() > start + TickDelta{100}; }));
      player->setLoop(TickRange{start, player->position() + TickDelta{ahead}});
      // It loops or has passed the end: in either case it goes on.
      int moves = 0;
      int still = 0;
      Tick last = player->position();
      QVERIFY(reached([&] {
        const Tick now = player->position();
        still = now == last ? still + 1 : 0;
        moves += now == last ? 0 : 1;
        last = now;
        return moves > 40 || still > 400;
      }));
      QVERIFY2(moves > 40, qPrintable(QString("stands, the loop ended %1 ticks ahead").arg(ahead)));
      player->stop();
    }
  }

  void stopsByItselfAfterTheLastNote() {
    const auto player = makePlayer();
    Document d = withNotes(newDocument(), {note(0, 480, 60)});
    d = setTempo(d, {{0}, 60000});  // quick, to be there soon
    player->setDocument(share(d));
    player->play();
    QVERIFY(reached([&] { return !player->playing(); }));
    const Tick end = player->position();
    QVERIFY(end > Tick{480});
    QCOMPARE(end.count % 3840, std::int64_t{0});
    player->play();  // and from there it goes on
    QVERIFY(reached([&] { return player->position() > end; }));
  }

  void aTakeThatArrivesWhilePlayingKeepsItGoing() {
    const auto player = makePlayer();
    Document d = setTempo(newDocument(), {{0}, 60000});
    player->setDocument(share(d));
    player->play();
    std::vector<Note> take;
    QVERIFY(reached([&] {
      take.push_back(note(static_cast<std::int64_t>(take.size()) * 240, 240, 60));
      player->setOverlay({{1, take}});
      return take.size() > 60 && player->position() > Tick{1000};
    }));
    player->clearOverlay();
    QVERIFY(player->playing());
  }

  void configuringStopsAndKeepsThePlace() {
    const auto player = makePlayer();
    player->setDocument(longNote());
    player->play();
    QVERIFY(reached([&] { return player->position() > Tick{100}; }));
    AudioSettings s;
    s.sampleRate = 44100;
    s.period = 333;
    player->configure(s);
    QVERIFY(!player->playing());
    QVERIFY(player->position() > Tick{100});
    QCOMPARE(player->status().sampleRate, 44100);
    const Tick before = player->position();
    player->play();
    QVERIFY(reached([&] { return player->position() > before + TickDelta{200}; }));
  }

  void anotherResolutionKeepsThePlace() {
    const auto player = makePlayer();
    player->setDocument(longNote());
    player->seek(Tick{1920});
    Document fine = newDocument();
    fine.ppq = 1920;
    fine.tempo = TempoMap(1920, {});
    fine.meter = MeterMap(1920, {});
    player->setDocument(share(fine));
    QCOMPARE(player->position(), Tick{3840});
  }

  void devicesOfADriverAreListed() {
    const auto player = makePlayer();
    QVERIFY(player->devices("gramophone").empty());
    QTemporaryDir folder;
    const QByteArray path = folder.filePath("alsa.conf").toUtf8();
    std::ofstream(path.constData())
        << "pcm.attic { type null hint { show on description \"Attic\" } }\n";
    qputenv("ALSA_CONFIG_PATH", path);
    const auto names = player->devices("alsa");
    hideDevices();
    QVERIFY(std::find(names.begin(), names.end(), "attic") != names.end());
  }

  void theCountInIsShownAndThePlayheadWaits() {
    const auto player = makePlayer();
    player->setDocument(share(setTempo(*longNote(), {{0}, 200000})));
    player->seek(Tick{3840});
    QCOMPARE(player->countInBeats(), 0);
    player->playAfterCountIn(1);
    QVERIFY(player->playing());
    std::vector<int> shown;
    QVERIFY(reached([&] {
      const int beats = player->countInBeats();
      const Tick at = player->position();
      if (beats > 0 && (shown.empty() || shown.back() != beats)) shown.push_back(beats);
      if (beats > 0 && at != Tick{3840}) shown.push_back(-1);
      return at > Tick{3840 + 100};
    }));
    QVERIFY2((shown == std::vector<int>{4, 3, 2, 1}), "each beat once");
    QCOMPARE(player->countInBeats(), 0);
    player->stop();
    player->playAfterCountIn(4);
    QVERIFY(reached([&] { return player->countInBeats() == 16; }));
    player->stop();
    QCOMPARE(player->countInBeats(), 0);
    QVERIFY(!player->playing());
  }

  void whatIsPlayedComesBackWithItsPlace() {
    const auto player = makePlayer();
    player->setDocument(longNote());
    player->setLiveTrack(1);
    player->seek(Tick{5000});
    player->playLive(midiNoteOn(0, 60, 99));
    player->playLive(midiNoteOff(0, 60));
    std::vector<LiveEvent> events;
    const auto take = [&] {
      for (const LiveEvent& e : player->takeLiveEvents()) events.push_back(e);
      return events.size() >= 2;
    };
    QVERIFY(reached(take));
    QVERIFY(events[0].message == midiNoteOn(0, 60, 99));
    QVERIFY(events[1].message == midiNoteOff(0, 60));
    QVERIFY(!events[0].rolling);
    QCOMPARE(events[0].at, Tick{5000});
    events.clear();
    player->play();
    QVERIFY(reached([&] { return player->position() > Tick{5600}; }));
    const Tick before = player->position();
    player->playLive(midiNoteOn(0, 61, 1));
    const Tick after = player->position();
    player->playLive(midiNoteOff(0, 61));
    QVERIFY(reached(take));
    QVERIFY(events[0].rolling);
    // What the playhead showed, but for a callback that came in between and the clock's learning.
    QVERIFY2(
        events[0].at >= before - TickDelta{100} && events[0].at <= after + TickDelta{100},
        qPrintable(QString("%1 %2 %3").arg(before.count).arg(events[0].at.count).arg(after.count)));
  }

  void figuresOfTheCallbackAreKept() {
    const auto player = makePlayer();
    QVERIFY(reached([&] { return player->figures().callbacks > 20; }));
    const PlaybackFigures f = player->figures();
    QVERIFY(f.longestPercent > 0);
    QVERIFY(f.p999Percent > 0);
    QCOMPARE(player->status().xruns, 0);  // of a device that is not there
  }

  void closingWhilePlayingIsClean() {
    for (int i = 0; i < 5; ++i) {
      const auto player = makePlayer();
      player->setDocument(longNote());
      player->play();
      player->previewOn(fixtures::voice(0), 60, 100);
      player->setMetronome(true);
    }
  }
};

QTEST_GUILESS_MAIN(TestPlayer)
#include "test_player.moc"
