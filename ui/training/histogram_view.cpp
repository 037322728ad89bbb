#include "ui/training/histogram_view.h"

#include <QHelpEvent>
#include <QLocale>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

#include "ui/theme/theme.h"

namespace incipit {
namespace {
constexpr int kLabelHeight = 18;
constexpr int kEdge = 8;
constexpr int kLeastLabelWidth = 54;
}  // namespace

HistogramView::HistogramView(QWidget* parent) : QWidget(parent) {
  setObjectName("histogramView");
  setMinimumSize(200, 110);
  connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, [this] { update(); });
}

void HistogramView::setHistogram(const Histogram& histogram) {
  histogram_ = histogram;
  setAccessibleName(QString::fromStdString(histogram_.name));
  const auto [first, last] = shown();
  QStringList lines;
  for (std::size_t i = first; i < last; ++i) lines << binText(i);
  setAccessibleDescription(lines.join("; "));
  update();
}

std::pair<std::size_t, std::size_t> HistogramView::shown() const {
  const auto& counts = histogram_.counts;
  const auto any = [](std::int64_t n) { return n != 0; };
  const auto first = std::find_if(counts.begin(), counts.end(), any);
  const auto last = std::find_if(counts.rbegin(), counts.rend(), any).base();
  if (first == counts.end()) return {0, 0};
  return {static_cast<std::size_t>(first - counts.begin()),
          static_cast<std::size_t>(last - counts.begin())};
}

QString HistogramView::edgeText(std::size_t bin) const {
  if (!histogram_.labels.empty()) return QString::fromStdString(histogram_.labels[bin]);
  return QLocale().toString(histogram_.low + histogram_.width * static_cast<double>(bin), 'g', 6);
}

QString HistogramView::binText(std::size_t bin) const {
  const QString count = QLocale().toString(static_cast<qlonglong>(histogram_.counts[bin]));
  if (!histogram_.labels.empty()) return tr("%1: %2").arg(edgeText(bin), count);
  if (bin + 1 == histogram_.counts.size()) return tr("%1 and more: %2").arg(edgeText(bin), count);
  return tr("%1 to %2: %3").arg(edgeText(bin), edgeText(bin + 1), count);
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
  const auto most =
      static_cast<double>(*std::max_element(histogram_.counts.begin(), histogram_.counts.end()));
  painter.drawText(QRectF(area.left(), 2, area.width(), kLabelHeight),
                   Qt::AlignRight | Qt::AlignVCenter,
                   tr("most: %1").arg(QLocale().toString(static_cast<qlonglong>(most))));
  double labelled = -kLeastLabelWidth;
  for (std::size_t i = first; i < last; ++i) {
    const double x = area.left() + width * static_cast<double>(i - first);
    const double height = area.height() * static_cast<double>(histogram_.counts[i]) / most;
    painter.fillRect(QRectF(x, area.bottom() - height, std::max(width - 1, 1.0), height), t.accent);
    if (x - labelled < kLeastLabelWidth || x + kLeastLabelWidth > area.right() + width) continue;
    labelled = x;
    painter.drawText(QRectF(x, area.bottom() + 3, kLeastLabelWidth - 4, kLabelHeight),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(edgeText(i), Qt::ElideRight, kLeastLabelWidth - 4));
  }
  painter.setPen(t.border);
  painter.drawLine(area.bottomLeft(), area.bottomRight());
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
