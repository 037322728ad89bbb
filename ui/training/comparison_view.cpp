#include "ui/training/comparison_view.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QTableView>
#include <algorithm>

#include "ui/panels/parts.h"
#include "ui/theme/icons.h"
#include "ui/training/histogram_view.h"
#include "ui/training/table_model.h"
#include "ui/training/train_page.h"

namespace incipit {
namespace {

constexpr int kPlots = 3;
constexpr int kModelHeight = 190;
constexpr int kMetricHeight = 220;
constexpr int kPlotHeight = 200;

void fitColumns(QTableView* view) {
  constexpr int kLeast = 56;
  constexpr int kMost = 280;
  view->resizeColumnsToContents();
  for (int i = 0; i < view->model()->columnCount(); ++i) {
    view->setColumnWidth(i, std::clamp(view->columnWidth(i), kLeast, kMost));
  }
}

}  // namespace

ComparisonView::ComparisonView(ComparisonSession& session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      models_(new TableModel(this)),
      metrics_(new TableModel(this)),
      modelView_(makeTableView(models_, "compareTable", tr("Figures of each model"))),
      metricView_(makeTableView(metrics_, "compareMetricTable",
                                tr("Metrics of what each model composes"))) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 10, 0, 0);
  column->setSpacing(8);
  column->addWidget(buildHead());
  auto* splitter = new QSplitter(Qt::Vertical);
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(modelView_);
  splitter->addWidget(metricView_);
  splitter->addWidget(buildPlots());
  splitter->setSizes({kModelHeight, kMetricHeight, kPlotHeight});
  splitter->setHandleWidth(1);
  column->addWidget(splitter, 1);
  connect(&session_, &ComparisonSession::changed, this, &ComparisonView::showComparison);
  connect(modelView_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          &ComparisonView::showPlots);
  showComparison();
}

QWidget* ComparisonView::buildHead() {
  auto* head = new QWidget;
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(0, 0, 0, 0);
  about_ = makeLabel({}, "muted");
  about_->setObjectName("compareAboutLabel");
  about_->setWordWrap(true);
  export_ = new QPushButton(themedIcon("export"), tr("Export table…"));
  export_->setObjectName("compareExportButton");
  export_->setToolTip(tr("Saves all figures and metrics as CSV"));
  connect(export_, &QPushButton::clicked, this, &ComparisonView::exportTable);
  row->addWidget(about_, 1);
  row->addWidget(export_);
  return head;
}

QWidget* ComparisonView::buildPlots() {
  auto* below = new QWidget;
  auto* column = new QVBoxLayout(below);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(4);
  plotAbout_ = makeLabel({}, "caption");
  plotAbout_->setObjectName("comparePlotLabel");
  column->addWidget(plotAbout_, 0, Qt::AlignTop);
  auto* row = new QHBoxLayout;
  row->setSpacing(12);
  for (int i = 0; i < kPlots; ++i) {
    auto* side = new QVBoxLayout;
    side->setSpacing(2);
    Plot plot{makeLabel({}, "heading"), new HistogramView};
    plot.view->setObjectName(QString("comparePlot%1").arg(i + 1));
    side->addWidget(plot.title);
    side->addWidget(plot.view, 1);
    row->addLayout(side, 1);
    plots_.push_back(plot);
  }
  column->addLayout(row, 1);
  return below;
}

QString ComparisonView::about() const {
  const Comparison& c = session_.comparison();
  if (c.models.empty()) {
    return session_.running()
               ? tr("Each model appears here as soon as it is measured.")
               : tr("Tick models on the left, then Compare: each is asked how probable it thinks "
                    "held-out music, and composes continuations that are compared with what was "
                    "written.");
  }
  const EvaluateRequest& r = c.request;
  QString text = QString::fromStdString(r.data.string());
  if (!r.sets.empty()) text += " (" + QString::fromStdString(r.sets) + ")";
  text += tr(", part %1").arg(QString::fromStdString(r.split));
  text += r.examples > 0 ? tr(", at most %L1 windows").arg(r.examples) : tr(", all windows");
  text += tr(", %L1 continuations each").arg(r.continuations);
  const auto date = QDateTime::fromString(QString::fromStdString(c.date), Qt::ISODate);
  return text + "; " + QLocale().toString(date.toLocalTime(), QLocale::ShortFormat);
}

void ComparisonView::showComparison() {
  const auto& models = session_.comparison().models;
  const int row = sourceRow(modelView_);
  {
    const QSignalBlocker quiet(modelView_->selectionModel());
    models_->setTable(modelTable(models, session_.ratings()));
    metrics_->setTable(metricTable(models));
  }
  fitColumns(modelView_);
  fitColumns(metricView_);
  if (!models.empty()) {
    chooseSourceRow(modelView_, std::clamp(row, 0, static_cast<int>(models.size()) - 1));
  }
  metricView_->setVisible(metrics_->rowCount() > 0);
  about_->setText(about());
  export_->setEnabled(!models.empty());
  showPlots();
}

void ComparisonView::showPlots() {
  const auto& models = session_.comparison().models;
  const int row = sourceRow(modelView_);
  const ComparedModel* model =
      row >= 0 && row < std::ssize(models) ? &models[static_cast<std::size_t>(row)] : nullptr;
  const auto* all = model == nullptr ? nullptr : &model->evaluation.distributions;
  const bool any = all != nullptr && !all->empty();
  plotAbout_->setVisible(!models.empty());
  plotAbout_->setText(
      any ? tr("Bars: what %1 composed; line: what was written in the same places")
                .arg(QString::fromStdString(model->name()))
          : tr("Compare with continuations to see how pitches, steps and durations are "
               "distributed."));
  for (std::size_t i = 0; i < plots_.size(); ++i) {
    const bool there = any && i < all->size();
    plots_[i].view->setVisible(there);
    plots_[i].title->setVisible(there);
    if (!there) continue;
    const Evaluation::Distribution& d = (*all)[i];
    plots_[i].title->setText(QString::fromStdString(d.composed.name));
    plots_[i].view->setHistograms(d.composed, d.written);
  }
}

void ComparisonView::exportTable() {
  saveTable(this, tr("Export table"), "comparison.csv",
            tableCsv(wholeTable(session_.comparison().models, session_.ratings())));
}

}  // namespace incipit
