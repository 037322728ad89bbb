// What incipit-cli says about itself and how it refuses wrong usage.
#include <QtTest>

#include "tests/app/cli_process.h"

using namespace incipit::clitest;

class TestCliUsage : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void helpAndVersion_data() {
    QTest::addColumn<QString>("verb");
    QTest::newRow("program") << "";
    for (const char* verb : {"compose", "render", "scan", "train", "evaluate", "models", "pictures",
                             "matrix", "info", "doctor", "bench"}) {
      QTest::newRow(verb) << verb;
    }
  }
  void helpAndVersion() {
    QFETCH(QString, verb);
    const Cli cli;
    QStringList arguments;
    if (!verb.isEmpty()) arguments << verb;
    const Outcome help = cli.run(arguments + QStringList{"--help"});
    QCOMPARE(help.status, 0);
    QVERIFY(help.err.isEmpty());
    QVERIFY2(help.out.contains("--help") && help.out.contains("--version"), help.out);
    if (!verb.isEmpty()) QVERIFY2(help.out.contains("--json"), help.out);

    const Outcome version = cli.run(arguments + QStringList{"--version"});
    QCOMPARE(version.status, 0);
    QVERIFY2(QRegularExpression("^incipit-cli \\d+\\.\\d+\\.\\d+\\n$")
                 .match(QString::fromUtf8(version.out))
                 .hasMatch(),
             version.out);
  }

  void wrongUsage_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("said");
    const auto row = [](const char* name, const QStringList& a, const char* said) {
      QTest::newRow(name) << a << QByteArray(said);
    };
    row("nothing", {}, "subcommand");
    row("unknown verb", {"sing"}, "sing");
    row("unknown option", {"info", "a.mid", "--loud"}, "--loud");
    row("no file", {"info"}, "FILE");
    row("no seed", {"compose", "-o", "a.mid"}, "SEED");
    row("no output", {"compose", "a.mid"}, "-o");
    row("too many bars", {"compose", "a.mid", "-o", "b.mid", "--bars", "257"}, "--bars");
    row("no bars", {"compose", "a.mid", "-o", "b.mid", "--bars", "0"}, "--bars");
    row("too cold", {"compose", "a.mid", "-o", "b.mid", "--temperature", "0"}, "--temperature");
    row("takes to stdout", {"compose", "a.mid", "-o", "-", "--takes", "2"}, "-o -");
    row("again and a seed", {"compose", "a.mid", "--again", "b.mid"}, "--again");
    row("no training output", {"train", "folder"}, "--out");
    row("unknown split", {"evaluate", "a", "b", "--split", "half"}, "--split");
  }
  void wrongUsage() {
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, said);
    const Outcome o = Cli().run(arguments);
    QVERIFY2(o.status == 2, o.all());
    QVERIFY2(o.out.isEmpty(), o.out);
    QVERIFY2(o.oneLineNaming(said), o.err);
    QVERIFY2(o.err.contains("--help"), o.err);
  }

  // The reason why --help answers at once: what takes time to load is not linked.
  void loadsNeitherTorchNorQt() {
    QProcess ldd;
    ldd.start("ldd", {Cli::program()});
    if (!ldd.waitForStarted()) QSKIP("ldd is not installed");
    const Outcome libraries = Cli::finish(ldd);
    QVERIFY2(libraries.out.contains("libc.so"), libraries.all());
    for (const char* heavy : {"torch", "libc10", "Qt6", "opencv"}) {
      QVERIFY2(!libraries.out.contains(heavy), libraries.out);
    }
  }

  void unwritableStdoutIsAnError() {
    if (!QFile::exists("/dev/full")) QSKIP("/dev/full does not exist here");
    const Cli cli;
    cli.writeMelody("a.mid", 1, 1);
    const Outcome o = cli.shell("\"$0\" info a.mid > /dev/full");
    QVERIFY2(o.status == 1, o.all());
    QVERIFY2(o.oneLineNaming("standard output"), o.err);
  }
};

QTEST_APPLESS_MAIN(TestCliUsage)
#include "test_cli_usage.moc"
