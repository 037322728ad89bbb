// train, compose, evaluate and models with a network that is trained here, on melodies made here.
#include <signal.h>

#include <QCryptographicHash>
#include <QJsonArray>
#include <QtTest>

#include "tests/app/cli_process.h"

using namespace incipit::clitest;

class TestCliModels : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    if (!Cli::hasModels()) QSKIP("this build has no models module (INCIPIT_MODELS is off)");
    for (int i = 0; i < 60; ++i) cli_.writeMelody(QString("music/%1.mid").arg(i), 8, 100 + i);
    cli_.writeMelody("seed.mid", 4, 7);
    const Outcome o = cli_.run({"train", "music", "--out", "net.safetensors", "--preset",
                                "published", "--epochs", "2", "--examples", "1024", "--json"});
    QVERIFY2(o.status == 0, o.all());
    const QJsonObject trained = o.event("trained");
    QCOMPARE(trained["epochs"].toInt(), 2);
    QVERIFY2(trained["complete"].toBool(), o.out);
    QVERIFY2(!o.event("point").isEmpty(), o.out);
    QVERIFY(QFile::exists(cli_.path("net.safetensors")));
    QVERIFY(QFile::exists(cli_.path("net.last.safetensors")));
  }

  void infoOfTheCheckpoint() {
    const Outcome o = cli_.run({"info", "net.safetensors", "--json"});
    QVERIFY2(o.status == 0, o.all());
    QCOMPARE(o.event("checkpoint")["family"].toString(), QString("note-lstm"));
    QCOMPARE(o.event("checkpoint")["preset"].toString(), QString("published"));
    // The network of the published example has 84,354 weights with one bias vector.
    QCOMPARE(o.event("checkpoint")["parameters"].toInt(), 84354);
  }

  void modelsListsTheFamily() {
    const Outcome o = cli_.run({"models", "--json"});
    QVERIFY2(o.status == 0, o.all());
    QCOMPARE(o.event("family")["id"].toString(), QString("note-lstm"));
  }

  // Seed, then continuation; the same with the same random seed; made again from what is stored.
  void composeIsRepeatable() {
    const Outcome o = compose("a.mid", {"--seed", "5"});
    QVERIFY2(o.status == 0, o.all());
    const int made = o.event("take")["notes"].toInt();
    QVERIFY2(made > 0, o.out);
    QCOMPARE(o.event("take")["complete"].toBool(), true);
    QCOMPARE(notesOf("a.mid"), 32 + made);

    QCOMPARE(compose("b.mid", {"--seed", "5"}).status, 0);
    QVERIFY(Cli::read(cli_.path("a.mid")) == Cli::read(cli_.path("b.mid")));
    QCOMPARE(compose("c.mid", {"--seed", "6"}).status, 0);
    QVERIFY(Cli::read(cli_.path("a.mid")) != Cli::read(cli_.path("c.mid")));

    const Outcome again =
        cli_.run({"compose", "--again", "a.mid", "--model", "net.safetensors", "--json"});
    QVERIFY2(again.status == 0, again.all());
    QCOMPARE(again.event("region")["equal"].toBool(), true);
    QCOMPARE(again.event("region")["stored"].toInt(), made);
  }

  void takesAreNumberedAndDiffer() {
    const Outcome o = compose("t.mid", {"--seed", "5", "--takes", "3"});
    QVERIFY2(o.status == 0, o.all());
    QVERIFY(QFile::exists(cli_.path("t-1.mid")) && QFile::exists(cli_.path("t-3.mid")));
    QVERIFY(!QFile::exists(cli_.path("t.mid")));
    QVERIFY(Cli::read(cli_.path("t-1.mid")) != Cli::read(cli_.path("t-2.mid")));
    QCOMPARE(compose("single.mid", {"--seed", "5"}).status, 0);
    QVERIFY(Cli::read(cli_.path("t-1.mid")) == Cli::read(cli_.path("single.mid")));
  }

  // With the model of several tracks that comes with the program; one of one track says so.
  void tracksGoOnTogether() {
    using namespace incipit;
    Document d = addTrack(newDocument(), "bass", 33).document;
    for (int i = 0; i < 16; ++i) {
      for (std::size_t t = 0; t < 2; ++t) {
        Note n;
        n.start = {i * 960};
        n.length = {960};
        n.pitch = static_cast<std::uint8_t>((t == 0 ? 64 : 40) + i % 4);
        d = addNotes(d, d.tracks[t]->id, std::span(&n, 1)).document;
      }
    }
    QVERIFY(writeMidiFile(d, cli_.path("two.mid").toStdString()));
    const QString model = INCIPIT_SOURCE_DIR "/resources/models/event-lstm-improved.safetensors";
    const QStringList all{"compose", "two.mid", "-o",     "both.mid", "--tracks", "all",
                          "--bars",  "2",       "--seed", "1",        "--json"};
    const Outcome o = cli_.run(all + QStringList{"--model", model});
    QVERIFY2(o.status == 0, o.all());
    const QJsonArray tracks = o.event("take")["tracks"].toArray();
    QCOMPARE(tracks.size(), qsizetype{2});
    int notes = 0;
    for (const auto& t : tracks) {
      QVERIFY2(t.toObject()["notes"].toInt() > 0, o.out);
      notes += t.toObject()["notes"].toInt();
    }
    QCOMPARE(tracks[1].toObject()["name"].toString(), QString("bass"));
    QCOMPARE(notesOf("both.mid"), 32 + notes);
    const Outcome again = cli_.run({"compose", "--again", "both.mid", "--model", model});
    QVERIFY2(again.status == 0, again.all());
    QCOMPARE(again.out.count("equal"), 2);
    const Outcome one = cli_.run(all + QStringList{"--model", "net.safetensors"});
    QVERIFY(one.status != 0);
    QVERIFY2(one.err.contains("one track at a time"), one.err);
  }

  void composeToStdout() {
    const Outcome o = cli_.run({"compose", "seed.mid", "-o", "-", "--model", "net.safetensors",
                                "--bars", "1", "--seed", "5"});
    QVERIFY2(o.status == 0, o.err);
    QVERIFY(o.out.startsWith("MThd"));
    cli_.write("piped.mid", o.out);
    QVERIFY(notesOf("piped.mid") > 32);
  }

  void composeFromNothing() {
    cli_.writeMelody("empty.mid", 0, 1);
    const Outcome o = cli_.run({"compose", "empty.mid", "-o", "fresh.mid", "--model",
                                "net.safetensors", "--seed", "5", "--json"});
    QVERIFY2(o.status == 0, o.all());
    QVERIFY2(o.event("take")["notes"].toInt() > 0, o.out);
  }

  void installedModelIsFoundByName() {
    cli_.write("incipit/models/mine.safetensors", Cli::read(cli_.path("net.safetensors")));
    const Outcome o = cli_.run({"compose", "seed.mid", "-o", "named.mid", "--model", "mine",
                                "--seed", "5", "--bars", "2"});
    QVERIFY2(o.status == 0, o.all());
    const Outcome unknown =
        cli_.run({"compose", "seed.mid", "-o", "x.mid", "--model", "nobody", "--seed", "5"});
    QVERIFY2(unknown.status == 1, unknown.all());
    QVERIFY2(unknown.err.contains("nobody") && unknown.err.contains("mine"), unknown.err);
  }

  void damagedCheckpointIsRefused() {
    const QByteArray whole = Cli::read(cli_.path("net.safetensors"));
    cli_.write("half.safetensors", whole.left(whole.size() / 2));
    for (const QStringList& arguments :
         {QStringList{"compose", "seed.mid", "-o", "x.mid", "--model", "half.safetensors"},
          QStringList{"evaluate", "half.safetensors", "music"},
          QStringList{"info", "half.safetensors"}}) {
      const Outcome o = cli_.run(arguments);
      QVERIFY2(o.status == 1, o.all());
      QVERIFY2(o.oneLineNaming("half.safetensors"), o.err);
    }
    QVERIFY(!QFile::exists(cli_.path("x.mid")));
  }

  void evaluateGivesFigures() {
    const Outcome o = cli_.run({"evaluate", "net.safetensors", "music", "--split", "train",
                                "--examples", "500", "--json"});
    QVERIFY2(o.status == 0, o.all());
    const QJsonObject figures = o.event("evaluation")["figures"].toObject();
    QVERIFY2(!figures.isEmpty(), o.out);
    for (const auto& f : figures) QVERIFY2(f.isDouble(), o.out);
  }

  // One table for the terminal and the spreadsheet; what was rated has its mean beside.
  void evaluateComparesModels() {
    cli_.write("other.safetensors", Cli::read(cli_.path("net.safetensors")));
    const QStringList arguments{"evaluate", "net.safetensors", "other.safetensors", "music",
                                "--split",  "train",           "--examples",        "100",
                                "--csv",    "table.csv"};
    const Outcome o = cli_.run(arguments);
    QVERIFY2(o.status == 0, o.all());
    QVERIFY2(
        o.out.startsWith("model  ") && o.out.contains("\nother  ") && o.out.contains("\nfigure "),
        o.out);
    QVERIFY2(!o.out.contains("rating"), o.out);
    QList<QByteArray> lines = Cli::read(cli_.path("table.csv")).split('\n');
    QCOMPARE(lines.size(), 4);
    QVERIFY2(lines[0].startsWith("model,family,preset,parameters,"), lines[0]);
    QVERIFY2(lines[1].startsWith("net,note-lstm,"), lines[1]);
    const QByteArray hash = QCryptographicHash::hash(Cli::read(cli_.path("net.safetensors")),
                                                     QCryptographicHash::Sha256)
                                .toHex();
    cli_.write("incipit/ratings.jsonl", "{\"model\":\"net\",\"checkpoint\":\"" + hash +
                                            "\",\"rating\":4,\"compared\":2}\ndamaged\n");
    const Outcome rated = cli_.run(arguments);
    QVERIFY2(rated.status == 0 && rated.out.contains("rating") && rated.out.contains("4.00"),
             rated.all());
    QVERIFY2(rated.err.count("ratings.jsonl") == 1, rated.err);
    const Outcome json = cli_.run(arguments + QStringList{"--json"});
    QCOMPARE(json.event("evaluation")["rating"].toObject()["mean"].toDouble(), 4.0);
    QFile::remove(cli_.path("incipit/ratings.jsonl"));
    QFile::remove(cli_.path("other.safetensors"));
    cli_.write("nothing/readme.txt", "no music");
    const Outcome empty = cli_.run({"evaluate", "net.safetensors", "nothing"});
    QVERIFY2(empty.status == 1 && empty.oneLineNaming("nothing"), empty.all());
  }

  void composeWritesATableOfNotes() {
    const Outcome o =
        cli_.run({"compose", "seed.mid", "-o", "table.mid", "--model", "net.safetensors", "--seed",
                  "5", "--bars", "2", "--table", "notes.csv", "--json"});
    QVERIFY2(o.status == 0, o.all());
    const QList<QByteArray> lines = Cli::read(cli_.path("notes.csv")).trimmed().split('\n');
    QCOMPARE(lines[0], QByteArray("key,pitch,start,end,step,duration,probability"));
    QCOMPARE(lines.size() - 1, o.event("take")["notes"].toInt());
    double last = 0;
    for (const QByteArray& line : lines.mid(1)) {
      const QList<QByteArray> fields = line.split(',');
      QVERIFY2(fields.size() == 7 && fields[2].toDouble() >= last, line);
      QVERIFY2(fields[6].toDouble() > 0 && fields[6].toDouble() <= 1, line);
      last = fields[2].toDouble();
    }
  }

  void trainRefuses() {
    const Outcome family = cli_.run({"train", "music", "--out", "x", "--model", "no-such-net"});
    QVERIFY2(family.status == 1, family.all());
    QVERIFY2(family.err.contains("no-such-net"), family.err);
    const Outcome resume = cli_.run({"train", "music", "--out", "none", "--resume"});
    QVERIFY2(resume.status == 1, resume.all());
    QVERIFY2(resume.oneLineNaming("none.last.safetensors"), resume.err);
    const Outcome device = cli_.run({"train", "music", "--out", "x", "--device", "abacus"});
    QVERIFY2(device.status == 1, device.all());
    QVERIFY2(device.err.contains("abacus"), device.err);
    QVERIFY(!QFile::exists(cli_.path("x.safetensors")));
  }

  // Ctrl-C keeps a checkpoint, from which training goes on.
  void interruptedTrainingKeepsACheckpoint() {
    const QStringList train = {"train",     "music",    "--out", "cut.safetensors", "--preset",
                               "published", "--epochs", "200",   "--examples",      "1024"};
    const auto process = cli_.start(Cli::program(), train + QStringList{"--json"});
    QByteArray out;
    while (!out.contains("\"point\"")) {
      QVERIFY2(process->waitForReadyRead(kPatience), out + process->readAllStandardError());
      out += process->readAllStandardOutput();
    }
    ::kill(static_cast<pid_t>(process->processId()), SIGINT);
    const Outcome o = Cli::finish(*process);
    QVERIFY2(o.status == 130, o.all());
    QVERIFY(QFile::exists(cli_.path("cut.last.safetensors")));
    const Outcome info = cli_.run({"info", "cut.last.safetensors", "--json"});
    QVERIFY2(info.status == 0, info.all());

    QStringList shorter = train;
    shorter[shorter.indexOf("200")] = "1";
    const Outcome more = cli_.run(shorter + QStringList{"--resume", "--json"});
    QVERIFY2(more.status == 0, more.all());
  }

  // The notes that were sampled before Ctrl-C are written.
  void interruptedComposingKeepsTheNotes() {
    const auto process = cli_.start(
        Cli::program(), {"compose", "seed.mid", "-o", "part.mid", "--model", "net.safetensors",
                         "--bars", "256", "--takes", "999", "--seed", "5", "--json"});
    QByteArray out;
    while (!out.contains("\"note\"")) {
      QVERIFY2(process->waitForReadyRead(kPatience), out + process->readAllStandardError());
      out += process->readAllStandardOutput();
    }
    ::kill(static_cast<pid_t>(process->processId()), SIGTERM);
    const Outcome o = Cli::finish(*process);
    QVERIFY2(o.status == 130, o.all());
    const QByteArray all = out + o.out;
    const qsizetype last = all.lastIndexOf("{\"event\":\"take\"");
    QVERIFY2(last >= 0, all.right(400));
    const QJsonObject take =
        QJsonDocument::fromJson(all.mid(last, all.indexOf('\n', last) - last)).object();
    QVERIFY(QFile::exists(take["file"].toString().startsWith('/')
                              ? take["file"].toString()
                              : cli_.path(take["file"].toString())));
  }

 private:
  Outcome compose(const QString& out, const QStringList& more) const {
    return cli_.run(QStringList{"compose", "seed.mid", "-o", out, "--model", "net.safetensors",
                                "--bars", "4", "--json"} +
                    more);
  }
  int notesOf(const QString& name) const {
    return cli_.run({"info", name, "--json"}).event("piece")["notes"].toInt();
  }

  Cli cli_;
};

QTEST_APPLESS_MAIN(TestCliModels)
#include "test_cli_models.moc"
