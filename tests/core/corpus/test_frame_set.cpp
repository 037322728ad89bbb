// The benchmark sets of frames: reading, faults, and the published figures of their splits.
#include <QTemporaryDir>
#include <QtTest>
#include <array>
#include <cmath>
#include <fstream>

#include "../encoding/real_music.h"
#include "core/corpus/frame_set.h"

using namespace incipit;

namespace {

std::string problem(const QTemporaryDir& dir, const char* text) {
  const auto file = std::filesystem::path(dir.path().toStdString()) / "set.json";
  std::ofstream(file) << text;
  const auto set = readFrameSet(file);
  return set ? std::string() : set.error().message;
}

// Nats a frame of keys that are independent with the frequencies of the training split.
double oneGram(const FrameSet& set) {
  std::array<double, 128> count{};
  for (const FramePiece& p : set.train) {
    for (const Frame& f : p) {
      for (const auto pitch : f) ++count[pitch];
    }
  }
  const double total = double(frameCount(set.train));
  double nats = 0;
  for (const FramePiece& p : set.test) {
    for (std::size_t i = 1; i < p.size(); ++i) {
      for (int key = 21; key <= 108; ++key) {
        const double on = (count[std::size_t(key)] + 0.5) / (total + 1);
        const bool sounds = std::find(p[i].begin(), p[i].end(), key) != p[i].end();
        nats -= std::log(sounds ? on : 1 - on);
      }
    }
  }
  return nats / double(predictedFrames(set.test));
}

}  // namespace

class TestFrameSet : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void readsPieces() {
    QTemporaryDir dir;
    const auto file = std::filesystem::path(dir.path().toStdString()) / "set.json";
    std::ofstream(file) << R"({"train":[[[60,64],[]],[[21,108,21]]],"valid":[[[50]]],"test":[[]]})";
    const auto set = readFrameSet(file);
    QVERIFY2(set, set ? "" : set.error().message.c_str());
    QCOMPARE(set->train, (std::vector<FramePiece>{{{64, 60}, {}}, {{108, 21}}}));
    QCOMPARE(frameCount(set->train), std::int64_t{3});
    QCOMPARE(predictedFrames(set->train), std::int64_t{1});
    QCOMPARE(set->of(Split::kValid).size(), std::size_t{1});
    QCOMPARE(predictedFrames(set->of(Split::kTest)), std::int64_t{0});
  }

  void faultsNameTheirPlace() {
    QTemporaryDir dir;
    const auto has = [&](const char* text, const char* what) {
      const std::string message = problem(dir, text);
      QVERIFY2(message.find(what) != std::string::npos, message.c_str());
      QVERIFY(message.find("set.json") != std::string::npos);
    };
    has("[", "not a JSON object");
    has(R"({"train":[[[60]]],"test":[[[60]]]})", "\"valid\"");
    has(R"({"train":[[[60],[20]]],"valid":[[]],"test":[[]]})", "train, piece 0, frame 1: pitch 20");
    has(R"({"train":[[[60]],[[60.5]]],"valid":[[]],"test":[[]]})", "train, piece 1, frame 0");
    has(R"({"train":[[60]],"valid":[[]],"test":[[]]})", "not a list of pitches");
    has(R"({"train":[3],"valid":[[]],"test":[[]]})", "not a list of frames");
    QVERIFY(!readFrameSet("/nonexistent.json"));
  }

  void theBenchmarkSets_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QList<int>>("pieces");
    QTest::addColumn<QList<int>>("frames");
    QTest::addColumn<double>("nats");
    QTest::newRow("JSB") << "jsb.json" << QList<int>{229, 76, 77} << QList<int>{13807, 4602, 4725}
                         << 11.09;
    QTest::newRow("Nottingham") << "nottingham.json" << QList<int>{694, 173, 170}
                                << QList<int>{176561, 45513, 44463} << 10.26;
  }

  // The figure of the simplest model agrees with the published ones: data and protocol are right.
  void theBenchmarkSets() {
    QFETCH(QString, file);
    QFETCH(QList<int>, pieces);
    QFETCH(QList<int>, frames);
    QFETCH(double, nats);
    const auto path = test::dataFolder() / "frames" / file.toStdString();
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
      QSKIP("the benchmark sets are not here: set INCIPIT_DATA to the folder of frames/");
    }
    const auto set = readFrameSet(path);
    QVERIFY2(set, set ? "" : set.error().message.c_str());
    const std::array<Split, 3> splits{Split::kTrain, Split::kValid, Split::kTest};
    for (int i = 0; i < 3; ++i) {
      const auto& list = set->of(splits[std::size_t(i)]);
      QCOMPARE(int(list.size()), pieces[i]);
      QCOMPARE(int(frameCount(list)), frames[i]);
      for (const FramePiece& p : list) QCOMPARE(deserialise(serialise(p)).value(), p);
    }
    const double got = oneGram(*set);
    qInfo("independent keys: %.3f nats a frame", got);
    QVERIFY(std::abs(got - nats) < 0.02);
  }
};

QTEST_APPLESS_MAIN(TestFrameSet)
#include "test_frame_set.moc"
