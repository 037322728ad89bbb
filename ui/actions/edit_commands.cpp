#include "ui/actions/edit_commands.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "ui/actions/clipboard.h"

namespace incipit {
namespace {

// Notes whose pitches are sounded when they move: a chord's worth, so that a moved passage stays
// quiet.
constexpr std::size_t kMostSounded = 6;

}  // namespace

QString noteCount(std::size_t n) {
  return n == 1 ? EditCommands::tr("1 note") : EditCommands::tr("%1 notes").arg(n);
}

EditCommands::EditCommands(Session& session, Transport& transport, QObject* parent)
    : QObject(parent), session_(session), transport_(transport) {}

void EditCommands::connectTo(ActionTable& table) {
  const auto on = [&](const char* id, auto f) {
    connect(table.action(id), &QAction::triggered, this, f);
  };
  on("edit.undo", [this] { session_.undo(); });
  on("edit.redo", [this] { session_.redo(); });
  on("edit.cut", [this] { cut(); });
  on("edit.copy", [this] { copy(); });
  on("edit.paste", [this] { paste(); });
  on("edit.delete", [this] { remove(); });
  on("edit.duplicate", [this] { duplicate(); });
  on("edit.selectAll", [this] { session_.selectAll(); });
  on("edit.selectNone", [this] { session_.clearSelection(); });
  on("edit.selectInvert", [this] { session_.invertSelection(); });
  on("tool.select", [this] { session_.setTool(Tool::kSelect); });
  on("tool.draw", [this] { session_.setTool(Tool::kDraw); });
  on("tool.erase", [this] { session_.setTool(Tool::kErase); });
  on("tool.cut", [this] { session_.setTool(Tool::kCut); });
  connectNotes(table);
  on("grid.finer", [this] { session_.setGrid(session_.grid().finer()); });
  on("grid.coarser", [this] { session_.setGrid(session_.grid().coarser()); });
  on("grid.triplet", [this] {
    Grid g = session_.grid();
    g.triplet = !g.triplet;
    session_.setGrid(g);
  });
  on("grid.snap", [this] {
    Grid g = session_.grid();
    g.enabled = !g.enabled;
    session_.setGrid(g);
  });
  on("track.add", [this] { addTrack(); });
  on("track.remove", [this] { removeTrack(); });
  on("track.mute", [this] { toggleMute(); });
  on("track.solo", [this] { toggleSolo(); });
  on("track.next", [this] { visitTrack(1); });
  on("track.previous", [this] { visitTrack(-1); });
  connectState(table);
}

void EditCommands::connectNotes(ActionTable& table) {
  const auto on = [&](const char* id, auto f) {
    connect(table.action(id), &QAction::triggered, this, f);
  };
  on("notes.up", [this] { transpose(1); });
  on("notes.down", [this] { transpose(-1); });
  on("notes.octaveUp", [this] { transpose(12); });
  on("notes.octaveDown", [this] { transpose(-12); });
  on("notes.scaleUp", [this] { transposeInScale(1); });
  on("notes.scaleDown", [this] { transposeInScale(-1); });
  on("notes.left", [this] { nudge(-1); });
  on("notes.right", [this] { nudge(1); });
  on("notes.tickLeft", [this] { nudgeTicks(-1); });
  on("notes.tickRight", [this] { nudgeTicks(1); });
  on("notes.shorter", [this] { lengthen(-1); });
  on("notes.longer", [this] { lengthen(1); });
  on("notes.louder", [this] { changeVelocity(5); });
  on("notes.softer", [this] { changeVelocity(-5); });
  on("notes.next", [this] { visitNote(1); });
  on("notes.previous", [this] { visitNote(-1); });
  on("notes.quantise", [this] { quantise(1.0, false); });
  on("notes.restoreTiming", [this] { restoreTiming(); });
  on("notes.legato", [this] { legato(); });
  on("notes.join", [this] { join(); });
  on("notes.split", [this] { split(); });
  on("notes.lock", [this] { toggleLock(); });
}

void EditCommands::connectState(ActionTable& table) {
  const auto refresh = [this, &table] {
    const History& h = session_.history();
    QAction* undo = table.action("edit.undo");
    undo->setEnabled(h.canUndo());
    undo->setText(
        h.canUndo() ? tr("Undo: %1").arg(QString::fromStdString(h.entries()[h.position() - 1].name))
                    : tr("Undo"));
    QAction* redo = table.action("edit.redo");
    redo->setEnabled(h.canRedo());
    redo->setText(h.canRedo()
                      ? tr("Redo: %1").arg(QString::fromStdString(h.entries()[h.position()].name))
                      : tr("Redo"));
    table.action("track.remove")->setEnabled(session_.document()->tracks.size() > 1);
  };
  const auto refreshState = [this, &table] {
    table.action("tool.select")->setChecked(session_.tool() == Tool::kSelect);
    table.action("tool.draw")->setChecked(session_.tool() == Tool::kDraw);
    table.action("tool.erase")->setChecked(session_.tool() == Tool::kErase);
    table.action("tool.cut")->setChecked(session_.tool() == Tool::kCut);
    table.action("grid.triplet")->setChecked(session_.grid().triplet);
    table.action("grid.snap")->setChecked(session_.grid().enabled);
  };
  connect(&session_, &Session::documentChanged, this, refresh);
  connect(&session_, &Session::documentLoaded, this, refresh);
  connect(&session_, &Session::editingStateChanged, this, refreshState);
  refresh();
  refreshState();
}

void EditCommands::sound() {
  const std::vector<Note>& notes = session_.selection();
  if (notes.empty() || notes.size() > kMostSounded || transport_.playing()) return;
  transport_.preview(notes.front().pitch, notes.front().velocity, true);
}

void EditCommands::cut() {
  copy();
  remove();
}

void EditCommands::copy() { putOnClipboard(*session_.document(), session_.selection()); }

void EditCommands::paste() {
  const auto clip = clipOnClipboard();
  if (!clip || session_.track() == nullptr) return;
  const Document& d = *session_.document();
  const Tick at = snapNearest(transport_.position(), session_.grid(), d.meter);
  const QString name = tr("Paste %1").arg(noteCount(clip->notes.size()));
  if (!session_.commit(name, pasteClip(d, session_.activeTrack(), *clip, at))) return;
  if (transport_.playing()) return;
  Tick end = at;
  for (const Note& n : session_.selection()) end = std::max(end, n.end());
  const MeterMap& meter = session_.document()->meter;
  const Tick line = snapNearest(end, session_.grid(), meter);
  transport_.seek(line < end ? nextGridLine(end, session_.grid(), meter) : line);
}

void EditCommands::remove() {
  if (session_.selection().empty()) return;
  session_.commit(tr("Delete %1").arg(noteCount(session_.selection().size())),
                  removeNotes(*session_.document(), session_.activeTrack(), session_.selection()));
}

void EditCommands::duplicate() {
  const std::vector<Note>& notes = session_.selection();
  if (notes.empty()) return;
  Tick end = notes.front().end();
  for (const Note& n : notes) end = std::max(end, n.end());
  // The copy follows on the grid: a bar that ends a little early is still repeated after a bar.
  const TickDelta span = end - notes.front().start;
  const TickDelta step =
      session_.grid().enabled ? gridStep(session_.grid(), session_.document()->ppq) : TickDelta{1};
  const TickDelta shift = step * ((span.count + step.count - 1) / step.count);
  session_.commit(tr("Duplicate %1").arg(noteCount(notes.size())),
                  copyNotes(*session_.document(), session_.activeTrack(), notes, shift, 0));
}

void EditCommands::transpose(int semitones) {
  const auto& notes = session_.selection();
  if (notes.empty() || semitones == 0) return;
  session_.commit(tr("Transpose %1").arg(noteCount(notes.size())),
                  moveNotes(*session_.document(), session_.activeTrack(), notes, {0}, semitones));
  sound();
}

void EditCommands::transposeInScale(int steps) {
  const auto& notes = session_.selection();
  if (notes.empty() || steps == 0) return;
  session_.commit(tr("Transpose %1 in scale").arg(noteCount(notes.size())),
                  incipit::transposeInScale(*session_.document(), session_.activeTrack(), notes,
                                            session_.scale(), steps));
  sound();
}

void EditCommands::nudge(int steps) {
  const Document& d = *session_.document();
  const TickDelta step = gridStep(session_.grid(), d.ppq) * steps;
  if (session_.selection().empty()) {
    transport_.seek(snapNearest(transport_.position() + step, session_.grid(), d.meter));
    return;
  }
  session_.commit(tr("Move %1").arg(noteCount(session_.selection().size())),
                  moveNotes(d, session_.activeTrack(), session_.selection(), step, 0));
}

void EditCommands::nudgeTicks(int ticks) {
  if (session_.selection().empty()) return;
  session_.commit(
      tr("Move %1").arg(noteCount(session_.selection().size())),
      moveNotes(*session_.document(), session_.activeTrack(), session_.selection(), {ticks}, 0));
}

void EditCommands::lengthen(int steps) {
  if (session_.selection().empty()) return;
  const Document& d = *session_.document();
  const TickDelta step = gridStep(session_.grid(), d.ppq);
  session_.commit(tr("Resize %1").arg(noteCount(session_.selection().size())),
                  resizeNotes(d, session_.activeTrack(), session_.selection(), Edge::kRight,
                              step * steps, step));
}

void EditCommands::changeVelocity(int delta) {
  if (session_.selection().empty()) return;
  session_.commit(
      tr("Velocity of %1").arg(noteCount(session_.selection().size())),
      offsetVelocity(*session_.document(), session_.activeTrack(), session_.selection(), delta));
}

void EditCommands::quantise(double strength, bool ends) {
  if (session_.selection().empty()) return;
  session_.commit(tr("Quantise %1").arg(noteCount(session_.selection().size())),
                  incipit::quantise(*session_.document(), session_.activeTrack(),
                                    session_.selection(), session_.grid(), strength, ends));
}

void EditCommands::restoreTiming() {
  const Track* track = session_.track();
  if (track == nullptr) return;
  const std::vector<Note> all = track->notes.toVector();
  const std::vector<Note>& chosen = session_.selection().empty() ? all : session_.selection();
  NoteEdit edit = restorePlayedTiming(*session_.document(), track->id, chosen);
  if (session_.selection().empty()) {
    session_.commit(tr("Restore played timing"), std::move(edit.document));
  } else {
    session_.commit(tr("Restore played timing"), std::move(edit));
  }
}

void EditCommands::legato() {
  if (session_.selection().empty()) return;
  session_.commit(tr("Legato"), incipit::legato(*session_.document(), session_.activeTrack(),
                                                session_.selection()));
}

void EditCommands::join() {
  if (session_.selection().empty()) return;
  session_.commit(tr("Join %1").arg(noteCount(session_.selection().size())),
                  joinNotes(*session_.document(), session_.activeTrack(), session_.selection()));
}

void EditCommands::split() {
  if (session_.selection().empty()) return;
  session_.commit(tr("Split notes"), splitNotes(*session_.document(), session_.activeTrack(),
                                                session_.selection(), transport_.position()));
}

void EditCommands::toggleLock() {
  const auto& notes = session_.selection();
  if (notes.empty()) return;
  const bool lock =
      !std::all_of(notes.begin(), notes.end(), [](const Note& n) { return n.locked; });
  session_.commit((lock ? tr("Lock %1") : tr("Unlock %1")).arg(noteCount(notes.size())),
                  setLocked(*session_.document(), session_.activeTrack(), notes, lock));
}

void EditCommands::visitNote(int direction) {
  const Track* track = session_.track();
  if (track == nullptr || track->notes.empty()) return;
  const std::vector<Note> notes = track->notes.toVector();
  const auto& selected = session_.selection();
  auto next = notes.end();
  if (selected.empty()) {
    Note at;
    at.start = transport_.position();
    at.pitch = 0;
    next = std::lower_bound(notes.begin(), notes.end(), at, NoteOrder{});
    if (direction < 0 && next != notes.begin()) --next;
  } else if (direction > 0) {
    next = std::upper_bound(notes.begin(), notes.end(), selected.back(), NoteOrder{});
  } else {
    next = std::lower_bound(notes.begin(), notes.end(), selected.front(), NoteOrder{});
    next = next == notes.begin() ? next : next - 1;
  }
  if (next == notes.end()) next = notes.end() - 1;
  session_.select({*next});
  sound();
  Q_EMIT visited(next->start);
}

void EditCommands::addTrack() {
  const std::size_t n = session_.document()->tracks.size() + 1;
  TrackEdit edit =
      incipit::addTrack(*session_.document(), tr("Track %1").arg(n).toStdString(), 0, false);
  const TrackId id = edit.track;
  if (session_.commit(tr("Add track"), std::move(edit.document))) session_.setActiveTrack(id);
}

void EditCommands::removeTrack() {
  const Track* track = session_.track();
  if (track == nullptr || session_.document()->tracks.size() < 2) return;
  session_.commit(tr("Remove track %1").arg(QString::fromStdString(track->name)),
                  incipit::removeTrack(*session_.document(), track->id));
}

void EditCommands::toggleMute() {
  const Track* track = session_.track();
  if (track == nullptr) return;
  Track changed = *track;
  changed.mute = !changed.mute;
  session_.commit(changed.mute ? tr("Mute track") : tr("Unmute track"),
                  replaceTrack(*session_.document(), std::move(changed)));
}

void EditCommands::toggleSolo() {
  const Track* track = session_.track();
  if (track == nullptr) return;
  Track changed = *track;
  changed.solo = !changed.solo;
  session_.commit(changed.solo ? tr("Solo track") : tr("Unsolo track"),
                  replaceTrack(*session_.document(), std::move(changed)));
}

void EditCommands::visitTrack(int direction) {
  const auto& tracks = session_.document()->tracks;
  const auto at = std::find_if(tracks.begin(), tracks.end(), [this](const TrackPtr& t) {
    return t->id == session_.activeTrack();
  });
  if (at == tracks.end()) return;
  const auto next = (at - tracks.begin()) + direction;
  if (next < 0 || next >= std::ssize(tracks)) return;
  session_.setActiveTrack(tracks[static_cast<std::size_t>(next)]->id);
}

}  // namespace incipit
