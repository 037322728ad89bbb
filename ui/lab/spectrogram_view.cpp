#include "ui/lab/spectrogram_view.h"

#include <QPainter>
#include <algorithm>

#include "ui/theme/style_sheet.h"
#include "ui/theme/theme.h"

namespace incipit {
namespace {

constexpr double kRange = 70;  // dB

// From black over violet and orange to a light yellow, lightness rising evenly.
QRgb heat(double v) {
  const auto part = [v](double from, double to) {
    return static_cast<int>(255 * std::clamp((v - from) / (to - from), 0.0, 1.0));
  };
  const int blue = v < 0.5 ? part(0, 0.5) / 2 : std::max(0, 127 - part(0.5, 0.75) / 2);
  return qRgb(part(0.1, 0.7), part(0.4, 1.0), std::max(blue, part(0.85, 1.15)));
}

}  // namespace

double loudestOf(const Spectrogram& s) {
  return s.levels.empty() ? kSilentDecibels
                          : double{*std::max_element(s.levels.begin(), s.levels.end())};
}

SpectrogramView::SpectrogramView(const QString& title, QWidget* parent)
    : QWidget(parent), title_(title) {
  setAccessibleName(tr("Spectrogram: %1").arg(title));
  setMinimumHeight(100);
  connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, qOverload<>(&QWidget::update));
}

void SpectrogramView::show(const Spectrogram& s, double loudest) {
  image_ = QImage(std::max(1, s.columns), std::max(1, s.bands), QImage::Format_RGB32);
  image_.fill(Qt::black);
  for (int x = 0; x < s.columns; ++x) {
    for (int band = 0; band < s.bands; ++band) {
      const double level =
          s.levels[static_cast<std::size_t>(x) * static_cast<std::size_t>(s.bands) +
                   static_cast<std::size_t>(band)];
      image_.setPixel(x, s.bands - 1 - band, heat((level - loudest + kRange) / kRange));
    }
  }
  seconds_ = s.seconds;
  place_ = -1;
  update();
}

void SpectrogramView::setPlace(double seconds) {
  place_ = seconds;
  update();
}

void SpectrogramView::setHeard(bool heard) {
  heard_ = heard;
  update();
}

void SpectrogramView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  const Theme& t = theme();
  const QRect inside = rect().adjusted(1, 1, -1, -1);
  painter.fillRect(rect(), Qt::black);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  if (!image_.isNull()) painter.drawImage(inside, image_);
  if (place_ >= 0 && seconds_ > 0) {
    const double x = inside.left() + inside.width() * std::min(1.0, place_ / seconds_);
    painter.setPen(QPen(heard_ ? t.candidate : mixed(Qt::black, Qt::white, 0.5), heard_ ? 2 : 1));
    painter.drawLine(QPointF(x, inside.top()), QPointF(x, inside.bottom()));
  }
  painter.setPen(QPen(heard_ ? t.accent : t.border, heard_ ? 2 : 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -1, -1));
  painter.setPen(Qt::white);
  painter.drawText(inside.adjusted(8, 4, -8, -4), Qt::AlignLeft | Qt::AlignTop, title_);
  if (image_.isNull()) {
    painter.setPen(mixed(Qt::black, Qt::white, 0.6));
    painter.drawText(inside, Qt::AlignCenter, tr("Nothing yet"));
  }
}

}  // namespace incipit
