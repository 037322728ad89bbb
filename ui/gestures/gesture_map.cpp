#include "ui/gestures/gesture_map.h"

namespace incipit {
namespace {

int family(Action a) {
  switch (a) {
    case Action::kDraw:
    case Action::kPaintRun:
    case Action::kBand:
      return 1;
    case Action::kDragNotes:
    case Action::kDragVelocity:
      return 2;
    case Action::kSetVelocity:
    case Action::kPaintVelocity:
    case Action::kRampVelocity:
    case Action::kScaleVelocity:
      return 3;
    case Action::kSeekOrLoop:
    case Action::kSelectRange:
      return 4;
    default:
      return 0;
  }
}

}  // namespace

bool interchangeable(Action a, Action b) { return family(a) != 0 && family(a) == family(b); }

Action GestureMap::action(Zone zone, Tool tool, Qt::MouseButton button,
                          Qt::KeyboardModifiers modifiers, bool doubleClick, bool spaceHeld) const {
  if (button == Qt::MiddleButton || (button == Qt::LeftButton && spaceHeld)) return Action::kPan;
  const bool onGrid =
      zone == Zone::kEmptyGrid || zone == Zone::kNoteBody || zone == Zone::kNoteEdge;
  if (button == Qt::RightButton) {
    if (!onGrid) return Action::kNone;
    return tool == Tool::kDraw ? Action::kErase : Action::kContextMenu;
  }
  if (button != Qt::LeftButton) return Action::kNone;
  const auto held = [&](Qt::KeyboardModifier key) { return modifiers.testFlag(key); };
  if (onGrid && tool == Tool::kErase) return Action::kErase;
  if (onGrid && tool == Tool::kCut && zone != Zone::kEmptyGrid) return Action::kCut;
  switch (zone) {
    case Zone::kEmptyGrid:
      if (tool == Tool::kSelect) return doubleClick ? Action::kDraw : Action::kBand;
      if (tool == Tool::kCut) return Action::kBand;
      if (held(bandKey)) return Action::kBand;
      return held(paintKey) ? Action::kPaintRun : Action::kDraw;
    case Zone::kNoteBody:
    case Zone::kNoteEdge:
      if (doubleClick) return Action::kEditNote;
      if (zone == Zone::kNoteEdge) return Action::kResize;
      return (modifiers & velocityKeys) == velocityKeys ? Action::kDragVelocity
                                                        : Action::kDragNotes;
    case Zone::kLaneStem:
    case Zone::kLaneEmpty:
      if (held(spreadKey)) return Action::kScaleVelocity;
      if (held(rampKey)) return Action::kRampVelocity;
      return zone == Zone::kLaneStem ? Action::kSetVelocity : Action::kPaintVelocity;
    case Zone::kRuler:
      if (doubleClick) return Action::kRulerMenu;
      return held(rangeKey) ? Action::kSelectRange : Action::kSeekOrLoop;
    case Zone::kLoopHandle:
      return Action::kMoveLoopHandle;
    case Zone::kKeys:
      return held(pitchKey) ? Action::kSelectPitch : Action::kPlayKeys;
  }
  return Action::kNone;
}

BandMode GestureMap::bandMode(Tool tool, Qt::KeyboardModifiers modifiers) const {
  if (modifiers.testFlag(addKey)) return BandMode::kAdd;
  // With the draw tool the toggle key is what asked for the band.
  if (tool != Tool::kDraw && modifiers.testFlag(toggleKey)) return BandMode::kToggle;
  return BandMode::kReplace;
}

WheelAction GestureMap::wheel(bool overLane, Qt::KeyboardModifiers modifiers) const {
  const bool across = modifiers.testFlag(acrossKey);
  if (modifiers.testFlag(zoomKey)) return across ? WheelAction::kZoomPitch : WheelAction::kZoomTime;
  if (overLane) return across ? WheelAction::kVelocityCoarse : WheelAction::kVelocity;
  return across ? WheelAction::kScrollHorizontal : WheelAction::kScrollVertical;
}

}  // namespace incipit
