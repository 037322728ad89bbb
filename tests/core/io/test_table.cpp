// A table as text for a terminal and as CSV, and numbers for people.
#include <QtTest>
#include <cmath>

#include "core/io/number_text.h"
#include "core/io/table.h"
#include "core/rng.h"

using namespace incipit;

namespace {

// What a reader of RFC 4180 makes of it.
std::vector<std::vector<std::string>> readCsv(const std::string& text) {
  std::vector<std::vector<std::string>> rows{{""}};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        rows.back().back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        rows.back().back() += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      rows.back().emplace_back();
    } else if (c == '\n') {
      rows.push_back({""});
    } else {
      rows.back().back() += c;
    }
  }
  rows.pop_back();
  return rows;
}

}  // namespace

class TestTable : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void textIsAligned() {
    Table t;
    t.columns = {{"name", false}, {"n", true}, {"last", false}};
    t.rows = {{textCell("é"), numberCell(12.345, 1), textCell("")},
              {textCell("longer"), numberCell(std::nan(""), 1), textCell("x")}};
    QCOMPARE(QString::fromStdString(tableText(t)), QString("name       n  last\n"
                                                           "é       12.3  -\n"
                                                           "longer     -  x\n"));
  }

  void csvHoldsNumbersInFull() {
    Table t;
    t.columns = {{"name", false}, {"parameters", true}};
    t.rows = {{textCell("a,\"b\""), {"84,354", 84354.0}},
              {textCell("c"), numberCell({}, 3)},
              {textCell("d"), numberCell(1.0 / 3, 2)}};
    QCOMPARE(QString::fromStdString(tableCsv(t)),
             QString("name,parameters\n\"a,\"\"b\"\"\",84354\nc,\nd,0.3333333333333333\n"));
  }

  void anyTextComesBackFromCsv() {
    constexpr char kChars[] = {'a', ',', '"', '\n', '\r', ' ', ';'};
    Rng rng(5);
    for (int i = 0; i < 300; ++i) {
      Table t;
      const std::size_t columns = 1 + rng.below(4);
      std::vector<std::vector<std::string>> written(1);
      for (std::size_t c = 0; c < columns; ++c) {
        t.columns.push_back({"c" + std::to_string(c), false});
        written[0].push_back(t.columns.back().name);
      }
      for (std::uint32_t r = rng.below(5); r > 0; --r) {
        t.rows.emplace_back();
        written.emplace_back();
        for (std::size_t c = 0; c < columns; ++c) {
          std::string text;
          for (std::uint32_t n = rng.below(6); n > 0; --n) text += kChars[rng.below(7)];
          written.back().push_back(text);
          t.rows.back().push_back(textCell(text));
        }
      }
      QCOMPARE(readCsv(tableCsv(t)), written);
    }
  }

  void numbersForPeople() {
    QCOMPARE(grouped(83000), std::string("83,000"));
    QCOMPARE(grouped(-1234567), std::string("-1,234,567"));
    QCOMPARE(grouped(999), std::string("999"));
    QCOMPARE(byteSize(1536000), std::string("1.5 MB"));
    QCOMPARE(duration(187), std::string("3:07"));
    QCOMPARE(duration(7500), std::string("2 h 05 min"));
    QCOMPARE(utcNow().size(), std::string("2026-11-21T15:04:05Z").size());
  }
};

QTEST_APPLESS_MAIN(TestTable)
#include "test_table.moc"
