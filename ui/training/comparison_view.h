// A comparison of models as tables and plots: the figures of each model, the metrics of what they
// compose beside those of what was written, and for the chosen model how pitches, steps and
// durations are distributed.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/training/comparison_session.h"

class QLabel;
class QPushButton;
class QSplitter;
class QTableView;

namespace incipit {

class HistogramView;
class TableModel;

class ComparisonView : public QWidget {
  Q_OBJECT

 public:
  // `session` outlives the view.
  explicit ComparisonView(ComparisonSession& session, QWidget* parent = nullptr);

 private:
  QWidget* buildHead();
  QWidget* buildPlots();
  void showComparison();
  void showPlots();
  void exportTable();
  QString about() const;

  ComparisonSession& session_;
  TableModel* models_;
  TableModel* metrics_;
  QTableView* modelView_;
  QTableView* metricView_;
  QLabel* about_ = nullptr;
  QLabel* plotAbout_ = nullptr;
  QPushButton* export_ = nullptr;
  struct Plot {
    QLabel* title;
    HistogramView* view;
  };
  std::vector<Plot> plots_;
};

}  // namespace incipit
