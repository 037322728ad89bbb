// Selects the notes that a rectangle touches: instead of the selection, added to it or toggled in
// it. The rectangle is kept in ticks and pitches, so it grows while the view scrolls.
#pragma once

#include "ui/gestures/gesture.h"

namespace incipit {

// The notes of a track that touch `range` on the rows lowest..highest.
std::vector<Note> notesInBand(const NoteList& notes, TickRange range, int lowest, int highest);

class RubberBandGesture : public Gesture {
 public:
  RubberBandGesture(RollState& state, const Press& press);
  void begin() override;
  void move(const Pointer& p) override;
  void release(const Pointer& p) override;
  void cancel() override;
  void paint(QPainter& painter) const override;

 private:
  const std::vector<Note> before_;
  const double pressY_;  // in rows below the top of the range, so that it scrolls along
  Pointer now_;
  bool dragged_ = false;
};

}  // namespace incipit
