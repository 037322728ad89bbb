// What a training run wrote down is what is read, whatever cut it short.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "core/compose/run_history.h"
#include "tests/resource_limits.h"

using namespace incipit;

namespace {

struct Heard final : TrainSink {
  void message(const std::string& line) override { messages.push_back(line); }
  void point(const TrainPoint& p) override { points.push_back(p); }
  std::vector<std::string> messages;
  std::vector<TrainPoint> points;
};

TrainPoint pointAt(std::int64_t step, std::optional<double> validation = {}) {
  TrainPoint p;
  p.epoch = static_cast<int>(step / 10) + 1;
  p.step = step;
  p.trainLoss = 1.0 / (1 + static_cast<double>(step));
  p.validationLoss = validation;
  p.learningRate = 0.001;
  p.gradientNorm = 0.7;
  return p;
}

std::string contentOf(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

std::vector<std::int64_t> stepsOf(const RunHistory& run) {
  std::vector<std::int64_t> out;
  for (const TrainPoint& p : run.points) out.push_back(p.step);
  return out;
}

}  // namespace

class TestRunHistory : public QObject {
  Q_OBJECT

 private:
  TrainRequest request(const char* name) const {
    TrainRequest r;
    r.family = "a-family";
    r.preset = "a-preset";
    r.data = "/music/\xC3\xA9tudes";
    r.sets = "one,two";
    r.settings = {{"units", "64"}, {"mix", "on"}};
    r.seed = 18446744073709551615U;
    r.device = "cuda:1";
    r.epochs = 12;
    r.examples = 345;
    r.threads = 2;
    r.shippableOnly = true;
    r.startFrom = "/models/base.safetensors";
    r.out = (folder_.path() + "/" + name + ".safetensors").toStdString();
    return r;
  }
  QTemporaryDir folder_;

 private Q_SLOTS:
  void whatIsWrittenIsRead() {
    const TrainRequest r = request("whole");
    Heard heard;
    {
      RunRecorder recorder(heard);
      recorder.message("reading the music");
      recorder.begin(r, "nats/note");
      recorder.point(pointAt(5));
      TrainPoint bad = pointAt(7);
      bad.trainLoss = std::numeric_limits<double>::quiet_NaN();
      recorder.point(bad);
      recorder.message("went back to \"the best\"\nweights \xFF");
      recorder.point(pointAt(10, 0.25));
      recorder.end(RunEnd::kDone, "a warning");
    }
    QCOMPARE(heard.points.size(), std::size_t{3});
    QCOMPARE(heard.messages.size(), std::size_t{2});  // the warning is the result's
    const auto run = readRunHistory(historyPath(r.out));
    QVERIFY(run.has_value());
    const TrainRequest& read = run->request;
    QCOMPARE(read.family, r.family);
    QCOMPARE(read.preset, r.preset);
    QCOMPARE(read.data, r.data);
    QCOMPARE(read.sets, r.sets);
    QCOMPARE(read.settings, r.settings);
    QCOMPARE(read.seed, r.seed);
    QCOMPARE(read.device, r.device);
    QCOMPARE(read.epochs, r.epochs);
    QCOMPARE(read.examples, r.examples);
    QCOMPARE(read.threads, r.threads);
    QCOMPARE(read.shippableOnly, true);
    QCOMPARE(*read.startFrom, *r.startFrom);
    QCOMPARE(read.out, r.out);
    QVERIFY(!read.resume);
    QCOMPARE(run->lossUnit, std::string("nats/note"));
    QVERIFY(QDateTime::fromString(QString::fromStdString(run->date), Qt::ISODate).isValid());
    QCOMPARE(stepsOf(*run), (std::vector<std::int64_t>{5, 7, 10}));
    QVERIFY(std::isnan(run->points[1].trainLoss));
    QCOMPARE(run->points[0].trainLoss, 1.0 / 6);
    QVERIFY(!run->points[0].validationLoss && !run->points[0].trainAccuracy);
    QCOMPARE(*run->points[2].validationLoss, 0.25);
    QCOMPARE(run->points[2].gradientNorm, 0.7);
    QCOMPARE(run->messages.size(), std::size_t{3});
    QCOMPARE(run->messages[0], (RunMessage{0, "reading the music"}));
    QCOMPARE(run->messages[1].step, std::int64_t{7});
    QVERIFY(run->messages[1].text.starts_with("went back to \"the best\"\nweights"));
    QCOMPARE(run->messages[2].text, std::string("a warning"));
    QCOMPARE(run->end, RunEnd::kDone);
    // A table for each point, and no word for what is not there.
    const QStringList rows = QString::fromStdString(runCsv(*run)).split('\n');
    QCOMPARE(rows.size(), 5);
    QVERIFY(rows[2].startsWith("1,7,,,"));
    QVERIFY(rows[3].startsWith("2,10,"));
  }

  // A file cut at any byte, as by a kill or a full disk, gives all whole lines before.
  void aCutFileGivesWhatCameBefore() {
    const TrainRequest r = request("cut");
    Heard heard;
    RunRecorder recorder(heard);
    recorder.begin(r, "nats/note");
    const std::size_t head = contentOf(historyPath(r.out)).size();
    for (int i = 1; i <= 5; ++i) recorder.point(pointAt(i));
    const std::string all = contentOf(historyPath(r.out));
    for (std::size_t size = head; size <= all.size(); ++size) {
      const std::string text = all.substr(0, size);
      const auto whole = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) - 1;
      const auto run = parseRunHistory(text, historyPath(r.out));
      QVERIFY(run.has_value());
      // The last line may be whole without its line feed.
      QVERIFY(run->points.size() == whole || run->points.size() == whole + 1);
      QCOMPARE(run->end, RunEnd::kNone);
    }
    QVERIFY(!parseRunHistory(all.substr(0, head / 2), historyPath(r.out)));
  }

  void resumingCutsWhatWasNotSaved() {
    const TrainRequest r = request("resumed");
    Heard heard;
    {
      RunRecorder recorder(heard);
      recorder.begin(r, "nats/note");
      recorder.point(pointAt(4));
      recorder.message("kept");
      recorder.point(pointAt(10, 0.5));
      recorder.point(pointAt(14));  // after the last state that was saved
      recorder.message("lost");
      recorder.end(RunEnd::kStopped);
    }
    std::ofstream(historyPath(r.out), std::ios::app) << "{\"epoch\":2,\"ste";
    const std::string date = readRunHistory(historyPath(r.out))->date;
    {
      RunRecorder recorder(heard);
      recorder.message("resumed after epoch 1");
      recorder.begin(r, "nats/note", historyPath(r.out), 10);
      recorder.point(pointAt(13));
    }
    const auto run = readRunHistory(historyPath(r.out));
    QCOMPARE(stepsOf(*run), (std::vector<std::int64_t>{4, 10, 13}));
    QCOMPARE(run->messages, (std::vector<RunMessage>{{4, "kept"}, {10, "resumed after epoch 1"}}));
    QCOMPARE(run->end, RunEnd::kNone);
    QCOMPARE(run->date, date);
    // Under another name the curve goes along, and the old one stays.
    TrainRequest other = request("other");
    {
      RunRecorder recorder(heard);
      recorder.begin(other, "nats/note", historyPath(r.out), 4);
      recorder.point(pointAt(6));
    }
    QCOMPARE(stepsOf(*readRunHistory(historyPath(other.out))), (std::vector<std::int64_t>{4, 6}));
    QCOMPARE(stepsOf(*readRunHistory(historyPath(r.out))), (std::vector<std::int64_t>{4, 10, 13}));
  }

  void daysOfTrainingStaySmall() {
    const TrainRequest r = request("days");
    Heard heard;
    RunRecorder recorder(heard);
    recorder.begin(r, "nats/note");
    constexpr std::int64_t kPoints = 100'000;
    for (std::int64_t i = 1; i <= kPoints; ++i) {
      recorder.point(pointAt(i * 20, i == kPoints / 2 + 1 ? std::optional(0.5) : std::nullopt));
    }
    QCOMPARE(heard.points.size(), std::size_t{kPoints});
    const auto run = readRunHistory(historyPath(r.out));
    QVERIFY2(run->points.size() > 2000 && run->points.size() < 9000,
             qPrintable(QString::number(run->points.size())));
    // The end of an epoch is always there.
    QVERIFY(std::any_of(run->points.begin(), run->points.end(),
                        [](const TrainPoint& p) { return p.validationLoss.has_value(); }));
  }

  void aRunGoesOnWhereItsHistoryCannotBeWritten() {
    TrainRequest r = request("nowhere");
    r.out = (folder_.path() + "/no/such/folder/x.safetensors").toStdString();
    Heard heard;
    RunRecorder recorder(heard);
    recorder.begin(r, "nats/note");
    recorder.point(pointAt(1));
    recorder.end(RunEnd::kDone);
    QCOMPARE(heard.points.size(), std::size_t{1});
    QCOMPARE(heard.messages.size(), std::size_t{1});
    QVERIFY(heard.messages[0].starts_with("no history of this run is kept: "));
  }

  void whatAFullDiskRefusedIsWrittenLater() {
    const TrainRequest r = request("full");
    Heard heard;
    RunRecorder recorder(heard);
    recorder.begin(r, "nats/note");
    recorder.point(pointAt(1, 0.5));
    const auto full = std::filesystem::file_size(historyPath(r.out)) + 20;
    {
      const FileSizeLimit limit(full);
      recorder.point(pointAt(2, 0.4));
      recorder.point(pointAt(3, 0.3));
      QCOMPARE(heard.messages.size(), std::size_t{1});
      QVERIFY(heard.messages[0].find("cannot be written") != std::string::npos);
      // What is there is whole lines.
      QCOMPARE(stepsOf(*readRunHistory(historyPath(r.out))), (std::vector<std::int64_t>{1}));
      QCOMPARE(contentOf(historyPath(r.out)).back(), '\n');
    }
    recorder.point(pointAt(4, 0.2));
    recorder.end(RunEnd::kDone);
    const auto run = readRunHistory(historyPath(r.out));
    QCOMPARE(stepsOf(*run), (std::vector<std::int64_t>{1, 2, 3, 4}));
    QCOMPARE(run->end, RunEnd::kDone);
    QCOMPARE(heard.messages.size(), std::size_t{1});
  }

  void runsAreListedTheLatestFirst() {
    QTemporaryDir folder;
    const auto write = [&](const char* name, const std::string& text) {
      std::ofstream((folder.path() + "/" + name).toStdString()) << text;
    };
    const std::string head = "{\"run\":\"incipit-run-1\",\"date\":\"2026-0";
    write("a.history.jsonl", head + "1-01T00:00:00Z\"}");
    write("b.history.jsonl", head + "2-01T00:00:00Z\"}");
    write("c.history.jsonl", "not a run\n");
    write("a.safetensors", "");
    const RunList list = listRuns({folder.path().toStdString(), "/no/such/folder"});
    QCOMPARE(list.runs.size(), std::size_t{2});
    QCOMPARE(list.runs[0].request.out.filename(), std::filesystem::path("b.safetensors"));
    QCOMPARE(list.problems.size(), std::size_t{1});
    QVERIFY(list.problems[0].find("c.history.jsonl") != std::string::npos);
  }
};

QTEST_APPLESS_MAIN(TestRunHistory)
#include "test_run_history.moc"
