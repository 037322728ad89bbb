// Step input: keys pressed together are a chord; when all are released it is written at the cursor,
// which goes on by one step. Each step is one undo step; undoing it takes the cursor back too.
// Works while the transport stands.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <set>
#include <utility>
#include <vector>

#include "ui/session/live_input.h"

namespace incipit {

class StepInput : public QObject {
  Q_OBJECT

 public:
  StepInput(Session& session, Transport& transport, LiveInput& live, QObject* parent = nullptr);

  bool on() const { return on_; }
  // Turning on puts the cursor on the grid line at or before the transport's position; seeking
  // does so too.
  void setOn(bool on);
  Tick cursor() const { return cursor_; }
  void setCursor(Tick t);
  // The length of a step and of its notes: the grid's, or that of a drawn note.
  TickDelta step() const;
  bool usesNoteLength() const { return usesNoteLength_; }
  void setUsesNoteLength(bool on);
  // The chord whose keys are still down, at the cursor (ids 0).
  const std::vector<Note>& pending() const { return pending_; }

  void rest();  // the cursor goes on by a step
  // Removes the notes of the last step (one undo step) and goes back to it; before the first, goes
  // back by a step.
  void back();

 Q_SIGNALS:
  void changed();  // on, cursor or pending

 private:
  struct Step {
    Tick at;
    TrackId track = 0;
    std::vector<NoteId> ids;  // empty: a rest
  };
  void play(const LiveEvent& event);
  void write();
  void forgetUndone();
  std::vector<Note> notesOf(const Step& step) const;

  Session& session_;
  Transport& transport_;
  LiveInput& live_;
  bool on_ = false;
  bool usesNoteLength_ = false;
  bool writing_ = false;
  Tick cursor_;
  std::set<std::pair<int, int>> down_;  // {channel, key}
  std::vector<Note> pending_;
  std::vector<Step> steps_;
};

}  // namespace incipit
