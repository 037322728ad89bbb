#include "ui/window/menus.h"

#include <QInputDialog>
#include <QLineEdit>
#include <initializer_list>

#include "core/edit/edits.h"

namespace incipit {
namespace {

// An empty id is a separator.
void fill(QMenu* menu, const ActionTable& table, std::initializer_list<const char*> ids) {
  for (const char* id : ids) {
    if (id[0] == '\0') {
      menu->addSeparator();
    } else {
      menu->addAction(table.action(id));
    }
  }
}

QString trMenu(const char* text) { return QMenuBar::tr(text); }

}  // namespace

QMenu* buildMenus(QMenuBar* bar, const ActionTable& table) {
  QMenu* file = bar->addMenu(trMenu("&File"));
  fill(file, table, {"file.new", "file.open"});
  QMenu* recent = file->addMenu(trMenu("Open recent"));
  fill(file, table,
       {"", "file.save", "file.saveAs", "", "file.exportMidi", "file.exportAudio", "",
        "file.preferences", "", "file.quit"});

  QMenu* edit = bar->addMenu(trMenu("&Edit"));
  fill(edit, table,
       {"edit.undo", "edit.redo", "", "edit.cut", "edit.copy", "edit.paste", "edit.delete",
        "edit.duplicate", "", "edit.selectAll", "edit.selectNone", "edit.selectInvert", ""});
  QMenu* move = edit->addMenu(trMenu("Move and resize"));
  fill(move, table,
       {"notes.up", "notes.down", "notes.octaveUp", "notes.octaveDown", "notes.scaleUp",
        "notes.scaleDown", "", "notes.left", "notes.right", "notes.tickLeft", "notes.tickRight",
        "notes.shorter", "notes.longer", "", "notes.louder", "notes.softer", "", "notes.next",
        "notes.previous"});
  fill(edit, table,
       {"notes.quantise", "notes.quantiseDialog", "notes.restoreTiming", "record.quantise",
        "notes.transpose", "notes.legato", "notes.join", "notes.split", "notes.lock", ""});
  QMenu* grid = edit->addMenu(trMenu("Grid"));
  fill(grid, table, {"grid.finer", "grid.coarser", "grid.triplet", "grid.snap"});
  QMenu* tools = edit->addMenu(trMenu("Tool"));
  fill(tools, table, {"tool.select", "tool.draw", "tool.erase", "tool.cut"});
  QMenu* tracks = edit->addMenu(trMenu("Track"));
  fill(tracks, table,
       {"track.add", "track.remove", "", "track.mute", "track.solo", "track.arm", "", "track.next",
        "track.previous"});

  QMenu* view = bar->addMenu(trMenu("&View"));
  fill(view, table,
       {"view.zoomIn", "view.zoomOut", "view.zoomReset", "view.zoomSelection", "view.zoomSong", "",
        "view.follow", "", "view.tracks", "view.compose", "view.history", "", "view.lightTheme",
        "view.fullScreen"});

  QMenu* transport = bar->addMenu(trMenu("&Transport"));
  fill(transport, table,
       {"transport.play", "transport.stop", "transport.stopReturn", "transport.record", "",
        "transport.start", "transport.end", "transport.barBack", "transport.barForward", "",
        "transport.loop", "transport.loopSelection", "", "transport.metronome", "transport.panic"});

  QMenu* record = bar->addMenu(trMenu("&Record"));
  fill(record, table,
       {"transport.record", "", "record.countInNone", "record.countInOne", "record.countInTwo", "",
        "record.metronome", "record.replace", "record.quantise", "", "record.callResponse", "",
        "record.step", "record.stepRest", "record.stepBack", "record.stepNoteLength", "",
        "record.typing"});

  QMenu* compose = bar->addMenu(trMenu("&Compose"));
  fill(
      compose, table,
      {"compose.generate", "compose.cancel", "", "compose.previous", "compose.next",
       "compose.accept", "compose.discard", "compose.newSeed", "", "compose.train", "compose.lab"});

  QMenu* help = bar->addMenu(trMenu("&Help"));
  fill(help, table, {"help.palette", "help.shortcuts", "", "help.about"});
  return recent;
}

QMenu* makeNoteMenu(const ActionTable& table, QWidget* parent) {
  auto* menu = new QMenu(parent);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  fill(menu, table,
       {"edit.cut", "edit.copy", "edit.paste", "edit.duplicate", "edit.delete", "",
        "notes.quantise", "notes.restoreTiming", "notes.transpose", "notes.legato", "notes.join",
        "notes.split", "notes.lock", "", "transport.loopSelection", "view.zoomSelection", "",
        "edit.selectAll", "compose.generate"});
  return menu;
}

QMenu* makeRulerMenu(Session& session, Transport& transport, Tick at, QWidget* parent) {
  auto* menu = new QMenu(parent);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const Document& d = *session.document();
  const auto bar = d.meter.barBeat(at).bar + 1;
  menu->addAction(QMenu::tr("Tempo here…"), parent, [&session, at, parent] {
    bool ok = false;
    const double bpm =
        QInputDialog::getDouble(parent, QMenu::tr("Tempo"), QMenu::tr("Quarter notes a minute:"),
                                session.document()->tempo.at(at).bpm(), 10, 400, 2, &ok);
    if (!ok) return;
    session.commit(QMenu::tr("Tempo %1").arg(bpm),
                   setTempo(*session.document(), {at, microsPerQuarterOf(bpm)}));
  });
  menu->addAction(QMenu::tr("Metre from bar %1…").arg(bar), parent, [&session, at, parent] {
    const Document& now = *session.document();
    const MeterChange& before = now.meter.at(at);
    bool ok = false;
    const QString text = QInputDialog::getText(
        parent, QMenu::tr("Metre"), QMenu::tr("Time signature, as 3/4:"), QLineEdit::Normal,
        QString("%1/%2").arg(before.numerator).arg(before.denominator), &ok);
    const int beats = text.section('/', 0, 0).toInt();
    const int unit = text.section('/', 1, 1).toInt();
    const bool powerOfTwo = unit >= 1 && unit <= 64 && (unit & (unit - 1)) == 0;
    if (!ok || beats < 1 || beats > 255 || !powerOfTwo) return;
    MeterChange change = before;
    change.at = now.meter.barStartAt(at);
    change.numerator = beats;
    change.denominator = unit;
    session.commit(QMenu::tr("Metre %1/%2").arg(beats).arg(unit), setMeter(now, change));
  });
  menu->addAction(QMenu::tr("Marker here…"), parent, [&session, at, parent] {
    const QString text = QInputDialog::getText(parent, QMenu::tr("Marker"), QMenu::tr("Name:"));
    if (text.isEmpty()) return;
    session.commit(QMenu::tr("Add marker"),
                   addMarker(*session.document(), {at, text.toStdString()}));
  });
  menu->addSeparator();
  QAction* noTempo = menu->addAction(QMenu::tr("Remove the tempo change"), parent, [&session, at] {
    const Document& now = *session.document();
    session.commit(QMenu::tr("Remove tempo"), removeTempo(now, now.tempo.at(at).at));
  });
  noTempo->setEnabled(d.tempo.at(at).at > Tick{0});
  QAction* noMeter = menu->addAction(QMenu::tr("Remove the metre change"), parent, [&session, at] {
    const Document& now = *session.document();
    session.commit(QMenu::tr("Remove metre"), removeMeter(now, now.meter.at(at).at));
  });
  noMeter->setEnabled(d.meter.at(at).at > Tick{0});
  menu->addSeparator();
  menu->addAction(QMenu::tr("Play from here"), parent, [&transport, at] {
    transport.seek(at);
    transport.play();
  });
  return menu;
}

}  // namespace incipit
