// The training loop: the loss falls, a resumed run is the uninterrupted one, NaN and Cancel leave
// what was good, and checkpoints survive damage and splitting.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <fstream>
#include <limits>
#include <new>

#include "core/compose/catalogue.h"
#include "core/compose/run_history.h"
#include "models/trainer.h"
#include "tests/resource_limits.h"
#include "toy_corpus.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

Result<TrainResult> train(const TrainRequest& request, QuietTrainSink& sink,
                          const TrainHooks& hooks = {}, std::stop_token stop = {}) {
  auto result = trainModel(request, sink, std::move(stop), hooks);
  if (!result) qWarning("%s", result.error().message.c_str());
  return result;
}

double largestDifference(const fs::path& a, const fs::path& b) {
  const auto first = readTensors(a);
  const auto second = readTensors(b);
  if (!first || !second || first->tensors.size() != second->tensors.size()) return 1e9;
  double largest = 0;
  for (const NamedTensor& t : first->tensors) {
    const NamedTensor* other = second->find(t.name);
    if (other == nullptr || other->values.size() != t.values.size()) return 1e9;
    for (std::size_t i = 0; i < t.values.size(); ++i) {
      largest = std::max<double>(largest, std::abs(t.values[i] - other->values[i]));
    }
  }
  return largest;
}

// Epoch and step of each point that has a validation.
std::vector<std::pair<int, std::int64_t>> epochEnds(const RunHistory& run) {
  std::vector<std::pair<int, std::int64_t>> out;
  for (const TrainPoint& p : run.points) {
    if (p.validationLoss) out.emplace_back(p.epoch, p.step);
  }
  return out;
}

}  // namespace

class TestTraining : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_;

  TrainRequest request(const std::string& preset, const std::string& name) const {
    TrainRequest r;
    r.preset = preset;
    r.data = root_ / "corpus";
    r.out = root_ / (name + ".safetensors");
    r.epochs = 3;
    r.examples = preset == "improved" ? 60 : 400;
    r.seed = 5;
    return r;
  }

 private Q_SLOTS:
  void initTestCase() {
    root_ = dir_.path().toStdString();
    writeToyCorpus(root_ / "corpus");
  }

  void publishedHasTheSizeOfThePaper() {
    QuietTrainSink sink;
    TrainRequest r = request("published", "size");
    r.epochs = 1;
    QVERIFY(train(r, sink));
    const auto info = readCheckpointInfo(r.out);
    QVERIFY(info);
    QCOMPARE(info->parameters, std::int64_t{84354});
    QCOMPARE(info->metadata.at("preset"), std::string("published"));
    QCOMPARE(info->metadata.at("corpus").size(), std::size_t{64});
    QCOMPARE(historyOf(info->metadata.at("history")).size(), std::size_t{1});
  }

  void theLossFalls_data() {
    QTest::addColumn<QString>("preset");
    QTest::newRow("published") << "published";
    QTest::newRow("improved") << "improved";
  }
  void theLossFalls() {
    QFETCH(QString, preset);
    QuietTrainSink sink;
    TrainRequest r = request(preset.toStdString(), "falls-" + preset.toStdString());
    r.epochs = 8;
    const auto result = train(r, sink);
    QVERIFY(result);
    QVERIFY(!result->cancelled && result->warning.empty());
    QCOMPARE(result->epochs, 8);
    const auto losses = sink.validation();
    QCOMPARE(losses.size(), std::size_t{8});
    QVERIFY2(losses.back() < 0.8 * losses.front(),
             qPrintable(QString("%1 -> %2").arg(losses.front()).arg(losses.back())));
    QCOMPARE(result->bestValidationLoss, *std::min_element(losses.begin(), losses.end()));
    QVERIFY(fs::exists(result->best) && fs::exists(result->last));
    QCOMPARE(sink.points.back().fraction, 1.0);
  }

  void aResumedRunIsTheUninterruptedOne_data() {
    QTest::addColumn<QString>("preset");
    QTest::addColumn<int>("stopAt");
    QTest::newRow("published, within an epoch") << "published" << 10;
    QTest::newRow("published, at its end") << "published" << 7;
    QTest::newRow("improved, within an epoch") << "improved" << 3;
  }
  void aResumedRunIsTheUninterruptedOne() {
    QFETCH(QString, preset);
    QFETCH(int, stopAt);
    const std::string name = preset.toStdString() + std::to_string(stopAt);
    QuietTrainSink whole;
    const TrainRequest uninterrupted = request(preset.toStdString(), name + "-whole");
    QVERIFY(train(uninterrupted, whole));

    TrainRequest r = request(preset.toStdString(), name + "-parts");
    std::stop_source source;
    TrainHooks hooks;
    hooks.loss = [&](std::int64_t step, double loss) {
      if (step + 1 >= stopAt) source.request_stop();
      return loss;
    };
    QuietTrainSink first;
    const auto stopped = train(r, first, hooks, source.get_token());
    QVERIFY(stopped && stopped->cancelled);
    r.resume = stopped->last;
    QuietTrainSink second;
    const auto resumed = train(r, second);
    QVERIFY(resumed && !resumed->cancelled);

    std::vector<double> curve = first.validation();
    for (const double l : second.validation()) curve.push_back(l);
    const auto expected = whole.validation();
    QCOMPARE(curve.size(), expected.size());
    for (std::size_t i = 0; i < curve.size(); ++i) {
      QVERIFY2(std::abs(curve[i] - expected[i]) <= 1e-6 * std::abs(expected[i]),
               qPrintable(QString("epoch %1: %2 and %3").arg(i).arg(curve[i]).arg(expected[i])));
    }
    const double difference = largestDifference(lastPath(uninterrupted.out), lastPath(r.out));
    qInfo("%s: largest difference of a weight %g", name.c_str(), difference);
    QVERIFY(difference <= 1e-6);

    // What is written down is one curve, too.
    const auto history = readRunHistory(historyPath(r.out));
    const auto expectedHistory = readRunHistory(historyPath(uninterrupted.out));
    QVERIFY(history && expectedHistory);
    QCOMPARE(epochEnds(*history), epochEnds(*expectedHistory));
    QCOMPARE(epochEnds(*history).size(), curve.size());
    QCOMPARE(history->end, RunEnd::kDone);
    QCOMPARE(history->request.epochs, 3);
    QCOMPARE(history->request.preset, preset.toStdString());
    QVERIFY(!history->lossUnit.empty());
  }

  void resumingAnotherRunIsRefused() {
    QuietTrainSink sink;
    TrainRequest r = request("published", "refuse");
    r.epochs = 1;
    QVERIFY(train(r, sink));
    r.resume = r.out;
    r.seed = 6;
    auto wrong = trainModel(r, sink, {});
    QVERIFY(!wrong && wrong.error().message.find("seed") != std::string::npos);
    r.seed = 5;
    r.preset = "improved";
    wrong = trainModel(r, sink, {});
    QVERIFY(!wrong && wrong.error().message.find("preset") != std::string::npos);
    r.preset = "published";
    r.resume = root_ / "none.safetensors";
    wrong = trainModel(r, sink, {});
    QVERIFY(!wrong && wrong.error().message.find("none") != std::string::npos);
  }

  void nanThatLastsStopsAndKeepsTheLastGoodWeights() {
    QuietTrainSink sink;
    TrainRequest r = request("published", "nan");
    TrainHooks hooks;
    std::string before;
    hooks.loss = [&](std::int64_t step, double loss) {
      if (step < 16) return loss;  // in the third epoch of seven steps
      if (step == 16) before = *fileSha256(lastPath(r.out));
      return std::numeric_limits<double>::quiet_NaN();
    };
    const auto result = train(r, sink, hooks);
    QVERIFY(result);
    QCOMPARE(result->epochs, 2);
    QVERIFY(result->warning.find("NaN in epoch 3") != std::string::npos);
    QVERIFY(result->warning.find("kept epoch") != std::string::npos);
    QCOMPARE(*fileSha256(lastPath(r.out)), before);
    const TensorFile kept = *readTensors(r.out);
    for (const NamedTensor& t : kept.tensors) {
      for (const float v : t.values) QVERIFY(std::isfinite(v));
    }
  }

  void divergenceGoesBackToTheBestWeightsAndOnMoreGently_data() {
    QTest::addColumn<double>("loss");
    QTest::addColumn<QString>("said");
    QTest::newRow("NaN") << std::nan("") << "NaN in epoch 3";
    QTest::newRow("a sudden rise") << 1e6 << "rose suddenly in epoch 3";
  }
  void divergenceGoesBackToTheBestWeightsAndOnMoreGently() {
    QFETCH(double, loss);
    QFETCH(QString, said);
    QuietTrainSink sink;
    TrainRequest r = request("published", "rescue-" + said.left(3).toStdString());
    r.epochs = 5;
    TrainHooks hooks;
    hooks.loss = [&](std::int64_t step, double l) { return step == 16 ? loss : l; };
    const auto result = train(r, sink, hooks);
    QVERIFY(result && result->warning.empty() && !result->cancelled);
    QCOMPARE(result->epochs, 5);
    QVERIFY(std::any_of(sink.messages.begin(), sink.messages.end(), [&](const std::string& m) {
      return m.find(said.toStdString()) != std::string::npos &&
             m.find("a fifth of the learning rate") != std::string::npos;
    }));
    QVERIFY(std::abs(sink.points.back().learningRate - 0.001) < 1e-12);
    const auto losses = sink.validation();
    QCOMPARE(losses.size(), std::size_t{5});
    QVERIFY(losses.back() < 1.05 * losses[1]);
    // A second time, momentum takes Adam's place, and the run still ends well.
    QuietTrainSink again;
    hooks.loss = [&](std::int64_t step, double l) { return step == 16 || step == 24 ? loss : l; };
    r.out = root_ / "rescue-twice.safetensors";
    const auto second = train(r, again, hooks);
    QVERIFY(second && second->warning.empty());
    QVERIFY(std::any_of(again.messages.begin(), again.messages.end(), [](const std::string& m) {
      return m.find("momentum") != std::string::npos;
    }));
    QVERIFY(std::isfinite(again.validation().back()));
  }

  void nanAtTheStartKeepsNothing() {
    QuietTrainSink sink;
    TrainHooks hooks;
    hooks.loss = [](std::int64_t, double) { return std::nan(""); };
    const auto result = train(request("published", "nan-first"), sink, hooks);
    QVERIFY(result && !result->warning.empty());
    QVERIFY(result->best.empty() && result->last.empty());
  }

  void aFullDiskEndsARunThatCanBeResumed() {
    // The disk fills while the third epoch is saved: weights fit, their state does not.
    QuietTrainSink whole;
    const TrainRequest uninterrupted = request("published", "disk-whole");
    QVERIFY(train(uninterrupted, whole));
    TrainRequest r = request("published", "disk");
    std::optional<FileSizeLimit> limit;
    TrainHooks hooks;
    hooks.loss = [&](std::int64_t step, double loss) {
      if (step == 16) limit.emplace(fs::file_size(statePath(r.out)) / 2);
      return loss;
    };
    QuietTrainSink first;
    const auto failed = trainModel(r, first, {}, hooks);
    limit.reset();
    QVERIFY(!failed);
    const QString line = QString::fromStdString(failed.error().message);
    QVERIFY2(line.startsWith(QString::fromStdString(statePath(r.out).string()) + ": not saved: "),
             qPrintable(line));
    QVERIFY2(line.contains("1.0 MB are needed") && !line.contains('\n'), qPrintable(line));
    QVERIFY2(line.endsWith("the run is whole up to epoch 2: resume it then"), qPrintable(line));
    QVERIFY(noteCheckpointAt(r.out) && noteCheckpointAt(lastPath(r.out)));
    QCOMPARE(readRunHistory(historyPath(r.out))->end, RunEnd::kFailed);
    r.resume = r.out;
    QuietTrainSink second;
    const auto resumed = train(r, second);
    QVERIFY(resumed && resumed->epochs == 3);
    QVERIFY(largestDifference(lastPath(uninterrupted.out), lastPath(r.out)) <= 1e-6);
  }

  void aFullDiskAtTheFirstEpochSaysThatNothingIsSaved() {
    TrainRequest r = request("published", "disk-first");
    std::optional<FileSizeLimit> limit;
    TrainHooks hooks;
    hooks.loss = [&](std::int64_t, double loss) {
      if (!limit) limit.emplace(100'000);
      return loss;
    };
    QuietTrainSink sink;
    const auto failed = trainModel(r, sink, {}, hooks);
    limit.reset();
    QVERIFY(!failed && failed.error().message.ends_with("nothing of this run is saved yet"));
    QVERIFY(!fs::exists(r.out));
  }

  void withoutMemoryABatchIsLearntFromInParts() {
    QuietTrainSink whole;
    const TrainRequest enough = request("published", "memory-enough");
    QVERIFY(train(enough, whole));
    TrainRequest r = request("published", "memory");
    // A device on which batches of more than 16 fail: 64, then 32.
    int failures = 0;
    TrainHooks hooks;
    hooks.loss = [&](std::int64_t step, double loss) {
      if (step >= 9 && failures < 2) {
        ++failures;
        throw std::bad_alloc();
      }
      return loss;
    };
    QuietTrainSink sink;
    const auto result = train(r, sink, hooks);
    QVERIFY(result && result->epochs == 3);
    for (const char* said : {"out of memory with batches of 64: each is learnt from in 2 parts",
                             "out of memory with batches of 32: each is learnt from in 4 parts"}) {
      QVERIFY2(std::count(sink.messages.begin(), sink.messages.end(), said) == 1, said);
    }
    QCOMPARE(metadataOf(*readTensors(lastPath(r.out)), "batch_parts"), std::string("4"));
    QCOMPARE(metadataOf(*readTensors(statePath(r.out)), "parts"), std::string("4"));
    // The steps are the same ones.
    const double difference = largestDifference(lastPath(enough.out), lastPath(r.out));
    QVERIFY2(difference < 1e-4, qPrintable(QString::number(difference)));
    for (std::size_t i = 0; i < 3; ++i) {
      QVERIFY(std::abs(sink.validation()[i] - whole.validation()[i]) < 1e-4);
    }
    // A resumed run knows.
    r.resume = r.out;
    r.epochs = 4;
    QuietTrainSink later;
    QVERIFY(train(r, later));
    QCOMPARE(metadataOf(*readTensors(lastPath(r.out)), "batch_parts"), std::string("4"));
  }

  void withoutMemoryForOneExampleARunEndsAndKeepsWhatIsSaved() {
    TrainRequest r = request("published", "memory-none");
    TrainHooks hooks;
    hooks.loss = [](std::int64_t step, double loss) {
      if (step >= 9) throw std::bad_alloc();
      return loss;
    };
    QuietTrainSink sink;
    const auto failed = trainModel(r, sink, {}, hooks);
    QVERIFY(!failed);
    QCOMPARE(failed.error().message,
             std::string("out of memory with batches of 1: try a smaller network or another "
                         "device; epoch 1 is saved"));
    r.resume = r.out;
    const auto resumed = train(r, sink);
    QVERIFY(resumed && resumed->epochs == 3);
  }

  void aBatchThatTheAllocatorRefusesIsLearntFromInParts() {
    // Not a hook: more address space than the process may have. OpenBLAS, which would try for ever
    // to get its own, gets it before.
    TrainRequest r = request("published", "memory-real");
    r.epochs = 1;
    QuietTrainSink sink;
    QVERIFY(train(r, sink));
    r.settings["batch"] = "4096";
    r.examples = 4096;
    Result<TrainResult> result = fail("");
    {
      // One step of that batch takes some 600 MB.
      const AddressLimit limit(std::size_t{1} << 28U);
      result = trainModel(r, sink, {});
    }
    QVERIFY2(result, result ? "" : result.error().message.c_str());
    QVERIFY(std::count(sink.messages.begin(), sink.messages.end(),
                       "out of memory with batches of 4096: each is learnt from in 2 parts") == 1);
    QVERIFY(std::isfinite(result->bestValidationLoss));
  }

  void theCurveHasNoDipsWhereEpochsBegin() {
    // The mean over an epoch so far is over few batches first: falling losses showed as teeth.
    QuietTrainSink sink;
    TrainRequest r = request("published", "curve");
    r.epochs = 3;
    r.examples = 64 * 40;
    TrainHooks hooks;
    hooks.loss = [](std::int64_t step, double) {
      return 10.0 - 0.05 * static_cast<double>(step) + (step % 2 == 0 ? 1 : -1);
    };
    hooks.everyStep = true;
    QVERIFY(train(r, sink, hooks));
    double before = 0;
    for (const TrainPoint& p : sink.points) {
      if (p.step > 41) {
        const double change = p.trainLoss - before;
        QVERIFY2(change <= 0.06 && change >= -0.15,
                 qPrintable(QString("step %1: %2").arg(p.step).arg(change)));
      }
      before = p.trainLoss;
    }
    QCOMPARE(sink.points.size(), std::size_t{3 * 40 + 3});
  }

  void aSplitCheckpointIsTheSame() {
    QuietTrainSink sink;
    TrainRequest r = request("published", "whole-file");
    r.epochs = 1;
    QVERIFY(train(r, sink));
    TrainRequest split = r;
    split.out = root_ / "shards.safetensors";
    split.shardSize = 100'000;
    QVERIFY(train(split, sink));
    const auto info = readCheckpointInfo(split.out);
    QVERIFY2(info, info ? "" : info.error().message.c_str());
    QCOMPARE(info->parameters, std::int64_t{84354});
    QVERIFY(fs::file_size(split.out) < fs::file_size(r.out));
    QCOMPARE(largestDifference(r.out, split.out), 0.0);
    // A part of another checkpoint is noticed.
    const int shards = std::stoi(info->metadata.at("shards"));
    QVERIFY(shards > 1);
    const fs::path part = shardPath(split.out, 2, shards);
    std::fstream file(part, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-4, std::ios::end);
    file.write("abcd", 4);
    file.close();
    const auto damaged = noteCheckpointAt(split.out);
    QVERIFY(!damaged && damaged.error().message.find("2-of") != std::string::npos);
  }

  void damagedCheckpointsAreRefusedInOneLine() {
    const fs::path good = root_ / "good.safetensors";
    writeRandomCheckpoint(good, "published");
    QVERIFY(noteCheckpointAt(good));
    const auto messageOf = [](const fs::path& file) {
      const auto loaded = noteCheckpointAt(file);
      return loaded ? std::string() : loaded.error().message;
    };
    const fs::path bad = root_ / "bad.safetensors";
    fs::copy_file(good, bad);
    fs::resize_file(bad, fs::file_size(good) / 2);
    QVERIFY(messageOf(bad).find("cut short") != std::string::npos);

    TensorFile content = *readTensors(good);
    content.metadata["family"] = "opera";
    QVERIFY(writeTensors(bad, content));
    QVERIFY(messageOf(bad).find("opera") != std::string::npos);

    content = *readTensors(good);
    content.metadata["config"] = R"({"hidden":64,"embedding":0,"head":0,"layers":1})";
    QVERIFY(writeTensors(bad, content));
    QVERIFY(messageOf(bad).find("shape") != std::string::npos);

    content = *readTensors(good);
    content.tensors.pop_back();
    QVERIFY(writeTensors(bad, content));
    QVERIFY(messageOf(bad).find("missing") != std::string::npos);
    QVERIFY(messageOf(bad).find('\n') == std::string::npos);
  }

  void wrongRequestsSayWhy() {
    QuietTrainSink sink;
    TrainRequest r = request("published", "wrong");
    r.family = "transformer";
    QVERIFY(trainModel(r, sink, {}).error().message.find("note-lstm") != std::string::npos);
    r = request("best", "wrong");
    QVERIFY(trainModel(r, sink, {}).error().message.find("improved") != std::string::npos);
    r = request("published", "wrong");
    r.device = "toaster";
    QVERIFY(trainModel(r, sink, {}).error().message.find("toaster") != std::string::npos);
    r = request("published", "wrong");
    r.data = root_ / "nowhere";
    QVERIFY(trainModel(r, sink, {}).error().message.find("nowhere") != std::string::npos);
  }
};

QTEST_APPLESS_MAIN(TestTraining)
#include "test_training.moc"
