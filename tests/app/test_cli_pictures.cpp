// pictures and matrix: networks of pictures that are trained here, on melodies made here.
#include <QtTest>

#include "tests/app/cli_process.h"

using namespace incipit::clitest;

class TestCliPictures : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    if (!Cli::hasModels()) QSKIP("this build has no models module (INCIPIT_MODELS is off)");
    for (int i = 0; i < 40; ++i) cli_.writeMelody(QString("music/%1.mid").arg(i), 8, 100 + i);
  }

  void aBatchIsDrawn() {
    const Outcome t = cli_.run({"train", "music", "--out", "gan.safetensors", "--model", "roll-gan",
                                "--preset", "improved", "--set", "width=16", "--set", "latent=8",
                                "--set", "epoch=64", "--epochs", "2", "--json"});
    QVERIFY2(t.status == 0, t.all());
    QCOMPARE(t.event("trained")["epochs"].toInt(), 2);
    const Outcome o =
        cli_.run({"pictures", "gan.safetensors", "--out", "drawn", "--count", "5", "--json"});
    QVERIFY2(o.status == 0, o.all());
    QCOMPARE(o.event("pictures")["pictures"].toInt(), 5);
    const QStringList drawn = QDir(cli_.path("drawn")).entryList({"*.png"}, QDir::Files);
    QCOMPARE(drawn.size(), qsizetype{5});
    QVERIFY(!QDir(cli_.path("drawn")).entryList({"*.mid"}, QDir::Files).isEmpty());
  }

  void musicBecomesPictures() {
    const Outcome o =
        cli_.run({"pictures", "--from", "music", "--kind", "image2", "--out", "shown", "--json"});
    QVERIFY2(o.status == 0, o.all());
    QCOMPARE(o.event("loss")["kept"].toInt(), o.event("loss")["notes"].toInt());
    QVERIFY(!QDir(cli_.path("shown")).entryList({"*.png"}, QDir::Files).isEmpty());
  }

  // A row for each cell; what was measured is not measured again, and nothing that is of no more
  // use is left.
  void aMatrixGoesOnWhereItWas() {
    const QStringList matrix{"matrix",  "music",     "--out",   "table.csv", "--work",
                             "cells",   "--minutes", "0.01",    "--models",  "roll-vae,roll-gan",
                             "--kinds", "image3",    "--sizes", "30",        "--split",
                             "train",   "--json"};
    const Outcome first = cli_.run(matrix + QStringList{"--presets", "improved"});
    QVERIFY2(first.status == 0, first.all());
    QCOMPARE(first.out.count("\"cell\""), 2);
    QCOMPARE(rows(), 2);
    const QString cell = cli_.path("cells/roll-vae-improved-image3-30.json");
    const QByteArray measured = Cli::read(cell);
    QVERIFY(measured.contains("overlap, mean"));
    QVERIFY(QDir(cli_.path("cells")).entryList({"*.state.*"}).isEmpty());

    const Outcome whole = cli_.run(matrix);
    QVERIFY2(whole.status == 0, whole.all());
    QCOMPARE(rows(), 4);
    QVERIFY(Cli::read(cell) == measured);
  }

  // One that cannot be trained is said, and leaves the others.
  void aCellThatFailsLeavesTheOthers() {
    const Outcome o =
        cli_.run({"matrix", "music", "--out", "failed.csv", "--work", "other", "--minutes", "0.01",
                  "--models", "none,roll-gan", "--kinds", "ticks", "--sizes", "20", "--presets",
                  "published", "--split", "train", "--json"});
    QCOMPARE(o.status, 1);
    QVERIFY2(o.err.contains("none-published-ticks-20: "), o.err);
    QCOMPARE(o.out.count("\"cell\""), 1);
  }

 private:
  int rows() const { return Cli::read(cli_.path("table.csv")).trimmed().count('\n'); }

  Cli cli_;
};

QTEST_GUILESS_MAIN(TestCliPictures)
#include "test_cli_pictures.moc"
