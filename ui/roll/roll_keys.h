// The piano keyboard at the left of the roll: shows and plays the pitches. A drum track has the
// names of its drums instead.
//
// Thread safety: GUI thread only.
#pragma once

#include "ui/roll/roll_pane.h"

namespace incipit {

inline constexpr int kKeysWidth = 68;

class RollKeys : public RollPane {
  Q_OBJECT

 public:
  explicit RollKeys(RollState& state, QWidget* parent = nullptr);

 protected:
  void describe(Press& press) const override { press.zone = Zone::kKeys; }
  void act(Action action, const Press& press) override;
  void hovered(const Press& press) override;
  Qt::Orientations scrollsAlong() const override { return Qt::Vertical; }
  Qt::CursorShape hoverCursor(const Press& press, Action action) const override;
  void paintEvent(QPaintEvent* e) override;

 private:
  void paintKey(QPainter& painter, int pitch);
  void paintDrum(QPainter& painter, int pitch);
  bool drums() const;
  bool sounding(int pitch) const;

  bool drumsShown_ = false;
};

}  // namespace incipit
