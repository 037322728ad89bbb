// What each mouse button, modifier and tool does, in one value: the only place that knows. Panes
// ask it which gesture a press begins, gestures ask it what a held modifier means now.
#pragma once

#include <QtCore/qnamespace.h>

#include "ui/session/session.h"

namespace incipit {

// What lies under the pointer.
enum class Zone {
  kEmptyGrid,
  kNoteBody,
  kNoteEdge,
  kLaneStem,
  kLaneEmpty,
  kRuler,
  kLoopHandle,
  kKeys
};

enum class Action {
  kNone,
  // canvas
  kDraw,
  kPaintRun,
  kBand,
  kErase,
  kCut,
  kDragNotes,
  kResize,
  kDragVelocity,
  kContextMenu,
  kEditNote,
  // velocity lane
  kSetVelocity,
  kPaintVelocity,
  kRampVelocity,
  kScaleVelocity,
  // ruler
  kSeekOrLoop,
  kMoveLoopHandle,
  kSelectRange,
  kRulerMenu,
  // piano keys
  kPlayKeys,
  kSelectPitch,
  // anywhere
  kPan
};

// How a rubber band changes the selection.
enum class BandMode { kReplace, kAdd, kToggle };

enum class WheelAction {
  kScrollVertical,
  kScrollHorizontal,
  kZoomTime,
  kZoomPitch,
  kVelocity,
  kVelocityCoarse
};

struct GestureMap {
  Qt::KeyboardModifier addKey = Qt::ShiftModifier;       // selection
  Qt::KeyboardModifier toggleKey = Qt::ControlModifier;  // selection
  Qt::KeyboardModifier paintKey = Qt::ShiftModifier;     // runs of notes
  Qt::KeyboardModifier bandKey = Qt::ControlModifier;    // rubber band with the draw tool
  Qt::KeyboardModifier copyKey = Qt::ControlModifier;    // dragging notes
  Qt::KeyboardModifier axisKey = Qt::ShiftModifier;      // dragging notes
  Qt::KeyboardModifier scaleKey = Qt::ShiftModifier;     // dragging an edge
  Qt::KeyboardModifier freeKey = Qt::AltModifier;        // no snapping
  Qt::KeyboardModifier rampKey = Qt::ShiftModifier;      // velocity lane
  Qt::KeyboardModifier spreadKey = Qt::ControlModifier;  // velocity lane
  Qt::KeyboardModifier rangeKey = Qt::ShiftModifier;     // ruler
  Qt::KeyboardModifier pitchKey = Qt::AltModifier;       // piano keys
  Qt::KeyboardModifiers velocityKeys = Qt::ControlModifier | Qt::ShiftModifier;  // note body
  Qt::KeyboardModifier zoomKey = Qt::ControlModifier;                            // wheel
  Qt::KeyboardModifier acrossKey = Qt::ShiftModifier;                            // wheel

  Action action(Zone zone, Tool tool, Qt::MouseButton button, Qt::KeyboardModifiers modifiers,
                bool doubleClick, bool spaceHeld) const;
  BandMode bandMode(Tool tool, Qt::KeyboardModifiers modifiers) const;
  WheelAction wheel(bool overLane, Qt::KeyboardModifiers modifiers) const;

  bool copies(Qt::KeyboardModifiers m) const { return m.testFlag(copyKey); }
  bool locksAxis(Qt::KeyboardModifiers m) const { return m.testFlag(axisKey); }
  bool scales(Qt::KeyboardModifiers m) const { return m.testFlag(scaleKey); }
  bool free(Qt::KeyboardModifiers m) const { return m.testFlag(freeKey); }
};

// Whether a gesture that began as `a` may turn into `b` when a modifier goes down or up meanwhile.
bool interchangeable(Action a, Action b);

}  // namespace incipit
