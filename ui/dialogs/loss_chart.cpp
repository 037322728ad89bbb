#include "ui/dialogs/loss_chart.h"

#include <QChart>
#include <QLegend>
#include <algorithm>
#include <cmath>

#include "ui/theme/style_sheet.h"
#include "ui/theme/theme.h"

namespace incipit {
namespace {
// Beyond it every other training point goes, so that drawing stays quick over days.
constexpr int kMostPoints = 2000;
}  // namespace

LossChart::LossChart(QWidget* parent)
    : QChartView(parent),
      training_(new QLineSeries),
      validation_(new QLineSeries),
      steps_(new QValueAxis),
      loss_(new QValueAxis) {
  setObjectName("lossChart");
  setAccessibleName(tr("Loss curves"));
  setRenderHint(QPainter::Antialiasing);
  setFrameShape(QFrame::NoFrame);
  training_->setName(tr("Training"));
  validation_->setName(tr("Validation"));
  validation_->setPointsVisible(true);
  QChart* c = chart();
  c->addSeries(training_);
  c->addSeries(validation_);
  c->addAxis(steps_, Qt::AlignBottom);
  c->addAxis(loss_, Qt::AlignLeft);
  for (QLineSeries* s : {training_, validation_}) {
    s->attachAxis(steps_);
    s->attachAxis(loss_);
  }
  c->setMargins(QMargins(4, 0, 8, 4));
  c->setBackgroundRoundness(0);
  c->legend()->setAlignment(Qt::AlignTop);
  steps_->setTitleText(tr("Step"));
  steps_->setLabelFormat("%d");
  loss_->setTitleText(tr("Loss"));
  loss_->setLabelFormat("%.2f");
  steps_->setRange(0, 100);
  loss_->setRange(0, 1);
  connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, &LossChart::showTheme);
  showTheme();
}

void LossChart::showTheme() {
  const Theme& t = theme();
  setBackgroundBrush(t.panel);
  chart()->setBackgroundBrush(t.panel);
  chart()->legend()->setLabelColor(t.text);
  QPen training(t.accent);
  training.setWidthF(2);
  training_->setPen(training);
  QPen validation(t.candidate);
  validation.setWidthF(2.5);
  validation_->setPen(validation);
  for (QValueAxis* axis : {steps_, loss_}) {
    axis->setLabelsColor(t.mutedText);
    axis->setTitleBrush(t.mutedText);
    axis->setLinePen(QPen(t.border));
    axis->setGridLinePen(QPen(mixed(t.panel, t.border, 0.6)));
  }
}

void LossChart::clear() {
  training_->clear();
  validation_->clear();
}

void LossChart::add(const TrainPoint& p) {
  const auto x = static_cast<double>(p.step);
  if (std::isfinite(p.trainLoss)) training_->append(x, p.trainLoss);
  if (p.validationLoss && std::isfinite(*p.validationLoss))
    validation_->append(x, *p.validationLoss);
  if (training_->count() > kMostPoints) {
    QList<QPointF> kept;
    const QList<QPointF> all = training_->points();
    for (qsizetype i = 0; i < all.size(); i += 2) kept << all[i];
    training_->replace(kept);
  }
  showRange();
}

void LossChart::showRange() {
  double low = 1e300;
  double high = -1e300;
  double last = 1;
  for (const QLineSeries* s : {training_, validation_}) {
    for (const QPointF& p : s->points()) {
      low = std::min(low, p.y());
      high = std::max(high, p.y());
      last = std::max(last, p.x());
    }
  }
  if (low > high) return;
  const double room = std::max((high - low) * 0.08, 0.01);
  steps_->setRange(0, last);
  loss_->setRange(low - room, high + room);
  steps_->applyNiceNumbers();
  loss_->applyNiceNumbers();
}

}  // namespace incipit
