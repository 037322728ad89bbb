// Call and response: what the model is asked and when, the downbeat, one undo step an exchange,
// empty calls, slow and failing models; by chance, whatever was played before a stop is kept.
#include "core/rng.h"
#include "tests/ui/session/live_fixture.h"

using namespace incipit;

namespace {
constexpr std::int64_t kBar = LiveFixture::kBar;
constexpr std::int64_t kBeat = LiveFixture::kBeat;
// The model is asked 250 ms before the bar line: 480 ticks at 120.
constexpr std::int64_t kAsked = 2 * kBar - 470;
}  // namespace

class TestCallResponse : public QObject {
  Q_OBJECT

  struct Studio : LiveFixture {
    CallResponse exchange{session, transport, live, takes, &jobs};
    Studio() {
      ComposeSettings settings;
      settings.seed = 0;
      settings.seedFixed = true;
      takes.setSettings(settings);
      exchange.setCountInBars(0);
    }
    ~Studio() { script->open(); }
    // The notes were taken, and the model has told all about them: where the answer came from is
    // known a moment after its last note.
    bool answeredInFull(std::size_t notes) {
      if (!answered(notes)) return false;
      const auto after = jobs.run(
          JobRunner::Where::kInteractive,
          [](const TaskJob::Progress&, const std::stop_token&) -> Result<void> { return {}; }, {});
      return QTest::qWaitFor([&] { return after->finished(); });
    }
    // The model has given its answer, and it was taken.
    bool answered(std::size_t notes) {
      return QTest::qWaitFor([&] {
        live.poll();
        return exchange.answerNotes().size() == notes;
      });
    }
  };

 private Q_SLOTS:
  void theModelIsAskedShortlyBeforeTheDownbeat() {
    Studio s;
    s.exchange.start();
    QCOMPARE(s.exchange.phase(), CallResponse::Phase::kCall);
    QCOMPARE(s.exchange.callRange(), (TickRange{{0}, {2 * kBar}}));
    s.strike(60, 0);
    s.runTo(kBar);
    s.player.press(64);
    s.runTo(2 * kBar - 490);
    QVERIFY(s.script->requests().empty());
    s.runTo(kAsked);
    QTRY_COMPARE(s.script->requests().size(), std::size_t{1});
    const ComposeRequest r = s.script->requests().front();
    QCOMPARE(r.from, Tick{2 * kBar});
    QCOMPARE(r.bars, 2);
    QVERIFY(r.startOnBeat);
    QCOMPARE(r.track, s.session.activeTrack());
    // What is held ends with the call for the model, and nothing is in the document yet.
    QCOMPARE(LiveFixture::text(r.document->track(r.track)->notes.toVector()),
             (QStringList{"0+480 60", "3840+3840 64"}));
    QCOMPARE(s.undos(), std::size_t{0});
  }

  void anExchangeIsOneStep() {
    Studio s;
    s.exchange.start();
    s.strike(60, 0);
    s.runTo(kAsked);
    QVERIFY(s.answeredInFull(8));
    QCOMPARE(s.player.overlay.size(), std::size_t{8});
    QCOMPARE(s.player.overlay.front().start, Tick{2 * kBar});
    QVERIFY(!s.exchange.late());
    s.runTo(2 * kBar);
    QCOMPARE(s.exchange.phase(), CallResponse::Phase::kAnswer);
    s.strike(80, 3 * kBar);  // played into the answer
    QCOMPARE(s.undos(), std::size_t{0});
    s.runTo(4 * kBar + 5);
    QCOMPARE(s.undos(), std::size_t{1});
    QVERIFY(s.player.overlay.empty());
    QCOMPARE(s.notes().size(), std::size_t{10});
    QCOMPARE(s.session.document()->regions.size(), std::size_t{1});
    const GeneratedRegion& region = s.session.document()->regions.front();
    QCOMPARE(region.range, (TickRange{{2 * kBar}, {4 * kBar}}));
    QCOMPARE(requestOf(region)->from, Tick{2 * kBar});
    // And the next call has begun.
    QCOMPARE(s.exchange.phase(), CallResponse::Phase::kCall);
    QCOMPARE(s.exchange.callRange(), (TickRange{{4 * kBar}, {6 * kBar}}));
    s.strike(62, 5 * kBar);
    s.runTo(4 * kBar + kAsked);
    QTRY_COMPARE(s.script->requests().size(), std::size_t{2});
    QVERIFY(s.answeredInFull(8));
    s.runTo(8 * kBar);
    QCOMPARE(s.undos(), std::size_t{2});
    QCOMPARE(s.session.document()->regions.size(), std::size_t{2});
    s.transport.stop();
    QCOMPARE(s.exchange.phase(), CallResponse::Phase::kIdle);
    s.session.undo();
    s.session.undo();
    QVERIFY(s.notes().empty() && s.session.document()->regions.empty());
  }

  void nothingPlayedIsNoQuestion() {
    Studio s;
    s.exchange.start();
    for (int bar = 0; bar < 6; ++bar) {
      s.runTo(bar * kBar + 100);
      s.runTo(bar * kBar + kBar - 100);
    }
    s.runTo(6 * kBar);
    QCOMPARE(s.exchange.phase(), CallResponse::Phase::kCall);
    QCOMPARE(s.exchange.callRange(), (TickRange{{6 * kBar}, {8 * kBar}}));
    s.transport.stop();
    QVERIFY(s.script->requests().empty());
    QCOMPARE(s.undos(), std::size_t{0});
  }

  void aRunningTransportCallsFromTheNextDownbeat() {
    Studio s;
    s.transport.play();
    s.runTo(1000);
    s.exchange.setOn(true);
    QCOMPARE(s.exchange.callRange(), (TickRange{{kBar}, {3 * kBar}}));
    s.exchange.setOn(false);
    QCOMPARE(s.exchange.phase(), CallResponse::Phase::kIdle);
    QVERIFY(s.player.isPlaying);
  }

  void theLoopIsTurnedOff() {
    Studio s;
    s.transport.setLoopRange({{0}, {kBar}});
    s.transport.setLooping(true);
    s.exchange.start();
    QVERIFY(!s.player.loop);
  }

  // Nothing of the answer has come when its downbeat does.
  void aSlowModelAnswersOnTheNextDownbeat() {
    Studio s;
    s.exchange.setBars(1);
    s.exchange.start();
    s.strike(60, 0);
    // The worker has something else to do.
    std::atomic<bool> go{false};
    const auto busy =
        s.jobs.run(JobRunner::Where::kInteractive,
                   [&](const TaskJob::Progress&, std::stop_token stop) -> Result<void> {
                     while (!go && !stop.stop_requested()) std::this_thread::yield();
                     return {};
                   },
                   {});
    s.runTo(kBar - 470);
    s.runTo(kBar - 90);
    QVERIFY(s.exchange.late());
    s.runTo(kBar + 10);
    QCOMPARE(s.exchange.answerRange(), (TickRange{{2 * kBar}, {3 * kBar}}));
    go = true;
    QVERIFY(s.answeredInFull(4));
    QCOMPARE(s.player.overlay.front().start, Tick{2 * kBar});
    s.runTo(2 * kBar);
    s.runTo(3 * kBar);
    QCOMPARE(s.undos(), std::size_t{1});
    const GeneratedRegion& region = s.session.document()->regions.front();
    QCOMPARE(region.range, (TickRange{{2 * kBar}, {3 * kBar}}));
    QCOMPARE(requestOf(region)->from, Tick{2 * kBar});
    QCOMPARE(s.exchange.callRange(), (TickRange{{3 * kBar}, {4 * kBar}}));
  }

  void aStopKeepsWhatWasHeardOfTheAnswer() {
    Studio s;
    s.exchange.start();
    s.strike(60, 0);
    s.runTo(kAsked);
    QVERIFY(s.answeredInFull(8));
    s.runTo(2 * kBar);
    s.runTo(2 * kBar + 2 * kBeat + 10);
    s.exchange.stop();
    QCOMPARE(s.notes().size(), std::size_t{4});
    QCOMPARE(s.undos(), std::size_t{1});
    QCOMPARE(s.session.document()->regions.front().range.to, Tick{2 * kBar + 2 * kBeat + 10});
    QVERIFY(s.player.overlay.empty());
  }

  // Asked, and stopped before the downbeat: nothing of the answer was heard.
  void aStopBeforeTheAnswerKeepsTheCall() {
    Studio s;
    s.exchange.start();
    s.strike(60, 0);
    s.runTo(kAsked);
    QVERIFY(s.answeredInFull(8));
    s.exchange.stop();
    QCOMPARE(s.text(), QStringList{"0+480 60"});
    QVERIFY(s.session.document()->regions.empty());
  }

  // Held over the bar lines of call and exchange: the recorded note has its true length.
  void aHeldNoteKeepsItsEnd() {
    Studio s;
    s.exchange.setBars(1);
    s.exchange.start();
    s.strike(60, 0);
    s.runTo(2 * kBeat);
    s.player.press(64);
    s.player.receive(midiControl(0, kSustain, 127));
    s.runTo(kBar - 470);
    QVERIFY(s.answered(4));
    s.runTo(kBar + 10);
    s.runTo(2 * kBar);
    QCOMPARE(s.undos(), std::size_t{1});
    s.runTo(2 * kBar + kBeat);
    s.player.release(64);
    s.player.receive(midiControl(0, kSustain, 0));
    s.runTo(3 * kBar - 100);
    s.exchange.stop();
    QVERIFY(s.text().contains("1920+6720 64"));
    const Lane& pedal = *s.session.track()->lanes.at(kSustain);
    QCOMPARE(pedal.front(), (ControlPoint{{1920}, 127}));
    QCOMPARE(pedal.back(), (ControlPoint{{2 * kBar + kBeat}, 0}));
  }

  void aFailureIsSaidOnceAndWhatWasPlayedStays() {
    Studio s;
    s.script->error = "fake.safetensors: cut off; choose another model";
    QSignalSpy failed(&s.exchange, &CallResponse::failed);
    s.exchange.start();
    s.strike(60, 0);
    s.runTo(kAsked);
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(!s.exchange.on());
    QVERIFY(s.player.isPlaying);
    QCOMPARE(s.text(), QStringList{"0+480 60"});
  }

  void seekingEndsTheExchangeAndBeginsAnother() {
    Studio s;
    s.exchange.start();
    s.strike(60, 0);
    s.player.press(62);
    s.runTo(kBar);
    s.transport.seek({10 * kBar + 5});
    QCOMPARE(s.text(), (QStringList{"0+480 60", "480+3360 62"}));
    QCOMPARE(s.exchange.callRange().from, Tick{11 * kBar});
  }

  void withoutAModelItSaysSo() {
    LiveFixture s;
    CallResponse exchange(s.session, s.transport, s.live, s.takes, nullptr);
    QSignalSpy failed(&exchange, &CallResponse::failed);
    exchange.start();
    QCOMPARE(failed.count(), 1);
    QVERIFY(!exchange.on() && !s.player.isPlaying);
  }

  void byChanceEveryNoteIsKept();
};

void TestCallResponse::byChanceEveryNoteIsKept() {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rng rng(seed);
    Studio s;
    s.exchange.setBars(1 + static_cast<int>(rng.below(2)));
    s.takes.setSettings({});
    s.exchange.start();
    std::multiset<std::pair<int, int>> played;
    std::int64_t now = 0;
    const std::int64_t stop = rng.below(6 * kBar);
    const bool rests = rng.below(3) == 0;
    while (now < stop) {
      now += 1 + rng.below(200);
      s.player.advance(Tick{now} - s.player.now);
      // The engine's notes are 60 and up, at velocity 80.
      const int key = static_cast<int>(rng.below(40));
      if ((!rests || now / kBar % 3 == 0) && rng.below(3) != 0) {
        const int velocity = 1 + static_cast<int>(rng.below(79));
        s.player.press(key, velocity);
        played.emplace(key, velocity);
      } else {
        s.player.release(key);
      }
      if (rng.below(3) != 0) s.live.poll();
      if (rng.below(8) == 0) QCoreApplication::processEvents();
    }
    const std::uint32_t how = rng.below(4);
    if (how == 0) s.exchange.stop();
    if (how == 1) s.transport.stop();
    if (how == 2) s.exchange.setOn(false);
    if (how == 3) s.session.settle();
    auto found = s.sounds();
    std::erase_if(found, [](const auto& n) { return n.second == kDefaultVelocity; });
    QVERIFY2(
        found == played,
        qPrintable(
            QString("seed %1: %2 of %3 notes").arg(seed).arg(found.size()).arg(played.size())));
    QVERIFY(s.player.overlay.empty());
    QCOMPARE(s.exchange.phase(), CallResponse::Phase::kIdle);
    for (const Note& n : s.notes()) QVERIFY(n.end() <= std::max(s.player.now, Tick{10 * kBar}));
  }
}

QTEST_GUILESS_MAIN(TestCallResponse)
#include "test_call_response.moc"
