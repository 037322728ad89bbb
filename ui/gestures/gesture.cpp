#include "ui/gestures/gesture.h"

#include <QCoreApplication>

#include "ui/gestures/cut_gesture.h"
#include "ui/gestures/draw_gesture.h"
#include "ui/gestures/erase_gesture.h"
#include "ui/gestures/keys_gesture.h"
#include "ui/gestures/lane_gestures.h"
#include "ui/gestures/note_drag_gesture.h"
#include "ui/gestures/note_velocity_gesture.h"
#include "ui/gestures/paint_run_gesture.h"
#include "ui/gestures/pan_gesture.h"
#include "ui/gestures/resize_gesture.h"
#include "ui/gestures/rubber_band_gesture.h"
#include "ui/gestures/ruler_gestures.h"

namespace incipit {

void Gesture::cancel() {
  state_.clearPreview();
  state_.silence();
}

QString editName(const QString& verb, std::size_t notes) {
  return notes == 1 ? QCoreApplication::translate("Gesture", "%1 note").arg(verb)
                    : QCoreApplication::translate("Gesture", "%1 %2 notes").arg(verb).arg(notes);
}

std::unique_ptr<Gesture> makeGesture(Action action, RollState& state, const Press& press) {
  switch (action) {
    case Action::kDraw:
      return std::make_unique<DrawGesture>(state, press);
    case Action::kPaintRun:
      return std::make_unique<PaintRunGesture>(state, press);
    case Action::kBand:
      return std::make_unique<RubberBandGesture>(state, press);
    case Action::kErase:
      return std::make_unique<EraseGesture>(state, press);
    case Action::kCut:
      return std::make_unique<CutGesture>(state, press);
    case Action::kDragNotes:
      return std::make_unique<NoteDragGesture>(state, press);
    case Action::kResize:
      return std::make_unique<ResizeGesture>(state, press);
    case Action::kDragVelocity:
      return std::make_unique<NoteVelocityGesture>(state, press);
    case Action::kSetVelocity:
      return std::make_unique<StemGesture>(state, press);
    case Action::kPaintVelocity:
      return std::make_unique<FreehandGesture>(state, press);
    case Action::kRampVelocity:
      return std::make_unique<RampGesture>(state, press);
    case Action::kScaleVelocity:
      return std::make_unique<SpreadGesture>(state, press);
    case Action::kSeekOrLoop:
      return std::make_unique<SeekOrLoopGesture>(state, press);
    case Action::kMoveLoopHandle:
      return std::make_unique<LoopHandleGesture>(state, press);
    case Action::kSelectRange:
      return std::make_unique<SelectRangeGesture>(state, press);
    case Action::kPlayKeys:
      return std::make_unique<KeysGesture>(state, press);
    case Action::kPan:
      return std::make_unique<PanGesture>(state, press);
    default:
      return nullptr;
  }
}

}  // namespace incipit
