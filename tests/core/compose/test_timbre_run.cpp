// A sound taken through a model of timbre: what is written, what is said, and that nothing is left
// behind where it fails.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "core/compose/timbre_run.h"
#include "tests/core/compose/fake_studio.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

// Halves what it hears.
class HalvingLab final : public Lab {
 public:
  std::function<void()> midway;

  Result<PictureKind> pictureKind(const fs::path&) override { return fail("draws no pictures"); }
  Result<Imagined> imagine(const ImagineRequest&, const LabProgress&, std::stop_token) override {
    return fail("draws no pictures");
  }
  Result<Embedded> embed(const EmbedRequest&, const LabProgress&, std::stop_token) override {
    return fail("draws no pictures");
  }
  Result<int> timbreRate(const fs::path& checkpoint) override {
    if (checkpoint != "halve") return fail(checkpoint.string() + ": has no timbre");
    return kFakeRate;
  }
  Result<Timbred> timbre(const TimbreRequest& request, const LabProgress& progress,
                         std::stop_token stop) override {
    Timbred out;
    std::vector<float> block(1000);
    while (true) {
      if (stop.stop_requested()) {
        out.cancelled = true;
        return out;
      }
      const auto count = request.source->read(block);
      if (!count) return tl::unexpected(count.error());
      for (float& v : block) v *= 0.5F;
      if (auto sunk = request.sink(std::span(block).first(*count)); !sunk) {
        return tl::unexpected(sunk.error());
      }
      out.frames += static_cast<std::int64_t>(*count);
      progress(static_cast<double>(out.frames) /
               static_cast<double>(std::max<std::int64_t>(1, request.source->frames())));
      if (midway && out.frames > 10'000) midway();
      if (*count < block.size()) return out;
    }
  }
};

}  // namespace

class TestTimbreRun : public QObject {
  Q_OBJECT

  FakeStudio studio_;
  HalvingLab lab_;

  Result<TimbreOutcome> run(const TimbreSource& source, const fs::path& model = "halve",
                            const std::stop_token& stop = {}) {
    double reached = 0;
    return runTimbre(
        lab_, studio_, model, source, "out.wav",
        [&](double f) {
          QVERIFY(f >= reached && f <= 1);
          reached = f;
        },
        stop);
  }

 private Q_SLOTS:
  void init() {
    studio_ = {};
    lab_.midway = {};
  }

  void aFileIsWrittenAndBothArePictured() {
    studio_.files["in.wav"] = FakeStudio::tone();
    const auto outcome = run({"in.wav", nullptr, -1});
    QVERIFY(outcome);
    QCOMPARE(studio_.files["out.wav"].size(), FakeStudio::tone().size());
    QCOMPARE(studio_.files["out.wav"][77], 0.5F * FakeStudio::tone()[77]);
    QCOMPARE(outcome->messages, std::vector<std::string>{"in.wav: resampled"});
    QCOMPARE(outcome->soundSeconds, 3.0);
    QVERIFY(outcome->before.columns > 20);
    QCOMPARE(outcome->before.columns, outcome->after.columns);
    // Half as loud is six decibels less.
    const auto loudest = [](const Spectrogram& s) {
      return *std::max_element(s.levels.begin(), s.levels.end());
    };
    QVERIFY(std::abs(loudest(outcome->before) - loudest(outcome->after) - 6.02) < 0.1);
  }

  void musicIsASourceToo() {
    const auto outcome = run({{}, std::make_shared<const Document>(newDocument()), 24});
    QVERIFY(outcome);
    QCOMPARE(studio_.files["out.wav"].size(), FakeStudio::tone().size());
  }

  void whatFailsLeavesNothing_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("file");
    QTest::addColumn<bool>("full");
    QTest::addColumn<QString>("says");
    QTest::newRow("no timbre") << "notes"
                               << "in.wav" << false << "notes: has no timbre";
    QTest::newRow("no file") << "halve"
                             << "gone.wav" << false << "gone.wav: no such file";
    QTest::newRow("full disk") << "halve"
                               << "in.wav" << true << "out.wav: no space left on the disk";
    QTest::newRow("silence") << "halve"
                             << "silent.wav" << false
                             << "silent.wav: is silent from beginning to end; nothing was written";
    QTest::newRow("empty") << "halve"
                           << "empty.wav" << false
                           << "empty.wav: is silent from beginning to end; nothing was written";
  }
  void whatFailsLeavesNothing() {
    QFETCH(QString, model);
    QFETCH(QString, file);
    QFETCH(bool, full);
    QFETCH(QString, says);
    studio_.files["in.wav"] = FakeStudio::tone();
    studio_.files["silent.wav"] = std::vector<float>(9000);
    studio_.files["empty.wav"] = {};
    studio_.full = full;
    const auto outcome = run({file.toStdString(), nullptr, -1}, model.toStdString());
    QVERIFY(!outcome);
    QCOMPARE(QString::fromStdString(outcome.error().message), says);
    QVERIFY(!studio_.files.contains("out.wav"));
  }

  void aStoppedRunWritesNothing() {
    studio_.files["in.wav"] = FakeStudio::tone();
    std::stop_source stop;
    lab_.midway = [&] { stop.request_stop(); };
    const auto outcome = run({"in.wav", nullptr, -1}, "halve", stop.get_token());
    QVERIFY(outcome && outcome->cancelled);
    QVERIFY(!studio_.files.contains("out.wav"));
  }

  void aTrackAloneIsHeard() {
    Document d = newDocument();
    auto track = std::make_shared<Track>(*d.tracks.front());
    track->id = 77;
    track->mute = true;
    d.tracks.push_back(track);
    const DocumentPtr alone = trackAlone(d, 77);
    QCOMPARE(alone->tracks.size(), std::size_t{1});
    QCOMPARE(alone->tracks.front()->id, TrackId{77});
    QVERIFY(!alone->tracks.front()->mute);
  }
};

QTEST_APPLESS_MAIN(TestTimbreRun)
#include "test_timbre_run.moc"
