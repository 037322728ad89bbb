// The frame families: what they are shown, training on a set of frames, exact resume, composing.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "models/engine.h"
#include "models/frame_features.h"
#include "models/trainer.h"
#include "toy_corpus.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

struct Recorder : ComposeSink {
  std::vector<Note> notes;
  std::stop_source* stop = nullptr;
  void note(TrackId, const Note& n) override {
    notes.push_back(n);
    if (stop != nullptr) stop->request_stop();
  }
  void progress(double) override {}
};

void familyRows() {
  QTest::addColumn<QString>("family");
  QTest::addColumn<QString>("preset");
  for (const char* family : {kFrameGru, kFrameWavenet}) {
    for (const char* preset : {"serialised", "independent"}) {
      QTest::addRow("%s, %s", family, preset) << family << preset;
    }
  }
}

// A locked C5 stands in the range, a held C4 sounds into it.
Document seedDocument() {
  Document d = toyPiece(1, 14);
  auto track = std::make_shared<Track>(*d.tracks.front());
  std::vector<Note> notes = track->notes.notesStartingIn({Tick{0}, Tick{1 << 30}});
  Note held;
  held.start = {13 * 960};
  held.length = {4 * 960};
  held.pitch = 60;
  held.id = d.nextNoteId++;
  Note locked = held;
  locked.start = {16 * 960};
  locked.length = {960};
  locked.pitch = 72;
  locked.locked = true;
  locked.id = d.nextNoteId++;
  notes.push_back(held);
  notes.push_back(locked);
  track->notes = NoteList(std::move(notes));
  d.tracks.front() = std::move(track);
  return d;
}

}  // namespace

class TestFrames : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_;

  TrainRequest request(const QString& family, const QString& preset, const char* name) const {
    TrainRequest r;
    r.family = family.toStdString();
    r.preset = preset.toStdString();
    r.data = root_ / "sets";
    r.sets = "toy";
    r.epochs = 3;
    r.seed = 4;
    r.out = root_ / (r.family + r.preset + name + ".safetensors");
    return r;
  }

 private Q_SLOTS:
  void initTestCase() {
    root_ = dir_.path().toStdString();
    fs::create_directories(root_ / "sets");
    writeToyFrames(root_ / "sets" / "toy.json");
  }

  void theMatchIsTheLongestRunThatEndsAlike() {
    // ABCD ABX ABC: after ABC comes D; the longest run that went on otherwise, nothing of length >
    // 0 but AB's X has ended differently.
    const auto frame = [](char c) { return Frame{static_cast<std::uint8_t>(60 + c - 'A')}; };
    FrameHistory h;
    QVERIFY(h.proposals()[0] == nullptr);
    for (const char c : std::string("ABCDABXAB")) h.push(frame(c));
    // Both ABC and ABX began so; the longer context decides, of equals the latest.
    QVERIFY(*h.proposals()[0] == frame('B'));
    QVERIFY(*h.proposals()[1] == frame('X'));
    QVERIFY(*h.proposals()[2] == frame('C'));
    h.push(frame('C'));
    QVERIFY(*h.proposals()[1] == frame('D'));
    QVERIFY(h.proposals()[2] == nullptr);
    h.push(frame('Y'));
    QVERIFY(h.proposals()[1] == nullptr);
  }

  void inputsStayInTheTables() {
    Rng rng(5);
    FrameHistory h(3);
    for (int i = 0; i < 700; ++i) {
      std::vector<std::int64_t> rows;
      h.appendInputs(rows);
      for (const std::int64_t row : rows) QVERIFY(row >= 0 && row < FrameRows::kRows);
      Frame f;
      for (int p = 108; p >= 21; --p) {
        if (rng.below(i % 3 == 0 ? 2 : 30) == 0) f.push_back(static_cast<std::uint8_t>(p));
      }
      const auto proposals = h.proposals();
      for (std::size_t n = 0; n <= f.size(); ++n) {
        const SymbolContext c = symbolContext(proposals, std::span(f).first(n));
        for (const std::int64_t row : c.rows) QVERIFY(row >= 0 && row < SymbolRows::kRows);
        for (int s = 0; s < kFrameSymbols; ++s) {
          QVERIFY(SymbolLogits::fall(s, c.last) >= SymbolLogits::kFall);
          QVERIFY(SymbolLogits::fall(s, c.last) < SymbolLogits::kMove);
          QVERIFY(SymbolLogits::move(s, c.voice) >= SymbolLogits::kMove);
          QVERIFY(SymbolLogits::move(s, c.voice) < SymbolLogits::kFavour);
        }
      }
      h.push(rng.below(4) == 0 && h.size() > 0 ? h[0] : f);
    }
  }

  void trainingLearnsAndEvaluates_data() { familyRows(); }
  void trainingLearnsAndEvaluates() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    TrainRequest r = request(family, preset, "learn");
    r.epochs = 30;
    QuietTrainSink sink;
    const auto result = trainModel(r, sink, {});
    QVERIFY2(result, result ? "" : result.error().message.c_str());
    const auto losses = sink.validation();
    QVERIFY2(losses.back() < 0.5 * losses.front(),
             qPrintable(QString("%1 -> %2").arg(losses.front()).arg(losses.back())));
    EvaluateRequest e;
    e.checkpoint = r.out;
    e.data = r.data / "toy.json";
    e.split = "valid";
    const auto engine = makeEngine();
    const auto figures = engine->evaluate(e, sink, {});
    QVERIFY2(figures, figures ? "" : figures.error().message.c_str());
    QCOMPARE(figures->figures[0].second, 122.0);  // 30 + 31 + 32 + 33 frames less the first of each
    QVERIFY(std::abs(figures->figures[1].second - result->bestValidationLoss) < 1e-4);
  }

  void aResumedRunIsTheUninterruptedOne_data() { familyRows(); }
  void aResumedRunIsTheUninterruptedOne() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    QuietTrainSink whole;
    const TrainRequest uninterrupted = request(family, preset, "whole");
    QVERIFY(trainModel(uninterrupted, whole, {}));
    TrainRequest r = request(family, preset, "parts");
    std::stop_source source;
    TrainHooks hooks;
    hooks.loss = [&](std::int64_t step, double loss) {
      if (step == 1) source.request_stop();
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

  void takesKeepTheRules_data() { familyRows(); }
  void takesKeepTheRules() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    const fs::path file = root_ / "random.safetensors";
    writeRandomFrameCheckpoint(file, *framePresetNamed(family.toStdString(), preset.toStdString()));
    const auto engine = makeEngine();
    for (const bool seeded : {true, false}) {
      for (const std::int64_t from : {std::int64_t{14 * 960}, std::int64_t{14 * 960 + 100}}) {
        for (std::uint64_t seed = 0; seed < 4; ++seed) {
          ComposeRequest r;
          const Document d = seeded ? seedDocument() : newDocument();
          r.document = std::make_shared<const Document>(d);
          r.track = d.tracks.front()->id;
          r.from = {from};
          r.bars = 2;
          r.seed = seed;
          r.checkpoint = file;
          r.startOnBeat = seed % 2 == 0;
          Recorder sink;
          const auto take = engine->compose(r, sink, {});
          QVERIFY2(take, take ? "" : take.error().message.c_str());
          QVERIFY(!take->notes.empty());
          QCOMPARE(take->notes.size(), take->probabilities.size());
          for (const float p : take->probabilities) QVERIFY(p > 0 && p <= 1);
          if (r.startOnBeat || !seeded) QCOMPARE(take->notes.front().start.count, from);
          std::map<int, Tick> until;
          if (seeded) until[60] = {17 * 960};
          for (const Note& n : take->notes) {
            QVERIFY(n.start.count >= from && n.length.count >= 1);
            QVERIFY(n.end() <= take->region.range.to);
            QVERIFY(n.pitch >= 21 && n.pitch <= 108);
            QVERIFY(until[n.pitch] <= n.start);
            until[n.pitch] = n.end();
            const bool over = n.pitch == 72 && n.start.count < 17 * 960 && n.end().count > 16 * 960;
            QVERIFY(!seeded || !over);
          }
          Recorder again;
          QVERIFY(engine->compose(r, again, {})->notes == take->notes);
          r.take = 1;
          QVERIFY(engine->compose(r, again, {})->notes != take->notes);
        }
      }
    }
  }

  void cancelKeepsWhatThereIs() {
    const fs::path file = root_ / "cancel.safetensors";
    writeRandomFrameCheckpoint(file, *framePresetNamed(kFrameGru, "serialised"));
    ComposeRequest r;
    const Document d = seedDocument();
    r.document = std::make_shared<const Document>(d);
    r.track = d.tracks.front()->id;
    r.from = {14 * 960};
    r.bars = 200;
    r.checkpoint = file;
    std::stop_source stop;
    Recorder sink;
    sink.stop = &stop;
    const auto take = makeEngine()->compose(r, sink, stop.get_token());
    QVERIFY(take && take->cancelled);
    QCOMPARE(take->notes.size(), sink.notes.size());
    QVERIFY(take->region.range.to.count < 14 * 960 + 20 * 3840);
  }

  void wrongDataSaysWhy() {
    QuietTrainSink sink;
    TrainRequest r = request(kFrameGru, "serialised", "wrong");
    r.sets = "none";
    QVERIFY(trainModel(r, sink, {}).error().message.find("toy") != std::string::npos);
    r.sets = "toy";
    r.preset = "best";
    QVERIFY(trainModel(r, sink, {}).error().message.find("independent") != std::string::npos);
    r.preset = "";
    r.data = root_ / "nowhere";
    QVERIFY(trainModel(r, sink, {}).error().message.find("nowhere") != std::string::npos);
    std::ofstream(root_ / "damaged.json") << "{";
    r.data = root_ / "damaged.json";
    QVERIFY(trainModel(r, sink, {}).error().message.find("damaged.json") != std::string::npos);
  }
};

QTEST_APPLESS_MAIN(TestFrames)
#include "test_frames.moc"
