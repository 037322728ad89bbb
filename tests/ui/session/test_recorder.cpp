// Recording: one undo step, whatever ends it; armed track, count-in, click, punch-in, edits
// meanwhile; live input; an outer clock.
#include "tests/ui/session/live_fixture.h"

using namespace incipit;

class TestRecorder : public QObject {
  Q_OBJECT

  struct Studio : LiveFixture {
    Recorder recorder{session, transport, live};
    Studio() {
      RecordSettings s;
      s.countInBars = 0;
      recorder.setSettings(s);
    }
  };

 private Q_SLOTS:
  void aRecordingIsOneStepAndItsNotesAreSelected() {
    Studio s;
    QSignalSpy changed(&s.recorder, &Recorder::recordingChanged);
    s.recorder.toggle();
    QVERIFY(s.recorder.recording() && s.player.isPlaying);
    s.strike(60, 960);
    s.strike(64, 1920);
    s.runTo(4000);
    s.recorder.toggle();
    QVERIFY(!s.player.isPlaying);
    QCOMPARE(s.text(), (QStringList{"960+480 60", "1920+480 64"}));
    QCOMPARE(s.undos(), std::size_t{1});
    QCOMPARE(s.session.history().entries().back().name, std::string("Record"));
    QCOMPARE(s.session.selection().size(), std::size_t{2});
    QCOMPARE(changed.count(), 2);
    s.session.undo();
    QVERIFY(s.notes().empty());
  }

  void stoppingTheTransportEndsItAndHeldNotes() {
    Studio s;
    s.recorder.record();
    s.runTo(100);
    s.player.press(60);
    s.runTo(900);
    QCOMPARE(s.text(s.recorder.notes()), QStringList{"100+800 60"});
    s.player.advance({60});
    s.player.press(62);  // not polled when it stops
    s.player.advance({40});
    s.transport.stop();
    QCOMPARE(s.text(), (QStringList{"100+900 60", "960+40 62"}));
  }

  void nothingPlayedIsNoStep() {
    Studio s;
    s.recorder.record();
    s.runTo(3000);
    s.recorder.stop();
    QCOMPARE(s.undos(), std::size_t{0});
  }

  void countInAndClick() {
    Studio s;
    RecordSettings settings;
    settings.countInBars = 2;
    s.recorder.setSettings(settings);
    QSignalSpy beats(&s.transport, &Transport::countInChanged);
    s.transport.seek({LiveFixture::kBar});
    s.player.countInLeft = 8;
    s.recorder.record();
    QCOMPARE(s.player.countIn, 2);
    QVERIFY(s.player.metronome && !s.transport.metronome());
    QTRY_COMPARE(beats.count(), 1);
    // Long before the start, and shortly before.
    LiveEvent e{midiNoteOn(0, 60, 80), 0, {2000}, true, s.player.run, 0};
    s.player.liveEvents = {e};
    e.message = midiNoteOn(0, 61, 80);
    e.at = {LiveFixture::kBar - 100};
    s.player.liveEvents.push_back(e);
    s.live.poll();
    s.player.countInLeft = 0;
    s.runTo(LiveFixture::kBar + 480);
    s.player.release(61);
    s.recorder.stop();
    QCOMPARE(s.text(), QStringList{"3840+480 61"});
    QVERIFY(!s.player.metronome);
  }

  void punchIn() {
    Studio s;
    s.transport.play();
    s.strike(60, 960);
    s.runTo(2000);
    s.recorder.record();
    s.strike(62, 2880);
    s.recorder.stop();
    QCOMPARE(s.text(), QStringList{"2880+480 62"});
  }

  void theArmedTrackIsRecordedAndHeard() {
    Studio s;
    TrackEdit added = addTrack(*s.session.document(), "Bass", 33);
    s.session.commit("Add track", added.document);
    QCOMPARE(s.player.liveTrack, s.session.activeTrack());
    s.live.arm(added.track);
    QCOMPARE(s.player.liveTrack, added.track);
    s.recorder.record();
    s.strike(40, 0);
    s.recorder.stop();
    QCOMPARE(s.session.document()->track(added.track)->notes.size(), std::size_t{1});
    QCOMPARE(s.live.armed(), added.track);
    // Without it, the active one again.
    s.session.commit("Remove track", removeTrack(*s.session.document(), added.track));
    QCOMPARE(s.live.armed(), TrackId{0});
    QCOMPARE(s.player.liveTrack, s.session.activeTrack());
  }

  void anotherActiveTrackMeanwhileChangesNothing() {
    Studio s;
    const TrackId piano = s.session.activeTrack();
    TrackEdit added = addTrack(*s.session.document(), "Bass", 33);
    s.session.commit("Add track", added.document);
    s.recorder.record();
    s.session.setActiveTrack(added.track);
    QCOMPARE(s.player.liveTrack, piano);
    s.strike(40, 0);
    s.recorder.stop();
    QCOMPARE(s.session.document()->track(piano)->notes.size(), std::size_t{1});
    QCOMPARE(s.session.activeTrack(), piano);
    QCOMPARE(s.live.armed(), TrackId{0});
  }

  void editsAndRemovedTracksMeanwhile() {
    Studio s;
    s.recorder.record();
    s.strike(60, 960);
    Note drawn;
    drawn.length = {960};
    s.session.commit(
        "Draw", addNotes(*s.session.document(), s.session.activeTrack(), std::vector<Note>{drawn}));
    s.recorder.stop();
    QCOMPARE(s.notes().size(), std::size_t{2});
    s.transport.seek({0});
    s.recorder.record();
    s.strike(72, 960);
    s.session.commit("Remove track", removeTrack(*s.session.document(), s.session.activeTrack()));
    s.recorder.stop();
    QCOMPARE(s.session.document()->tracks.size(), std::size_t{1});
    QCOMPARE(s.text(), QStringList{"960+480 72"});
  }

  // Opened another file while recording: what was played would have been gone without a question.
  void anotherDocumentWaitsForTheRecording() {
    Studio s;
    s.recorder.record();
    s.strike(60, 960);
    DocumentPtr last;
    connect(&s.session, &Session::documentChanged, &s.recorder,
            [&] { last = s.session.document(); });
    s.session.load(std::make_shared<const Document>(newDocument()));
    QVERIFY(!s.recorder.recording());
    QVERIFY(last != nullptr && last->noteCount() == 1);
    QCOMPARE(s.session.document()->noteCount(), std::size_t{0});
  }

  void loopsGiveTakes() {
    Studio s;
    s.transport.setLoopRange({{0}, {LiveFixture::kBar}});
    s.transport.setLooping(true);
    s.recorder.record();
    s.strike(60, 960);
    s.runTo(LiveFixture::kBar + 100);
    QCOMPARE(s.player.pass, 1u);
    s.strike(62, 1920);
    s.recorder.stop();
    QCOMPARE(s.text(), QStringList{"1920+480 62"});
    QCOMPARE(s.session.document()->tracks.size(), std::size_t{2});
    QCOMPARE(s.undos(), std::size_t{1});
  }

  void quantiseAndReplace() {
    Studio s;
    RecordSettings settings;
    settings.countInBars = 0;
    settings.quantise = true;
    settings.grid = {8};
    settings.replace = true;
    s.recorder.setSettings(settings);
    for (const int key : {60, 62}) {
      s.transport.seek({0});
      s.recorder.record();
      s.strike(key, 1000);
      s.recorder.stop();
    }
    QCOMPARE(s.text(), QStringList{"960+480 62"});
    QCOMPARE(s.session.track()->playedOffset(s.notes()[0].id), TickDelta{40});
  }

  void withoutAPlayerItSaysSo() {
    Session session;
    Transport transport(session, nullptr);
    LiveInput live(session, transport);
    Recorder recorder(session, transport, live);
    QSignalSpy failed(&recorder, &Recorder::failed);
    recorder.toggle();
    QCOMPARE(failed.count(), 1);
    QVERIFY(!recorder.recording());
  }

  void heldKeysAreKnown() {
    Studio s;
    QSignalSpy held(&s.live, &LiveInput::heldChanged);
    QSignalSpy played(&s.live, &LiveInput::played);
    s.player.press(60);
    s.player.press(64);
    s.live.poll();
    QCOMPARE(s.live.held(), (std::set<int>{60, 64}));
    s.player.release(60);
    s.live.poll();
    QCOMPARE(s.live.held(), std::set<int>{64});
    QCOMPARE(held.count(), 2);
    QCOMPARE(played.count(), 3);
  }

  // By itself, without anybody asking.
  void eventsArePolled() {
    Studio s;
    s.player.press(60);
    QTRY_COMPARE(s.live.held(), std::set<int>{60});
  }

  void anOuterClockStartsAndStops() {
    Studio s;
    s.transport.setFollowingClock(true);
    QSignalSpy playing(&s.transport, &Transport::playingChanged);
    s.player.now = {960};
    s.player.isPlaying = true;
    QTRY_COMPARE(playing.count(), 1);
    s.recorder.record();
    s.strike(60, 1920);
    s.player.isPlaying = false;
    QTRY_COMPARE(playing.count(), 2);
    QCOMPARE(s.text(), QStringList{"1920+480 60"});
    s.player.isPlaying = true;
    QTRY_COMPARE(playing.count(), 3);
  }
};

QTEST_GUILESS_MAIN(TestRecorder)
#include "test_recorder.moc"
