#include "ui/session/session.h"

#include <algorithm>

namespace incipit {

Session::Session(QObject* parent)
    : QObject(parent), history_(std::make_shared<const Document>(newDocument())) {
  load(history_.document());
}

void Session::load(DocumentPtr document, bool modified) {
  settle();
  history_ = History(std::move(document));
  if (modified) history_.markUnsaved();
  const Document& d = *history_.document();
  activeTrack_ = d.tracks.empty() ? 0 : d.tracks.front()->id;
  selection_.clear();
  selectedIds_.clear();
  newNoteLength_ = gridStep({4}, d.ppq);
  newNoteVelocity_ = kDefaultVelocity;
  if (!d.keys.empty()) {
    // The tonic of a major key with s sharps is 7s semitones up; its relative minor is 3 below.
    const KeySignature& k = d.keys.front();
    const int major = ((k.sharps * 7) % 12 + 12) % 12;
    scale_ = k.minor ? Scale{(major + 9) % 12, Mode::kMinor} : Scale{major, Mode::kMajor};
  }
  Q_EMIT documentLoaded();
  Q_EMIT activeTrackChanged();
  Q_EMIT selectionChanged();
  Q_EMIT modifiedChanged(history_.modified());
}

void Session::documentMoved(const DocumentPtr& before, bool wasModified) {
  if (before == document()) return;
  if (track() == nullptr) {
    activeTrack_ = document()->tracks.empty() ? 0 : document()->tracks.front()->id;
    Q_EMIT activeTrackChanged();
  }
  refreshSelection();
  Q_EMIT documentChanged(changedRange(*before, *document()));
  if (wasModified != history_.modified()) Q_EMIT modifiedChanged(history_.modified());
}

bool Session::commit(const QString& name, Document after) {
  const DocumentPtr before = document();
  const bool wasModified = history_.modified();
  history_.commit(name.toStdString(), std::move(after));
  documentMoved(before, wasModified);
  return before != document();
}

bool Session::commit(const QString& name, NoteEdit edit) {
  const bool changed = commit(name, std::move(edit.document));
  if (changed) select(std::move(edit.notes));
  return changed;
}

void Session::undo() {
  const DocumentPtr before = document();
  const bool wasModified = history_.modified();
  history_.undo();
  documentMoved(before, wasModified);
}

void Session::redo() {
  const DocumentPtr before = document();
  const bool wasModified = history_.modified();
  history_.redo();
  documentMoved(before, wasModified);
}

void Session::jumpTo(std::size_t position) {
  const DocumentPtr before = document();
  const bool wasModified = history_.modified();
  history_.jumpTo(position);
  documentMoved(before, wasModified);
}

void Session::markSaved() {
  history_.markSaved();
  Q_EMIT modifiedChanged(false);
}

void Session::setActiveTrack(TrackId id) {
  if (id == activeTrack_ || document()->track(id) == nullptr) return;
  activeTrack_ = id;
  selection_.clear();
  selectedIds_.clear();
  Q_EMIT activeTrackChanged();
  Q_EMIT selectionChanged();
}

void Session::select(std::vector<Note> notes) {
  selectedIds_.clear();
  for (const Note& n : notes) selectedIds_.insert(n.id);
  refreshSelection();
}

void Session::addToSelection(const std::vector<Note>& notes) {
  for (const Note& n : notes) selectedIds_.insert(n.id);
  refreshSelection();
}

void Session::toggleSelection(const std::vector<Note>& notes) {
  for (const Note& n : notes) {
    if (selectedIds_.erase(n.id) == 0) selectedIds_.insert(n.id);
  }
  refreshSelection();
}

void Session::selectAll() {
  if (track() != nullptr) select(track()->notes.toVector());
}

void Session::invertSelection() {
  if (track() != nullptr) toggleSelection(track()->notes.toVector());
}

void Session::refreshSelection() {
  std::vector<Note> now;
  if (track() != nullptr && !selectedIds_.empty()) {
    for (const Note& n : track()->notes) {
      if (selectedIds_.contains(n.id)) now.push_back(n);
    }
  }
  if (now == selection_ && now.size() == selectedIds_.size()) return;
  selection_ = std::move(now);
  selectedIds_.clear();
  for (const Note& n : selection_) selectedIds_.insert(n.id);
  Q_EMIT selectionChanged();
}

void Session::setTool(Tool t) {
  if (t == tool_) return;
  tool_ = t;
  Q_EMIT editingStateChanged();
}

void Session::setGrid(const Grid& g) {
  if (g == grid_) return;
  grid_ = g;
  Q_EMIT editingStateChanged();
}

void Session::setScale(const Scale& s, bool shown) {
  scale_ = s;
  scaleShown_ = shown;
  Q_EMIT editingStateChanged();
}

void Session::setNewNote(TickDelta length, int velocity) {
  newNoteLength_ = std::max(length, TickDelta{1});
  newNoteVelocity_ = std::clamp(velocity, 1, 127);
  Q_EMIT editingStateChanged();
}

void Session::setFollowPlayhead(bool on) {
  if (on == followPlayhead_) return;
  followPlayhead_ = on;
  Q_EMIT editingStateChanged();
}

}  // namespace incipit
