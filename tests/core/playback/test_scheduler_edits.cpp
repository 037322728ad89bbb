// What changes in the plan while it is played.
#include <QtTest>

#include "tests/core/playback/scheduler_stage.h"

using namespace incipit;
using namespace incipit::fixtures;

class TestSchedulerEdits : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void anEditEndsOnlyWhatIsGoneOrChanged() {
    Document d =
        withNotes(newDocument(), {note(0, 9600, 60), note(0, 9600, 64), note(0, 9600, 67)});
    Stage s;
    s.show(d);
    s.scheduler.playRt(0);
    s.run(100);
    QCOMPARE(s.synth.soundingNotes(), 3);
    s.synth.forget();
    const auto notes = d.track(1)->notes.toVector();
    d = removeNotes(d, 1, {&notes[0], 1});                                  // gone
    d = moveNotes(d, 1, {&notes[1], 1}, {0}, 1).document;                   // another pitch
    d = resizeNotes(d, 1, {&notes[2], 1}, Edge::kRight, {-4800}).document;  // sounds on, shorter
    s.show(d);
    QCOMPARE(s.synth.told.size(), std::size_t{2});
    QCOMPARE((s.synth.told[0]), (Told{Told::kOff, 100, 0, 60, 0}));
    QCOMPARE((s.synth.told[1]), (Told{Told::kOff, 100, 0, 64, 0}));
    s.run(6 * kQuarter);
    QCOMPARE(s.synth.soundingNotes(), 0);
    QCOMPARE(s.synth.told.back().quantum, 5 * kQuarter);
  }

  void aNoteShortenedBehindThePlayheadEnds() {
    Document d = withNotes(newDocument(), {note(0, 9600, 60)});
    Stage s;
    s.show(d);
    s.scheduler.playRt(0);
    s.run(2 * kQuarter);
    const auto notes = d.track(1)->notes.toVector();
    s.show(resizeNotes(d, 1, notes, Edge::kRight, {-9000}).document);
    QCOMPARE(s.synth.soundingNotes(), 0);
  }

  void aTempoChangeKeepsThePositionAndTheNotes() {
    Document d = withNotes(newDocument(), {note(0, 9600, 60)});
    Stage s;
    s.show(d);
    s.scheduler.playRt(0);
    s.run(2 * kQuarter);
    s.synth.forget();
    s.show(setTempo(d, {{0}, 250000}));  // twice as fast
    QCOMPARE(s.scheduler.position(), kQuarter);
    s.run(1);
    QVERIFY(s.synth.told.empty());
    s.run(5 * kQuarter);
    QCOMPARE(s.synth.only(Told::kOff).size(), std::size_t{1});
    QCOMPARE(s.synth.told.front().quantum, 2 * kQuarter + 4 * kQuarter);
  }

  void muteWhilePlayingEndsTheTrackAndUnmuteWaitsForTheNextNote() {
    const Document d = withNotes(newDocument(), {note(0, 1920, 60), note(2880, 960, 62)});
    Stage s;
    s.show(d);
    s.scheduler.playRt(0);
    s.run(50);
    s.show(edited(d, 1, [](Track& t) { t.mute = true; }));
    QCOMPARE(s.synth.soundingNotes(), 0);
    s.run(50);
    s.show(d);
    s.run(50);
    QCOMPARE(s.synth.soundingNotes(), 0);
    s.run(3 * kQuarter - 100);
    QCOMPARE(s.synth.soundingNotes(), 1);
  }
};

QTEST_APPLESS_MAIN(TestSchedulerEdits)
#include "test_scheduler_edits.moc"
