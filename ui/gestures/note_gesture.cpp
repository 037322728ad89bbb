#include "ui/gestures/note_gesture.h"

namespace incipit {

void NoteGesture::begin() {
  Session& s = session();
  const GestureMap& map = state_.gestureMap();
  const bool selected = s.isSelected(grabbed_.id);
  const auto held = press_.pointer.modifiers;
  const bool toggles = held.testFlag(map.toggleKey);
  const bool adds = held.testFlag(map.addKey);
  if (selected) {
    // Dragging takes the whole selection along, so a click waits for the release.
    if (toggles && !adds) onClick_ = OnClick::kToggle;
    if (!toggles && !adds) onClick_ = OnClick::kSelectOnly;
  } else if (toggles != adds) {
    s.addToSelection({grabbed_});
  } else {
    s.select({grabbed_});
  }
  s.setNewNote(grabbed_.length, grabbed_.velocity);
  state_.sound(grabbed_.pitch, grabbed_.velocity);
}

bool NoteGesture::dragging(const Pointer& p) {
  const QPointF way = p.at - press_.pointer.at;
  dragged_ = dragged_ || std::abs(way.x()) > kDragThresholdPx ||
             std::abs(way.y()) > kDragThresholdPx || std::abs(wayX(p)) > 2 * kDragThresholdPx;
  return dragged_;
}

void NoteGesture::release(const Pointer& p) {
  move(p);
  state_.silence();
  if (dragged_) {
    finish();
  } else if (onClick_ == OnClick::kSelectOnly) {
    session().select({grabbed_});
  } else if (onClick_ == OnClick::kToggle) {
    session().toggleSelection({grabbed_});
  }
}

}  // namespace incipit
