// What the views share: selection follows edits and undo, the transport follows the document, takes
// stream, step, accept as one undo step and leave no trace when discarded.
#include <QSignalSpy>
#include <QtTest>

#include "tests/ui/fake_engine.h"
#include "tests/ui/fake_player.h"
#include "ui/session/takes.h"

using namespace incipit;

class TestSession : public QObject {
  Q_OBJECT

  std::shared_ptr<Script> script_;
  std::unique_ptr<FakePlayer> player_;
  std::unique_ptr<JobRunner> jobs_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Takes> takes_;

  Note draw(std::int64_t start, int pitch) {
    Note n;
    n.start = {start};
    n.length = {960};
    n.pitch = static_cast<std::uint8_t>(pitch);
    session_->commit("Draw note", addNotes(*session_->document(), session_->activeTrack(),
                                           std::vector<Note>{n}));
    return session_->selection().front();
  }

 private Q_SLOTS:
  void init() {
    script_ = std::make_shared<Script>();
    player_ = std::make_unique<FakePlayer>();
    jobs_ = std::make_unique<JobRunner>(FakeEngine::loader(script_));
    session_ = std::make_unique<Session>();
    transport_ = std::make_unique<Transport>(*session_, player_.get());
    takes_ = std::make_unique<Takes>(*session_, *transport_, jobs_.get());
    ComposeSettings s;
    s.seed = 5;
    s.seedFixed = true;
    s.bars = 2;
    s.takes = 3;
    takes_->setSettings(s);
  }
  void cleanup() {
    takes_.reset();
    transport_.reset();
    session_.reset();
    jobs_.reset();
    player_.reset();
  }

  void theSelectionFollowsEditsAndUndo() {
    draw(0, 60);
    const Note second = draw(960, 62);
    QCOMPARE(session_->selection().size(), std::size_t{1});
    session_->commit("Move", moveNotes(*session_->document(), session_->activeTrack(),
                                       session_->selection(), {0}, 5));
    QCOMPARE(int{session_->selection().front().pitch}, 67);
    session_->undo();
    QCOMPARE(int{session_->selection().front().pitch}, 62);
    QVERIFY(session_->isSelected(second.id));
    session_->undo();
    QVERIFY(session_->selection().empty());
    session_->selectAll();
    QCOMPARE(session_->selection().size(), std::size_t{1});
    session_->invertSelection();
    QVERIFY(session_->selection().empty());
  }

  void anEditThatChangesNothingMakesNoStep() {
    draw(0, 60);
    QSignalSpy changes(session_.get(), &Session::documentChanged);
    QVERIFY(!session_->commit("Move", moveNotes(*session_->document(), session_->activeTrack(),
                                                session_->selection(), {0}, 0)));
    QCOMPARE(changes.count(), 0);
    QCOMPARE(session_->history().entries().size(), std::size_t{1});
  }

  void modifiedFollowsSaveAndUndo() {
    QVERIFY(!session_->history().modified());
    draw(0, 60);
    QVERIFY(session_->history().modified());
    session_->markSaved();
    QSignalSpy modified(session_.get(), &Session::modifiedChanged);
    session_->undo();
    QCOMPARE(modified.count(), 1);
    QVERIFY(session_->history().modified());
  }

  void removingTheActiveTrackActivatesAnother() {
    TrackEdit e = addTrack(*session_->document(), "Bass", 32);
    session_->commit("Add track", e.document);
    session_->setActiveTrack(e.track);
    session_->commit("Remove track", removeTrack(*session_->document(), e.track));
    QVERIFY(session_->track() != nullptr);
    QVERIFY(session_->activeTrack() != e.track);
  }

  void editsReachThePlayerOncePerBurst() {
    const int before = player_->documentsSet;
    draw(0, 60);
    draw(960, 62);
    draw(1920, 64);
    QTRY_COMPARE(player_->documentsSet, before + 1);
    QCOMPARE(player_->document, session_->document());
  }

  void playHandsOverWhatWasJustDrawn() {
    draw(0, 60);
    transport_->play();
    QCOMPARE(player_->document, session_->document());
  }

  void returnGoesBackToWherePlayBegan() {
    transport_->seek({3840});
    transport_->play();
    player_->now = {9000};
    transport_->stopAndReturn();
    QVERIFY(!transport_->playing());
    QCOMPARE(transport_->position(), Tick{3840});
    transport_->stopAndReturn();
    QCOMPARE(transport_->position(), Tick{0});
  }

  void anEmptyLoopNeverLoops() {
    transport_->setLooping(true);
    QVERIFY(!player_->loop);
    transport_->setLoopRange({{0}, {3840}});
    QCOMPARE(*player_->loop, (TickRange{{0}, {3840}}));
  }

  void aNewPreviewEndsTheOneBefore() {
    transport_->preview(60, 90);
    transport_->preview(64, 90);
    QCOMPARE(player_->sounding, std::vector<int>{64});
    transport_->preview(67, 90, /*oneShot=*/true);
    QTRY_VERIFY(player_->sounding.empty());
  }

  void takesStreamStepAndAcceptAsOneStep() {
    draw(0, 60);
    const std::size_t steps = session_->history().entries().size();
    QCOMPARE(takes_->continuationStart(), Tick{3840});
    takes_->generate();
    QTRY_VERIFY(!takes_->generating() && takes_->takes()[2].notes().size() == 8);
    QCOMPARE(player_->overlay.size(), std::size_t{8});
    const int firstPitch = takes_->currentTake()->notes().front().pitch;
    takes_->next();
    QVERIFY(takes_->currentTake()->notes().front().pitch != firstPitch);
    takes_->previous();
    takes_->previous();
    QCOMPARE(takes_->current(), 2);
    takes_->next();
    takes_->accept();
    QCOMPARE(session_->history().entries().size(), steps + 1);
    QCOMPARE(session_->track()->notes.size(), std::size_t{9});
    QCOMPARE(session_->selection().size(), std::size_t{8});
    QCOMPARE(session_->document()->regions.size(), std::size_t{1});
    QVERIFY(player_->overlay.empty());
    session_->undo();
    QCOMPARE(session_->track()->notes.size(), std::size_t{1});
    QVERIFY(session_->document()->regions.empty());
  }

  void tracksComposedTogetherAreOneTake() {
    draw(0, 60);
    Document d = *session_->document();
    d = addTrack(d, "bass", 33).document;
    d = addTrack(d, "drums", 0, true).document;
    Track muted = *d.tracks[2];
    muted.mute = true;
    d = replaceTrack(d, muted);
    Note late;
    late.start = {6000};
    late.length = {960};
    d = addNotes(d, d.tracks[1]->id, std::span(&late, 1)).document;
    session_->commit("Set up", d);
    const TrackId main = session_->activeTrack();
    const TrackId bass = d.tracks[1]->id;
    ComposeSettings s = takes_->settings();
    s.together = true;
    takes_->setSettings(s);
    QCOMPARE(takes_->partners(), std::vector<TrackId>{bass});
    session_->clearSelection();
    QCOMPARE(takes_->continuationStart(), Tick{7680});  // after all of them
    const std::size_t steps = session_->history().entries().size();
    takes_->generate();
    QTRY_VERIFY(!takes_->generating());
    QCOMPARE(script_->asked.back().with, std::vector<TrackId>{bass});
    QCOMPARE(takes_->currentTake()->noteCount(), std::size_t{16});
    QCOMPARE(player_->overlays.size(), std::size_t{2});
    QCOMPARE(player_->overlays[1].track, bass);
    QCOMPARE(player_->overlays[1].notes.size(), std::size_t{8});
    takes_->accept();
    QCOMPARE(session_->history().entries().size(), steps + 1);
    QCOMPARE(session_->document()->track(main)->notes.size(), std::size_t{9});
    QCOMPARE(session_->document()->track(bass)->notes.size(), std::size_t{9});
    QVERIFY(session_->document()->tracks[2]->notes.empty());
    QCOMPARE(session_->document()->regions.size(), std::size_t{2});
    QCOMPARE(session_->document()->regions[1].track, bass);
    QCOMPARE(session_->selection().size(), std::size_t{8});
    QVERIFY(player_->overlays.empty());
    session_->undo();
    QVERIFY(*session_->document() == d);
  }

  // Accepting would have put its notes nowhere.
  void aTakeWhoseTrackIsGoneIsDiscarded() {
    Document d = addTrack(*session_->document(), "bass", 33).document;
    session_->commit("Add", d);
    ComposeSettings s = takes_->settings();
    s.together = true;
    takes_->setSettings(s);
    takes_->generate();
    QTRY_VERIFY(!takes_->generating());
    session_->commit("Remove", removeTrack(d, d.tracks[1]->id));
    QVERIFY(takes_->takes().empty());
    QVERIFY(player_->overlays.empty());
  }

  void discardLeavesNoTrace() {
    draw(0, 60);
    const DocumentPtr before = session_->document();
    takes_->generate();
    QTRY_VERIFY(!takes_->generating());
    takes_->discard();
    QCOMPARE(session_->document(), before);
    QVERIFY(takes_->takes().empty());
    QVERIFY(player_->overlay.empty());
  }

  void cancelKeepsWhatWasSampledAndItCanBeAccepted() {
    script_->gated = true;
    takes_->generate();
    QTRY_COMPARE(takes_->takes()[0].notes().size(), std::size_t{1});
    takes_->cancel();
    QTRY_VERIFY(!takes_->generating());
    takes_->accept();
    QCOMPARE(session_->track()->notes.size(), std::size_t{1});
    QCOMPARE(session_->document()->regions.size(), std::size_t{1});
  }

  void generatingTwiceAtOnceRunsOneJobAtATime() {
    script_->gated = true;
    takes_->generate();
    QTRY_COMPARE(script_->composing.load(), 1);
    takes_->generate();
    script_->open();
    QTRY_VERIFY(!takes_->generating());
    QCOMPARE(script_->mostComposing.load(), 1);
    QTRY_COMPARE(takes_->takes()[2].notes().size(), std::size_t{8});
  }

  void editingWhileGeneratingLosesNothing() {
    script_->gated = true;
    takes_->generate();
    QTRY_COMPARE(takes_->takes()[0].notes().size(), std::size_t{1});
    draw(0, 72);
    script_->open();
    QTRY_COMPARE(takes_->takes()[0].notes().size(), std::size_t{8});
    takes_->accept();
    QCOMPARE(session_->track()->notes.size(), std::size_t{9});
  }

  void aFailureIsReportedAndTheTakesAreGone() {
    script_->error = "broken.safetensors: cut at byte 512; choose another model";
    QSignalSpy failed(takes_.get(), &Takes::failed);
    takes_->generate();
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed.front().front().toString().contains("byte 512"));
    QVERIFY(takes_->takes().empty());
  }

  void regeneratingGivesTheSameNotes() {
    draw(0, 60);
    takes_->generate();
    QTRY_VERIFY(!takes_->generating() && takes_->takes()[0].notes().size() == 8);
    takes_->next();
    const std::vector<Note> notes = takes_->currentTake()->notes();
    takes_->accept();
    draw(0, 90);
    takes_->regenerate(session_->document()->regions.front(), "model");
    QTRY_VERIFY(!takes_->generating() && takes_->takes()[0].notes().size() == notes.size());
    QCOMPARE(takes_->takes()[0].notes(), notes);
  }

  void loadingAnotherDocumentDropsTheTakes() {
    takes_->generate();
    session_->load(std::make_shared<const Document>(newDocument()));
    QVERIFY(takes_->takes().empty());
    QVERIFY(!session_->history().canUndo());
  }

  void destroyingWhileGeneratingIsSafe() {
    script_->gated = true;
    takes_->generate();
    QTRY_COMPARE(script_->composing.load(), 1);
    takes_.reset();
    QTRY_COMPARE(script_->composing.load(), 0);
  }
};

QTEST_GUILESS_MAIN(TestSession)
#include "test_session.moc"
