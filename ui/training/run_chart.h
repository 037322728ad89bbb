// Curves of one or several training runs over their steps: losses, accuracies or what else a point
// has, drawn while it comes. The wheel and a rubber band zoom, the keys + - and 0 too; a double
// click shows all again. A single run is drawn in the theme's colours; several have a colour each,
// training thin, validation bold.
//
// Thread safety: GUI thread only.
#pragma once

#include <QChartView>
#include <QLineSeries>
#include <QValueAxis>
#include <vector>

#include "core/compose/engine.h"

namespace incipit {

// The last two are what a family tells of its parts (TrainPoint::figures): accuracies by name, and
// the others, which are losses.
enum class Quantity {
  kLoss,
  kAccuracy,
  kLearningRate,
  kGradientNorm,
  kSpeed,
  kPartLosses,
  kPartAccuracies
};
inline constexpr int kQuantities = 7;
QString quantityName(Quantity q);

class RunChart : public QChartView {
  Q_OBJECT

 public:
  struct Run {
    QString name;
    QString lossUnit;
    std::vector<TrainPoint> points;
  };

  explicit RunChart(QWidget* parent = nullptr);

  void setRuns(std::vector<Run> runs);
  const std::vector<Run>& runs() const { return runs_; }
  // Adds to the run `i`.
  void append(std::size_t i, const TrainPoint& p);
  Quantity quantity() const { return quantity_; }
  void setQuantity(Quantity q);

  bool zoomed() const { return zoomed_; }
  void resetZoom();
  // Scales both axes about the middle; below 1 goes closer.
  void zoomBy(double factor);

  // As it is drawn now. False where the file cannot be written.
  bool savePicture(const QString& file);
  // For tests: what is drawn of run `i`.
  int trainingPoints(std::size_t i = 0) const;
  int validationPoints(std::size_t i = 0) const;

 protected:
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;

 private:
  struct Curve {
    QLineSeries* training = nullptr;
    QLineSeries* validation = nullptr;
    std::vector<QLineSeries*> parts;  // of the quantities of parts, by name
  };
  std::vector<std::string> partsOf(const Run& run) const;
  QLineSeries* addSeries();
  void rebuild();
  void fill(std::size_t i);
  void showLegend();
  void showTheme();
  void showRange();
  void zoomAround(const QPointF& scene, double factor);
  QColor colourOf(std::size_t i) const;

  std::vector<Run> runs_;
  std::vector<Curve> curves_;  // as runs_
  QValueAxis* steps_;
  QValueAxis* values_;
  Quantity quantity_ = Quantity::kLoss;
  bool zoomed_ = false;
  bool ranging_ = false;  // the axes are being set by us
};

}  // namespace incipit
