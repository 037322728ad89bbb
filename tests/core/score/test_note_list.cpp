// NoteList against a plain sorted vector, under random edits.
#include <QtTest>
#include <algorithm>

#include "core/rng.h"
#include "core/score/note_list.h"

using namespace incipit;

namespace {

Note randomNote(Rng& rng, NoteId id) {
  Note n;
  n.start = {rng.below(100000)};
  n.length = {1 + rng.below(rng.below(20) == 0 ? 50000 : 500)};
  n.pitch = static_cast<std::uint8_t>(rng.below(128));
  n.id = id;
  return n;
}

}  // namespace

class TestNoteList : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void editsMatchAPlainVector() {
    Rng rng(1);
    NoteId id = 1;
    std::vector<Note> model;
    for (int i = 0; i < 5000; ++i) model.push_back(randomNote(rng, id++));
    NoteList list(model);
    for (int round = 0; round < 60; ++round) {
      std::sort(model.begin(), model.end(), NoteOrder{});
      QCOMPARE(list.toVector(), model);
      std::vector<Note> removed;
      std::vector<Note> added;
      for (std::uint32_t i = rng.below(200); i > 0 && !model.empty(); --i) {
        const auto victim = model.begin() + rng.below(static_cast<std::uint32_t>(model.size()));
        removed.push_back(*victim);
        model.erase(victim);
      }
      for (std::uint32_t i = rng.below(400); i > 0; --i) added.push_back(randomNote(rng, id++));
      model.insert(model.end(), added.begin(), added.end());
      list = list.edited(removed, added);
      QCOMPARE(list.size(), model.size());
    }
  }

  void windowsMatchAFullScan() {
    Rng rng(2);
    std::vector<Note> notes;
    for (NoteId id = 1; id <= 20000; ++id) notes.push_back(randomNote(rng, id));
    const NoteList list(notes);
    std::sort(notes.begin(), notes.end(), NoteOrder{});
    for (int round = 0; round < 100; ++round) {
      const Tick from{rng.below(120000)};
      const TickRange range{from, from + TickDelta{rng.below(4000)}};
      std::vector<Note> expected;
      for (const Note& n : notes) {
        if (n.start < range.to && n.end() > range.from) expected.push_back(n);
      }
      QCOMPARE(list.notesIn(range), expected);
    }
  }

  void aSmallEditSharesTheOtherBlocks() {
    Rng rng(3);
    std::vector<Note> notes;
    for (NoteId id = 1; id <= 100000; ++id) notes.push_back(randomNote(rng, id));
    const NoteList list(notes);
    const NoteList edited = list.edited({}, std::vector<Note>{randomNote(rng, 200000)});
    std::size_t shared = 0;
    for (const auto& b : edited.blocks()) {
      shared += std::count(list.blocks().begin(), list.blocks().end(), b);
    }
    QVERIFY(shared + 2 >= list.blocks().size());
  }

  void removingWhatIsNotThereChangesNothing() {
    Rng rng(4);
    const NoteList list(std::vector<Note>{randomNote(rng, 1), randomNote(rng, 2)});
    const NoteList same = list.edited(std::vector<Note>{randomNote(rng, 3)}, {});
    QVERIFY(same == list);
    QCOMPARE(NoteList().edited(std::vector<Note>{randomNote(rng, 3)}, {}).size(), std::size_t{0});
  }

  void noBlockIsEmpty() {
    Rng rng(5);
    std::vector<Note> notes;
    for (NoteId id = 1; id <= 5000; ++id) notes.push_back(randomNote(rng, id));
    const NoteList list(notes);
    const NoteList none = list.edited(notes, {});
    QVERIFY(none.empty());
    QCOMPARE(none.blocks().size(), std::size_t{0});
    QVERIFY(none.begin() == none.end());
  }
};

QTEST_APPLESS_MAIN(TestNoteList)
#include "test_note_list.moc"
