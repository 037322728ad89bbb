// The pull reader of JSON and the text functions beside it.
#include <QtTest>
#include <limits>

#include "core/io/json_reader.h"
#include "core/io/text.h"

using namespace incipit;

class TestJsonReader : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void numbers_data();
  void numbers();
  void strings_data();
  void strings();
  void skipsWholeValues();
  void faultsHaveTheirByte_data();
  void faultsHaveTheirByte();
  void deepNesting();
  void utf8();
  void windows1252();
  void writtenStringsReadBack();
};

void TestJsonReader::numbers_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<qint64>("value");
  QTest::newRow("zero") << QByteArray("0") << qint64{0};
  QTest::newRow("negative") << QByteArray(" -17 ") << qint64{-17};
  QTest::newRow("fraction") << QByteArray("2.75") << qint64{2};
  QTest::newRow("negative fraction") << QByteArray("-2.25") << qint64{-3};
  QTest::newRow("exponent") << QByteArray("1e3") << qint64{1000};
  QTest::newRow("large") << QByteArray("9007199254740993") << qint64{9007199254740993};
  QTest::newRow("too large") << QByteArray("99999999999999999999")
                             << std::numeric_limits<qint64>::max();
  QTest::newRow("beyond double") << QByteArray("-1e999") << std::numeric_limits<qint64>::min();
}

void TestJsonReader::numbers() {
  QFETCH(QByteArray, text);
  QFETCH(qint64, value);
  JsonReader in({text.constData(), static_cast<std::size_t>(text.size())});
  QCOMPARE(qint64{in.integer()}, value);
  QVERIFY(!in.faulty() && in.atEnd());
}

void TestJsonReader::strings_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<QByteArray>("value");
  QTest::newRow("empty") << QByteArray("\"\"") << QByteArray();
  QTest::newRow("escapes") << QByteArray(R"("\"\\\/\b\f\n\r\t")") << QByteArray("\"\\/\b\f\n\r\t");
  QTest::newRow("unicode") << QByteArray(R"("\u00e9\u20AC")") << QByteArray("\u00e9\u20ac");
  QTest::newRow("pair") << QByteArray(R"("\ud83c\udfb5")") << QByteArray("\U0001F3B5");
  QTest::newRow("half a pair") << QByteArray(R"("\ud83cx")") << QByteArray("\uFFFDx");
  QTest::newRow("not UTF-8") << QByteArray("\"\xE9\"") << QByteArray("\u00e9");
}

void TestJsonReader::strings() {
  QFETCH(QByteArray, text);
  QFETCH(QByteArray, value);
  JsonReader in({text.constData(), static_cast<std::size_t>(text.size())});
  QCOMPARE(QByteArray::fromStdString(in.string()), value);
  QVERIFY(!in.faulty());
}

void TestJsonReader::skipsWholeValues() {
  JsonReader in(R"({"a":{"b":[1,{"c":null},"]}"],"d":true},"e":7,"f":[],"g":{}})");
  std::string key;
  in.enterObject();
  QVERIFY(in.nextMember(key) && key == "a");
  QCOMPARE(std::string(in.skip()), std::string(R"({"b":[1,{"c":null},"]}"],"d":true})"));
  QVERIFY(in.nextMember(key) && key == "e");
  QCOMPARE(in.integer(), 7);
  QVERIFY(in.nextMember(key));
  QCOMPARE(std::string(in.skip()), std::string("[]"));
  QVERIFY(in.nextMember(key));
  in.enterObject();
  QVERIFY(!in.nextMember(key));
  QVERIFY(!in.nextMember(key));
  QVERIFY(!in.faulty() && in.atEnd());
}

void TestJsonReader::faultsHaveTheirByte_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<int>("byte");
  QTest::newRow("nothing") << QByteArray("") << 0;
  QTest::newRow("cut") << QByteArray("[1,2") << 4;
  QTest::newRow("no comma") << QByteArray("[1 2]") << 3;
  QTest::newRow("comma at the end") << QByteArray("[1,]") << 3;
  QTest::newRow("bare word") << QByteArray("[nil]") << 1;
  QTest::newRow("open string") << QByteArray("[\"ab") << 4;
  QTest::newRow("bad escape") << QByteArray(R"(["\x"])") << 4;
  QTest::newRow("wrong bracket") << QByteArray("[1}") << 2;
  QTest::newRow("no colon") << QByteArray("{\"a\" 1}") << 5;
  QTest::newRow("no name") << QByteArray("{1:2}") << 1;
}

void TestJsonReader::faultsHaveTheirByte() {
  QFETCH(QByteArray, text);
  QFETCH(int, byte);
  JsonReader in({text.constData(), static_cast<std::size_t>(text.size())});
  QVERIFY(in.skip().empty());
  QVERIFY(in.faulty());
  QVERIFY(!in.fault().empty());
  QCOMPARE(int(in.byte()), byte);
  // Whatever is asked for afterwards does no harm.
  std::string key;
  QVERIFY(!in.nextMember(key) && !in.nextItem());
  QCOMPARE(in.integer(), 0);
  QCOMPARE(in.string(), std::string());
}

void TestJsonReader::deepNesting() {
  const std::string deep = std::string(100000, '[');
  JsonReader in(deep);
  QVERIFY(in.skip().empty() && in.faulty());
  const std::string sound = std::string(200, '[') + std::string(200, ']');
  JsonReader again(sound);
  QCOMPARE(again.skip().size(), sound.size());
}

void TestJsonReader::utf8() {
  QVERIFY(validUtf8("a\u00e9\u20ac\U0001F3B5"));
  for (const char* wrong : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    QVERIFY2(!validUtf8(wrong), qPrintable(QByteArray(wrong).toHex()));
  }
}

void TestJsonReader::windows1252() {
  QCOMPARE(toUtf8("caf\xE9 \x93x\x94"), std::string("caf\u00e9 \u201Cx\u201D"));
  QCOMPARE(toUtf8("caf\u00e9"), std::string("caf\u00e9"));
}

void TestJsonReader::writtenStringsReadBack() {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  all += "\u00e9\u20ac\U0001F3B5";
  std::string json;
  appendJsonString(json, all);
  JsonReader in(json);
  QCOMPARE(in.string(), all);
  json.clear();
  appendJsonString(json, "a\xFFz");
  QCOMPARE(json, std::string("\"a\uFFFDz\""));
}

QTEST_APPLESS_MAIN(TestJsonReader)
#include "test_json_reader.moc"
