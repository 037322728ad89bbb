#include "ui/training/run_chart.h"

#include <QChart>
#include <QKeyEvent>
#include <QLegend>
#include <QLegendMarker>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <optional>

#include "ui/theme/style_sheet.h"
#include "ui/theme/theme.h"

namespace incipit {
namespace {

// More are thinned out, so that drawing stays quick over days.
constexpr std::size_t kMostPoints = 2000;
constexpr double kCloser = 0.8;

std::optional<double> trainingValue(const TrainPoint& p, Quantity q) {
  switch (q) {
    case Quantity::kLoss:
      return p.trainLoss;
    case Quantity::kAccuracy:
      return p.trainAccuracy;
    case Quantity::kLearningRate:
      return p.learningRate;
    case Quantity::kGradientNorm:
      return p.gradientNorm;
    case Quantity::kSpeed:
      return p.examplesPerSecond;
    case Quantity::kPartLosses:
    case Quantity::kPartAccuracies:
      break;
  }
  return {};
}

std::optional<double> validationValue(const TrainPoint& p, Quantity q) {
  if (q == Quantity::kLoss) return p.validationLoss;
  if (q == Quantity::kAccuracy) return p.validationAccuracy;
  return {};
}

bool ofParts(Quantity q) { return q == Quantity::kPartLosses || q == Quantity::kPartAccuracies; }

std::optional<double> figure(const TrainPoint& p, const std::string& name) {
  for (const auto& [own, value] : p.figures) {
    if (own == name) return value;
  }
  return {};
}

template <typename ValueOf>
QList<QPointF> pointsOf(const std::vector<TrainPoint>& points, const ValueOf& valueOf) {
  QList<QPointF> out;
  for (const TrainPoint& p : points) {
    const std::optional<double> y = valueOf(p);
    if (y && std::isfinite(*y)) out << QPointF(static_cast<double>(p.step), *y);
  }
  const auto stride =
      static_cast<qsizetype>(static_cast<std::size_t>(out.size()) / kMostPoints + 1);
  if (stride == 1) return out;
  QList<QPointF> thin;
  for (qsizetype i = 0; i < out.size(); i += stride) thin << out[i];
  if ((out.size() - 1) % stride != 0) thin << out.back();
  return thin;
}

}  // namespace

QString quantityName(Quantity q) {
  switch (q) {
    case Quantity::kLoss:
      return RunChart::tr("Loss");
    case Quantity::kAccuracy:
      return RunChart::tr("Accuracy");
    case Quantity::kLearningRate:
      return RunChart::tr("Learning rate");
    case Quantity::kGradientNorm:
      return RunChart::tr("Gradient norm");
    case Quantity::kSpeed:
      return RunChart::tr("Examples a second");
    case Quantity::kPartLosses:
      return RunChart::tr("Losses of the parts");
    case Quantity::kPartAccuracies:
      return RunChart::tr("Accuracies of the parts");
  }
  return {};
}

RunChart::RunChart(QWidget* parent)
    : QChartView(parent), steps_(new QValueAxis), values_(new QValueAxis) {
  setObjectName("runChart");
  setAccessibleName(tr("Curves of training"));
  setToolTip(tr("Wheel or a rubber band: zoom. Double click or 0: show all."));
  setRenderHint(QPainter::Antialiasing);
  setFrameShape(QFrame::NoFrame);
  // A point that leaves its place would stay there: the series tell too small a rectangle.
  setViewportUpdateMode(QGraphicsView::FullViewportUpdate);
  setFocusPolicy(Qt::StrongFocus);
  setRubberBand(QChartView::RectangleRubberBand);
  setMinimumHeight(140);
  QChart* c = chart();
  c->addAxis(steps_, Qt::AlignBottom);
  c->addAxis(values_, Qt::AlignLeft);
  c->setMargins(QMargins(4, 0, 8, 4));
  c->setBackgroundRoundness(0);
  c->legend()->setAlignment(Qt::AlignTop);
  steps_->setTitleText(tr("Step"));
  steps_->setLabelFormat("%d");
  values_->setLabelFormat("%.4g");
  for (QValueAxis* axis : {steps_, values_}) {
    connect(axis, &QValueAxis::rangeChanged, this, [this] {
      if (!ranging_) zoomed_ = true;
    });
  }
  connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, &RunChart::showTheme);
  rebuild();
}

void RunChart::setRuns(std::vector<Run> runs) {
  runs_ = std::move(runs);
  rebuild();
}

void RunChart::setQuantity(Quantity q) {
  quantity_ = q;
  zoomed_ = false;
  rebuild();
}

void RunChart::rebuild() {
  chart()->removeAllSeries();
  curves_.clear();
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    curves_.push_back({addSeries(), addSeries(), {}});
    fill(i);
  }
  showLegend();
  const QString unit = runs_.empty() ? QString() : runs_.front().lossUnit;
  values_->setTitleText(quantity_ == Quantity::kLoss && !unit.isEmpty() ? tr("Loss (%1)").arg(unit)
                                                                        : quantityName(quantity_));
  showTheme();
  showRange();
}

QLineSeries* RunChart::addSeries() {
  auto* series = new QLineSeries;
  chart()->addSeries(series);
  series->attachAxis(steps_);
  series->attachAxis(values_);
  return series;
}

std::vector<std::string> RunChart::partsOf(const Run& run) const {
  std::vector<std::string> out;
  if (!ofParts(quantity_) || run.points.empty()) return out;
  for (const auto& [name, value] : run.points.back().figures) {
    const bool accuracy = name.ends_with("accuracy");
    if (accuracy == (quantity_ == Quantity::kPartAccuracies)) out.push_back(name);
  }
  return out;
}

void RunChart::fill(std::size_t i) {
  const Run& run = runs_[i];
  Curve& curve = curves_[i];
  const std::vector<std::string> parts = partsOf(run);
  while (curve.parts.size() < parts.size()) curve.parts.push_back(addSeries());
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const QString name = QString::fromStdString(parts[k]);
    curve.parts[k]->setName(runs_.size() == 1 ? name : run.name + ": " + name);
    curve.parts[k]->replace(
        pointsOf(run.points, [&](const TrainPoint& p) { return figure(p, parts[k]); }));
  }
  curve.training->replace(
      pointsOf(run.points, [this](const TrainPoint& p) { return trainingValue(p, quantity_); }));
  curve.validation->replace(
      pointsOf(run.points, [this](const TrainPoint& p) { return validationValue(p, quantity_); }));
  curve.validation->setPointsVisible(curve.validation->count() <= 60);
  const bool single = runs_.size() == 1;
  curve.training->setName(single ? tr("Training") : run.name);
  curve.validation->setName(single ? tr("Validation") : run.name);
}

// Of a single run, both curves; of several, one for each run.
void RunChart::showLegend() {
  const auto show = [this](QLineSeries* s, bool on) {
    for (QLegendMarker* m : chart()->legend()->markers(s)) m->setVisible(on);
  };
  const bool single = runs_.size() == 1;
  const bool validates = quantity_ == Quantity::kLoss || quantity_ == Quantity::kAccuracy;
  for (const Curve& c : curves_) {
    const bool validated = c.validation->count() > 0;
    show(c.training, !ofParts(quantity_) && (single || !validated));
    show(c.validation, single ? validates : validated);
  }
}

void RunChart::append(std::size_t i, const TrainPoint& p) {
  runs_[i].points.push_back(p);
  const std::size_t parts = curves_[i].parts.size();
  fill(i);
  if (curves_[i].parts.size() != parts) {  // the first point that tells of them
    showLegend();
    showTheme();
  }
  showRange();
}

QColor RunChart::colourOf(std::size_t i) const {
  // Hues far apart, in an order that keeps neighbours different.
  constexpr int kHues[] = {210, 30, 130, 330, 270, 55, 180, 0};
  const bool dark = theme().dark;
  return QColor::fromHsl(kHues[i % std::size(kHues)], dark ? 170 : 200, dark ? 165 : 95);
}

void RunChart::showTheme() {
  const Theme& t = theme();
  setBackgroundBrush(t.panel);
  chart()->setBackgroundBrush(t.panel);
  chart()->legend()->setLabelColor(t.text);
  const bool single = runs_.size() == 1;
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    QPen training(single ? t.accent : colourOf(i));
    training.setWidthF(single ? 2 : 1.2);
    curves_[i].training->setPen(training);
    QPen validation(single ? t.candidate : colourOf(i));
    validation.setWidthF(2.6);
    curves_[i].validation->setPen(validation);
    for (std::size_t k = 0; k < curves_[i].parts.size(); ++k) {
      curves_[i].parts[k]->setPen(QPen(colourOf(single ? k : 3 * i + k), 2));
    }
  }
  for (QValueAxis* axis : {steps_, values_}) {
    axis->setLabelsColor(t.mutedText);
    axis->setTitleBrush(t.mutedText);
    axis->setLinePen(QPen(t.border));
    axis->setGridLinePen(QPen(mixed(t.panel, t.border, 0.6)));
  }
}

void RunChart::showRange() {
  if (zoomed_) return;
  double low = 1e300;
  double high = -1e300;
  double last = 1;
  for (const Curve& c : curves_) {
    std::vector<QLineSeries*> all{c.training, c.validation};
    all.insert(all.end(), c.parts.begin(), c.parts.end());
    for (const QLineSeries* s : all) {
      for (const QPointF& p : s->points()) {
        low = std::min(low, p.y());
        high = std::max(high, p.y());
        last = std::max(last, p.x());
      }
    }
  }
  ranging_ = true;
  if (low > high) {
    steps_->setRange(0, 100);
    values_->setRange(0, 1);
  } else {
    const double room = std::max((high - low) * 0.08, std::abs(high) * 0.01 + 1e-9);
    // Nice numbers begin from as many ticks each time.
    constexpr int kTicks = 6;
    for (QValueAxis* axis : {steps_, values_}) axis->setTickCount(kTicks);
    steps_->setRange(0, last);
    // What is never negative needs no room below.
    values_->setRange(low >= 0 ? std::max(0.0, low - room) : low - room, high + room);
    steps_->applyNiceNumbers();
    values_->applyNiceNumbers();
  }
  ranging_ = false;
}

void RunChart::resetZoom() {
  zoomed_ = false;
  showRange();
}

void RunChart::zoomBy(double factor) {
  zoomAround(chart()->mapToScene(chart()->plotArea().center()), factor);
}

void RunChart::zoomAround(const QPointF& scene, double factor) {
  if (curves_.empty()) return;
  const QPointF at = chart()->mapToValue(chart()->mapFromScene(scene));
  const auto scale = [factor](QValueAxis* axis, double centre) {
    axis->setRange(centre - (centre - axis->min()) * factor,
                   centre + (axis->max() - centre) * factor);
  };
  scale(steps_, at.x());
  scale(values_, at.y());
}

void RunChart::wheelEvent(QWheelEvent* event) {
  if (event->angleDelta().y() == 0) return;
  zoomAround(mapToScene(event->position().toPoint()),
             event->angleDelta().y() > 0 ? kCloser : 1 / kCloser);
  event->accept();
}

void RunChart::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoomBy(kCloser);
    case Qt::Key_Minus:
      return zoomBy(1 / kCloser);
    case Qt::Key_0:
    case Qt::Key_Home:
      return resetZoom();
    default:
      QChartView::keyPressEvent(event);
  }
}

void RunChart::mouseDoubleClickEvent(QMouseEvent* /*event*/) { resetZoom(); }

bool RunChart::savePicture(const QString& file) { return grab().save(file, "PNG"); }

int RunChart::trainingPoints(std::size_t i) const {
  return i < curves_.size() ? static_cast<int>(curves_[i].training->count()) : 0;
}

int RunChart::validationPoints(std::size_t i) const {
  return i < curves_.size() ? static_cast<int>(curves_[i].validation->count()) : 0;
}

}  // namespace incipit
