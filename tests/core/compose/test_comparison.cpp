// The table of compared models, as rows, as CSV and kept as JSON; and the table of composed notes.
#include <QtTest>
#include <cmath>

#include "core/compose/comparison.h"
#include "core/compose/note_table.h"
#include "core/rng.h"
#include "core/score/document.h"

using namespace incipit;

namespace {

ComparedModel modelOf(const std::string& name, char digit, bool composed) {
  ComparedModel m{"/models/" + name + ".safetensors", std::string(64, digit), {}};
  Evaluation& e = m.evaluation;
  e.family = "f";
  e.preset = "p";
  e.parameters = 84'354;
  e.trainingSeconds = 187;
  e.lossUnit = "nats/note";
  e.loss = 2.34567;
  e.figures = {{"notes", 12}, {"odd", std::nan("")}};
  if (!composed) return m;
  e.accuracy = 0.5;
  e.notesPerSecond = 1234.4;
  e.metrics = {{"pitch_range", 12.5, 24}, {"polyphony", std::nan(""), 1.5}};
  e.distributions = {{{"pitch", 0, 1, {1, 2}, {"a", "b"}}, {"pitch", 0, 1, {2, 1}, {"a", "b"}}}};
  return m;
}

std::vector<std::string> texts(const std::vector<TableCell>& row) {
  std::vector<std::string> out;
  for (const TableCell& c : row) out.push_back(c.text);
  return out;
}

std::vector<std::string> names(const Table& t) {
  std::vector<std::string> out;
  for (const auto& c : t.columns) out.push_back(c.name);
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

class TestComparison : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aRowAModel() {
    std::vector<ComparedModel> models{modelOf("one", 'a', true), modelOf("two", 'b', false)};
    models[1].evaluation.cancelled = true;
    models[1].evaluation.trainingSeconds = 0;
    const Table t = modelTable(models, {});
    QCOMPARE(names(t), (Texts{"model", "family", "preset", "parameters", "trained", "NLL", "unit",
                              "top-1", "notes/s"}));
    QCOMPARE(texts(t.rows[0]),
             (Texts{"one", "f", "p", "84,354", "3:07", "2.3457", "nats/note", "50.0 %", "1234"}));
    QCOMPARE(texts(t.rows[1]),
             (Texts{"two (interrupted)", "f", "p", "84,354", "", "2.3457", "nats/note", "", ""}));
    QCOMPARE(*t.rows[0][7].value, 0.5);
  }

  void ratingsStandBesideWhereThereAreSome() {
    const std::vector<ComparedModel> models{modelOf("one", 'a', true), modelOf("two", 'b', false)};
    QCOMPARE(modelTable(models, {{std::string(64, 'c'), {3, 2.0}}}).columns.size(), std::size_t{9});
    const Table t = modelTable(models, {{std::string(64, 'b'), {4, 3.25}}});
    QCOMPARE(t.columns[9].name, std::string("rating"));
    QCOMPARE(texts(t.rows[0])[9], std::string());
    QCOMPARE(texts(t.rows[0])[10], std::string("0"));
    QCOMPARE(texts(t.rows[1])[9], std::string("3.25"));
    QCOMPARE(texts(t.rows[1])[10], std::string("4"));
  }

  void figuresOfAllModelsStandSideBySide() {
    std::vector<ComparedModel> models{modelOf("one", 'a', true), modelOf("two", 'b', false)};
    models[1].evaluation.figures = {{"overlap, mean", 0.84712}, {"notes", 15}};
    const Table t = figureTable(models);
    QCOMPARE(names(t), (Texts{"figure", "one", "two"}));
    QCOMPARE(t.rows.size(), std::size_t{3});
    QCOMPARE(texts(t.rows[0]), (Texts{"notes", "12", "15"}));
    QCOMPARE(texts(t.rows[1]), (Texts{"odd", "", ""}));
    QCOMPARE(texts(t.rows[2]), (Texts{"overlap, mean", "", "0.84712"}));
    QVERIFY(figureTable({}).rows.empty());
  }

  void metricsStandBesideWhatWasWritten() {
    const std::vector<ComparedModel> models{modelOf("one", 'a', false), modelOf("two", 'b', true)};
    const Table t = metricTable(models);
    QCOMPARE(names(t), (Texts{"mean over continuations", "written", "one", "two"}));
    QCOMPARE(texts(t.rows[0]), (Texts{"pitch_range", "24.0000", "", "12.5000"}));
    QCOMPARE(texts(t.rows[1]), (Texts{"polyphony", "1.5000", "", ""}));
    QVERIFY(metricTable({models[0]}).rows.empty());
    QVERIFY(metricTable({}).rows.empty());
  }

  void oneTableForASpreadsheet() {
    const std::vector<ComparedModel> models{modelOf("one", 'a', true), modelOf("two", 'b', false)};
    QCOMPARE(QString::fromStdString(tableCsv(wholeTable(models, {}))),
             QString("model,family,preset,parameters,trained,NLL,unit,top-1,notes/s,pitch_range,"
                     "polyphony\n"
                     "one,f,p,84354,187,2.34567,nats/note,0.5,1234.4,12.5,\n"
                     "two,f,p,84354,187,2.34567,nats/note,,,,\n"
                     "written,,,,,,,,,24,1.5\n"));
    QCOMPARE(wholeTable({models[1]}, {}).rows.size(), std::size_t{1});
  }

  void keptAndReadAgain() {
    Comparison c;
    c.date = "2026-11-21T15:04:05Z";
    c.request.data = "/music";
    c.request.sets = "a,b";
    c.request.split = "valid";
    c.request.examples = 100;
    c.request.continuations = 5;
    c.request.seed = 0xFFFFFFFFFFFFFFFF;
    c.models = {modelOf("one", 'a', true), modelOf("two", 'b', false)};
    const std::string text = comparisonJson(c);
    const auto read = parseComparison(text, "f");
    QVERIFY(read);
    QCOMPARE(comparisonJson(*read), text);
    QCOMPARE(read->request.seed, c.request.seed);
    QCOMPARE(read->models[0].evaluation.distributions, c.models[0].evaluation.distributions);
    QCOMPARE(tableCsv(wholeTable(read->models, {})), tableCsv(wholeTable(c.models, {})));
  }

  void whatIsNoComparisonIsOneLine() {
    for (const char* text : {"", "{", "[]", "{\"comparison\":\"another\"}"}) {
      const auto read = parseComparison(text, "the file");
      QVERIFY(!read);
      QVERIFY(read.error().message.starts_with("the file: "));
    }
    // Bins that differ could not be drawn.
    const auto odd =
        parseComparison(R"({"comparison":"incipit-comparison-1","models":[{"distributions":[)"
                        R"({"low":0,"width":1,"composed":[1,2],"written":[1]}]}]})",
                        "f");
    QVERIFY(odd && odd->models.size() == 1);
    QVERIFY(odd->models[0].evaluation.distributions.empty());
  }

  // --- Notes

  void notesInSecondsByTheTempo() {
    // Half as fast from the second quarter on.
    const TempoMap tempo(960, {{Tick{0}, 500'000}, {Tick{960}, 1'000'000}});
    const auto note = [](std::int64_t start, std::int64_t length, int pitch) {
      Note n;
      n.start = {start};
      n.length = {length};
      n.pitch = static_cast<std::uint8_t>(pitch);
      return n;
    };
    const Table t = noteTable({note(480, 960, 60), note(480, 480, 64), note(1920, 960, 61)},
                              {0.25F, 0.5F}, Tick{0}, tempo);
    QCOMPARE(names(t), (Texts{"key", "pitch", "start", "end", "step", "duration", "probability"}));
    QCOMPARE(texts(t.rows[0]), (Texts{"C4", "60", "0.250", "1.000", "0.250", "0.750", "0.250"}));
    QCOMPARE(texts(t.rows[1]), (Texts{"E4", "64", "0.250", "0.500", "0.000", "0.250", "0.500"}));
    QCOMPARE(texts(t.rows[2]), (Texts{"C#4", "61", "1.500", "2.500", "1.250", "1.000", ""}));
    QVERIFY(noteTable({}, {}, Tick{0}, tempo).rows.empty());
  }

  void stepsAddUpToStarts() {
    Rng rng(3);
    for (int i = 0; i < 100; ++i) {
      const TempoMap tempo(960, {{Tick{0}, 200'000 + rng.below(900'000)},
                                 {Tick{1 + rng.below(5000)}, 200'000 + rng.below(900'000)}});
      std::vector<Note> notes;
      for (std::uint32_t n = rng.below(30); n > 0; --n) {
        Note note;
        note.start = {500 + rng.below(9000)};
        note.length = {1 + rng.below(2000)};
        notes.push_back(note);
      }
      std::sort(notes.begin(), notes.end(), NoteOrder{});
      const Tick from{rng.below(500)};
      double at = tempo.seconds(from);
      for (const auto& row : noteTable(notes, {}, from, tempo).rows) {
        at += *row[4].value;
        QVERIFY(std::abs(at - *row[2].value) < 1e-9);
        QVERIFY(*row[4].value >= 0 && *row[5].value > 0);
        QVERIFY(std::abs(*row[2].value + *row[5].value - *row[3].value) < 1e-9);
      }
    }
  }
};

QTEST_APPLESS_MAIN(TestComparison)
#include "test_comparison.moc"
