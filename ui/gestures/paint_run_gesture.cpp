#include "ui/gestures/paint_run_gesture.h"

#include <QCoreApplication>

namespace incipit {
namespace {

bool sounds(const Track& track, int pitch, Tick at) {
  bool found = false;
  track.notes.forEachIn({at, at + TickDelta{1}},
                        [&](const Note& n) { found = found || n.pitch == pitch; });
  return found;
}

}  // namespace

void PaintRunGesture::begin() {
  session().clearSelection();
  move(press_.pointer);
}

void PaintRunGesture::move(const Pointer& p) {
  const Document& d = document();
  const Track* t = session().track();
  if (t == nullptr) return;
  Grid grid = session().grid();
  grid.enabled = true;  // a run has steps, whether or not notes snap to them
  const Tick a = snapDown(press_.tick, grid, d.meter);
  const Tick b = snapDown(std::max(tickAt(p), Tick{0}), grid, d.meter);
  std::vector<Note> run;
  for (Tick at = std::min(a, b); at <= std::max(a, b);) {
    const Tick next = nextGridLine(at, grid, d.meter);
    if (!sounds(*t, press_.pitch, at)) {
      Note n;
      n.start = at;
      n.length = next - at;
      n.pitch = static_cast<std::uint8_t>(press_.pitch);
      n.velocity = static_cast<std::uint8_t>(session().newNoteVelocity());
      run.push_back(n);
    }
    at = next;
  }
  if (run.size() > count_) state_.sound(press_.pitch, session().newNoteVelocity());
  count_ = run.size();
  state_.setPreview(addNotes(d, track(), run), false);
}

void PaintRunGesture::release(const Pointer& p) {
  move(p);
  state_.silence();
  state_.commitPreview(editName(QCoreApplication::translate("Gesture", "Paint"), count_));
}

}  // namespace incipit
