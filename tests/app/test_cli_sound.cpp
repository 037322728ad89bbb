// timbre: a model of sound that is trained here, on melodies and on files made here.
#include <QtTest>

#include "tests/app/cli_process.h"

using namespace incipit::clitest;

class TestCliSound : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    if (!Cli::hasModels()) QSKIP("this build has no models module (INCIPIT_MODELS is off)");
    for (int i = 0; i < 12; ++i) cli_.writeMelody(QString("music/%1.mid").arg(i), 4, 100 + i);
    cli_.writeMelody("seed.mid", 1, 7);
    const Outcome o =
        cli_.run({"train", "music", "--out", "ae.safetensors", "--family", "hilbert-ae", "--preset",
                  "improved", "--set", "minutes=1", "--set", "width=16", "--epochs", "1",
                  "--examples", "8", "--half", "--json"});
    QVERIFY2(o.status == 0, o.all());
  }

  void pieceBecomesSound() {
    const Outcome o = timbre("seed.mid", "a.wav");
    QVERIFY2(o.status == 0, o.all());
    QCOMPARE(o.event("timbre")["rate"].toInt(), 44100);
    QVERIFY(o.event("timbre")["times_real_time"].toDouble() > 0);
    QVERIFY(QFile::exists(cli_.path("a.wav")));
    const Outcome guitar = timbre("seed.mid", "b.wav", {"--program", "24"});
    QVERIFY2(guitar.status == 0, guitar.all());
    QVERIFY(Cli::read(cli_.path("a.wav")) != Cli::read(cli_.path("b.wav")));
  }

  void soundOfAnotherRateIsResampledAndSaid() {
    const Outcome r = cli_.run({"render", "seed.mid", "low.wav", "--rate", "22050"});
    QVERIFY2(r.status == 0, r.all());
    const Outcome o = timbre("low.wav", "c.flac");
    QVERIFY2(o.status == 0, o.all());
    QVERIFY2(o.err.contains("2 channels mixed to mono, resampled from 22050 to 44100 Hz"), o.err);
    QVERIFY(QFile::exists(cli_.path("c.flac")));
  }

  void faultsAreOneLine_data() {
    QTest::addColumn<QString>("in");
    QTest::addColumn<QString>("out");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("no such sound") << "none.wav"
                                   << "x.wav" << QByteArray("none.wav: no such sound file");
    QTest::newRow("no such piece") << "none.mid"
                                   << "x.wav" << QByteArray("none.mid");
    QTest::newRow("no sound at all") << "text.wav"
                                     << "x.wav" << QByteArray("text.wav: cannot be read as sound");
    QTest::newRow("an ending that is none") << "seed.mid"
                                            << "x.mp9" << QByteArray("x.mp9");
  }
  void faultsAreOneLine() {
    QFETCH(QString, in);
    QFETCH(QString, out);
    QFETCH(QByteArray, says);
    cli_.write("text.wav", "words");
    const Outcome o = timbre(in, out);
    QCOMPARE(o.status, 1);
    QVERIFY2(o.oneLineNaming(says), o.all());
    QVERIFY(!QFile::exists(cli_.path(out)));
  }

  void programIsForPieces() {
    cli_.write("text.wav", "words");
    const Outcome o = timbre("text.wav", "x.wav", {"--program", "24"});
    QVERIFY2(o.oneLineNaming("--program is for pieces"), o.all());
  }

  void evaluateTellsTheDistances() {
    const Outcome o = cli_.run(
        {"evaluate", "ae.safetensors", "music", "--split", "train", "--examples", "1", "--json"});
    QVERIFY2(o.status == 0, o.all());
    QVERIFY2(o.out.contains("guitar through it, log-mel distance (dB)"), o.out);
  }

 private:
  Outcome timbre(const QString& in, const QString& out, const QStringList& more = {}) {
    return cli_.run(QStringList{"timbre", in, out, "--model", "ae.safetensors", "--json"} + more);
  }
  Cli cli_;
};

QTEST_GUILESS_MAIN(TestCliSound)
#include "test_cli_sound.moc"
