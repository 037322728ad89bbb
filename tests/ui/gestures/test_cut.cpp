// The cut tool.
#include "tests/ui/roll_fixture.h"

using namespace incipit;

class TestCut : public QObject {
  Q_OBJECT

  static std::vector<std::int64_t> lengths(const RollFixture& f) {
    std::vector<std::int64_t> list;
    for (const Note& n : f.notes()) list.push_back(n.length.count);
    return list;
  }

 private Q_SLOTS:
  void aPressCutsOnTheGrid() {
    RollFixture f;
    f.given({makeNote(1, 64, 2), makeNote(1, 60, 2)});
    f.session.setTool(Tool::kCut);
    f.click(f.canvas, f.at(2.03, 64));
    QCOMPARE(f.notes().size(), 3u);
    QCOMPARE(lengths(f), (std::vector<std::int64_t>{1920, 960, 960}));
    QCOMPARE(f.notes().back().start.count, 1920);
    QCOMPARE(f.undos(), 1u);
    f.session.undo();
    QCOMPARE(f.notes().size(), 2u);
  }

  void theCutFollowsThePointerAndAltIsFree() {
    RollFixture f;
    f.given({makeNote(1, 64, 2)});
    f.session.setTool(Tool::kCut);
    f.press(f.canvas, f.at(1.5, 64));
    f.move(f.canvas, f.at(2.5, 64));
    QCOMPARE(f.editor.state().shownTrack()->notes.size(), 2u);
    QCOMPARE(f.undos(), 0u);
    f.release(f.canvas, f.at(2.37, 64), Qt::AltModifier);
    QCOMPARE(f.undos(), 1u);
    QVERIFY(f.notes().front().length.count % 240 != 0);
  }

  void aSelectedNoteIsCutWithTheOthers() {
    RollFixture f;
    f.given({makeNote(1, 64, 2), makeNote(1, 60, 2), makeNote(1, 55, 2)});
    f.session.select({f.notes().at(1), f.notes().at(2)});
    f.session.setTool(Tool::kCut);
    const int pitch = f.session.selection().front().pitch;
    f.click(f.canvas, f.at(2, pitch));
    QCOMPARE(f.notes().size(), 5u);
    QCOMPARE(f.session.selection().size(), 4u);
  }

  void besideANoteNothingIsCut() {
    RollFixture f;
    f.given({makeNote(1, 64, 2)});
    f.session.setTool(Tool::kCut);
    f.press(f.canvas, f.at(2, 64));
    f.release(f.canvas, f.at(5, 64));  // the pointer left the note
    QCOMPARE(f.undos(), 0u);
    f.click(f.canvas, f.at(2, 70));
    QCOMPARE(f.undos(), 0u);
  }
};

QTEST_MAIN(TestCut)
#include "test_cut.moc"
