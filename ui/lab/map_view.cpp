#include "ui/lab/map_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/theme/style_sheet.h"
#include "ui/theme/theme.h"

namespace incipit {
namespace {

constexpr int kColours = 9;
constexpr double kRoom = 0.92;  // of the smaller side

}  // namespace

MapView::MapView(QWidget* parent) : QWidget(parent) {
  setObjectName("mapView");
  setAccessibleName(tr("Map of the music"));
  setToolTip(
      tr("Click or drag: hear that place. Ctrl and click: an end of the morph. "
         "Wheel: zoom. Middle button: move. 0: show all."));
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(280, 240);
  connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, &MapView::redraw);
}

QColor MapView::colourOf(int category) {
  const bool dark = theme().dark;
  if (category < 0 || category >= kColours) return mixed(theme().panel, theme().text, 0.45);
  // Hues far apart, neighbours different in lightness, too.
  constexpr int kHues[kColours] = {210, 35, 135, 330, 55, 270, 175, 5, 95};
  const int light = (dark ? 150 : 95) + (category % 2 == 0 ? 0 : (dark ? 40 : -25));
  return QColor::fromHsl(kHues[category], dark ? 190 : 210, light);
}

void MapView::setPoints(std::vector<MapPoint> points) {
  points_ = std::move(points);
  category_.assign(points_.size(), 0);
  names_.clear();
  from_ = to_ = -1;
  placed_ = false;
  showAll();
}

void MapView::setCategories(std::vector<int> category, QStringList names) {
  category_ = std::move(category);
  names_ = std::move(names);
  redraw();
}

void MapView::setEnds(int from, int to) {
  from_ = from;
  to_ = to;
  update();
}

void MapView::setPlace(MapPoint place) {
  place_ = place;
  placed_ = true;
  update();
}

void MapView::showAll() {
  scale_ = 1;
  offset_ = {};
  redraw();
}

QPointF MapView::toScreen(MapPoint p) const {
  const double fit = scale_ * kRoom * std::min(width(), height()) / 2;
  return QPointF(width() / 2.0, height() / 2.0) + offset_ +
         QPointF(double{p.x} * fit, -double{p.y} * fit);
}

MapPoint MapView::toMap(const QPointF& p) const {
  const double fit = scale_ * kRoom * std::max(1, std::min(width(), height())) / 2;
  const QPointF off = p - QPointF(width() / 2.0, height() / 2.0) - offset_;
  return {static_cast<float>(off.x() / fit), static_cast<float>(-off.y() / fit)};
}

int MapView::nearest(const QPointF& at, double within) const {
  int best = -1;
  double least = within;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const QPointF off = toScreen(points_[i]) - at;
    const double d = std::hypot(off.x(), off.y());
    if (d < least) {
      least = d;
      best = static_cast<int>(i);
    }
  }
  return best;
}

void MapView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  const Theme& t = theme();
  painter.fillRect(rect(), t.whiteRow);
  painter.setPen(t.border);
  painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
  if (points_.empty()) {
    painter.setPen(t.mutedText);
    painter.drawText(rect(), Qt::AlignCenter, tr("No map yet"));
    return;
  }
  if (layer_.isNull() || layer_.size() != size() * devicePixelRatioF()) paintLayer();
  painter.drawPixmap(0, 0, layer_);
  painter.setRenderHint(QPainter::Antialiasing);
  paintMarks(painter);
  paintLegend(painter);
}

void MapView::redraw() {
  layer_ = {};
  update();
}

void MapView::resizeEvent(QResizeEvent* /*event*/) { redraw(); }

void MapView::paintLayer() {
  layer_ = QPixmap(size() * devicePixelRatioF());
  layer_.setDevicePixelRatio(devicePixelRatioF());
  layer_.fill(Qt::transparent);
  QPainter painter(&layer_);
  painter.setRenderHint(QPainter::Antialiasing);
  const double radius = points_.size() > 20'000 ? 1.2 : points_.size() > 3'000 ? 1.8 : 2.8;
  painter.setPen(Qt::NoPen);
  int last = -2;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (std::exchange(last, category_[i]) != category_[i]) painter.setBrush(colourOf(category_[i]));
    painter.drawEllipse(toScreen(points_[i]), radius, radius);
  }
}

void MapView::paintMarks(QPainter& painter) {
  const Theme& t = theme();
  painter.setBrush(Qt::NoBrush);
  const auto end = [&](int point, const QString& letter) {
    if (point < 0) return;
    const QPointF at = toScreen(points_[static_cast<std::size_t>(point)]);
    painter.setPen(QPen(t.text, 2));
    painter.drawEllipse(at, 7, 7);
    painter.drawText(at + QPointF(10, 4), letter);
  };
  if (from_ >= 0 && to_ >= 0) {
    painter.setPen(QPen(t.text, 1, Qt::DashLine));
    painter.drawLine(toScreen(points_[static_cast<std::size_t>(from_)]),
                     toScreen(points_[static_cast<std::size_t>(to_)]));
  }
  end(from_, "A");
  end(to_, "B");
  if (placed_) {
    const QPointF at = toScreen(place_);
    painter.setPen(QPen(t.candidate, 2));
    painter.drawLine(at - QPointF(9, 0), at + QPointF(9, 0));
    painter.drawLine(at - QPointF(0, 9), at + QPointF(0, 9));
  }
}

void MapView::paintLegend(QPainter& painter) {
  const int count = std::min<int>(static_cast<int>(names_.size()), kColours + 1);
  const int line = painter.fontMetrics().height() + 2;
  for (int i = 0; i < count; ++i) {
    const int y = 10 + i * line;
    painter.setPen(Qt::NoPen);
    painter.setBrush(colourOf(i));
    painter.drawEllipse(QPointF(16, y + line / 2.0), 4, 4);
    painter.setPen(theme().text);
    const bool rest = i == kColours && names_.size() > kColours + 1;
    painter.drawText(QRectF(26, y, 220, line), Qt::AlignVCenter,
                     rest ? tr("%1 others").arg(names_.size() - kColours) : names_[i]);
  }
}

void MapView::mousePressEvent(QMouseEvent* event) {
  pressed_ = event->position();
  const bool shift = (event->modifiers() & Qt::ShiftModifier) != 0;
  if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && shift)) {
    moving_ = true;
    setCursor(Qt::ClosedHandCursor);
  } else if (event->button() == Qt::LeftButton && !points_.empty()) {
    const int point = nearest(event->position());
    if (point >= 0) Q_EMIT pointClicked(point, event->modifiers());
    if ((event->modifiers() & Qt::ControlModifier) != 0) return;
    listening_ = true;
    setPlace(point >= 0 ? points_[static_cast<std::size_t>(point)] : toMap(event->position()));
    Q_EMIT heard(place_, point);
  }
}

void MapView::mouseMoveEvent(QMouseEvent* event) {
  if (moving_) {
    offset_ += event->position() - std::exchange(pressed_, event->position());
    redraw();
  } else if (listening_) {
    const int point = nearest(event->position(), 5);
    setPlace(point >= 0 ? points_[static_cast<std::size_t>(point)] : toMap(event->position()));
    Q_EMIT heard(place_, point);
  }
}

void MapView::mouseReleaseEvent(QMouseEvent* /*event*/) {
  if (std::exchange(moving_, false)) unsetCursor();
  if (std::exchange(listening_, false)) Q_EMIT dropped();
}

void MapView::wheelEvent(QWheelEvent* event) {
  const double turns = event->angleDelta().y() / 120.0;
  if (turns == 0) return;
  constexpr double kStep = 1.25;
  const double wanted = std::clamp(scale_ * std::pow(kStep, turns), 0.5, 200.0);
  const double by = wanted / scale_;
  const QPointF middle(width() / 2.0, height() / 2.0);
  const QPointF off = event->position() - middle - offset_;
  offset_ += off * (1 - by);
  scale_ = wanted;
  redraw();
  event->accept();
}

void MapView::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_0 || event->key() == Qt::Key_Home) {
    showAll();
  } else {
    QWidget::keyPressEvent(event);
  }
}

}  // namespace incipit
