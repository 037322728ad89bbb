// Draws what RollState::live() holds: notes being recorded, call and answer, the cursor of step
// input.
//
// Thread safety: GUI thread only.
#pragma once

#include <QPainter>

#include "ui/roll/roll_state.h"

namespace incipit {

void paintLive(QPainter& painter, const QRect& clip, const RollState& state,
               double devicePixelRatio);
// Red while recording.
QColor playheadColour(const RollState& state);
// "Your call", "Answer": at the start of each range.
void paintLiveCaption(QPainter& painter, const RollState& state);

}  // namespace incipit
