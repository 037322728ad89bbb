// One distribution as bars; the bar under the pointer says what it counts.
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
  void setHistogram(const Histogram& histogram);
  const Histogram& histogram() const { return histogram_; }
  // "120 to 130: 17"
  QString binText(std::size_t bin) const;

  QSize sizeHint() const override { return {320, 180}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  QString edgeText(std::size_t bin) const;
  QRectF plot() const;
  // Bins from the first to the last that holds something.
  std::pair<std::size_t, std::size_t> shown() const;

  Histogram histogram_;
};

}  // namespace incipit
