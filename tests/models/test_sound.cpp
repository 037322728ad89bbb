// Families of sound from data to sound: training, resuming, timbre, and what they refuse.
#include <QTemporaryDir>
#include <QtTest>

#include "core/compose/lab.h"
#include "models/engine.h"
#include "tests/models/toy_corpus.h"
#include "tests/models/toy_sound.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

class Said final : public TrainSink {
 public:
  void message(const std::string& line) override { text += line + "\n"; }
  void point(const TrainPoint&) override {}
  std::string text;
};

Result<std::vector<float>> through(Lab& lab, TimbreRequest request, std::vector<float> sound,
                                   int rate) {
  std::vector<float> out;
  request.source = std::make_shared<MemoryReader>(std::move(sound), rate);
  request.sink = [&](std::span<const float> s) -> Result<void> {
    out.insert(out.end(), s.begin(), s.end());
    return {};
  };
  const auto done = lab.timbre(request, {}, {});
  if (!done) return tl::unexpected(done.error());
  return out;
}

}  // namespace

class TestSound : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<Engine> engine_ = makeEngine();
  std::shared_ptr<ToyStudio> studio_ = std::make_shared<ToyStudio>();
  fs::path at(const char* name) const { return fs::path(folder_.path().toStdString()) / name; }

  TrainRequest request(const char* family, const char* preset, const char* out) const {
    TrainRequest r;
    r.family = family;
    r.preset = preset;
    r.data = at("music");
    r.out = at(out);
    r.sound = studio_;
    r.epochs = 2;
    r.examples = 8;
    r.settings = {{"minutes", "1"}, {"batch", "4"}};
    return r;
  }

 private Q_SLOTS:
  void initTestCase() { writeToyCorpus(at("music"), 30); }

  void trainsEveryPreset_data() {
    QTest::addColumn<QString>("family");
    QTest::addColumn<QString>("preset");
    for (const char* family : {"hilbert-ae", "wavenet-audio"}) {
      for (const char* preset : {"published", "improved"}) {
        QTest::addRow("%s %s", family, preset) << family << preset;
      }
    }
  }
  void trainsEveryPreset() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    const std::string name = (family + preset + ".safetensors").toStdString();
    TrainRequest r = request(family.toUtf8(), preset.toUtf8(), name.c_str());
    if (preset == "improved" && family == "hilbert-ae") r.settings["width"] = "32";
    Said said;
    const auto trained = engine_->train(r, said, {});
    QVERIFY2(trained.has_value(), trained ? "" : trained.error().message.c_str());
    QCOMPARE(trained->epochs, 2);
    QVERIFY(std::isfinite(trained->bestValidationLoss) && trained->bestValidationLoss > 0);

    // Gone on with after its first epoch, it comes to the same weights.
    TrainRequest first = r;
    first.out = at("first.safetensors");
    std::stop_source stop;
    class StopAfterOne final : public TrainSink {
     public:
      explicit StopAfterOne(std::stop_source& s) : stop(s) {}
      void message(const std::string&) override {}
      void point(const TrainPoint& p) override {
        if (p.validationLoss) stop.request_stop();
      }
      std::stop_source& stop;
    } sink(stop);
    QVERIFY(engine_->train(first, sink, stop.get_token())->cancelled);
    first.resume = at("first.last.safetensors");
    const auto resumed = engine_->train(first, said, {});
    QVERIFY2(resumed.has_value(), resumed ? "" : resumed.error().message.c_str());
    QCOMPARE(readTensors(at("first.safetensors"))->tensors.back().values,
             readTensors(r.out)->tensors.back().values);

    EvaluateRequest e;
    e.checkpoint = r.out;
    e.data = r.data;
    e.split = "train";
    e.examples = 1;
    e.sound = studio_;
    const auto evaluation = engine_->evaluate(e, said, {});
    QVERIFY2(evaluation.has_value(), evaluation ? "" : evaluation.error().message.c_str());
    QVERIFY(evaluation->loss && std::isfinite(*evaluation->loss));
    for (const auto& [what, value] : evaluation->figures)
      QVERIFY2(std::isfinite(value), what.c_str());

    ComposeRequest c;
    c.document = std::make_shared<const Document>(toyPiece(1, 30));
    c.track = c.document->tracks.front()->id;
    c.from = {30 * 960};
    c.checkpoint = r.out;
    class Silent final : public ComposeSink {
      void note(TrackId, const Note&) override {}
      void progress(double) override {}
    } silent;
    const auto composed = engine_->compose(c, silent, {});
    QVERIFY(!composed.has_value());
    QVERIFY(composed.error().message.find("composes no notes") != std::string::npos);
  }

  // Twenty steps on pairs of dull and bright sounds must bring them nearer than they were.
  void learnsToMoveASoundTowardsAnother() {
    TrainRequest r = request("hilbert-ae", "improved", "move.safetensors");
    r.settings["width"] = "48";
    r.epochs = 3;
    r.examples = 32;
    Said said;
    QVERIFY(engine_->train(r, said, {}).has_value());
    EvaluateRequest e;
    e.checkpoint = r.out;
    e.data = r.data;
    e.split = "train";
    e.examples = 2;
    e.sound = studio_;
    const auto evaluation = engine_->evaluate(e, said, {});
    QVERIFY(evaluation.has_value());
    double before = 0;
    double after = 0;
    for (const auto& [what, value] : evaluation->figures) {
      if (what.starts_with("guitar as it is")) before = value;
      if (what.starts_with("guitar through it")) after = value;
    }
    QVERIFY2(after < 0.9 * before, qPrintable(QString("%1 -> %2").arg(before).arg(after)));
  }

  void soundKeepsItsLengthAndSilenceIsNoTrouble() {
    TimbreRequest r;
    for (const char* name : {"hilbert-aepublished.safetensors", "hilbert-aeimproved.safetensors"}) {
      r.checkpoint = at(name);
      const auto rate = engine_->lab()->timbreRate(r.checkpoint);
      QVERIFY2(rate.has_value(), rate ? "" : rate.error().message.c_str());
      QCOMPARE(*rate, 44100);
      for (const std::size_t length : {1U, 1000U, 65536U, 150'001U}) {
        const auto out = through(*engine_->lab(), r, noise(length, 1, 0.2), *rate);
        QVERIFY(out.has_value());
        QCOMPARE(out->size(), length);
        for (const float s : *out) QVERIFY(std::abs(s) <= 1);
      }
      const auto silent = through(*engine_->lab(), r, std::vector<float>(70'000), *rate);
      QVERIFY(silent.has_value());
      for (const float s : *silent) QVERIFY(std::isfinite(s));
    }
    QVERIFY(!through(*engine_->lab(), r, noise(1000, 1), 48000).has_value());
  }

  void wavenetPlaysTheNotesOfAPiece() {
    TimbreRequest r;
    r.checkpoint = at("wavenet-audioimproved.safetensors");
    const auto asked = through(*engine_->lab(), r, noise(100, 1), 16000);
    QVERIFY(!asked.has_value());
    QVERIFY(asked.error().message.find("plays notes") != std::string::npos);
    r.notes = std::make_shared<const Document>(toyPiece(1, 4));
    const auto played = through(*engine_->lab(), r, std::vector<float>(5000), 16000);
    QVERIFY(played.has_value());
    QCOMPARE(played->size(), std::size_t{5000});
    QCOMPARE(*through(*engine_->lab(), r, std::vector<float>(5000), 16000), *played);
    // Nothing is left to chance: other notes alone sound otherwise.
    r.seed = 2;
    QCOMPARE(*through(*engine_->lab(), r, std::vector<float>(5000), 16000), *played);
    r.notes = std::make_shared<const Document>(toyPiece(2, 4));
    QVERIFY(*through(*engine_->lab(), r, std::vector<float>(5000), 16000) != *played);
  }

  void soundFilesAreLearntFrom() {
    fs::create_directories(at("files/deep"));
    for (const char* name : {"files/a.wav", "files/deep/b.FLAC", "files/broken.ogg"}) {
      QFile f(QString::fromStdString(at(name)));
      QVERIFY(f.open(QIODevice::WriteOnly));
    }
    TrainRequest r = request("hilbert-ae", "improved", "files.safetensors");
    r.data = at("files");
    r.epochs = 1;
    r.settings["width"] = "16";
    Said said;
    const auto trained = engine_->train(r, said, {});
    QVERIFY2(trained.has_value(), trained ? "" : trained.error().message.c_str());
    QVERIFY2(said.text.find("broken.ogg: is broken; left out") != std::string::npos,
             said.text.c_str());
  }

  // Hours of sound are not kept: what is learnt from is what was asked for.
  void oneLongFileIsCutAndSaid() {
    fs::create_directories(at("long"));
    QFile f(QString::fromStdString(at("long/long.wav")));
    QVERIFY(f.open(QIODevice::WriteOnly));
    studio_->seconds = 200;
    TrainRequest r = request("hilbert-ae", "improved", "long.safetensors");
    r.data = at("long");
    r.epochs = 1;
    r.examples = 4;
    r.settings["width"] = "16";
    Said said;
    const auto trained = engine_->train(r, said, {});
    studio_->seconds = 20;
    QVERIFY2(trained.has_value(), trained ? "" : trained.error().message.c_str());
    QVERIFY2(said.text.find("of 200 seconds are learnt from") != std::string::npos,
             said.text.c_str());
  }

  void whatCannotBeLearntFromIsOneLine() {
    Said said;
    TrainRequest r = request("hilbert-ae", "published", "no.safetensors");
    r.sound = nullptr;
    const auto mute = engine_->train(r, said, {});
    QVERIFY(!mute.has_value());
    QVERIFY(mute.error().message.find("has no sound") != std::string::npos);
    fs::create_directories(at("short"));
    QFile f(QString::fromStdString(at("short/a.wav")));
    QVERIFY(f.open(QIODevice::WriteOnly));
    studio_->seconds = 1;
    r.sound = studio_;
    r.data = at("short");
    const auto little = engine_->train(r, said, {});
    studio_->seconds = 20;
    QVERIFY(!little.has_value());
    QVERIFY(little.error().message.find("to learn from") != std::string::npos);
    r.family = "wavenet-audio";
    r.preset = "improved";
    const auto unknown = engine_->train(r, said, {});
    QVERIFY(!unknown.has_value());
  }

  void modelOfNotesHasNoTimbre() {
    FramePreset preset = *framePresetNamed("frame-gru", "independent");
    preset.hidden = 8;
    preset.head = 8;
    writeRandomTensors(at("notes.safetensors"), frameTensors(preset),
                       {{"format", kCheckpointFormat},
                        {"family", "frame-gru"},
                        {"preset", "independent"},
                        {"config", frameConfig(preset)}});
    const auto rate = engine_->lab()->timbreRate(at("notes.safetensors"));
    QVERIFY(!rate.has_value());
    QVERIFY(rate.error().message.find("notes.safetensors: frame-gru makes no sound") !=
            std::string::npos);
    QVERIFY(!engine_->lab()->timbreRate(at("missing.safetensors")).has_value());
  }
};

QTEST_GUILESS_MAIN(TestSound)
#include "test_sound.moc"
