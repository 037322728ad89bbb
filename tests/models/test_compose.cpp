// Composing: the same request gives the same notes, in the range, on the piano; cancel, empty and
// odd seeds, regeneration from a region, locked notes.
#include <QTemporaryDir>
#include <QtTest>
#include <chrono>
#include <thread>

#include "core/compose/catalogue.h"
#include "core/compose/request_json.h"
#include "models/engine.h"
#include "models/trainer.h"
#include "toy_corpus.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

struct Recorder : ComposeSink {
  std::vector<Note> notes;
  double fraction = 0;
  bool fell = false;
  std::function<void()> onNote;
  void note(TrackId, const Note& n) override {
    notes.push_back(n);
    if (onNote) onNote();
  }
  void progress(double f) override {
    fell = fell || f < fraction;
    fraction = f;
  }
};

Note note(std::int64_t start, std::int64_t length, int pitch) {
  Note n;
  n.start = {start};
  n.length = {length};
  n.pitch = static_cast<std::uint8_t>(pitch);
  return n;
}

Document documentOf(std::vector<Note> notes) {
  Document d = newDocument();
  auto track = std::make_shared<Track>(*d.tracks.front());
  for (Note& n : notes) n.id = d.nextNoteId++;
  track->notes = NoteList(std::move(notes));
  d.tracks.front() = std::move(track);
  return d;
}

Document melody(int notes = 8, int lowest = 60) {
  std::vector<Note> list;
  for (int i = 0; i < notes; ++i) list.push_back(note(i * 960, 960, lowest + 2 * (i % 5)));
  return documentOf(std::move(list));
}

ComposeRequest requestFor(const Document& d, const fs::path& checkpoint, std::int64_t from = 7680) {
  ComposeRequest r;
  r.document = std::make_shared<const Document>(d);
  r.track = d.tracks.front()->id;
  r.from = {from};
  r.bars = 4;
  r.checkpoint = checkpoint;
  r.seed = 11;
  return r;
}

// What holds for every result.
void verifySound(const ComposeResult& result, TickRange range) {
  QVERIFY(!result.notes.empty());
  QVERIFY(std::is_sorted(result.notes.begin(), result.notes.end(), NoteOrder()));
  std::map<int, Tick> until;
  for (const Note& n : result.notes) {
    QVERIFY(n.start >= range.from && n.start < range.to);
    QVERIFY(n.length.count >= 1 && n.end() <= range.to);
    QVERIFY(n.pitch >= 21 && n.pitch <= 108);
    QVERIFY(n.velocity >= 1 && n.velocity <= 127);
    QVERIFY2(!until.contains(n.pitch) || until[n.pitch] <= n.start, "overlaps its own pitch");
    until[n.pitch] = n.end();
    QCOMPARE(n.id, NoteId{0});
  }
}

}  // namespace

class TestCompose : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_;
  std::unique_ptr<Engine> engine_;

  fs::path checkpoint(const QString& preset) const {
    return root_ / (preset.toStdString() + ".safetensors");
  }
  ComposeResult composed(const ComposeRequest& r) {
    Recorder sink;
    auto result = engine_->compose(r, sink, {});
    if (!result) qFatal("%s", result.error().message.c_str());
    const auto earlier = [](const Note& a, const Note& b) { return a.start < b.start; };
    if (!std::is_sorted(sink.notes.begin(), sink.notes.end(), earlier))
      qFatal("streamed backwards");
    std::stable_sort(sink.notes.begin(), sink.notes.end(), NoteOrder());
    if (sink.notes != result->notes) qFatal("what was streamed is not the result");
    if (sink.fell || sink.fraction != 1.0) qFatal("progress fell or did not end at 1");
    return std::move(*result);
  }
  void presets() {
    QTest::addColumn<QString>("preset");
    QTest::newRow("published") << "published";
    QTest::newRow("improved") << "improved";
  }

 private Q_SLOTS:
  void initTestCase() {
    root_ = dir_.path().toStdString();
    writeRandomCheckpoint(root_ / "published.safetensors", "published");
    writeRandomCheckpoint(root_ / "improved.safetensors", "improved", 64);
    engine_ = makeEngine();
  }

  void theSameRequestGivesTheSameNotes_data() { presets(); }
  void theSameRequestGivesTheSameNotes() {
    QFETCH(QString, preset);
    ComposeRequest r = requestFor(melody(), checkpoint(preset));
    const ComposeResult first = composed(r);
    verifySound(first, {{7680}, {7680 + 4 * 3840}});
    QVERIFY(composed(r).notes == first.notes);
    // Another engine, which reads the file anew.
    Recorder sink;
    QVERIFY(makeEngine()->compose(r, sink, {})->notes == first.notes);
    r.take = 1;
    QVERIFY(composed(r).notes != first.notes);
    r.take = 0;
    r.seed = 12;
    QVERIFY(composed(r).notes != first.notes);
  }

  void anAnswerStartsOnTheBeat_data() { presets(); }
  void anAnswerStartsOnTheBeat() {
    QFETCH(QString, preset);
    bool startedLater = false;
    for (const int silence : {0, 1, 7}) {  // quarters between the seed and the answer
      for (std::uint64_t seed = 0; seed < 8; ++seed) {
        ComposeRequest r = requestFor(melody(), checkpoint(preset), 7680 + silence * 960 + 40);
        r.seed = seed;
        startedLater = startedLater || composed(r).notes.front().start > r.from;
        r.startOnBeat = true;
        const ComposeResult answer = composed(r);
        verifySound(answer, {r.from, r.from + TickDelta{8 * 3840}});
        QCOMPARE(answer.notes.front().start, r.from);
        const auto again = requestOf(answer.region);
        QVERIFY(again && again->startOnBeat);
      }
    }
    // `published` may always be early by itself.
    if (preset == "improved") QVERIFY2(startedLater, "the option must make a difference");
  }

  void regionsHoldAllThatIsNeeded_data() { presets(); }
  void regionsHoldAllThatIsNeeded() {
    QFETCH(QString, preset);
    Document d = melody();
    d.tempo = TempoMap(960, {{{0}, 412345}});
    ComposeRequest r = requestFor(d, checkpoint(preset));
    r.temperature = 1.37;
    r.topP = 0.83;
    r.take = 3;
    const ComposeResult first = composed(r);
    QCOMPARE(first.region.range.from.count, std::int64_t{7680});
    QCOMPARE(first.region.range.to.count, std::int64_t{7680 + 4 * 3840});
    QCOMPARE(first.region.modelHash, *fileSha256(r.checkpoint));

    // Everything about the document is edited; the region alone brings the notes back.
    auto again = requestOf(first.region);
    QVERIFY(again);
    Document edited = documentOf({note(0, 100, 40)});
    edited.meter = MeterMap(960, {{{0}, 3, 4}});
    edited.tempo = TempoMap(960, {{{0}, 900000}});
    again->document = std::make_shared<const Document>(edited);
    again->checkpoint = checkpoint(preset);
    const ComposeResult second = composed(*again);
    QVERIFY(second.notes == first.notes);
    QVERIFY(second.region == first.region);
  }

  void fromNothing_data() { presets(); }
  void fromNothing() {
    QFETCH(QString, preset);
    const ComposeResult result = composed(requestFor(newDocument(), checkpoint(preset), 0));
    verifySound(result, {{0}, {4 * 3840}});
    QVERIFY(result.notes.front().start.count < 3840);
    if (preset == "improved") {
      QCOMPARE(result.notes.front().start.count, std::int64_t{0});
      QVERIFY(result.notes.front().pitch >= 48 && result.notes.front().pitch <= 84);
    }
  }

  void oddSeeds_data() {
    QTest::addColumn<QString>("preset");
    QTest::addColumn<int>("kind");
    for (const QString preset : {"published", "improved"}) {
      for (int kind = 0; kind < 7; ++kind) {
        QTest::newRow(qPrintable(QString("%1 %2").arg(preset).arg(kind))) << preset << kind;
      }
    }
  }
  void oddSeeds() {
    QFETCH(QString, preset);
    QFETCH(int, kind);
    Document d = newDocument();
    std::int64_t from = 7680;
    switch (kind) {
      case 0:  // one note
        d = documentOf({note(0, 960, 60)});
        break;
      case 1:  // below the piano, above it
        d = documentOf({note(0, 960, 0), note(960, 960, 5), note(1920, 960, 127)});
        break;
      case 2:  // long ago
        d = documentOf({note(0, 960, 60)});
        from = 100 * 3840;
        break;
      case 3:  // within a bar, off every grid
        d = melody();
        from = 7777;
        break;
      case 4: {  // every key sounds on through the range
        std::vector<Note> all;
        for (int p = 0; p < 128; ++p) all.push_back(note(0, 7680 + 4 * 3840 - 960, p));
        d = documentOf(all);
        break;
      }
      case 5:  // more than a model is given
        d = melody(700);
        from = 700 * 960;
        break;
      default:  // bars longer than eight quarters
        d = melody();
        d.meter = MeterMap(960, {{{0}, 13, 4}});
        break;
    }
    const ComposeRequest r = requestFor(d, checkpoint(preset), from);
    const ComposeResult result = composed(r);
    if (kind == 4) {
      for (const Note& n : result.notes) QVERIFY(n.start.count >= 7680 + 4 * 3840 - 960);
      return;
    }
    verifySound(result, result.region.range);
    QVERIFY(composed(r).notes == result.notes);
  }

  void lockedNotesAreKeptClear_data() { presets(); }
  void lockedNotesAreKeptClear() {
    QFETCH(QString, preset);
    std::vector<Note> notes = melody().tracks[0]->notes.toVector();
    for (int p = 21; p <= 108; p += 2) {
      Note n = note(7680 + 1920, 3840, p);
      n.locked = true;
      notes.push_back(n);
    }
    for (std::uint64_t seed = 1; seed < 20; ++seed) {
      ComposeRequest r = requestFor(documentOf(notes), checkpoint(preset));
      r.seed = seed;
      for (const Note& n : composed(r).notes) {
        const bool clear =
            n.end().count <= 9600 || n.start.count >= 9600 + 3840 || n.pitch % 2 == 0;
        QVERIFY2(clear, "a generated note overlaps a locked one of its pitch");
      }
    }
  }

  void cancelStopsWithinANote_data() { presets(); }
  void cancelStopsWithinANote() {
    QFETCH(QString, preset);
    ComposeRequest r = requestFor(melody(), checkpoint(preset));
    r.bars = 256;
    std::stop_source source;
    Recorder sink;
    sink.onNote = [&] {
      if (sink.notes.size() == 3) source.request_stop();
    };
    const auto result = engine_->compose(r, sink, source.get_token());
    QVERIFY(result && result->cancelled);
    QCOMPARE(result->notes.size(), std::size_t{3});
    QVERIFY(result->region.range.to <= result->notes.back().start);
    // Before the first note: while the seed is read.
    std::stop_source early;
    early.request_stop();
    Recorder silent;
    const auto none = engine_->compose(r, silent, early.get_token());
    QVERIFY(none && none->cancelled && none->notes.empty() && silent.notes.empty());
  }

  void settingsOutOfRangeSayWhy() {
    const auto messageOf = [&](const ComposeRequest& r) {
      Recorder sink;
      const auto result = engine_->compose(r, sink, {});
      return result ? std::string() : result.error().message;
    };
    ComposeRequest r = requestFor(melody(), checkpoint("improved"));
    r.temperature = 0;
    QVERIFY(messageOf(r).find("temperature") != std::string::npos);
    r = requestFor(melody(), checkpoint("improved"));
    r.topP = 1.5;
    QVERIFY(messageOf(r).find("top-p") != std::string::npos);
    r = requestFor(melody(), checkpoint("improved"));
    r.bars = 1000;
    QVERIFY(messageOf(r).find("bars") != std::string::npos);
    r = requestFor(melody(), root_ / "absent.safetensors");
    QVERIFY(messageOf(r).find("absent.safetensors") != std::string::npos);
    r = requestFor(melody(), checkpoint("improved"));
    r.context = "{}";
    QVERIFY(messageOf(r).find("context") != std::string::npos);
  }

  void aChangedCheckpointIsReadAgain() {
    const fs::path file = root_ / "changing.safetensors";
    writeRandomCheckpoint(file, "improved", 64);
    const ComposeRequest r = requestFor(melody(), file);
    const ComposeResult first = composed(r);
    writeRandomCheckpoint(file, "improved", 48);
    const ComposeResult second = composed(r);
    QVERIFY(first.region.modelHash != second.region.modelHash);
    QVERIFY(first.notes != second.notes);
  }

  void composesWhileTraining() {
    writeToyCorpus(root_ / "corpus", 20);
    const ComposeRequest r = requestFor(melody(), checkpoint("improved"));
    const ComposeResult alone = composed(r);
    TrainRequest t;
    t.preset = "published";
    t.data = root_ / "corpus";
    t.out = root_ / "trained.safetensors";
    t.epochs = 2;
    t.examples = 512;
    std::atomic<bool> done{false};
    Result<TrainResult> trained = fail("did not run");
    std::thread trainer([&] {
      QuietTrainSink sink;
      trained = engine_->train(t, sink, {});
      done = true;
    });
    int takes = 0;
    bool same = true;
    do {
      same = same && composed(r).notes == alone.notes;
      ++takes;
    } while (!done || takes < 3);
    trainer.join();
    QVERIFY(same);
    QVERIFY2(trained, trained ? "" : trained.error().message.c_str());
    QCOMPARE(trained->epochs, 2);
  }
};

QTEST_APPLESS_MAIN(TestCompose)
#include "test_compose.moc"
