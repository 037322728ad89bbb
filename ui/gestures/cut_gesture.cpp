#include "ui/gestures/cut_gesture.h"

#include <QCoreApplication>

namespace incipit {

void CutGesture::move(const Pointer& p) {
  const Note& note = press_.hit->note;
  const std::vector<Note> one = {note};
  const bool selected = session().isSelected(note.id);
  NoteEdit edit = splitNotes(document(), track(), selected ? session().selection() : one,
                             state_.snapNearest(tickAt(p), free(p)));
  if (edit.document == document()) {
    state_.clearPreview();  // at a note's edge there is nothing to cut
  } else {
    state_.setPreview(std::move(edit), selected);
  }
}

void CutGesture::release(const Pointer& p) {
  move(p);
  state_.commitPreview(QCoreApplication::translate("Gesture", "Cut notes"));
}

}  // namespace incipit
