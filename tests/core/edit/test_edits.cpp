// Edits: values by hand, group clamping, and N random edits undone N times give back the start.
#include <QtTest>
#include <set>

#include "core/edit/edits.h"
#include "core/edit/history.h"

using namespace incipit;

namespace {

Note makeNote(std::int64_t start, std::int64_t length, int pitch, int velocity = 80) {
  Note n;
  n.start = {start};
  n.length = {length};
  n.pitch = static_cast<std::uint8_t>(pitch);
  n.velocity = static_cast<std::uint8_t>(velocity);
  return n;
}

NoteEdit pieceOf(std::vector<Note> notes) {
  const Document d = newDocument();
  return addNotes(d, d.tracks.front()->id, notes);
}

constexpr TrackId kTrack = 1;

// As if the notes had been quantised while they were recorded.
Document playedOff(const Document& d, const std::map<NoteId, TickDelta>& offsets) {
  Track t = *d.track(kTrack);
  t.played = std::make_shared<const std::map<NoteId, TickDelta>>(offsets);
  return replaceTrack(d, std::move(t));
}

// Any one edit of the document, by chance.
Document randomEdit(const Document& d, Rng& rng) {
  if (d.tracks.empty()) return addTrack(d, "Again", 0).document;
  const Track& t = *d.tracks[rng.below(static_cast<std::uint32_t>(d.tracks.size()))];
  std::vector<Note> some;
  for (const Note& n : t.notes) {
    if (rng.below(3) == 0) some.push_back(n);
  }
  const auto signedBelow = [&](int bound) {
    return static_cast<int>(rng.below(static_cast<std::uint32_t>(2 * bound + 1))) - bound;
  };
  const TickDelta time{signedBelow(2000)};
  const Edge edge = rng.below(2) == 0 ? Edge::kLeft : Edge::kRight;
  const Grid grid{1 << rng.below(6), rng.below(2) == 0};
  if (some.empty()) {
    return addNotes(d, t.id,
                    std::vector<Note>{makeNote(rng.below(9000), 1 + rng.below(900),
                                               static_cast<int>(rng.below(128)))})
        .document;
  }
  switch (rng.below(21)) {
    case 0:
      return removeNotes(d, t.id, some);
    case 1:
      return moveNotes(d, t.id, some, time, signedBelow(30)).document;
    case 2:
      return copyNotes(d, t.id, some, time, signedBelow(30)).document;
    case 3:
      return resizeNotes(d, t.id, some, edge, time).document;
    case 4:
      return scaleNotes(d, t.id, some, edge, time).document;
    case 5:
      return offsetVelocity(d, t.id, some, signedBelow(60)).document;
    case 6:
      return setLocked(d, t.id, some, rng.below(2) == 0).document;
    case 7:
      return quantise(d, t.id, some, grid, rng.uniform(), rng.below(2) == 0).document;
    case 8:
      return transposeInScale(d, t.id, some, {2, Mode::kDorian}, signedBelow(9)).document;
    case 9:
      return legato(d, t.id, some).document;
    case 10:
      return joinNotes(d, t.id, some).document;
    case 11:
      return splitNotes(d, t.id, some, {rng.below(9000)}).document;
    case 12:
      return humanise(d, t.id, some, 20, 8, rng).document;
    case 13:
      return addTrack(d, "New", 40, rng.below(2) == 0).document;
    case 14:
      return rng.below(4) == 0 ? removeTrack(d, t.id) : moveTrack(d, t.id, rng.below(4));
    case 15:
      return setLane(d, t.id, kSustain, {{{rng.below(5000)}, 127}, {{rng.below(5000)}, 0}});
    case 16:
      return setTempo(d, {{rng.below(9000)}, 200000 + rng.below(900000)});
    case 17:
      return setMeter(d, {{rng.below(9000)}, static_cast<int>(1 + rng.below(9)), 4});
    case 18:
      return addMarker(setKey(d, {{rng.below(3)}, signedBelow(7)}), {{rng.below(9000)}, "x"});
    case 19:
      return restorePlayedTiming(d, t.id, some).document;
    default:
      return pasteClip(d, t.id, copyClip(d, some), {rng.below(9000)}).document;
  }
}

bool sound(const Document& d) {
  std::set<NoteId> ids;
  for (const TrackPtr& t : d.tracks) {
    if (t->played != nullptr && t->played->empty()) return false;
    for (const auto& [id, offset] : t->played ? *t->played : std::map<NoteId, TickDelta>{}) {
      if (offset == TickDelta{0} || t->notes.find(id) == nullptr) return false;
    }
    for (const Note& n : t->notes) {
      if (n.start < Tick{0} || n.length < TickDelta{1} || n.pitch > 127 || n.velocity < 1 ||
          n.velocity > 127 || n.id == 0 || n.id >= d.nextNoteId || !ids.insert(n.id).second) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

class TestEdits : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void randomEditsUndoneGiveBackTheStart() {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Rng rng(seed);
      const auto start = std::make_shared<const Document>(playedOff(
          pieceOf({makeNote(0, 480, 60), makeNote(480, 480, 64), makeNote(960, 960, 127)}).document,
          {{1, {-9}}, {2, {7}}, {3, {960}}}));
      History history(start);
      const Document copy = *start;
      for (int i = 0; i < 150; ++i) {
        history.commit("edit", randomEdit(*history.document(), rng));
        QVERIFY(sound(*history.document()));
      }
      const DocumentPtr last = history.document();
      while (history.canUndo()) history.undo();
      QVERIFY(*history.document() == copy);
      while (history.canRedo()) history.redo();
      QVERIFY(*history.document() == *last);
    }
  }

  void playedTimingFollowsItsNoteAndCanBeRestored() {
    NoteEdit e = pieceOf({makeNote(960, 480, 60), makeNote(1920, 480, 64)});
    e.document = playedOff(e.document, {{e.notes[0].id, {-10}}});
    e = moveNotes(e.document, kTrack, e.notes, {1920}, 12);
    QCOMPARE(e.document.track(kTrack)->playedOffset(e.notes[0].id), TickDelta{-10});
    // Quantised again, to another place: where it was played does not move.
    e = quantise(e.document, kTrack, e.notes, Grid{1});
    QCOMPARE(e.notes[0].start, Tick{3840});
    QCOMPARE(e.document.track(kTrack)->playedOffset(e.notes[0].id), TickDelta{2880 - 10 - 3840});
    const NoteEdit back = restorePlayedTiming(e.document, kTrack, e.notes);
    QCOMPARE(back.notes[0].start, Tick{2870});
    QCOMPARE(back.notes[1].start, e.notes[1].start);
    QVERIFY(back.document.track(kTrack)->played == nullptr);
    const Document gone = removeNotes(e.document, kTrack, e.notes);
    QVERIFY(gone.track(kTrack)->played == nullptr);
  }

  void aGroupKeepsItsIntervalsAtTheEdge() {
    const NoteEdit e = pieceOf({makeNote(0, 480, 120), makeNote(0, 480, 125)});
    const NoteEdit up = moveNotes(e.document, kTrack, e.notes, {-500}, 12);
    QCOMPARE(int{up.notes[0].pitch}, 122);
    QCOMPARE(int{up.notes[1].pitch}, 127);
    QCOMPARE(up.notes[0].start, Tick{0});
    const NoteEdit scale = transposeInScale(e.document, kTrack, e.notes, {0, Mode::kMajor}, 9);
    QCOMPARE(int{scale.notes[1].pitch}, 127);
    QCOMPARE(int{scale.notes[0].pitch}, 122);
  }

  void resizingNeverEmptiesANote() {
    const NoteEdit e = pieceOf({makeNote(960, 240, 60), makeNote(960, 30, 62)});
    const NoteEdit right = resizeNotes(e.document, kTrack, e.notes, Edge::kRight, {-1000}, {120});
    QCOMPARE(right.notes[0].length, TickDelta{120});
    QCOMPARE(right.notes[1].length, TickDelta{30});
    const NoteEdit left = resizeNotes(e.document, kTrack, e.notes, Edge::kLeft, {-2000});
    QCOMPARE(left.notes[0].start, Tick{0});
    QCOMPARE(left.notes[0].end(), Tick{1200});
  }

  void scalingMovesTheDraggedEdge() {
    const NoteEdit e = pieceOf({makeNote(960, 480, 60), makeNote(1920, 960, 62)});
    const NoteEdit right = scaleNotes(e.document, kTrack, e.notes, Edge::kRight, {1920});
    QCOMPARE(right.notes[0].start, Tick{960});
    QCOMPARE(right.notes[0].length, TickDelta{960});
    QCOMPARE(right.notes[1].end(), Tick{2880 + 1920});
    const NoteEdit left = scaleNotes(e.document, kTrack, e.notes, Edge::kLeft, {960});
    QCOMPARE(left.notes[1].end(), Tick{2880});
    QCOMPARE(left.notes[0].start, Tick{1920});
  }

  void quantiseByHalfGoesHalfWay() {
    const NoteEdit e = pieceOf({makeNote(40, 200, 60)});
    QCOMPARE(quantise(e.document, kTrack, e.notes, {16}, 0.5).notes[0].start, Tick{20});
    QCOMPARE(quantise(e.document, kTrack, e.notes, {16}, 1, true).notes[0].end(), Tick{240});
  }

  void inScaleStepsStayInScale() {
    const Scale s{7, Mode::kHarmonicMinor};
    for (int pitch = 20; pitch < 100; ++pitch) {
      QVERIFY(s.contains(s.step(pitch, 1)));
      QVERIFY(s.contains(s.step(pitch, -3)));
      QVERIFY(s.step(pitch, 1) > pitch);
    }
    QCOMPARE((Scale{0, Mode::kMajor}).step(60, 7), 72);
  }

  void legatoJoinAndSplit() {
    const NoteEdit e =
        pieceOf({makeNote(0, 10, 60), makeNote(960, 10, 60), makeNote(1920, 10, 64)});
    QCOMPARE(legato(e.document, kTrack, e.notes).notes[0].length, TickDelta{960});
    const NoteEdit joined = joinNotes(e.document, kTrack, e.notes);
    QCOMPARE(joined.notes.size(), std::size_t{2});
    QCOMPARE(joined.notes[0].length, TickDelta{970});
    QCOMPARE(splitNotes(joined.document, kTrack, joined.notes, {100}).notes.size(), std::size_t{3});
  }

  void theClipboardRescales() {
    const NoteEdit e = pieceOf({makeNote(960, 480, 60)});
    NoteClip clip = copyClip(e.document, e.notes);
    clip.ppq = 480;
    const NoteEdit pasted = pasteClip(e.document, kTrack, clip, {0});
    QCOMPARE(pasted.notes[0].start, Tick{0});
    QCOMPARE(pasted.notes[0].length, TickDelta{960});
  }

  void anEditOfAMissingTrackChangesNothing() {
    const NoteEdit e = pieceOf({makeNote(0, 480, 60)});
    QVERIFY(moveNotes(e.document, 99, e.notes, {10}, 1).document == e.document);
    QVERIFY(removeNotes(e.document, 99, e.notes) == e.document);
  }

  void historyNamesJumpsAndSavedMark() {
    History h(std::make_shared<const Document>(newDocument()));
    QVERIFY(!h.modified());
    h.commit("Draw note", pieceOf({makeNote(0, 480, 60)}).document);
    h.commit("Nothing", *h.document());
    QCOMPARE(h.entries().size(), std::size_t{1});
    QVERIFY(h.modified());
    h.markSaved();
    h.undo();
    QVERIFY(h.modified());
    h.jumpTo(1);
    QVERIFY(!h.modified());
    QCOMPARE(h.entries().front().name, std::string("Draw note"));
  }

  void changedRangeCoversTheChange() {
    Rng rng(11);
    Document d = newDocument();
    std::vector<Note> notes;
    for (int i = 0; i < 9000; ++i) notes.push_back(makeNote(i * 100, 90, 60));
    d = addNotes(d, kTrack, notes).document;
    const std::vector<Note> some = d.tracks[0]->notes.notesIn({{450000}, {450100}});
    const Document moved = moveNotes(d, kTrack, some, {5}, 1).document;
    const TickRange r = changedRange(d, moved);
    QVERIFY(r.from <= some[0].start && r.to >= some[0].end() + TickDelta{5});
    QVERIFY(r.length() < TickDelta{300000});
    QVERIFY(changedRange(d, d).empty());
  }
};

QTEST_APPLESS_MAIN(TestEdits)
#include "test_edits.moc"
