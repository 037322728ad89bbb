// The ground of roll and lane: rows with scale tint, and the lines of the grid, kept in a pixmap
// that is rebuilt only when what it shows changes.
#pragma once

#include <QPixmap>
#include <optional>

#include "core/theory/scale.h"
#include "ui/roll/grid_lines.h"
#include "ui/roll/roll_view.h"
#include "ui/theme/theme.h"

namespace incipit {

class GridLayer {
 public:
  struct Key {
    RollView view;
    QSize size;
    double devicePixelRatio = 1;
    const Theme* theme = nullptr;
    Grid grid;
    MeterMap meter;
    std::optional<Scale> scale;  // tinted where set
    bool rows = true;            // false: a plain ground, for the lane
    bool operator==(const Key&) const = default;
  };
  const QPixmap& pixmap(const Key& key);

 private:
  Key key_;
  QPixmap pixmap_;
};

bool isBlackKey(int pitch);

// Draws the vertical lines over [0, height) within [x0, x1).
void paintGridLines(QPainter& painter, const GridLayer::Key& key);

}  // namespace incipit
