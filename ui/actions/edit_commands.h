// What the commands of the Edit menu and the keys do with notes, tracks and the grid: each one undo
// step on the selection of the active track.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <QString>

#include "ui/actions/action_table.h"
#include "ui/session/transport.h"

namespace incipit {

// "1 note", "3 notes".
QString noteCount(std::size_t n);

class EditCommands : public QObject {
  Q_OBJECT

 public:
  EditCommands(Session& session, Transport& transport, QObject* parent = nullptr);

  // Makes the actions of the groups edit (but for escape), tool, notes (but for dialogs), grid and
  // track do their work, and keeps them enabled and checked as the document says.
  void connectTo(ActionTable& table);

  void cut();
  void copy();
  void paste();  // at the playhead, which moves behind it when nothing plays
  void remove();
  void duplicate();
  void transpose(int semitones);
  void transposeInScale(int steps);
  // By grid steps; without a selection the playhead moves.
  void nudge(int steps);
  void nudgeTicks(int ticks);
  void lengthen(int steps);
  void changeVelocity(int delta);
  void quantise(double strength, bool ends);
  // Of the selection, of the whole track where nothing is selected.
  void restoreTiming();
  void legato();
  void join();
  void split();
  void toggleLock();
  void visitNote(int direction);  // selects the next (1) or previous (-1) note, and sounds it

  void addTrack();
  void removeTrack();
  void toggleMute();
  void toggleSolo();
  void visitTrack(int direction);

 Q_SIGNALS:
  void visited(incipit::Tick at);  // the view should show it

 private:
  void connectNotes(ActionTable& table);
  void connectState(ActionTable& table);
  void sound();  // the first selected note, for the ear to follow an edit of pitch

  Session& session_;
  Transport& transport_;
};

}  // namespace incipit
