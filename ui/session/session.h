// The document being edited and everything that the views share about it: history, selection,
// active track, tool, grid, scale. Views read it and call it; they never talk to each other. It
// knows no widget.
//
// Thread safety: GUI thread only. Invariants: the selection holds notes of the active track as they
// stand in the document; the active track exists whenever the document has a track.
#pragma once

#include <QObject>
#include <QString>
#include <unordered_set>
#include <vector>

#include "core/edit/edits.h"
#include "core/edit/history.h"

namespace incipit {

enum class Tool { kSelect, kDraw, kErase, kCut };

class Session : public QObject {
  Q_OBJECT

 public:
  explicit Session(QObject* parent = nullptr);

  // --- Document
  const DocumentPtr& document() const { return history_.document(); }
  const History& history() const { return history_; }
  // Starts over with another document; `modified` for one that lies in no file yet.
  void load(DocumentPtr document, bool modified = false);
  // One undo step. An edit that changes nothing makes none. Returns whether it changed anything.
  bool commit(const QString& name, Document after);
  // As above, and the notes it returns become the selection.
  bool commit(const QString& name, NoteEdit edit);
  void undo();
  void redo();
  void jumpTo(std::size_t position);
  void markSaved();
  // What is being recorded or entered becomes part of the document now: before another takes its
  // place (load() does so) and before the user is asked about changes.
  void settle() { Q_EMIT settling(); }

  // --- Track
  TrackId activeTrack() const { return activeTrack_; }
  const Track* track() const { return document()->track(activeTrack_); }  // null without tracks
  void setActiveTrack(TrackId id);

  // --- Selection
  const std::vector<Note>& selection() const { return selection_; }  // in NoteOrder
  bool isSelected(NoteId id) const { return selectedIds_.contains(id); }
  void select(std::vector<Note> notes);  // of the active track; unknown ones are dropped
  void addToSelection(const std::vector<Note>& notes);
  void toggleSelection(const std::vector<Note>& notes);
  void clearSelection() { select({}); }
  void selectAll();
  void invertSelection();

  // --- Editing state
  Tool tool() const { return tool_; }
  void setTool(Tool t);
  const Grid& grid() const { return grid_; }
  void setGrid(const Grid& g);
  const Scale& scale() const { return scale_; }  // shown and used by in-scale moves
  bool scaleShown() const { return scaleShown_; }
  void setScale(const Scale& s, bool shown);
  TickDelta newNoteLength() const { return newNoteLength_; }  // of a drawn note
  int newNoteVelocity() const { return newNoteVelocity_; }
  void setNewNote(TickDelta length, int velocity);
  bool followPlayhead() const { return followPlayhead_; }
  void setFollowPlayhead(bool on);

 Q_SIGNALS:
  // The notes, maps or tracks of the document changed; `changed` is where they differ (may be empty
  // for properties).
  void documentChanged(incipit::TickRange changed);
  void settling();        // see settle()
  void documentLoaded();  // another document; documentChanged is not sent for it
  void modifiedChanged(bool modified);
  void selectionChanged();
  void activeTrackChanged();
  void editingStateChanged();  // tool, grid, scale, new-note values, follow

 private:
  void documentMoved(const DocumentPtr& before, bool wasModified);
  void refreshSelection();

  History history_;
  TrackId activeTrack_ = 0;
  std::vector<Note> selection_;
  std::unordered_set<NoteId> selectedIds_;
  Tool tool_ = Tool::kDraw;
  Grid grid_;
  Scale scale_;
  bool scaleShown_ = false;
  TickDelta newNoteLength_;
  int newNoteVelocity_ = kDefaultVelocity;
  bool followPlayhead_ = true;
};

}  // namespace incipit
