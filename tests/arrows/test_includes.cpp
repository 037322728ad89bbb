// Who may include whom.
#include <QTemporaryDir>
#include <QtTest>

#include "tests/arrows/include_rules.h"

using namespace incipit;

class TestIncludes : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void treeIsClean() {
    const auto inclusions = inclusionsUnder(INCIPIT_SOURCE_DIR);
    // A scan that finds nothing would find no fault either.
    QVERIFY2(inclusions.size() > 200, qPrintable(QString::number(inclusions.size())));
    const QStringList found = violations(inclusions);
    QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
  }

  void atMostTenFilesIncludeTorch() {
    constexpr int kMost = 10;
    const QSet<QString> files = torchFiles(inclusionsUnder(INCIPIT_SOURCE_DIR));
    QVERIFY2(files.size() <= kMost, qPrintable(QStringList(files.values()).join('\n')));
  }

  void plantedViolationIsFound_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("line");
    QTest::addColumn<bool>("forbidden");
    QTest::newRow("torch in core") << "core/time/a.cpp"
                                   << "#include <torch/torch.h>" << true;
    QTest::newRow("torch in ui") << "ui/roll/a.h"
                                 << "#include <ATen/ATen.h>" << true;
    QTest::newRow("torch in models") << "models/a.cpp"
                                     << "#include <torch/torch.h>" << false;
    QTest::newRow("synth in ui") << "ui/a.cpp"
                                 << "#include <fluidsynth.h>" << true;
    QTest::newRow("synth in playback") << "core/playback/a.cpp"
                                       << "#include <fluidsynth.h>" << false;
    QTest::newRow("midi ports in app") << "app/incipit/a.cpp"
                                       << "#include <rtmidi/RtMidi.h>" << true;
    QTest::newRow("sndfile in cli") << "app/incipit_cli/a.cpp"
                                    << "#include <sndfile.h>" << true;
    QTest::newRow("Qt in core") << "core/score/a.h"
                                << "#include <QString>" << true;
    QTest::newRow("Qt in models") << "models/a.h"
                                  << "# include <QtCore/QString>" << true;
    QTest::newRow("Qt in cli") << "app/incipit_cli/a.cpp"
                               << "#include <QFile>" << true;
    QTest::newRow("Qt in ui") << "ui/a.cpp"
                              << "#include <QWidget>" << false;
    QTest::newRow("ui in core") << "core/a.cpp"
                                << "#include \"ui/theme/theme.h\"" << true;
    QTest::newRow("models in core") << "core/a.cpp"
                                    << "#include \"models/lstm.h\"" << true;
    QTest::newRow("playback in models") << "models/a.cpp"
                                        << "#include \"core/playback/plan.h\"" << true;
    QTest::newRow("models in playback") << "core/playback/a.cpp"
                                        << "#include \"models/lstm.h\"" << true;
    QTest::newRow("playback's inside in ui")
        << "ui/a.cpp"
        << "#include \"core/playback/studio_player.h\"" << true;
    QTest::newRow("playback's interface in ui") << "ui/a.cpp"
                                                << "#include \"core/playback/player.h\"" << false;
    QTest::newRow("MIDI messages in ui")
        << "ui/a.cpp"
        << "#include \"core/playback/midi_message.h\"" << false;
    QTest::newRow("app in ui") << "ui/a.cpp"
                               << "#include \"app/common/machine.h\"" << true;
    QTest::newRow("core in ui") << "ui/a.cpp"
                                << "#include \"core/score/note.h\"" << false;
    QTest::newRow("commented out") << "core/a.cpp"
                                   << "// #include <torch/torch.h>" << false;
  }
  void plantedViolationIsFound() {
    QFETCH(QString, file);
    QFETCH(QString, line);
    QFETCH(bool, forbidden);
    QTemporaryDir root;
    const QString path = root.filePath(file);
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QFile out(path);
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write("#include <vector>\n" + line.toUtf8() + "\n");
    out.close();
    const QStringList found = violations(inclusionsUnder(root.path()));
    QCOMPARE(!found.isEmpty(), forbidden);
    if (forbidden) QVERIFY2(found.first().startsWith(file + ":2: "), qPrintable(found.first()));
  }
};

QTEST_APPLESS_MAIN(TestIncludes)
#include "test_includes.moc"
