// One distribution as bars, with another one as a line over them where they are compared; the bar
// under the pointer says what it counts.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>

#include "core/corpus/piece_facts.h"

namespace incipit {

class HistogramView : public QWidget {
  Q_OBJECT

 public:
  explicit HistogramView(QWidget* parent = nullptr);
  void setHistogram(const Histogram& histogram) { setHistograms(histogram, {}); }
  // Each is drawn by the shares of its own total. `against` has the same bins, or none.
  void setHistograms(const Histogram& histogram, const Histogram& against);
  const Histogram& histogram() const { return histogram_; }
  const Histogram& against() const { return against_; }
  // "120 to 130: 17"; compared, "C4: 3.5 %, line: 2.0 %"
  QString binText(std::size_t bin) const;

  QSize sizeHint() const override { return {320, 180}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  bool compares() const { return !against_.counts.empty(); }
  QString edgeText(std::size_t bin) const;
  QString valueText(std::size_t bin) const;
  // Of the highest bar.
  double share(const Histogram& h, std::size_t bin) const;
  void drawLine(QPainter& painter, const QRectF& area, double most) const;
  QRectF plot() const;
  // Bins from the first to the last that holds something.
  std::pair<std::size_t, std::size_t> shown() const;

  Histogram histogram_;
  Histogram against_;
};

}  // namespace incipit
