// The engine as its users get it: families, the compute report, held-out figures, and the module.
#include <dlfcn.h>

#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "models/engine.h"
#include "toy_corpus.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

double figure(const Evaluation& e, const std::string& start) {
  for (const auto& [name, value] : e.figures) {
    if (name.compare(0, start.size(), start) == 0) return value;
  }
  return std::nan("");
}

// Every note of the two continuations is counted once; the toy pieces go in quarters or eighths.
void checkDistributions(const Evaluation& e) {
  QCOMPARE(e.distributions.size(), std::size_t{3});
  const Evaluation::Distribution& pitches = e.distributions[0];
  for (const Evaluation::Distribution& d : e.distributions) {
    QCOMPARE(d.composed.counts.size(), d.written.counts.size());
    QCOMPARE(d.composed.labels.size(), d.composed.counts.size());
    QCOMPARE(d.composed.total(), pitches.composed.total());
    QCOMPARE(d.written.total(), pitches.written.total());
  }
  QVERIFY(pitches.written.total() >= 2 * 8 * 4);
  for (const Histogram& h : {e.distributions[1].written, e.distributions[2].written}) {
    QCOMPARE(h.counts[6] + h.counts[12], h.total());
  }
  QCOMPARE(figure(e, "overlap of pitches"), overlap(pitches.composed, pitches.written));
}

}  // namespace

class TestEngine : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void familiesAreNamed() {
    const auto families = makeEngine()->families();
    QCOMPARE(families.size(), incipit::families().size());
    QCOMPARE(families[0].id, std::string("note-lstm"));
    QCOMPARE(families[0].presets.front().id, std::string("published"));
  }

  void theComputeReportSaysWhatThereIs() {
    const ComputeReport r = makeEngine()->compute();
    QVERIFY(r.library.find("LibTorch") == 0);
    QVERIFY(r.gflops > 0.1);
    QCOMPARE(r.devices.front(), std::string("cpu"));
    QVERIFY(!r.blas.empty());
  }

  void bothPresetsAreMeasuredOnTheSameNotes() {
    QTemporaryDir dir;
    const fs::path root = dir.path().toStdString();
    writeToyCorpus(root / "corpus", 12);
    std::ofstream manifest(root / "corpus/manifest.jsonl");
    for (int i = 0; i < 12; ++i) {
      const QString line = QString("{\"file\":\"toy%1.mid\",\"split\":\"%2\"}\n");
      manifest << line.arg(i).arg(i < 8 ? "train" : "test").toStdString();
    }
    manifest.close();
    const auto engine = makeEngine();
    QuietTrainSink sink;
    TrainRequest t;
    t.data = root / "corpus";
    double joint[2] = {};
    double notes[2] = {};
    for (const int k : {0, 1}) {
      t.preset = k == 0 ? "published" : "improved";
      t.examples = k == 0 ? 300 : 48;
      t.epochs = k == 0 ? 2 : 10;  // a step each
      t.out = root / (t.preset + ".safetensors");
      QVERIFY(engine->train(t, sink, {}));
      EvaluateRequest e;
      e.checkpoint = t.out;
      e.data = t.data;
      e.continuations = 2;
      const auto result = engine->evaluate(e, sink, {});
      QVERIFY2(result, result ? "" : result.error().message.c_str());
      notes[k] = figure(*result, "notes");
      joint[k] = figure(*result, "joint NLL");
      const double parts = figure(*result, "step NLL") + figure(*result, "duration NLL") +
                           figure(*result, k == 0 ? "pitch NLL (" : "pitch NLL given the step");
      QVERIFY(std::abs(parts - joint[k]) < 1e-6);
      QVERIFY(figure(*result, "step MAE") >= 0);
      for (const char* name :
           {"overlap of pitches", "overlap of pitch classes", "overlap of intervals",
            "overlap of steps", "overlap of durations"}) {
        const double overlap = figure(*result, name);
        QVERIFY2(overlap >= 0 && overlap <= 1 + 1e-9, name);
      }
      QCOMPARE(figure(*result, "continuations"), 2.0);
      checkDistributions(*result);
    }
    QCOMPARE(notes[0], notes[1]);
    // Knowing nothing costs ln 128 for the pitch and ln 70 and ln 69 for step and duration: 13.3.
    QVERIFY(joint[0] > 0 && joint[1] > 0 && joint[1] < 13.3);
  }

  void evaluationErrorsSayWhy() {
    QTemporaryDir dir;
    const fs::path root = dir.path().toStdString();
    writeRandomCheckpoint(root / "w.safetensors", "published");
    const auto engine = makeEngine();
    QuietTrainSink sink;
    EvaluateRequest e;
    e.checkpoint = root / "w.safetensors";
    e.data = root / "none";
    QVERIFY(engine->evaluate(e, sink, {}).error().message.find("none") != std::string::npos);
    e.split = "dev";
    QVERIFY(engine->evaluate(e, sink, {}).error().message.find("dev") != std::string::npos);
  }

  void theModuleGivesAnEngine() {
    const std::string module = INCIPIT_MODULE;
    void* handle = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
    QVERIFY2(handle != nullptr, handle == nullptr ? dlerror() : "");
    const auto version = reinterpret_cast<int (*)()>(dlsym(handle, kEngineVersionSymbol));
    const auto create = reinterpret_cast<Engine* (*)()>(dlsym(handle, kEngineCreateSymbol));
    QVERIFY(version != nullptr && create != nullptr);
    QCOMPARE(version(), kEngineVersion);
    const std::unique_ptr<Engine> engine(create());
    QCOMPARE(engine->families().front().id, std::string("note-lstm"));
    // The handle stays: LibTorch does not survive being unloaded.
  }
};

QTEST_APPLESS_MAIN(TestEngine)
#include "test_engine.moc"
