// The picture families: training against each other, exact resume, drawing, places in a latent
// space, composing.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "core/compose/lab.h"
#include "core/compose/model_files.h"
#include "core/compose/run_history.h"
#include "core/compose/run_pictures.h"
#include "core/encoding/picture_encoding.h"
#include "core/theory/scale.h"
#include "models/engine.h"
#include "models/trainer.h"
#include "toy_corpus.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

constexpr const char* kRollGan = "roll-gan";
constexpr const char* kRollDcgan = "roll-dcgan";
constexpr const char* kRollWganGp = "roll-wgan-gp";
constexpr const char* kRollVae = "roll-vae";
constexpr const char* kFamilies[] = {kRollGan, kRollDcgan, kRollWganGp, kRollVae};

struct Recorder : ComposeSink {
  std::vector<Note> notes;
  void note(TrackId, const Note& n) override { notes.push_back(n); }
  void progress(double) override {}
};

void familyRows() {
  QTest::addColumn<QString>("family");
  QTest::addColumn<QString>("preset");
  for (const char* family : kFamilies) {
    for (const char* preset : {"published", "improved"}) {
      QTest::addRow("%s, %s", family, preset) << family << preset;
    }
  }
}

struct StopAt : QuietTrainSink {
  std::stop_source stop;
  std::int64_t step = 0;
  void point(const TrainPoint& p) override {
    QuietTrainSink::point(p);
    if (p.step >= step) stop.request_stop();
  }
};

}  // namespace

class TestPictures : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_;
  std::unique_ptr<Engine> engine_;

  TrainRequest request(const QString& family, const QString& preset, const char* name) const {
    TrainRequest r;
    r.family = family.toStdString();
    r.preset = preset.toStdString();
    r.data = root_ / "music";
    r.epochs = 2;
    r.examples = 40;
    r.seed = 4;
    r.settings = {{"width", "8"}, {"latent", "6"}, {"batch", "8"}};
    r.out = root_ / (r.family + r.preset + name + ".safetensors");
    return r;
  }
  // A trained one, made once.
  fs::path checkpoint(const QString& family, const QString& preset) {
    const TrainRequest r = request(family, preset, "");
    if (!fs::exists(r.out)) {
      QuietTrainSink sink;
      const auto trained = trainModel(r, sink, {});
      if (!trained) qFatal("%s", trained.error().message.c_str());
    }
    return r.out;
  }

 private Q_SLOTS:
  void initTestCase() {
    root_ = dir_.path().toStdString();
    qputenv("XDG_CACHE_HOME", dir_.path().toUtf8());
    writeToyCorpus(root_ / "music", 60);
    engine_ = makeEngine();
  }

  void trainingLeavesCurvesAndPictures_data() { familyRows(); }
  void trainingLeavesCurvesAndPictures() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    const TrainRequest r = request(family, preset, "curves");
    QuietTrainSink sink;
    const auto trained = trainModel(r, sink, {});
    QVERIFY2(trained.has_value(), trained ? "" : trained.error().message.c_str());
    QCOMPARE(trained->epochs, 2);
    QVERIFY(fs::exists(trained->best));
    QCOMPARE(sink.validation().size(), std::size_t{2});
    const auto pictures = runPictures(r.out);
    QCOMPARE(pictures.size(), std::size_t{2});
    QCOMPARE(pictures[1].epoch, 2);
    const auto history = readRunHistory(historyPath(r.out));
    QVERIFY(history.has_value());
    const auto& figures = history->points.back().figures;
    QCOMPARE(figures.size(), family == kRollVae ? std::size_t{2} : std::size_t{3});
    for (const auto& [name, value] : figures) QVERIFY2(std::isfinite(value), name.c_str());
    const QString head = QString::fromStdString(runCsv(*history)).section('\n', 0, 0);
    QVERIFY2(head.endsWith(family == kRollVae ? ",divergence (nats)" : ",critic accuracy"),
             qPrintable(head));
  }

  // A run that was stopped within an epoch takes the same steps as one that was not, critic and
  // generator each by its own count.
  void resumeIsExact_data() { familyRows(); }
  void resumeIsExact() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    const TrainRequest whole = request(family, preset, "whole");
    QuietTrainSink quiet;
    QVERIFY(trainModel(whole, quiet, {}).has_value());

    TrainRequest cut = request(family, preset, "cut");
    StopAt sink;
    sink.step = 7;
    TrainHooks hooks;
    hooks.everyStep = true;
    const auto stopped = trainModel(cut, sink, sink.stop.get_token(), hooks);
    QVERIFY(stopped.has_value() && stopped->cancelled);
    cut.resume = stopped->last;
    QVERIFY(trainModel(cut, quiet, {}).has_value());
    const auto a = readTensors(lastPath(whole.out));
    const auto b = readTensors(lastPath(cut.out));
    QVERIFY(a.has_value() && b.has_value());
    QCOMPARE(a->tensors.size(), b->tensors.size());
    for (std::size_t i = 0; i < a->tensors.size(); ++i) {
      QVERIFY2(a->tensors[i].values == b->tensors[i].values, a->tensors[i].name.c_str());
    }
  }

  // The papers' small sets: the critic wins, the generator's loss climbs, and nobody said so.
  void aCriticThatWinsIsSaid() {
    TrainRequest r = request(kRollGan, "published", "failure");
    r.examples = 16;
    r.epochs = 40;
    r.settings = {{"width", "64"}, {"batch", "8"}, {"critic-rate", "10"}};
    QuietTrainSink sink;
    QVERIFY(trainModel(r, sink, {}).has_value());
    const auto said = std::count_if(sink.messages.begin(), sink.messages.end(), [](const auto& m) {
      return m.starts_with("convergence failure in epoch ") && m.find("; try ") != m.npos;
    });
    QCOMPARE(said, 1);
    const auto history = readRunHistory(historyPath(r.out));
    QVERIFY(history.has_value());
    QVERIFY(std::any_of(history->messages.begin(), history->messages.end(), [](const auto& m) {
      return m.text.starts_with("convergence failure in epoch ");
    }));
  }

  void everyKindIsLearnt_data() {
    QTest::addColumn<QString>("family");
    QTest::addColumn<QString>("kind");
    for (const char* family : kFamilies) {
      for (const PictureKind kind : kPictureKinds) {
        QTest::addRow("%s, %s", family, pictureKindId(kind)) << family << pictureKindId(kind);
      }
    }
  }
  void everyKindIsLearnt() {
    QFETCH(QString, family);
    QFETCH(QString, kind);
    for (const char* preset : {"published", "improved"}) {
      TrainRequest r = request(family, preset, "kind");
      r.settings["kind"] = kind.toStdString();
      r.examples = 16;
      r.epochs = 1;
      QuietTrainSink sink;
      const auto trained = trainModel(r, sink, {});
      QVERIFY2(trained.has_value(), trained ? "" : trained.error().message.c_str());
      ImagineRequest i;
      i.checkpoint = r.out;
      const auto drawn = engine_->lab()->imagine(i, {}, {});
      QVERIFY2(drawn.has_value(), drawn ? "" : drawn.error().message.c_str());
      QCOMPARE(pictureKindId(drawn->pictures.front().kind), kind);
    }
  }

  void aPictureDependsOnItsNumberOnly_data() { familyRows(); }
  void aPictureDependsOnItsNumberOnly() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    ImagineRequest r;
    r.checkpoint = checkpoint(family, preset);
    r.count = 37;
    r.seed = 5;
    Lab& lab = *engine_->lab();
    const auto many = lab.imagine(r, {}, {});
    QVERIFY2(many.has_value(), many ? "" : many.error().message.c_str());
    QCOMPARE(many->pictures.size(), std::size_t{37});
    r.count = 3;
    const auto few = lab.imagine(r, {}, {});
    QVERIFY(few.has_value());
    for (std::size_t i = 0; i < 3; ++i) QVERIFY(few->pictures[i] == many->pictures[i]);
    r.latents = {many->latents[20], many->latents[2]};
    const auto again = lab.imagine(r, {}, {});
    QVERIFY(again.has_value());
    QVERIFY(again->pictures[0] == many->pictures[20]);
    QVERIFY(again->pictures[1] == many->pictures[2]);
    r.latents = {Latent(5)};
    QVERIFY(!lab.imagine(r, {}, {}).has_value());
    std::stop_source stop;
    stop.request_stop();
    r.latents.clear();
    const auto stopped = lab.imagine(r, {}, stop.get_token());
    QVERIFY(stopped.has_value() && stopped->cancelled && stopped->pictures.empty());
  }

  void latentPlaces() {
    EmbedRequest r;
    r.checkpoint = checkpoint(kRollVae, "improved");
    for (int i = 0; i < 20; ++i) {
      PictureNote n;
      n.column = i;
      n.length = 6;
      r.pictures.push_back(paintPicture(PictureKind::kTicks, {n}));
    }
    Lab& lab = *engine_->lab();
    const auto all = lab.embed(r, {}, {});
    QVERIFY2(all.has_value(), all ? "" : all.error().message.c_str());
    QCOMPARE(all->latents.size(), std::size_t{20});
    QCOMPARE(all->latents[3].size(), std::size_t{6});
    EmbedRequest one = r;
    one.pictures = {r.pictures[17]};
    // But for the order of sums, which depends on how many there are.
    const auto alone = lab.embed(one, {}, {});
    QVERIFY(alone.has_value());
    for (std::size_t i = 0; i < 6; ++i) {
      QVERIFY(std::abs(alone->latents.front()[i] - all->latents[17][i]) < 1e-4F);
    }
    one.pictures = {Picture(PictureKind::kImage3)};
    QVERIFY(!lab.embed(one, {}, {}).has_value());
    one.checkpoint = checkpoint(kRollGan, "improved");
    QVERIFY(!lab.embed(one, {}, {}).has_value());
  }

  void otherModelsDrawNothing() {
    const fs::path file = root_ / "notes.safetensors";
    writeRandomCheckpoint(file, "published", 8);
    const auto kind = engine_->lab()->pictureKind(file);
    QVERIFY(!kind.has_value());
    QVERIFY2(kind.error().message.find("notes.safetensors: note-lstm draws no pictures") !=
                 std::string::npos,
             kind.error().message.c_str());
    QVERIFY(!engine_->lab()->pictureKind(root_ / "none.safetensors").has_value());
  }

  // A checkpoint with a part missing is refused in one line.
  void damagedCheckpoints() {
    auto file = readTensors(checkpoint(kRollVae, "published"));
    QVERIFY(file.has_value());
    file->tensors.pop_back();
    const fs::path cut = root_ / "cut.safetensors";
    QVERIFY(writeTensors(cut, *file).has_value());
    const auto kind = engine_->lab()->pictureKind(cut);
    QVERIFY(!kind.has_value());
    QVERIFY(kind.error().message.find("is missing") != std::string::npos);
  }

  // A checkpoint that ships could not be trained on: tensor "generator.dither" is missing.
  void whatEarlierCheckpointsLackIsMade() {
    auto file = readTensors(checkpoint(kRollGan, "improved"));
    QVERIFY(file.has_value());
    std::erase_if(file->tensors, [](const NamedTensor& t) {
      return t.name == "generator.dither" || t.name == "generator.settling";
    });
    const fs::path earlier = root_ / "earlier.safetensors";
    QVERIFY(writeTensors(earlier, *file).has_value());
    QVERIFY(engine_->lab()->pictureKind(earlier).has_value());
    TrainRequest r = request(kRollGan, "improved", "on");
    r.startFrom = earlier;
    r.epochs = 1;
    QuietTrainSink sink;
    const auto trained = trainModel(r, sink, {});
    QVERIFY2(trained.has_value(), trained ? "" : trained.error().message.c_str());
    QVERIFY(readTensors(trained->last)->find("generator.dither") != nullptr);
    std::erase_if(file->tensors, [](const auto& t) { return t.name == "generator.spread"; });
    QVERIFY(writeTensors(earlier, *file).has_value());
    const auto refused = trainModel(r, sink, {});
    QVERIFY(!refused.has_value());
    QVERIFY(refused.error().message.find("generator.spread") != std::string::npos);
  }

  void texturesKeepTheRules_data() { familyRows(); }
  void texturesKeepTheRules() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    Document d = toyPiece(1, 16);
    auto track = std::make_shared<Track>(*d.tracks.front());
    std::vector<Note> notes = track->notes.toVector();
    for (int pitch = 40; pitch < 90; pitch += 3) {
      Note locked;
      locked.start = {20 * 960};
      locked.length = {960};
      locked.pitch = static_cast<std::uint8_t>(pitch);
      locked.locked = true;
      locked.id = d.nextNoteId++;
      notes.push_back(locked);
    }
    track->notes = NoteList(std::move(notes));
    d.tracks.front() = std::move(track);
    ComposeRequest r;
    r.document = std::make_shared<const Document>(d);
    r.track = d.tracks.front()->id;
    r.from = {16 * 960};
    r.bars = 5;
    r.seed = 3;
    r.checkpoint = checkpoint(family, preset);
    r.settings = {{"key", "snapped"}};
    Recorder sink;
    const auto take = engine_->compose(r, sink, {});
    QVERIFY2(take.has_value(), take ? "" : take.error().message.c_str());
    QCOMPARE(sink.notes.size(), take->notes.size());
    QCOMPARE(take->probabilities.size(), take->notes.size());
    const Scale key = estimateKey(toyPiece(1, 16).tracks.front()->notes.toVector());
    const Tick end = take->region.range.to;
    for (std::size_t i = 0; i < take->notes.size(); ++i) {
      const Note& n = take->notes[i];
      QVERIFY(n.start >= r.from && n.end() <= end && n.length.count >= 1);
      QVERIFY(key.contains(n.pitch));
      QVERIFY(take->probabilities[i] >= 0 && take->probabilities[i] <= 1);
      for (const Note& k : d.tracks.front()->notes) {
        QVERIFY(!k.locked || k.pitch != n.pitch || k.end() <= n.start || n.end() <= k.start);
      }
      for (std::size_t j = i + 1; j < take->notes.size(); ++j) {
        const Note& o = take->notes[j];
        QVERIFY(o.pitch != n.pitch || o.start >= n.end());
      }
    }
    Recorder again;
    const auto same = engine_->compose(r, again, {});
    QVERIFY(same.has_value());
    QCOMPARE(again.notes.size(), sink.notes.size());
    for (std::size_t i = 0; i < again.notes.size(); ++i) {
      QVERIFY(again.notes[i] == sink.notes[i]);
    }
  }

  void figuresOfASplit_data() { familyRows(); }
  void figuresOfASplit() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    EvaluateRequest r;
    r.checkpoint = checkpoint(family, preset);
    r.data = root_ / "music";
    r.split = "train";
    r.examples = 20;
    QuietTrainSink sink;
    const auto e = engine_->evaluate(r, sink, {});
    QVERIFY2(e.has_value(), e ? "" : e.error().message.c_str());
    std::map<std::string, double> figures(e->figures.begin(), e->figures.end());
    QVERIFY(figures.contains("overlap, mean"));
    // A part was learnt, and none of these.
    QVERIFY(figures["distance to the nearest learnt picture, written"] > 0);
    QCOMPARE(figures.contains("reconstruction F1 (notes)"), family == kRollVae);
    QCOMPARE(e->distributions.size(), std::size_t{4});
  }

  // Copies are looked for in what a run has learnt from, all of it or a part.
  void whatIsLearntIsFound() {
    TrainRequest r = request(kRollVae, "improved", "all");
    r.examples = 0;
    r.epochs = 1;
    QuietTrainSink sink;
    QVERIFY(trainModel(r, sink, {}).has_value());
    EvaluateRequest e;
    e.checkpoint = r.out;
    e.data = r.data;
    e.split = "train";
    e.examples = 20;
    const auto all = engine_->evaluate(e, sink, {});
    QVERIFY2(all.has_value(), all ? "" : all.error().message.c_str());
    const std::map<std::string, double> figures(all->figures.begin(), all->figures.end());
    QCOMPARE(figures.at("distance to the nearest learnt picture, written"), 0.0);
  }

  // An epoch may be a part of a pass, or several; passes go on where epochs end.
  void epochsOfAnyLength() {
    for (const char* epoch : {"24", "100"}) {
      TrainRequest r = request(kRollVae, "published", epoch);
      r.settings["epoch"] = epoch;
      QuietTrainSink sink;
      const auto trained = trainModel(r, sink, {});
      QVERIFY2(trained.has_value(), trained ? "" : trained.error().message.c_str());
      QCOMPARE(trained->epochs, 2);
      QCOMPARE(readRunHistory(historyPath(r.out))->points.back().step,
               static_cast<std::int64_t>(2 * std::ceil(std::atof(epoch) / 8)));
    }
  }

  void aCorpusOfOneFile() {
    writeToyCorpus(root_ / "one", 1);
    TrainRequest r = request(kRollVae, "improved", "one");
    r.data = root_ / "one";
    r.epochs = 1;
    QuietTrainSink sink;
    const auto trained = trainModel(r, sink, {});
    QVERIFY2(trained.has_value(), trained ? "" : trained.error().message.c_str());
    QVERIFY(std::any_of(sink.messages.begin(), sink.messages.end(), [](const std::string& m) {
      return m.find("validating on the training data") != std::string::npos;
    }));
    r.data = root_ / "nothing";
    fs::create_directories(r.data);
    const auto none = trainModel(r, sink, {});
    QVERIFY(!none.has_value());
    QVERIFY(none.error().message.find(r.data.string()) == 0);
  }
};

QTEST_GUILESS_MAIN(TestPictures)
#include "test_pictures.moc"
