// event-lstm: what it sees, how it learns, and several tracks composed together.
#include <QTemporaryDir>
#include <QtTest>
#include <map>
#include <set>

#include "core/compose/model_files.h"
#include "core/compose/request_json.h"
#include "core/encoding/event_tokens.h"
#include "models/engine.h"
#include "models/event_data.h"
#include "models/event_presets.h"
#include "models/trainer.h"
#include "toy_band.h"
#include "toy_corpus.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

struct Recorder : ComposeSink {
  std::map<TrackId, std::vector<Note>> notes;
  std::vector<Tick> starts;
  std::stop_source* stop = nullptr;
  void note(TrackId track, const Note& n) override {
    notes[track].push_back(n);
    starts.push_back(n.start);
    if (stop != nullptr && starts.size() == 5) stop->request_stop();
  }
  void progress(double) override {}
};

std::string rolesOfAll() {
  EventRoles all;
  all.set();
  return rolesText(all);
}

// Untrained: whatever comes of it keeps the rules or nothing does.
void writeRandomEvents(const fs::path& file, const std::string& roles = rolesOfAll()) {
  EventPreset p;
  p.hidden = 24;
  p.window = 64;
  writeRandomTensors(file, eventTensors(p),
                     {{"family", kEventLstm},
                      {"preset", p.name},
                      {"config", eventConfig(p)},
                      {"vocabulary", eventVocabulary()},
                      {"roles", roles}});
}

ComposeRequest together(const Document& d, const fs::path& file, std::int64_t from, int bars) {
  ComposeRequest r;
  r.document = std::make_shared<const Document>(d);
  r.track = d.tracks.front()->id;
  for (std::size_t i = 1; i < d.tracks.size(); ++i) r.with.push_back(d.tracks[i]->id);
  r.from = {from};
  r.bars = bars;
  r.checkpoint = file;
  return r;
}

std::vector<const ComposedTrack*> tracksOf(const ComposeResult& result) {
  std::vector<const ComposedTrack*> out{&result};
  for (const ComposedTrack& t : result.others) out.push_back(&t);
  return out;
}

Document withLocked(Document d, std::size_t track, std::int64_t start, std::int64_t length,
                    int pitch) {
  Note n;
  n.start = {start};
  n.length = {length};
  n.pitch = static_cast<std::uint8_t>(pitch);
  n.locked = true;
  return addNotes(d, d.tracks[track]->id, std::span(&n, 1)).document;
}

}  // namespace

class TestEvents : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_, random_;

  TrainRequest request(const char* name) const {
    TrainRequest r;
    r.family = kEventLstm;
    r.data = root_ / "bands";
    r.settings = {
        {"hidden", "32"}, {"layers", "1"}, {"window", "96"}, {"batch", "4"}, {"rate", "0.01"}};
    r.examples = 48;
    r.epochs = 3;
    r.seed = 4;
    r.out = root_ / (std::string(name) + ".safetensors");
    return r;
  }

 private Q_SLOTS:
  void initTestCase() {
    root_ = dir_.path().toStdString();
    writeToyBands(root_ / "bands", 12);
    random_ = root_ / "random.safetensors";
    writeRandomEvents(random_);
  }

  void theProposalIsWhatFollowedTheLongestRun() {
    EventHistory h(EventRoles(1));
    const auto bar = [&](std::initializer_list<int> pitches) {
      h.take(kEventBar);
      int at = 0;
      for (const int p : pitches) {
        h.take(kEventPosition[12 * at++]);
        if (at == 1) h.take(kEventTrack[0]);
        h.take(kEventPitch[p]);
        h.take(kEventDuration[10]);
      }
    };
    h.take(kEventBos);
    QCOMPARE(h.proposal(), kEventSymbols);
    h.take(kEventBar);
    h.take(kEventMeter[0]);
    for (int i = 0; i < 4; ++i) {
      h.take(kEventPosition[12 * i]);
      if (i == 0) h.take(kEventTrack[0]);
      h.take(kEventPitch[30 + i]);
      h.take(kEventDuration[10]);
    }
    bar({30, 31, 32});
    QCOMPARE(h.proposal(), int{kEventPosition[36]});
    QCOMPARE(h.reference(), int{kEventPitch[32]});
    h.take(kEventPosition[24 + 1]);
    QCOMPARE(h.proposal(), kEventSymbols);
  }

  void inputsStayInTheTables() {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      const auto piece = eventPieceOf(toyBand(seed, 20));
      EventHistory h(piece->roles);
      for (const EventToken t : piece->tokens) {
        std::vector<std::int64_t> rows;
        h.appendInputs(rows);
        std::set<std::int64_t> once(rows.begin(), rows.end());
        QCOMPARE(once.size(), rows.size());
        QVERIFY(*once.begin() >= 0 && *once.rbegin() < EventRows::kRows);
        for (int s = 0; s < kEventSymbols; ++s) {
          const int move = EventLogits::move(s, h.reference());
          QVERIFY(move == -1 || (move >= EventLogits::kMove && move < EventLogits::kFavour));
        }
        QVERIFY(h.grammar().allows(t));
        h.take(t);
      }
      QVERIFY(h.grammar().done());
    }
  }

  void trainingLearnsAndEvaluates() {
    TrainRequest r = request("learn");
    r.epochs = 8;
    QuietTrainSink sink;
    const auto result = trainModel(r, sink, {});
    QVERIFY2(result, result ? "" : result.error().message.c_str());
    const auto losses = sink.validation();
    QVERIFY2(losses.back() < 0.5 * losses.front(),
             qPrintable(QString("%1 -> %2").arg(losses.front()).arg(losses.back())));
    EvaluateRequest e;
    e.checkpoint = r.out;
    e.data = r.data;
    e.split = "train";
    e.continuations = 2;
    const auto figures = makeEngine()->evaluate(e, sink, {});
    QVERIFY2(figures, figures ? "" : figures.error().message.c_str());
    QVERIFY(*figures->loss < 1.5 && *figures->accuracy > 0.5);
    QCOMPARE(figures->lossUnit, std::string("nats/token"));
    std::map<std::string, double> named(figures->figures.begin(), figures->figures.end());
    QVERIFY(named.at("NLL (nats/note)") > named.at("NLL (nats/token)"));
    QCOMPARE(named.at("roles that play, written"), 4.0);
    QVERIFY(named.at("roles that play, composed") > 3);
  }

  void aResumedRunIsTheUninterruptedOne() {
    QuietTrainSink whole;
    const TrainRequest uninterrupted = request("whole");
    QVERIFY(trainModel(uninterrupted, whole, {}));
    TrainRequest r = request("parts");
    std::stop_source source;
    TrainHooks hooks;
    hooks.loss = [&](std::int64_t step, double loss) {
      if (step == 14) source.request_stop();
      return loss;
    };
    QuietTrainSink sink;
    const auto stopped = trainModel(r, sink, source.get_token(), hooks);
    QVERIFY(stopped && stopped->cancelled);
    r.resume = stopped->last;
    QVERIFY(trainModel(r, sink, {}));
    const auto a = *readTensors(lastPath(uninterrupted.out));
    const auto b = *readTensors(lastPath(r.out));
    for (std::size_t i = 0; i < a.tensors.size(); ++i) {
      QVERIFY(a.tensors[i].values == b.tensors[i].values);
    }
    QCOMPARE(whole.validation(), sink.validation());
  }

  void takesKeepTheRules_data() {
    QTest::addColumn<int>("bars");
    QTest::addColumn<std::int64_t>("from");
    QTest::newRow("from the beginning") << 0 << std::int64_t{0};
    QTest::newRow("after a seed") << 4 << std::int64_t{4 * 3840};
    QTest::newRow("within a bar") << 4 << std::int64_t{3 * 3840 + 1500};
    QTest::newRow("long after") << 2 << std::int64_t{40 * 3840};
  }
  void takesKeepTheRules() {
    QFETCH(int, bars);
    QFETCH(std::int64_t, from);
    const auto engine = makeEngine();
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      Document d = toyBand(seed, bars);
      d = withLocked(std::move(d), 0, from + 960, 1920, 72);
      d = withLocked(std::move(d), 2, from - std::min<std::int64_t>(from, 100), 4000, 40);
      ComposeRequest r = together(d, random_, from, 3);
      r.seed = seed;
      r.startOnBeat = seed % 2 == 0;
      Recorder sink;
      const auto take = engine->compose(r, sink, {});
      QVERIFY2(take, take ? "" : take.error().message.c_str());
      QCOMPARE(take->others.size(), std::size_t{3});
      QVERIFY(std::is_sorted(sink.starts.begin(), sink.starts.end()));
      std::set<std::int64_t> barsWithNotes;
      Tick first{1 << 30};
      const auto parts = tracksOf(*take);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        const ComposedTrack& part = *parts[i];
        QCOMPARE(part.region.track, d.tracks[i]->id);
        QCOMPARE(part.notes.size(), part.probabilities.size());
        std::vector<Note> heard = sink.notes[part.region.track];
        std::stable_sort(heard.begin(), heard.end(), NoteOrder{});
        QVERIFY(heard == part.notes);
        QVERIFY2(!part.notes.empty(), "a track did not play");
        std::map<int, Tick> until;
        for (const Note& n : part.notes) {
          QVERIFY(n.start.count >= from && n.length.count >= 1 && n.velocity >= 1);
          QVERIFY(n.end() <= take->region.range.to);
          QVERIFY(until[n.pitch] <= n.start);
          until[n.pitch] = n.end();
          for (const Note& fixed : d.tracks[i]->notes) {
            if (!fixed.locked || fixed.pitch != n.pitch) continue;
            QVERIFY(n.end() <= fixed.start || n.start >= fixed.end());
          }
          if (i == 3) QVERIFY(n.pitch >= 35 && n.pitch <= 81);
          barsWithNotes.insert((n.start.count) / 3840);
          first = std::min(first, n.start);
        }
        for (const float p : part.probabilities) QVERIFY(p > 0 && p <= 1);
      }
      for (std::int64_t bar = (from + 3839) / 3840; bar < from / 3840 + 3; ++bar) {
        QVERIFY(barsWithNotes.contains(bar));
      }
      if (r.startOnBeat || bars == 0) QCOMPARE(first.count, from);
    }
  }

  void theSameAgainAndOtherTakesDiffer() {
    const auto engine = makeEngine();
    ComposeRequest r = together(toyBand(3, 4), random_, 4 * 3840, 4);
    Recorder sink;
    const auto a = engine->compose(r, sink, {});
    const auto b = engine->compose(r, sink, {});
    for (std::size_t i = 0; i < 4; ++i) {
      QVERIFY(tracksOf(*a)[i]->notes == tracksOf(*b)[i]->notes);
    }
    r.take = 1;
    QVERIFY(engine->compose(r, sink, {})->notes != a->notes);
  }

  // Each track of a take has a region of its own, and each can be made again alone, whatever became
  // of the document.
  void oneRegionIsMadeAgain() {
    const auto engine = makeEngine();
    const ComposeRequest r = together(toyBand(3, 4), random_, 4 * 3840, 4);
    Recorder sink;
    const auto take = engine->compose(r, sink, {});
    QVERIFY(take);
    for (const ComposedTrack* part : tracksOf(*take)) {
      auto again = requestOf(part->region);
      QVERIFY(again);
      again->checkpoint = random_;
      again->document = std::make_shared<const Document>(newDocument());
      Recorder heard;
      const auto remade = engine->compose(*again, heard, {});
      QVERIFY2(remade, remade ? "" : remade.error().message.c_str());
      QVERIFY(remade->notes == part->notes);
      QVERIFY(remade->others.empty());
      QCOMPARE(heard.notes.size(), std::size_t{1});
      QVERIFY(remade->region == part->region);
    }
  }

  void oneTrackAlone() {
    ComposeRequest r = together(toyBand(3, 4), random_, 4 * 3840, 4);
    r.with.clear();
    Recorder sink;
    const auto take = makeEngine()->compose(r, sink, {});
    QVERIFY(take && !take->notes.empty() && take->others.empty());
  }

  void anEmptyTrackGetsAPart() {
    Document d = toyBand(3, 4);
    d = addTrack(d, "strings", 48).document;
    Recorder sink;
    const auto take = makeEngine()->compose(together(d, random_, 4 * 3840, 4), sink, {});
    QVERIFY(take);
    QVERIFY(!take->others.back().notes.empty());
    QVERIFY(take->others.back().notes.front().start.count < 5 * 3840);
  }

  void thirtyTracksAreComposedTogether() {
    Document d = newDocument();
    for (int i = 1; i < 30; ++i) d = addTrack(d, "t", i * 4).document;
    for (const TrackPtr& t : std::vector(d.tracks)) {
      std::vector<Note> notes;
      for (int i = 0; i < 12; ++i) {
        Note n;
        n.start = {i * 960};
        n.length = {960};
        n.pitch = static_cast<std::uint8_t>(30 + 2 * t->id);
        notes.push_back(n);
      }
      d = addNotes(d, t->id, notes).document;
    }
    Recorder sink;
    const auto take = makeEngine()->compose(together(d, random_, 3 * 3840, 4), sink, {});
    QVERIFY2(take, take ? "" : take.error().message.c_str());
    QCOMPARE(take->others.size(), std::size_t{29});
    std::size_t playing = 0;
    for (const ComposedTrack* t : tracksOf(*take)) playing += t->notes.empty() ? 0 : 1;
    QVERIFY2(playing >= 10, qPrintable(QString::number(playing)));
  }

  // Notes of a role that tracks share go to the one that lies there.
  void sharedRolesKeepTheirRegisters() {
    Document d;
    for (int i = 0; i < 9; ++i) d = addTrack(d, "flute", 73).document;
    for (std::size_t i = 0; i < 9; ++i) {
      std::vector<Note> notes;
      for (int k = 0; k < 8; ++k) {
        Note n;
        n.start = {k * 960};
        n.length = {960};
        n.pitch = static_cast<std::uint8_t>(40 + 5 * i);
        notes.push_back(n);
      }
      d = addNotes(d, d.tracks[i]->id, notes).document;
    }
    const auto roles = partRoles(d.tracks);
    std::set<TrackRole> used(roles.begin(), roles.end());
    QCOMPARE(used.size(), std::size_t{kTrackRoles - 1});
    Recorder sink;
    const auto take = makeEngine()->compose(together(d, random_, 2 * 3840, 4), sink, {});
    QVERIFY(take);
    for (const ComposedTrack* t : tracksOf(*take)) {
      std::map<int, Tick> until;
      for (const Note& n : t->notes) {
        QVERIFY(until[n.pitch] <= n.start);
        until[n.pitch] = n.end();
      }
    }
  }

  void cancelKeepsWhatThereIs() {
    ComposeRequest r = together(toyBand(3, 4), random_, 4 * 3840, 200);
    std::stop_source stop;
    Recorder sink;
    sink.stop = &stop;
    const auto take = makeEngine()->compose(r, sink, stop.get_token());
    QVERIFY(take && take->cancelled);
    std::size_t notes = 0;
    for (const ComposedTrack* t : tracksOf(*take)) notes += t->notes.size();
    QCOMPARE(notes, std::size_t{5});
    QVERIFY(take->region.range.to.count < 4 * 3840 + 20 * 3840);
  }

  void endsOnlyWhereItMay() {
    ComposeRequest r = together(toyBand(3, 4), random_, 4 * 3840, 64);
    Recorder sink;
    const auto engine = makeEngine();
    const auto whole = engine->compose(r, sink, {});
    QVERIFY(whole->others[1].notes.back().start.count > (4 + 58) * 3840);
    r.settings = {{"end", "on"}};
    bool ended = false;
    for (std::uint64_t seed = 0; seed < 8 && !ended; ++seed) {
      r.seed = seed;
      const auto take = engine->compose(r, sink, {});
      QVERIFY2(take, take ? "" : take.error().message.c_str());
      Tick last{0};
      for (const ComposedTrack* t : tracksOf(*take)) {
        if (!t->notes.empty()) last = std::max(last, t->notes.back().start);
      }
      QVERIFY(last.count >= 4 * 3840);
      ended = last.count < (4 + 40) * 3840;
    }
    QVERIFY(ended);
  }

  void whatCannotBeSaysWhy() {
    const auto engine = makeEngine();
    Recorder sink;
    const fs::path melodic = root_ / "melodic.safetensors";
    writeRandomEvents(melodic, "melody,bass,chords");
    ComposeRequest r = together(toyBand(3, 4), melodic, 4 * 3840, 4);
    QVERIFY(engine->compose(r, sink, {}).error().message.find("no drums") != std::string::npos);
    r.with.pop_back();
    QVERIFY(engine->compose(r, sink, {}));
    // A track of a role that it does not know is written as what is nearest.
    writeRandomEvents(melodic, "melody,bass");
    r.checkpoint = melodic;
    const auto shared = engine->compose(r, sink, {});
    QVERIFY2(shared, shared ? "" : shared.error().message.c_str());
    QVERIFY(!shared->notes.empty() && !shared->others[1].notes.empty());
    const fs::path single = root_ / "single.safetensors";
    writeRandomFrameCheckpoint(single, *framePresetNamed(kFrameGru, "serialised"));
    r.checkpoint = single;
    QVERIFY(engine->compose(r, sink, {}).error().message.find("one track") != std::string::npos);
    writeRandomEvents(root_ / "deaf.safetensors", "");
    r.checkpoint = root_ / "deaf.safetensors";
    QVERIFY(!engine->compose(r, sink, {}));
    QuietTrainSink quiet;
    TrainRequest t = request("wrong");
    t.preset = "best";
    QVERIFY(trainModel(t, quiet, {}).error().message.find("improved") != std::string::npos);
    t = request("wrong");
    t.data = root_ / "nowhere";
    QVERIFY(trainModel(t, quiet, {}).error().message.find("nowhere") != std::string::npos);
  }
};

QTEST_APPLESS_MAIN(TestEvents)
#include "test_events.moc"
