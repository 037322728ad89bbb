// Training and validation loss over steps, drawn while they arrive.
//
// Thread safety: GUI thread only.
#pragma once

#include <QChartView>
#include <QLineSeries>
#include <QValueAxis>

#include "core/compose/engine.h"

namespace incipit {

class LossChart : public QChartView {
  Q_OBJECT

 public:
  explicit LossChart(QWidget* parent = nullptr);

  void clear();
  void add(const TrainPoint& p);  // points that are not finite are left out
  int trainingPoints() const { return static_cast<int>(training_->count()); }
  int validationPoints() const { return static_cast<int>(validation_->count()); }

 private:
  void showTheme();
  void showRange();

  QLineSeries* training_;
  QLineSeries* validation_;
  QValueAxis* steps_;
  QValueAxis* loss_;
};

}  // namespace incipit
