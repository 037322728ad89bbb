// info, scan and render on small files, sound and broken.
#include <unistd.h>

#include <QtTest>

#include "tests/app/cli_process.h"

using namespace incipit::clitest;

class TestCliPieces : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void infoOfAPiece() {
    const Cli cli;
    cli.writeMelody("song.mid", 4, 1);
    const Outcome text = cli.run({"info", "song.mid"});
    QVERIFY2(text.status == 0, text.all());
    QVERIFY2(text.out.contains("32 notes") && text.out.contains("4 bars"), text.out);

    const Outcome json = cli.run({"info", "song.mid", "--json"});
    const QJsonObject piece = json.event("piece");
    QCOMPARE(piece["notes"].toInt(), 32);
    QCOMPARE(piece["bars"].toInt(), 4);
    QCOMPARE(piece["seconds"].toDouble(), 8.0);
    QCOMPARE(json.event("track")["notes"].toInt(), 32);
  }

  void badFiles_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("text named .mid") << "a.mid" << QByteArray("Dear diary,\n");
    QTest::newRow("empty") << "a.mid" << QByteArray();
    QTest::newRow("header alone") << "a.mid" << QByteArray("MThd\0\0\0\6\0\1\0\1\3\300", 14);
    QTest::newRow("not a project") << "a.incipit" << QByteArray("{\"a\": 1}");
    QTest::newRow("checkpoint of zeros") << "a.safetensors" << QByteArray(64, '\0');
    QTest::newRow("checkpoint without tensors")
        << "a.safetensors" << QByteArray("\2\0\0\0\0\0\0\0{}", 10);
    QTest::newRow("soundfont of a header") << "a.sf2" << QByteArray("RIFF\4\0\0\0sfbk", 12);
  }
  void badFiles() {
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    const Cli cli;
    cli.write(name, bytes);
    const Outcome o = cli.run({"info", name});
    QVERIFY2(o.status == 1, o.all());
    QVERIFY2(o.oneLineNaming(name.toUtf8()), o.err);
    QVERIFY(o.out.isEmpty());
    QCOMPARE(Cli::read(cli.path(name)), bytes);
  }

  void missingFilesAreNamed() {
    const Cli cli;
    cli.writeMelody("song.mid", 1, 1);
    for (const QStringList& arguments :
         {QStringList{"info", "none.mid"}, QStringList{"scan", "none.mid"},
          QStringList{"compose", "none.mid", "-o", "out.mid"},
          QStringList{"compose", "song.mid", "-o", "out.mid", "--model", "none.mid"}}) {
      const Outcome o = cli.run(arguments);
      QVERIFY2(o.status == 1, o.all());
      QVERIFY2(o.oneLineNaming("none.mid"), o.err);
    }
    QVERIFY(!QFile::exists(cli.path("out.mid")));
  }

  void scanTellsWhatItRejects() {
    const Cli cli;
    cli.writeMelody("music/one.mid", 8, 1);
    cli.writeMelody("music/deep/two.mid", 8, 2);
    cli.writeMelody("music/same.mid", 8, 1);
    cli.write("music/broken.mid", "not music");
    const Outcome o = cli.run({"scan", "music", "--json"});
    QVERIFY2(o.status == 0, o.all());
    const QJsonObject scan = o.event("scan");
    QCOMPARE(scan["accepted"].toInt(), 2);
    QCOMPARE(scan["rejected"].toInt(), 2);
    QCOMPARE(scan["duplicates"].toInt(), 1);
    QCOMPARE(scan["notes"].toInt(), 128);
    QStringList rejected;
    for (const QJsonObject& line : o.objects()) {
      if (line["event"] == "rejected") rejected << line["file"].toString();
    }
    QVERIFY2(rejected.contains("broken.mid"), o.out);
    QVERIFY2(rejected.contains("same.mid") || rejected.contains("one.mid"), o.out);
  }

  // --out gives a folder that stands alone and scans to the same pieces in the same splits.
  void scanOutIsACorpus() {
    const Cli cli;
    for (int i = 0; i < 6; ++i) cli.writeMelody(QString("music/%1.mid").arg(i), 8, 10 + i);
    const Outcome first = cli.run({"scan", "music", "--out", "data", "--json"});
    QVERIFY2(first.status == 0, first.all());
    QVERIFY(QFile::exists(cli.path("data/manifest.jsonl")));
    const Outcome second = cli.run({"scan", "data", "--json"});
    QVERIFY2(second.status == 0, second.all());
    QCOMPARE(second.event("scan")["accepted"].toInt(), 6);
    QCOMPARE(second.event("scan")["splits"], first.event("scan")["splits"]);
  }

  void renderWritesSound() {
    const Cli cli;
    cli.writeMelody("song.mid", 2, 1);
    const Outcome o = cli.run({"render", "song.mid", "song.wav", "--bits", "16", "--json"});
    QVERIFY2(o.status == 0, o.all());
    const QJsonObject done = o.event("rendered");
    QVERIFY2(done["seconds"].toDouble() > 4.0, o.out);
    QVERIFY2(done["peak"].toDouble() > 0.01, o.out);
    const QByteArray wav = Cli::read(cli.path("song.wav"));
    QVERIFY(wav.startsWith("RIFF") && wav.mid(8, 4) == "WAVE");
    // Two channels of two bytes.
    QVERIFY(wav.size() > done["frames"].toInteger() * 4);

    const Outcome again = cli.run({"render", "song.mid", "-o", "again.wav", "--bits", "16"});
    QVERIFY2(again.status == 0, again.all());
    QVERIFY(Cli::read(cli.path("again.wav")) == wav);
  }

  void renderRefuses_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("named");
    QTest::newRow("missing soundfont")
        << QStringList{"song.wav", "--soundfont", "none.sf2"} << QByteArray("none.sf2");
    QTest::newRow("text as soundfont")
        << QStringList{"song.wav", "--soundfont", "song.mid"} << QByteArray("song.mid");
    QTest::newRow("unknown ending") << QStringList{"song.mp3"} << QByteArray("song.mp3");
    QTest::newRow("missing folder") << QStringList{"none/song.wav"} << QByteArray("none/song.wav");
    QTest::newRow("folder without permission")
        << QStringList{"/proc/song.wav"} << QByteArray("/proc/song.wav");
  }
  void renderRefuses() {
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, named);
    const Cli cli;
    cli.writeMelody("song.mid", 1, 1);
    const Outcome o = cli.run(QStringList{"render", "song.mid"} + arguments);
    QVERIFY2(o.status == 1, o.all());
    QVERIFY2(o.err.contains(named) && o.err.contains("error: "), o.err);
    QVERIFY(!QFile::exists(cli.path("song.wav")));
  }

  // A file size limit stands for a full disk: the older file stays, nothing half is left.
  void fullDiskLosesNothing() {
    const Cli cli;
    cli.writeMelody("song.mid", 8, 1);
    cli.write("song.wav", "the older one");
    const QStringList before = QDir(cli.path("")).entryList(QDir::Files);
    const Outcome o = cli.shell("ulimit -f 64; exec \"$0\" render song.mid song.wav");
    QVERIFY2(o.status == 1, o.all());
    QVERIFY2(o.err.contains("song.wav"), o.err);
    QCOMPARE(Cli::read(cli.path("song.wav")), QByteArray("the older one"));
    QCOMPARE(QDir(cli.path("")).entryList(QDir::Files), before);
  }
};

QTEST_APPLESS_MAIN(TestCliPieces)
#include "test_cli_pieces.moc"
