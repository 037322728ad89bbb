// Step input: chords, rests, going back, undo, the cursor.
#include "tests/ui/session/live_fixture.h"

using namespace incipit;

class TestStepInput : public QObject {
  Q_OBJECT

  struct Studio : LiveFixture {
    StepInput step{session, transport, live};
    // Pressed together, released one after another.
    void chord(std::initializer_list<int> keys, int velocity = 80) {
      for (const int key : keys) player.press(key, velocity);
      live.poll();
      for (const int key : keys) {
        player.release(key);
        live.poll();
      }
    }
  };

 private Q_SLOTS:
  void chordsAdvanceByTheGrid() {
    Studio s;
    s.transport.seek({1000});
    s.step.setOn(true);
    QCOMPARE(s.step.cursor(), Tick{960});  // on the grid of sixteenths
    s.chord({60, 64, 67}, 99);
    s.chord({62});
    QCOMPARE(s.text(), (QStringList{"960+240 60", "960+240 64", "960+240 67", "1200+240 62"}));
    QCOMPARE(int{s.notes()[0].velocity}, 99);
    QCOMPARE(s.step.cursor(), Tick{1440});
    QCOMPARE(s.undos(), std::size_t{2});
    QCOMPARE(s.session.selection().size(), std::size_t{1});
  }

  void aChordIsWrittenWhenAllKeysAreUp() {
    Studio s;
    s.step.setOn(true);
    s.player.press(60);
    s.player.press(64);
    s.player.release(60);
    s.player.press(67);
    s.live.poll();
    QCOMPARE(s.step.pending().size(), std::size_t{3});
    QVERIFY(s.notes().empty());
    s.player.release(64);
    s.player.release(67);
    s.live.poll();
    QVERIFY(s.step.pending().empty());
    QCOMPARE(s.notes().size(), std::size_t{3});
  }

  void restsAndNoteLengths() {
    Studio s;
    s.step.setOn(true);
    s.step.setUsesNoteLength(true);
    s.session.setNewNote({480}, 80);
    s.step.rest();
    s.chord({60});
    QCOMPARE(s.text(), QStringList{"480+480 60"});
    QCOMPARE(s.undos(), std::size_t{1});
  }

  void backRemovesTheLastStep() {
    Studio s;
    s.step.setOn(true);
    s.chord({60, 64});
    s.step.rest();
    s.chord({62});
    s.step.back();
    QCOMPARE(s.text(), (QStringList{"0+240 60", "0+240 64"}));
    QCOMPARE(s.step.cursor(), Tick{480});
    QCOMPARE(s.undos(), std::size_t{3});
    s.step.back();  // the rest
    s.step.back();
    QVERIFY(s.notes().empty());
    QCOMPARE(s.step.cursor(), Tick{0});
    s.step.back();
    QCOMPARE(s.step.cursor(), Tick{0});
    QCOMPARE(s.undos(), std::size_t{4});
  }

  void undoTakesTheCursorBack() {
    Studio s;
    s.step.setOn(true);
    s.chord({60});
    s.chord({62});
    s.session.undo();
    QCOMPARE(s.step.cursor(), Tick{240});
    s.session.undo();
    QCOMPARE(s.step.cursor(), Tick{0});
    s.chord({65});
    QCOMPARE(s.text(), QStringList{"0+240 65"});
  }

  void seekingMovesTheCursor() {
    Studio s;
    s.step.setOn(true);
    s.transport.seek({3850});
    s.chord({60});
    QCOMPARE(s.text(), QStringList{"3840+240 60"});
  }

  void whileTheTransportRunsNothingIsEntered() {
    Studio s;
    s.step.setOn(true);
    s.transport.play();
    s.chord({60});
    s.transport.stop();
    s.step.setOn(false);
    s.chord({62});
    QVERIFY(s.notes().empty());
  }

  // Turned off with keys down: what was pressed is written.
  void turningOffKeepsTheChord() {
    Studio s;
    s.step.setOn(true);
    s.player.press(60);
    s.live.poll();
    s.step.setOn(false);
    QCOMPARE(s.text(), QStringList{"0+240 60"});
    s.player.release(60);
    s.live.poll();
    QCOMPARE(s.undos(), std::size_t{1});
  }
};

QTEST_GUILESS_MAIN(TestStepInput)
#include "test_step_input.moc"
