#include <QCoreApplication>

#include "ui/actions/action_table.h"

namespace incipit {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("ActionTable", text); }

QList<QKeySequence> keys(std::initializer_list<const char*> texts) {
  QList<QKeySequence> list;
  for (const char* text : texts) list.append(QKeySequence(QString::fromLatin1(text)));
  return list;
}

using Specs = std::vector<ActionSpec>;
constexpr auto kRoll = ActionContext::kRoll;
constexpr auto kWindow = ActionContext::kWindow;

void addFile(Specs& s) {
  s.push_back({"file.new", tr("New"), keys({"Ctrl+N"}), kWindow, "new"});
  s.push_back({"file.open", tr("Open…"), keys({"Ctrl+O"}), kWindow, "open"});
  s.push_back({"file.save", tr("Save"), keys({"Ctrl+S"}), kWindow, "save"});
  s.push_back({"file.saveAs", tr("Save as…"), keys({"Ctrl+Shift+S"})});
  s.push_back({"file.exportMidi", tr("Export MIDI file…"), keys({"Ctrl+Shift+M"})});
  s.push_back({"file.exportAudio", tr("Export audio…"), keys({"Ctrl+Shift+E"}), kWindow, "export"});
  s.push_back({"file.preferences", tr("Preferences…"), keys({"Ctrl+,"}), kWindow, "settings"});
  s.push_back({"file.quit", tr("Quit"), keys({"Ctrl+Q"})});
}

void addEdit(Specs& s) {
  s.push_back({"edit.undo", tr("Undo"), keys({"Ctrl+Z"}), kWindow, "undo"});
  s.push_back({"edit.redo", tr("Redo"), keys({"Ctrl+Shift+Z", "Ctrl+Y"}), kWindow, "redo"});
  s.push_back({"edit.cut", tr("Cut"), keys({"Ctrl+X"}), kWindow, "cut"});
  s.push_back({"edit.copy", tr("Copy"), keys({"Ctrl+C"}), kWindow, "copy"});
  s.push_back({"edit.paste", tr("Paste at the playhead"), keys({"Ctrl+V"}), kWindow, "paste"});
  s.push_back({"edit.delete", tr("Delete"), keys({"Del", "Backspace"})});
  s.push_back({"edit.duplicate", tr("Duplicate"), keys({"Ctrl+D"})});
  s.push_back({"edit.selectAll", tr("Select all"), keys({"Ctrl+A"})});
  s.push_back({"edit.selectNone", tr("Select none"), keys({"Ctrl+Shift+A"})});
  s.push_back({"edit.selectInvert", tr("Invert selection"), keys({"Ctrl+I"})});
  s.push_back({"edit.escape", tr("Stop, discard the take, or select none"), keys({"Esc"})});
  s.push_back({"tool.select", tr("Select tool"), keys({"V"}), kWindow, "select", true});
  s.push_back({"tool.draw", tr("Draw tool"), keys({"D"}), kWindow, "draw", true});
  s.push_back({"tool.erase", tr("Erase tool"), keys({"E"}), kWindow, "erase", true});
  s.push_back({"tool.cut", tr("Cut tool"), keys({"C"}), kWindow, "split", true});
}

void addNotes(Specs& s) {
  s.push_back({"notes.up", tr("Semitone up"), keys({"Up"})});
  s.push_back({"notes.down", tr("Semitone down"), keys({"Down"})});
  s.push_back({"notes.octaveUp", tr("Octave up"), keys({"Shift+Up"})});
  s.push_back({"notes.octaveDown", tr("Octave down"), keys({"Shift+Down"})});
  s.push_back({"notes.scaleUp", tr("Up within the scale"), keys({"Alt+Up"})});
  s.push_back({"notes.scaleDown", tr("Down within the scale"), keys({"Alt+Down"})});
  s.push_back({"notes.left", tr("Nudge left by the grid"), keys({"Left"})});
  s.push_back({"notes.right", tr("Nudge right by the grid"), keys({"Right"})});
  s.push_back({"notes.tickLeft", tr("Nudge left by a tick"), keys({"Alt+Left"})});
  s.push_back({"notes.tickRight", tr("Nudge right by a tick"), keys({"Alt+Right"})});
  s.push_back({"notes.shorter", tr("Shorter by the grid"), keys({"Shift+Left"})});
  s.push_back({"notes.longer", tr("Longer by the grid"), keys({"Shift+Right"})});
  s.push_back({"notes.louder", tr("Louder"), keys({"Ctrl+Up", "+"})});
  s.push_back({"notes.softer", tr("Softer"), keys({"Ctrl+Down", "-"})});
  s.push_back({"notes.next", tr("Next note"), keys({"Tab"}), kRoll});
  s.push_back({"notes.previous", tr("Previous note"), keys({"Shift+Tab"}), kRoll});
  s.push_back({"notes.quantise", tr("Quantise"), keys({"Q"}), kWindow, "quantise"});
  s.push_back({"notes.quantiseDialog", tr("Quantise…"), keys({"Shift+Q"})});
  s.push_back({"notes.restoreTiming", tr("Restore played timing"), {}});
  s.push_back({"notes.transpose", tr("Transpose…"), keys({"T"})});
  s.push_back({"notes.legato", tr("Legato"), keys({"Alt+L"})});
  s.push_back({"notes.join", tr("Join"), keys({"Ctrl+J"})});
  s.push_back({"notes.split", tr("Split at the playhead"), keys({"Ctrl+E"})});
  s.push_back({"notes.lock", tr("Lock or unlock"), keys({"K"}), kWindow, "lock"});
  s.push_back({"grid.finer", tr("Finer grid"), keys({"Ctrl+1"})});
  s.push_back({"grid.coarser", tr("Coarser grid"), keys({"Ctrl+2"})});
  s.push_back({"grid.triplet", tr("Triplet grid"), keys({"Ctrl+3"}), kWindow, "triplet", true});
  s.push_back({"grid.snap", tr("Snap to grid"), keys({"Ctrl+4", "N"}), kWindow, "snap", true});
}

void addTracks(Specs& s) {
  s.push_back({"track.add", tr("Add track"), keys({"Ctrl+T"}), kWindow, "add"});
  s.push_back({"track.remove", tr("Remove track"), {}, kWindow, "discard"});
  s.push_back({"track.mute", tr("Mute track"), keys({"M"})});
  s.push_back({"track.solo", tr("Solo track"), keys({"S"})});
  s.push_back({"track.arm", tr("Arm track for recording"), keys({"Shift+R"})});
  s.push_back({"track.next", tr("Next track"), keys({"Ctrl+PgDown"})});
  s.push_back({"track.previous", tr("Previous track"), keys({"Ctrl+PgUp"})});
}

void addView(Specs& s) {
  s.push_back({"view.zoomIn", tr("Zoom in"), keys({"Ctrl++", "Ctrl+="}), kWindow, "zoom-in"});
  s.push_back({"view.zoomOut", tr("Zoom out"), keys({"Ctrl+-"}), kWindow, "zoom-out"});
  s.push_back({"view.zoomReset", tr("Normal zoom"), keys({"Ctrl+0"})});
  s.push_back({"view.zoomSelection", tr("Zoom to the selection"), keys({"Z"})});
  s.push_back({"view.zoomSong", tr("Zoom to the whole song"), keys({"Shift+Z"})});
  s.push_back({"view.follow", tr("Follow the playhead"), keys({"F"}), kWindow, "follow", true});
  s.push_back({"view.tracks", tr("Tracks panel"), keys({"F5"}), kWindow, "", true});
  s.push_back({"view.compose", tr("Compose panel"), keys({"F6"}), kWindow, "", true});
  s.push_back({"view.history", tr("History panel"), keys({"F7"}), kWindow, "history", true});
  s.push_back({"view.lightTheme", tr("Light theme"), {}, kWindow, "", true});
  s.push_back({"view.fullScreen", tr("Full screen"), keys({"F11"}), kWindow, "", true});
}

void addTransport(Specs& s) {
  s.push_back({"transport.play", tr("Play or stop"), keys({"Space"}), kWindow, "play"});
  s.push_back({"transport.stop", tr("Stop"), {}, kWindow, "stop"});
  s.push_back(
      {"transport.record", tr("Record"), keys({"R", "Shift+Return"}), kWindow, "record", true});
  s.push_back({"transport.stopReturn", tr("Stop and return"), keys({"Return", "Enter"}), kWindow,
               "return"});
  s.push_back({"transport.start", tr("Go to the start"), keys({"Home"})});
  s.push_back({"transport.end", tr("Go to the end"), keys({"End"})});
  s.push_back({"transport.barBack", tr("Bar back"), keys({"PgUp"})});
  s.push_back({"transport.barForward", tr("Bar forward"), keys({"PgDown"})});
  s.push_back({"transport.loop", tr("Loop"), keys({"L"}), kWindow, "loop", true});
  s.push_back({"transport.loopSelection", tr("Loop the selection"), keys({"Ctrl+L"})});
  s.push_back(
      {"transport.metronome", tr("Metronome"), keys({"Ctrl+M"}), kWindow, "metronome", true});
  s.push_back({"transport.panic", tr("All notes off"), keys({"Ctrl+."})});
}

void addRecord(Specs& s) {
  s.push_back({"record.countInNone", tr("No count-in"), {}, kWindow, "", true});
  s.push_back({"record.countInOne", tr("Count in one bar"), {}, kWindow, "", true});
  s.push_back({"record.countInTwo", tr("Count in two bars"), {}, kWindow, "", true});
  s.push_back({"record.metronome", tr("Click while recording"), {}, kWindow, "", true});
  s.push_back({"record.replace", tr("Replace what is there"), {}, kWindow, "", true});
  s.push_back({"record.quantise", tr("Input quantise"), {}, kWindow, "", true});
  s.push_back({"record.callResponse", tr("Call and response"), keys({"Ctrl+Shift+R"}), kWindow,
               "call-response", true});
  s.push_back({"record.step", tr("Step input"), keys({"Ctrl+R"}), kWindow, "step", true});
  s.push_back({"record.stepRest", tr("Step input: rest"), keys({"."})});
  s.push_back({"record.stepBack", tr("Step input: back a step"), keys({","})});
  s.push_back(
      {"record.stepNoteLength", tr("Step by the length of a drawn note"), {}, kWindow, "", true});
  s.push_back({"record.typing", tr("Computer keyboard as a piano"), keys({"Ctrl+Shift+K"}), kWindow,
               "piano", true});
}

void addCompose(Specs& s) {
  s.push_back({"compose.generate", tr("Generate"), keys({"Ctrl+Return", "Ctrl+Enter"}), kWindow,
               "generate"});
  s.push_back({"compose.cancel", tr("Stop generating"), {}, kWindow, "cancel"});
  s.push_back({"compose.next", tr("Next take"), keys({"Ctrl+Right"}), kWindow, "next"});
  s.push_back({"compose.previous", tr("Previous take"), keys({"Ctrl+Left"}), kWindow, "previous"});
  s.push_back(
      {"compose.accept", tr("Accept take"), keys({"Ctrl+Shift+Return"}), kWindow, "accept"});
  s.push_back({"compose.discard", tr("Discard takes"), {}, kWindow, "discard"});
  s.push_back({"compose.newSeed", tr("New seed value"), {}, kWindow, "dice"});
  s.push_back({"compose.train", tr("Train a model…"), keys({"Ctrl+Shift+T"}), kWindow, "train"});
  s.push_back({"compose.lab", tr("Lab: pictures and sound…"), keys({"Ctrl+Shift+L"}), kWindow});
}

void addHelp(Specs& s) {
  s.push_back({"help.palette", tr("Find a command…"), keys({"Ctrl+Shift+P"})});
  s.push_back({"help.shortcuts", tr("Keyboard shortcuts"), keys({"?", "F1"}), kWindow, "keyboard"});
  s.push_back({"help.about", tr("About Incipit")});
}

}  // namespace

const std::vector<ActionSpec>& actionSpecs() {
  static const Specs specs = [] {
    Specs s;
    for (const auto add : {addFile, addEdit, addNotes, addTracks, addView, addTransport, addRecord,
                           addCompose, addHelp})
      add(s);
    return s;
  }();
  return specs;
}

QString actionGroupName(const QString& group) {
  static const std::map<QString, QString> names = {
      {"file", tr("File")},     {"edit", tr("Edit")},
      {"tool", tr("Tools")},    {"notes", tr("Notes")},
      {"grid", tr("Grid")},     {"track", tr("Tracks")},
      {"view", tr("View")},     {"transport", tr("Transport")},
      {"record", tr("Record")}, {"compose", tr("Compose")},
      {"help", tr("Help")}};
  const auto found = names.find(group);
  return found == names.end() ? group : found->second;
}

}  // namespace incipit
