#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>
#include <map>

#include "ui/actions/action_table.h"

using namespace incipit;

namespace {

QList<QKeySequence> keysOf(std::initializer_list<const char*> texts) {
  QList<QKeySequence> list;
  for (const char* t : texts) list << QKeySequence(QString(t));
  return list;
}

// The table of keyboard conventions that the program promises, written down a second time.
const std::map<QString, QList<QKeySequence>>& promised() {
  static const std::map<QString, QList<QKeySequence>> table = {
      {"transport.play", keysOf({"Space"})},
      {"transport.stopReturn", keysOf({"Return", "Enter"})},
      {"transport.record", keysOf({"R", "Shift+Return"})},
      {"record.step", keysOf({"Ctrl+R"})},
      {"transport.start", keysOf({"Home"})},
      {"transport.end", keysOf({"End"})},
      {"transport.barBack", keysOf({"PgUp"})},
      {"transport.barForward", keysOf({"PgDown"})},
      {"transport.loop", keysOf({"L"})},
      {"transport.loopSelection", keysOf({"Ctrl+L"})},
      {"transport.metronome", keysOf({"Ctrl+M"})},
      {"view.follow", keysOf({"F"})},
      {"transport.panic", keysOf({"Ctrl+."})},
      {"edit.undo", keysOf({"Ctrl+Z"})},
      {"edit.redo", keysOf({"Ctrl+Shift+Z", "Ctrl+Y"})},
      {"edit.cut", keysOf({"Ctrl+X"})},
      {"edit.copy", keysOf({"Ctrl+C"})},
      {"edit.paste", keysOf({"Ctrl+V"})},
      {"edit.delete", keysOf({"Del", "Backspace"})},
      {"edit.duplicate", keysOf({"Ctrl+D"})},
      {"edit.selectAll", keysOf({"Ctrl+A"})},
      {"edit.selectNone", keysOf({"Ctrl+Shift+A"})},
      {"edit.selectInvert", keysOf({"Ctrl+I"})},
      {"edit.escape", keysOf({"Esc"})},
      {"tool.select", keysOf({"V"})},
      {"tool.draw", keysOf({"D"})},
      {"tool.erase", keysOf({"E"})},
      {"tool.cut", keysOf({"C"})},
      {"view.zoomSelection", keysOf({"Z"})},
      {"view.zoomSong", keysOf({"Shift+Z"})},
      {"notes.up", keysOf({"Up"})},
      {"notes.down", keysOf({"Down"})},
      {"notes.octaveUp", keysOf({"Shift+Up"})},
      {"notes.octaveDown", keysOf({"Shift+Down"})},
      {"notes.scaleUp", keysOf({"Alt+Up"})},
      {"notes.scaleDown", keysOf({"Alt+Down"})},
      {"notes.left", keysOf({"Left"})},
      {"notes.right", keysOf({"Right"})},
      {"notes.tickLeft", keysOf({"Alt+Left"})},
      {"notes.tickRight", keysOf({"Alt+Right"})},
      {"notes.shorter", keysOf({"Shift+Left"})},
      {"notes.longer", keysOf({"Shift+Right"})},
      {"notes.louder", keysOf({"Ctrl+Up", "+"})},
      {"notes.softer", keysOf({"Ctrl+Down", "-"})},
      {"notes.next", keysOf({"Tab"})},
      {"notes.previous", keysOf({"Shift+Tab"})},
      {"notes.quantise", keysOf({"Q"})},
      {"notes.quantiseDialog", keysOf({"Shift+Q"})},
      {"notes.transpose", keysOf({"T"})},
      {"notes.legato", keysOf({"Alt+L"})},
      {"notes.join", keysOf({"Ctrl+J"})},
      {"notes.split", keysOf({"Ctrl+E"})},
      {"notes.lock", keysOf({"K"})},
      {"grid.finer", keysOf({"Ctrl+1"})},
      {"grid.coarser", keysOf({"Ctrl+2"})},
      {"grid.triplet", keysOf({"Ctrl+3"})},
      {"grid.snap", keysOf({"Ctrl+4", "N"})},
      {"track.mute", keysOf({"M"})},
      {"track.solo", keysOf({"S"})},
      {"track.next", keysOf({"Ctrl+PgDown"})},
      {"track.previous", keysOf({"Ctrl+PgUp"})},
      {"help.palette", keysOf({"Ctrl+Shift+P"})},
      {"help.shortcuts", keysOf({"?", "F1"})},
      {"view.zoomReset", keysOf({"Ctrl+0"})},
      {"view.zoomOut", keysOf({"Ctrl+-"})},
      {"compose.next", keysOf({"Ctrl+Right"})},
      {"compose.previous", keysOf({"Ctrl+Left"})},
      {"compose.accept", keysOf({"Ctrl+Shift+Return"})},
      {"file.quit", keysOf({"Ctrl+Q"})},
      {"file.save", keysOf({"Ctrl+S"})},
  };
  return table;
}

}  // namespace

class TestActionTable : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void hasWhatTheConventionsPromise() {
    const ActionTable table;
    for (const auto& [id, keys] : promised()) {
      QVERIFY2(!table.action(id)->shortcuts().isEmpty(), qPrintable(id));
      QCOMPARE(table.action(id)->shortcuts(), keys);
      QCOMPARE(table.action(id)->objectName(), id);
    }
    QVERIFY(table.keys("view.zoomIn").contains(QKeySequence("Ctrl++")));
    QVERIFY(table.keys("compose.generate").contains(QKeySequence("Ctrl+Return")));
  }

  void hasNoConflictsAndNoDuplicates() {
    const ActionTable table;
    QSet<QString> ids;
    for (const ActionSpec& spec : actionSpecs()) {
      QVERIFY2(!ids.contains(spec.id), qPrintable(spec.id));
      ids.insert(spec.id);
      for (const QKeySequence& k : spec.keys) {
        const QString other = table.conflict(spec.id, k);
        QVERIFY2(other.isEmpty(), qPrintable(spec.id + " and " + other));
      }
      QVERIFY2(actionGroupName(spec.group()) != spec.group(), qPrintable(spec.group()));
      QVERIFY2(spec.icon.isEmpty() || !table.action(spec.id)->icon().isNull(),
               qPrintable(spec.icon));
    }
  }

  void tellsTheKeyInTheToolTip() {
    const ActionTable table;
    QVERIFY(table.action("transport.play")->toolTip().contains("Space"));
    QCOMPARE(table.action("track.remove")->toolTip(), QString("Remove track"));
  }

  void findsConflicts() {
    ActionTable table;
    QCOMPARE(table.conflict("tool.draw", QKeySequence("V")), QString("tool.select"));
    QCOMPARE(table.conflict("tool.draw", QKeySequence("D")), QString());
    QCOMPARE(table.conflict("tool.draw", QKeySequence("Ctrl+K, D")), QString());
    table.setKeys("tool.draw", {QKeySequence("Ctrl+K, D")});
    QCOMPARE(table.conflict("notes.lock", QKeySequence("Ctrl+K")), QString("tool.draw"));
    QCOMPARE(table.conflict("notes.lock", QKeySequence("D")), QString());
  }

  void keepsOverrides() {
    const QTemporaryDir folder;
    const QString file = folder.filePath("keys.ini");
    {
      ActionTable table;
      table.setKeys("tool.draw", keysOf({"B"}));
      table.setKeys("tool.erase", {});
      table.setKeys("tool.select", keysOf({"V"}));  // the default: no override
      QSettings settings(file, QSettings::IniFormat);
      table.save(settings);
    }
    ActionTable table;
    QSettings settings(file, QSettings::IniFormat);
    table.load(settings);
    QCOMPARE(table.keys("tool.draw"), keysOf({"B"}));
    QCOMPARE(table.action("tool.draw")->shortcuts(), keysOf({"B"}));
    QVERIFY(table.keys("tool.erase").isEmpty());
    QVERIFY(!table.overridden("tool.select"));
    table.resetKeys("tool.draw");
    QCOMPARE(table.keys("tool.draw"), keysOf({"D"}));
  }
};

QTEST_MAIN(TestActionTable)
#include "test_action_table.moc"
