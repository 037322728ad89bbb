// What was played becomes notes: pairing, the start, loops, jumps, the stop, replacing, quantising;
// by chance, every note-on is in the document exactly once.
#include <QtTest>
#include <map>
#include <set>

#include "core/edit/recording.h"
#include "core/rng.h"

using namespace incipit;

namespace {

constexpr TrackId kTrack = 1;
constexpr TickDelta kEarly{120};
constexpr TickRange kLoop{{3840}, {7680}};

LiveEvent live(const MidiMessage& m, std::int64_t at, std::uint32_t pass = 0,
               std::uint32_t run = 1) {
  return {m, 0, {at}, true, run, pass};
}
LiveEvent on(int key, std::int64_t at, std::uint32_t pass = 0, int velocity = 80) {
  return live(midiNoteOn(0, key, velocity), at, pass);
}
LiveEvent off(int key, std::int64_t at, std::uint32_t pass = 0, int velocity = 64) {
  return live(midiNoteOff(0, key, velocity), at, pass);
}

Recording recorded(std::initializer_list<LiveEvent> events, Tick stop, Tick start = {0}) {
  Recording r(start, kEarly);
  for (const LiveEvent& e : events) r.add(e);
  r.stop(stop);
  return r;
}

// "start+length key velocity", of the only pass.
QStringList text(const std::vector<Note>& notes) {
  QStringList out;
  for (const Note& n : notes) {
    out +=
        QString("%1+%2 %3 v%4").arg(n.start.count).arg(n.length.count).arg(n.pitch).arg(n.velocity);
  }
  return out;
}
QStringList text(const Lane& lane) {
  QStringList out;
  for (const ControlPoint& p : lane) out += QString("%1:%2").arg(p.at.count).arg(p.value);
  return out;
}

Document withLane(Controller c, Lane lane) {
  return setLane(newDocument(), kTrack, c, std::move(lane));
}
Note makeNote(std::int64_t start, std::int64_t length, int pitch, bool locked = false) {
  Note n;
  n.start = {start};
  n.length = {length};
  n.pitch = static_cast<std::uint8_t>(pitch);
  n.locked = locked;
  return n;
}

}  // namespace

class TestRecording : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void notesKeepBothVelocities() {
    const Recording r = recorded({on(60, 100, 0, 33), off(60, 580, 0, 12)}, {4000});
    const std::vector<Note> notes = r.passes().at(0).notes;
    QCOMPARE(text(notes), QStringList{"100+480 60 v33"});
    QCOMPARE(int{notes[0].releaseVelocity}, 12);
  }

  void pairing() {
    // Twice down without up; up without down; down and up at once.
    const Recording r = recorded({on(60, 0), on(60, 100), off(60, 300), off(60, 400), off(72, 10),
                                  on(64, 500), off(64, 500)},
                                 {1000});
    QCOMPARE(text(r.passes().at(0).notes),
             (QStringList{"0+100 60 v80", "100+200 60 v80", "500+1 64 v80"}));
  }

  void aNoteHeldOverTheStopEndsThere() {
    const Recording r = recorded({on(60, 100)}, {900});
    QCOMPARE(text(r.passes().at(0).notes), QStringList{"100+800 60 v80"});
  }

  void heldNotesGrow() {
    Recording r({0}, kEarly);
    r.add(on(60, 100));
    r.heard({200});
    QCOMPARE(text(r.notesNow()), QStringList{"100+100 60 v80"});
    r.heard({300});
    QCOMPARE(text(r.notesNow()), QStringList{"100+200 60 v80"});
  }

  void aNoteShortlyBeforeTheStartIsOnIt() {
    const Recording r = recorded(
        {on(59, 839), off(59, 1200), on(60, 840), off(60, 1200), on(61, 900), off(61, 950)}, {4000},
        {960});
    QCOMPARE(text(r.passes().at(0).notes), (QStringList{"960+240 60 v80", "960+50 61 v80"}));
  }

  void thePedalHeldAtTheStartAndTheStop() {
    const Recording r = recorded({live(midiControl(0, kSustain, 127), 100),
                                  live(midiControl(0, kSustain, 127), 1000), on(60, 1000)},
                                 {2000}, {960});
    QCOMPARE(text(r.passes().at(0).lanes.at(kSustain)), (QStringList{"960:127", "2000:0"}));
  }

  void controllersBendAndPressure() {
    const Recording r =
        recorded({live(midiControl(3, kModulation, 5), 10), live(midiControl(3, 0, 5), 20),
                  live(midiControl(3, 101, 5), 20), live(midiControl(3, 123, 0), 20),
                  live(midiProgram(3, 9), 30), live(midiPitchBend(3, -8192), 40),
                  live(midiPitchBend(3, 0), 50), live(midiPressure(3, 77), 60),
                  live(midiKeyPressure(3, 60, 77), 60)},
                 {100});
    const auto lanes = r.passes().at(0).lanes;
    QCOMPARE(lanes.size(), std::size_t{3});
    QCOMPARE(text(lanes.at(kModulation)), QStringList{"10:5"});
    QCOMPARE(text(lanes.at(kPitchBend)), (QStringList{"40:-8192", "50:0"}));
    QCOMPARE(text(lanes.at(kChannelPressure)), (QStringList{"60:77", "100:0"}));
  }

  void playedWhileStandingIsNotRecorded() {
    LiveEvent e = on(60, 0);
    e.rolling = false;
    QVERIFY(recorded({e}, {960}).passes().empty());
    const Document d = newDocument();
    QVERIFY(applyRecording(d, kTrack, recorded({e}, {960}), {.replace = true}).document == d);
  }

  // Held over the end of the loop; the pass that follows has only its off.
  void everyPassIsATake() {
    Recording r(kLoop.from, kEarly, kLoop);
    r.add(on(60, 3840));
    r.heard({5000});
    r.heard({7600});
    r.heard({3900});
    r.add(off(60, 4000, 1));
    r.heard({7000});
    r.add(on(62, 3850, 2));
    r.add(off(62, 4800, 2));
    r.heard({4800});
    r.stop({5000});
    const NoteEdit e = applyRecording(newDocument(), kTrack, r);
    QCOMPARE(text(e.notes), QStringList{"3850+950 62 v80"});
    QCOMPARE(e.document.tracks.size(), std::size_t{2});
    const Track& take = *e.document.tracks[1];
    QCOMPARE(take.name, std::string("Piano (take 1)"));
    QVERIFY(take.mute);
    QCOMPARE(text(take.notes.toVector()), QStringList{"3840+3840 60 v80"});
    QCOMPARE(r.ranges(), std::vector<TickRange>{kLoop});
  }

  void aPassWithoutNotesLeavesTheOneBeforeInTheTrack() {
    Recording r(kLoop.from, kEarly, kLoop);
    r.add(on(60, 4000));
    r.add(off(60, 4100));
    r.heard({7000});
    r.heard({4000});
    r.stop({4100});
    const NoteEdit e = applyRecording(newDocument(), kTrack, r);
    QCOMPARE(text(e.notes), QStringList{"4000+100 60 v80"});
    QCOMPARE(e.document.tracks.size(), std::size_t{1});
  }

  // The pedal is down from one pass into the next: each take has its own part of it.
  void thePedalOverTheLoop() {
    Recording r(kLoop.from, kEarly, kLoop);
    r.add(live(midiControl(0, kSustain, 127), 5000));
    r.add(on(60, 5000));
    r.heard({7600});
    r.add(on(61, 4000, 1));
    r.add(live(midiControl(0, kSustain, 0), 4500, 1));
    r.stop({5000});
    const auto passes = r.passes();
    QCOMPARE(text(passes.at(0).lanes.at(kSustain)), (QStringList{"5000:127", "7680:0"}));
    QCOMPARE(text(passes.at(1).lanes.at(kSustain)), (QStringList{"3840:127", "4500:0"}));
  }

  void aJumpForwardGoesOnInTheSameTake() {
    Recording r({0}, kEarly);
    r.add(on(60, 100));
    r.heard({500});
    r.jumped({3840});
    r.add(live(midiNoteOn(0, 62, 80), 4000, 0, 2));
    r.stop({4100});
    QCOMPARE(r.passes().size(), std::size_t{1});
    QCOMPARE(text(r.passes()[0].notes), (QStringList{"100+400 60 v80", "4000+100 62 v80"}));
    QCOMPARE(r.ranges(), (std::vector<TickRange>{{{0}, {500}}, {{3840}, {4100}}}));
  }

  void aJumpBackIsAnotherTake() {
    Recording r({3840}, kEarly);
    r.add(on(60, 4000));
    r.heard({4500});
    r.jumped({3840});
    r.add(live(midiNoteOn(0, 62, 80), 3900, 0, 2));
    r.stop({4100});
    QCOMPARE(r.passes().size(), std::size_t{2});
    QCOMPARE(text(r.passes()[0].notes), QStringList{"4000+500 60 v80"});
    QCOMPARE(text(r.passes()[1].notes), QStringList{"3900+200 62 v80"});
  }

  void replacingTakesWhatStartsInTheRange() {
    const NoteEdit before =
        addNotes(newDocument(), kTrack,
                 std::vector<Note>{makeNote(0, 2000, 50), makeNote(960, 10, 51),
                                   makeNote(1000, 10, 52, true), makeNote(1920, 10, 53)});
    const Recording r = recorded({on(60, 1000), off(60, 1100)}, {1920}, {960});
    const NoteEdit replaced = applyRecording(before.document, kTrack, r, {.replace = true});
    QCOMPARE(text(replaced.document.track(kTrack)->notes.toVector()),
             (QStringList{"0+2000 50 v80", "1000+10 52 v80", "1000+100 60 v80", "1920+10 53 v80"}));
    const NoteEdit added = applyRecording(before.document, kTrack, r);
    QCOMPARE(added.document.track(kTrack)->notes.size(), std::size_t{5});
  }

  // The pedal that lay over the replaced range is up in it and down again behind it.
  void lanesAreTheSameBehindTheRange() {
    const Document d = withLane(kSustain, {{{0}, 127}, {{1500}, 0}, {{1600}, 127}, {{4000}, 0}});
    const Recording r = recorded({on(60, 1000), live(midiControl(0, kSustain, 127), 1100),
                                  live(midiControl(0, kSustain, 0), 1200)},
                                 {1920}, {960});
    const auto lane = [](const NoteEdit& e) {
      return text(*e.document.track(kTrack)->lanes.at(kSustain));
    };
    QCOMPARE(lane(applyRecording(d, kTrack, r, {.replace = true})),
             (QStringList{"0:127", "960:0", "1100:127", "1200:0", "1920:127", "4000:0"}));
    // A volume that was written once stays behind a recorded swell.
    const Document volume = withLane(kExpression, {{{0}, 90}});
    const Recording swell = recorded({live(midiControl(0, kExpression, 20), 1000)}, {1920}, {960});
    QCOMPARE(text(*applyRecording(volume, kTrack, swell).document.track(kTrack)->lanes.at(11)),
             (QStringList{"0:90", "1000:20", "1920:90"}));
  }

  void quantisingKeepsHowItWasPlayed() {
    const Recording r = recorded({on(60, 950), off(60, 1200), on(62, 1215), off(62, 1300)}, {1920});
    const NoteEdit e = applyRecording(newDocument(), kTrack, r, {.quantise = Grid{16}});
    QCOMPARE(text(e.notes), (QStringList{"960+250 60 v80", "1200+85 62 v80"}));
    const Track& t = *e.document.track(kTrack);
    QCOMPARE(t.playedOffset(e.notes[0].id), TickDelta{-10});
    QCOMPARE(t.playedOffset(e.notes[1].id), TickDelta{15});
    const NoteEdit back = restorePlayedTiming(e.document, kTrack, e.notes);
    QCOMPARE(text(back.notes), (QStringList{"950+250 60 v80", "1215+85 62 v80"}));
    QVERIFY(back.document.track(kTrack)->played == nullptr);
  }

  void aNoteBeforeTheEndOfTheLoopStaysInIt() {
    Recording r(kLoop.from, kEarly, kLoop);
    r.add(on(60, 7670));
    r.heard({7675});
    r.stop({3900});
    const NoteEdit e = applyRecording(newDocument(), kTrack, r, {.quantise = Grid{16}});
    QCOMPARE(text(e.notes), QStringList{"7670+10 60 v80"});
  }

  void takesFindFreeNames() {
    Document d = newDocument();
    for (int i = 0; i < 2; ++i) {
      Recording r(kLoop.from, kEarly, kLoop);
      r.add(on(60, 4000));
      r.add(on(61, 4000, 1));
      r.stop({4100});
      d = applyRecording(d, kTrack, r).document;
    }
    QCOMPARE(d.tracks.size(), std::size_t{3});
    QCOMPARE(d.tracks[1]->name, std::string("Piano (take 2)"));
    QCOMPARE(d.tracks[2]->name, std::string("Piano (take 1)"));
  }

  void byChanceEveryNoteIsThereOnce_data() {
    QTest::addColumn<bool>("looping");
    QTest::addColumn<bool>("jumping");
    QTest::addColumn<bool>("quantise");
    QTest::newRow("straight") << false << false << false;
    QTest::newRow("loop") << true << false << false;
    QTest::newRow("loop, quantised") << true << false << true;
    QTest::newRow("jumps") << false << true << true;
    QTest::newRow("loop and jumps") << true << true << false;
  }
  void byChanceEveryNoteIsThereOnce();
};

// A player at the keys and a transport that rolls, loops and is moved; events come in bursts, late
// and, at one poll, in any order of different keys.
void TestRecording::byChanceEveryNoteIsThereOnce() {
  QFETCH(bool, looping);
  QFETCH(bool, jumping);
  QFETCH(bool, quantise);
  const auto loop = looping ? std::optional(kLoop) : std::nullopt;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Rng rng(seed);
    Tick now{3840};
    std::uint32_t run = 7;
    std::uint32_t pass = 0;
    Recording r(now, kEarly, loop);
    r.heard(now);
    std::multiset<std::pair<int, int>> played;
    std::vector<LiveEvent> waiting;
    Tick latest = now;
    const int steps = 20 + static_cast<int>(rng.below(300));
    for (int i = 0; i < steps; ++i) {
      now += TickDelta{rng.below(120)};
      if (loop && now >= loop->to) {
        now = now - loop->length();
        ++pass;
      }
      latest = std::max(latest, now);
      const int key = 60 + static_cast<int>(rng.below(5));
      const int channel = static_cast<int>(rng.below(2));
      const int velocity = 1 + static_cast<int>(rng.below(127));
      const std::uint32_t kind = rng.below(8);
      if (kind < 3) {
        waiting.push_back(live(midiNoteOn(channel, key, velocity), now.count, pass, run));
        played.emplace(key, velocity);
      } else if (kind < 6) {
        waiting.push_back(live(midiNoteOff(channel, key), now.count, pass, run));
      } else if (kind == 6) {
        waiting.push_back(live(midiControl(channel, kSustain, rng.below(2) == 0 ? 0 : 127),
                               now.count, pass, run));
      } else {
        for (const LiveEvent& e : std::exchange(waiting, {})) r.add(e);
        r.heard(now);
      }
      if (jumping && rng.below(40) == 0) {
        for (const LiveEvent& e : std::exchange(waiting, {})) r.add(e);
        now = {3840 + std::int64_t{rng.below(3000)}};
        ++run;
        pass = 0;
        r.jumped(now);
      }
    }
    for (const LiveEvent& e : waiting) r.add(e);
    r.stop(now);
    RecordOptions options;
    if (quantise) options.quantise = Grid{16};
    const NoteEdit edit = applyRecording(newDocument(), kTrack, r, options);
    std::multiset<std::pair<int, int>> found;
    for (const TrackPtr& t : edit.document.tracks) {
      for (const Note& n : t->notes) {
        found.emplace(n.pitch, n.velocity);
        QVERIFY(n.length >= TickDelta{1} && n.id < edit.document.nextNoteId);
        const Tick start = n.start + t->playedOffset(n.id);
        QVERIFY(start >= Tick{3840} && start <= latest);
        QVERIFY(!looping || n.start < kLoop.to);
        if (!quantise) QVERIFY(n.end() <= (looping ? kLoop.to : latest + TickDelta{1}));
      }
      // Nothing is held behind the end.
      if (const auto lane = t->lanes.find(kSustain); lane != t->lanes.end()) {
        QCOMPARE(lane->second->back().value, 0);
      }
    }
    QVERIFY2(
        found == played,
        qPrintable(
            QString("seed %1: %2 of %3 notes").arg(seed).arg(found.size()).arg(played.size())));
  }
}

QTEST_APPLESS_MAIN(TestRecording)
#include "test_recording.moc"
