#include "ui/roll/grid_layer.h"

#include <QPainter>

namespace incipit {
namespace {

void paintRows(QPainter& p, const GridLayer::Key& k) {
  const Theme& t = *k.theme;
  const double dpr = k.devicePixelRatio;
  const double line = 1 / dpr;
  const int highest = clampPitch(k.view.pitchAt(0));
  const int lowest = clampPitch(k.view.pitchAt(k.size.height()));
  for (int pitch = highest; pitch >= lowest; --pitch) {
    const double top = alignToDevice(k.view.y(pitch), dpr);
    const double bottom = alignToDevice(k.view.y(pitch - 1), dpr);
    QColor ground = isBlackKey(pitch) ? t.blackRow : t.whiteRow;
    if (k.scale && k.scale->contains(pitch)) ground = t.scaleRow;
    p.fillRect(QRectF(0, top, k.size.width(), bottom - top), ground);
    const bool octave = pitch % 12 == 0;  // below C
    // Between E and F two white rows meet: a faint line tells them apart.
    const bool faint = k.scale.has_value() || pitch % 12 == 5;
    if (octave || (faint && k.view.rowPx >= 8)) {
      p.fillRect(QRectF(0, bottom - line, k.size.width(), line),
                 octave ? t.octaveLine : t.stepLine);
    }
  }
}

}  // namespace

bool isBlackKey(int pitch) { return ((0b010101001010 >> (pitch % 12)) & 1) != 0; }

void paintGridLines(QPainter& p, const GridLayer::Key& k) {
  const double line = 1 / k.devicePixelRatio;
  const auto lines = gridLines(k.view.ticks(0, k.size.width()), k.meter, k.grid, k.view.pxPerTick);
  for (const LineLevel level : {LineLevel::kStep, LineLevel::kBeat, LineLevel::kBar}) {
    const QColor colour = level == LineLevel::kBar    ? k.theme->barLine
                          : level == LineLevel::kBeat ? k.theme->beatLine
                                                      : k.theme->stepLine;
    for (const GridLine& l : lines) {
      if (l.level != level) continue;
      p.fillRect(
          QRectF(alignToDevice(k.view.x(l.at), k.devicePixelRatio), 0, line, k.size.height()),
          colour);
    }
  }
}

const QPixmap& GridLayer::pixmap(const Key& key) {
  if (!pixmap_.isNull() && key == key_) return pixmap_;
  key_ = key;
  const QSize pixels = (QSizeF(key.size) * key.devicePixelRatio).toSize().expandedTo({1, 1});
  if (pixmap_.size() != pixels) pixmap_ = QPixmap(pixels);
  pixmap_.setDevicePixelRatio(key.devicePixelRatio);
  pixmap_.fill(key.rows ? key.theme->blackRow : key.theme->laneGround);
  QPainter p(&pixmap_);
  if (key.rows) paintRows(p, key);
  paintGridLines(p, key);
  return pixmap_;
}

}  // namespace incipit
