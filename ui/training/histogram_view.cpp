#include "ui/training/histogram_view.h"

#include <QHelpEvent>
#include <QLocale>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"

namespace incipit {
namespace {
constexpr int kLabelHeight = 18;
constexpr int kEdge = 8;
constexpr int kLeastLabelWidth = 54;

// Each how many bins have a label: twelve are an octave of keys, or a quarter.
std::size_t labelStride(double width) {
  std::size_t stride = 1;
  for (const std::size_t next : {2, 3, 6, 12, 24, 48, 96, 192}) {
    if (static_cast<double>(stride) * width >= kLeastLabelWidth) break;
    stride = next;
  }
  return stride;
}

}  // namespace

HistogramView::HistogramView(QWidget* parent) : QWidget(parent) {
  setObjectName("histogramView");
  setMinimumSize(200, 110);
  connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, [this] { update(); });
}

void HistogramView::setHistograms(const Histogram& histogram, const Histogram& against) {
  histogram_ = histogram;
  against_ = against;
  setAccessibleName(QString::fromStdString(histogram_.name));
  const auto [first, last] = shown();
  QStringList lines;
  for (std::size_t i = first; i < last; ++i) lines << binText(i);
  setAccessibleDescription(lines.join("; "));
  update();
}

std::pair<std::size_t, std::size_t> HistogramView::shown() const {
  const std::size_t size = histogram_.counts.size();
  const auto any = [&](std::size_t i) {
    return histogram_.counts[i] != 0 || (compares() && against_.counts[i] != 0);
  };
  std::size_t first = 0;
  while (first < size && !any(first)) ++first;
  std::size_t last = size;
  while (last > first && !any(last - 1)) --last;
  return {first, last};
}

double HistogramView::share(const Histogram& h, std::size_t bin) const {
  const double whole = compares() ? static_cast<double>(h.total()) : 1.0;
  return whole > 0 ? static_cast<double>(h.counts[bin]) / whole : 0;
}

QString HistogramView::edgeText(std::size_t bin) const {
  if (!histogram_.labels.empty()) return QString::fromStdString(histogram_.labels[bin]);
  return QLocale().toString(histogram_.low + histogram_.width * static_cast<double>(bin), 'g', 6);
}

QString HistogramView::valueText(std::size_t bin) const {
  if (!compares()) return QLocale().toString(static_cast<qlonglong>(histogram_.counts[bin]));
  constexpr double kPercent = 100;
  return tr("%1 %, line: %2 %")
      .arg(share(histogram_, bin) * kPercent, 0, 'f', 1)
      .arg(share(against_, bin) * kPercent, 0, 'f', 1);
}

QString HistogramView::binText(std::size_t bin) const {
  const QString value = valueText(bin);
  if (!histogram_.labels.empty()) return tr("%1: %2").arg(edgeText(bin), value);
  if (bin + 1 == histogram_.counts.size()) return tr("%1 and more: %2").arg(edgeText(bin), value);
  return tr("%1 to %2: %3").arg(edgeText(bin), edgeText(bin + 1), value);
}

QRectF HistogramView::plot() const {
  return QRectF(rect()).adjusted(kEdge, kEdge + kLabelHeight, -kEdge, -kLabelHeight - 4);
}

void HistogramView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  const Theme& t = theme();
  painter.setPen(t.mutedText);
  const QRectF area = plot();
  const auto [first, last] = shown();
  if (first == last) {
    painter.drawText(area, Qt::AlignCenter, tr("Nothing to show yet"));
    return;
  }
  const auto bars = static_cast<double>(last - first);
  const double width = area.width() / bars;
  double most = 0;
  for (std::size_t i = first; i < last; ++i) {
    most = std::max(most, share(histogram_, i));
    if (compares()) most = std::max(most, share(against_, i));
  }
  constexpr double kPercent = 100;
  painter.drawText(
      QRectF(area.left(), 2, area.width(), kLabelHeight), Qt::AlignRight | Qt::AlignVCenter,
      compares() ? tr("overlap %1 %").arg(overlap(histogram_, against_) * kPercent, 0, 'f', 0)
                 : tr("most: %1").arg(QLocale().toString(std::llround(most))));
  const std::size_t stride = labelStride(width);
  for (std::size_t i = first; i < last; ++i) {
    const double x = area.left() + width * static_cast<double>(i - first);
    const double height = area.height() * share(histogram_, i) / most;
    painter.fillRect(QRectF(x, area.bottom() - height, std::max(width - 1, 1.0), height), t.accent);
    if (i % stride != 0 || x + kLeastLabelWidth > area.right() + width) continue;
    painter.drawText(QRectF(x, area.bottom() + 3, kLeastLabelWidth - 4, kLabelHeight),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(edgeText(i), Qt::ElideRight, kLeastLabelWidth - 4));
  }
  painter.setPen(t.border);
  painter.drawLine(area.bottomLeft(), area.bottomRight());
  if (compares()) drawLine(painter, area, most);
}

// Along the tops that its bars would have.
void HistogramView::drawLine(QPainter& painter, const QRectF& area, double most) const {
  const auto [first, last] = shown();
  const double width = area.width() / static_cast<double>(last - first);
  QPolygonF line{area.bottomLeft()};
  for (std::size_t i = first; i < last; ++i) {
    const double x = area.left() + width * static_cast<double>(i - first);
    const double y = area.bottom() - area.height() * share(against_, i) / most;
    line << QPointF(x, y) << QPointF(x + width, y);
  }
  line << area.bottomRight();
  constexpr double kLineWidth = 1.5;
  painter.setPen(QPen(theme().text, kLineWidth));
  painter.drawPolyline(line);
}

bool HistogramView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const auto [first, last] = shown();
  const QRectF area = plot();
  const double bar =
      (help->pos().x() - area.left()) / area.width() * static_cast<double>(last - first);
  if (first == last || bar < 0 || bar >= static_cast<double>(last - first)) {
    QToolTip::hideText();
    event->ignore();
  } else {
    QToolTip::showText(help->globalPos(), binText(first + static_cast<std::size_t>(bar)), this);
  }
  return true;
}

}  // namespace incipit
