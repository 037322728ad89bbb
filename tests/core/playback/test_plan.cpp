#include <QtTest>

#include "core/playback/plan.h"
#include "tests/core/playback/fixtures.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

// 960 ticks a quarter, 120 quarters a minute, 48 kHz: a tick is 25 frames, a quarter 375 quanta.
std::vector<PlanEvent> eventsOf(const Document& d, const PlanOverlay& overlay = {}) {
  PlanCompiler compiler(48000);
  const auto plan = compiler.compile(share(d), overlay);
  return plan->parts.front().track->events;
}

}  // namespace

class TestPlan : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void placesNotesInQuanta() {
    const auto events = eventsOf(withNotes(newDocument(), {note(960, 480, 60, 99)}));
    QCOMPARE(events.size(), std::size_t{2});
    QCOMPARE(events[0].kind, PlanKind::kNoteOn);
    QCOMPARE(events[0].quantum, std::int64_t{375});
    QCOMPARE(int{events[0].value}, 99);
    QCOMPARE(int{events[0].length}, 188);  // 187.5 quanta, to the nearest
    QCOMPARE(events[1].kind, PlanKind::kNoteOff);
    QCOMPARE(events[1].quantum, std::int64_t{563});
  }

  void aTrackIsRoutedToItsOutput() {
    Document d = addTrack(newDocument(), "second", 0, false).document;
    d = edited(d, 1, [](Track& t) {
      t.output = "keys";
      t.channel = 9;
    });
    d = edited(d, 2, [](Track& t) { t.output = "not there"; });
    PlanOptions options;
    options.slots = {{"keys", 7}, {"", 3}};
    PlanCompiler compiler(48000);
    const auto plan = compiler.compile(share(d), {}, options);
    QCOMPARE(plan->parts[0].route, (Route{7, 9}));
    QCOMPARE(plan->parts[1].route, Route{});
    QVERIFY(plan->parts[0].channel != plan->parts[1].channel);
    const auto without = compiler.compile(share(d));
    QCOMPARE(without->parts[0].route, Route{});
    QVERIFY(without->parts[0].track == plan->parts[0].track);  // nothing is compiled again
  }

  void followsTempoChanges() {
    Document d = withNotes(newDocument(), {note(1920, 10, 60)});
    d = setTempo(d, {{960}, 1000000});  // 60 a minute from the second quarter
    PlanCompiler compiler(48000);
    const auto plan = compiler.compile(share(d));
    QCOMPARE(plan->frameAt(Tick{1920}), std::int64_t{24000 + 48000});
    QCOMPARE(plan->parts.front().track->events.front().quantum, std::int64_t{1125});
    for (const std::int64_t t : {0, 1, 959, 960, 961, 1920, 100000}) {
      const std::int64_t q = plan->quantumAt(Tick{t});
      QVERIFY2(plan->quantumAt(plan->tickAt(q)) == q || plan->quantumAt(plan->tickAt(q)) == q - 1,
               qPrintable(QString::number(t)));
    }
  }

  void sortsOffsBeforeProgramsBeforeControllersBeforeOns() {
    Document d =
        withNotes(newDocument(), {note(0, 960, 60), note(960, 960, 60), note(960, 960, 64)});
    d = setLane(d, 1, kProgramChange, {{{960}, 5}});
    d = setLane(d, 1, 0, {{{960}, 1}});
    d = setLane(d, 1, kModulation, {{{960}, 77}});
    d = setLane(d, 1, kPitchBend, {{{960}, -8192}});
    std::vector<PlanKind> kinds;
    for (const PlanEvent& e : eventsOf(d)) {
      if (e.quantum == 375) kinds.push_back(e.kind);
    }
    const std::vector<PlanKind> expected = {PlanKind::kNoteOff, PlanKind::kBank, PlanKind::kProgram,
                                            PlanKind::kControl, PlanKind::kBend, PlanKind::kNoteOn,
                                            PlanKind::kNoteOn};
    QVERIFY(kinds == expected);
  }

  void endsAnOverlappedNoteAtTheNextOnset() {
    const auto events = eventsOf(
        withNotes(newDocument(), {note(0, 3840, 60), note(960, 480, 60), note(0, 10, 72)}));
    std::vector<std::pair<std::int64_t, PlanKind>> c4;
    for (const PlanEvent& e : events) {
      if (e.data == 60) c4.emplace_back(e.quantum, e.kind);
    }
    const std::vector<std::pair<std::int64_t, PlanKind>> expected = {{0, PlanKind::kNoteOn},
                                                                     {375, PlanKind::kNoteOff},
                                                                     {375, PlanKind::kNoteOn},
                                                                     {563, PlanKind::kNoteOff}};
    QVERIFY(c4 == expected);
  }

  void joinsNotesOfOnePitchThatStartTogether() {
    const auto events =
        eventsOf(withNotes(newDocument(), {note(0, 100, 60, 50), note(1, 960, 60, 70)}));
    QCOMPARE(events.size(), std::size_t{2});
    QCOMPARE(int{events[0].value}, 70);
    QCOMPARE(events[1].quantum, std::int64_t{375});
  }

  void aNoteShorterThanAQuantumStillHasItsOffAfterItsOn() {
    const auto events = eventsOf(withNotes(newDocument(), {note(5, 1, 60)}));
    QCOMPARE(events.size(), std::size_t{2});
    QCOMPARE(events[0].kind, PlanKind::kNoteOn);
    QVERIFY(events[0].quantum < events[1].quantum);
  }

  void randomNotesNeverOverlapOnAPitch() {
    Rng rng(7);
    for (int round = 0; round < 20; ++round) {
      const Document d = randomDocument(rng, 3, 400, 20000);
      PlanCompiler compiler(44100);
      const auto plan = compiler.compile(share(d));
      for (const PlanPart& part : plan->parts) {
        std::array<int, 128> on{};
        std::int64_t before = 0;
        for (const PlanEvent& e : part.track->events) {
          QVERIFY(e.quantum >= before);
          before = e.quantum;
          if (e.kind == PlanKind::kNoteOn) QCOMPARE(++on[e.data], 1);
          if (e.kind == PlanKind::kNoteOff) QCOMPARE(--on[e.data], 0);
        }
        for (const int n : on) QCOMPARE(n, 0);
      }
    }
  }

  void anOverlayPlaysOnItsTrackOnly() {
    Document d = withNotes(newDocument(), {note(0, 960, 60)});
    d = addTrack(d, "second", 40).document;
    PlanCompiler compiler(48000);
    auto plan = compiler.compile(share(d), {{2, {note(960, 960, 64)}}});
    QCOMPARE(plan->parts[0].track->events.size(), std::size_t{2});
    QCOMPARE(plan->parts[1].track->events.size(), std::size_t{2});
    QCOMPARE(plan->notesEnd, std::int64_t{750});
    plan = compiler.compile(share(d));
    QCOMPARE(plan->parts[1].track->events.size(), std::size_t{0});
  }

  void muteAndSoloDecideWhatIsHeard() {
    Document d = newDocument();
    d = addTrack(d, "second", 0).document;
    d = addTrack(d, "third", 0).document;
    const auto audible = [](const Document& doc) {
      PlanCompiler compiler(48000);
      std::string heard;
      const auto plan = compiler.compile(share(doc));
      for (const PlanPart& part : plan->parts) {
        heard += part.audible ? '1' : '0';
      }
      return heard;
    };
    QCOMPARE(audible(d), std::string("111"));
    d = edited(d, 1, [](Track& t) { t.mute = true; });
    QCOMPARE(audible(d), std::string("011"));
    d = edited(d, 3, [](Track& t) { t.solo = true; });
    QCOMPARE(audible(d), std::string("001"));
    d = edited(d, 1, [](Track& t) { t.solo = true; });  // mute is the stronger
    QCOMPARE(audible(d), std::string("001"));
  }

  void anEditCompilesOnlyTheTrackThatChanged() {
    Document d = withNotes(newDocument(), {note(0, 960, 60)});
    d = addTrack(d, "second", 0).document;
    PlanCompiler compiler(48000);
    const auto before = compiler.compile(share(d));
    d = withNotes(d, {note(0, 100, 70)}, 2);
    const auto after = compiler.compile(share(d));
    QCOMPARE(after->parts[0].track, before->parts[0].track);
    QVERIFY(after->parts[1].track != before->parts[1].track);
    d = setTempo(d, {{0}, 600000});
    QVERIFY(compiler.compile(share(d))->parts[0].track != before->parts[0].track);
  }

  void aTrackKeepsItsChannelWhateverComesAndGoes() {
    Document d = newDocument();
    d = addTrack(d, "second", 0).document;
    d = addTrack(d, "third", 0).document;
    PlanCompiler compiler(48000);
    const int third = compiler.compile(share(d))->parts[2].channel;
    d = removeTrack(d, 1);
    auto plan = compiler.compile(share(d));
    QCOMPARE(plan->parts[1].channel, third);
    d = addTrack(d, "fourth", 0).document;
    plan = compiler.compile(share(d));
    QCOMPARE(plan->parts[2].channel, 0);  // of the one removed
    QVERIFY(plan->parts[0].channel != plan->parts[2].channel);
  }

  void moreTracksThanChannelsShareThem() {
    Document d = newDocument();
    for (int i = 0; i < 300; ++i) d = addTrack(d, "t", 0).document;
    PlanCompiler compiler(48000);
    std::map<int, int> users;
    const auto plan = compiler.compile(share(d));
    for (const PlanPart& part : plan->parts) ++users[part.channel];
    QCOMPARE(users.size(), std::size_t{kTrackChannels});
    for (const auto& [channel, count] : users) {
      QVERIFY(channel >= 0 && channel < kTrackChannels);
      QVERIFY(count <= 2);
    }
  }

  void stopsAtABarLineThatLetsTheLastNoteRing() {
    PlanCompiler compiler(48000);
    // Ends at 1.9 s of bars of 2 s: a second later is in the second bar, which ends at 4 s.
    auto plan = compiler.compile(share(withNotes(newDocument(), {note(0, 3648, 60)})));
    QCOMPARE(plan->stopAt, std::int64_t{3000});
    plan = compiler.compile(share(withNotes(newDocument(), {note(0, 3648, 60)})), {},
                            {.endless = true});
    QCOMPARE(plan->stopAt, std::int64_t{0});
    plan = compiler.compile(share(newDocument()));
    QCOMPARE(plan->stopAt, std::int64_t{0});
    plan = compiler.compile(nullptr);
    QCOMPARE(plan->parts.size(), std::size_t{0});
  }

  void keepsExtremesInRange() {
    Document d = withNotes(newDocument(), {note(INT64_C(1) << 60, 10, 127, 127)});
    d = setLane(d, 1, kPitchBend, {{{0}, 99999}});
    d = setLane(d, 1, kVolume, {{{0}, -5}});
    for (const PlanEvent& e : eventsOf(d)) {
      if (e.kind == PlanKind::kBend) QCOMPARE(int{e.value}, 8191);
      if (e.kind == PlanKind::kControl) QCOMPARE(int{e.value}, 0);
      QVERIFY(e.quantum >= 0 && e.quantum < INT64_C(1) << 40);
    }
  }
};

QTEST_APPLESS_MAIN(TestPlan)
#include "test_plan.moc"
