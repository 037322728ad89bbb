#include "ui/training/runs_page.h"

#include <QComboBox>
#include <QDateTime>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMessageBox>
#include <QMetaObject>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSet>
#include <QSplitter>
#include <QTreeWidget>
#include <cmath>
#include <utility>

#include "core/compose/model_files.h"
#include "core/compose/paths.h"
#include "ui/panels/parts.h"
#include "ui/theme/icons.h"
#include "ui/training/train_page.h"

namespace incipit {
namespace {

constexpr int kChartHeight = 460;
constexpr int kDetailHeight = 160;
constexpr int kMostUnasked = 3;  // curves that are shown without being ticked

QString fileText(const RunHistory& run) { return QString::fromStdString(run.request.out.string()); }

QString nameText(const RunHistory& run) {
  return QString::fromStdString(run.request.out.stem().string());
}

QString dateText(const RunHistory& run) {
  const auto date = QDateTime::fromString(QString::fromStdString(run.date), Qt::ISODate);
  return QLocale().toString(date.toLocalTime(), QLocale::ShortFormat);
}

std::optional<double> bestLoss(const RunHistory& run) {
  std::optional<double> best;
  for (const TrainPoint& p : run.points) {
    if (!p.validationLoss || !std::isfinite(*p.validationLoss)) continue;
    best = best ? std::min(*best, *p.validationLoss) : *p.validationLoss;
  }
  return best;
}

QString endText(RunEnd end) {
  switch (end) {
    case RunEnd::kDone:
      return RunsPage::tr("finished");
    case RunEnd::kStopped:
      return RunsPage::tr("stopped");
    case RunEnd::kFailed:
      return RunsPage::tr("failed");
    case RunEnd::kNone:
      return RunsPage::tr("runs, or was cut off");
  }
  return {};
}

// What the run was and what it said.
QString detailText(const RunHistory& run) {
  const TrainRequest& r = run.request;
  QStringList lines;
  const auto add = [&](const QString& name, const std::string& value) {
    if (!value.empty()) lines << name + ": " + QString::fromStdString(value);
  };
  add(RunsPage::tr("Network"), r.family + ", " + r.preset);
  add(RunsPage::tr("Music"), r.data.string() + (r.sets.empty() ? "" : " (" + r.sets + ")"));
  if (r.startFrom) add(RunsPage::tr("Started from"), r.startFrom->string());
  std::string settings;
  for (const auto& [id, value] : r.settings) settings += id + "=" + value + " ";
  add(RunsPage::tr("Settings"), settings);
  add(RunsPage::tr("Seed value, device"), std::to_string(r.seed) + ", " + r.device);
  const int done = run.points.empty() ? 0 : run.points.back().epoch;
  const QString epochs = r.epochs > 0 ? RunsPage::tr("Epoch %1 of %2").arg(done).arg(r.epochs)
                                      : RunsPage::tr("Epoch %1").arg(done);
  lines << epochs + ", " + endText(run.end);
  lines << QString();
  for (const RunMessage& m : run.messages) {
    lines << RunsPage::tr("step %1: %2").arg(m.step).arg(QString::fromStdString(m.text));
  }
  return lines.join('\n');
}

}  // namespace

RunsPage::RunsPage(QSettings& settings, JobRunner* jobs, QWidget* parent)
    : QWidget(parent), settings_(settings), jobs_(jobs), alive_(std::make_shared<QObject>()) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 14, 16, 14);
  auto* splitter = new QSplitter(Qt::Horizontal);
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(buildList());
  splitter->addWidget(buildView());
  splitter->setStretchFactor(0, 2);
  splitter->setStretchFactor(1, 3);
  splitter->setHandleWidth(1);
  row->addWidget(splitter);
}

RunsPage::~RunsPage() {
  if (job_ != nullptr) job_->cancel();
}

QWidget* RunsPage::buildList() {
  auto* side = new QWidget;
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 8, 0);
  column->setSpacing(8);
  tree_ = new QTreeWidget;
  tree_->setObjectName("runList");
  tree_->setAccessibleName(tr("Past runs"));
  tree_->setToolTip(tr("Tick runs to compare their curves"));
  tree_->setRootIsDecorated(false);
  tree_->setHeaderLabels({tr("Run"), tr("Network"), tr("Best"), tr("Begun")});
  tree_->header()->setStretchLastSection(true);
  connect(tree_, &QTreeWidget::itemChanged, this, [this] {
    if (!filling_) showChart();
  });
  connect(tree_, &QTreeWidget::currentItemChanged, this, [this] {
    if (!filling_) showRun();
  });
  column->addWidget(tree_, 1);
  problem_ = makeLabel({}, "problem");
  problem_->setObjectName("runProblemLabel");
  problem_->setWordWrap(true);
  column->addWidget(problem_);
  auto* row = new QHBoxLayout;
  resume_ = new QPushButton(themedIcon("play"), tr("Continue this run"));
  resume_->setObjectName("runResumeButton");
  resume_->setToolTip(tr("Goes on from the last state that the chosen run has saved"));
  connect(resume_, &QPushButton::clicked, this, [this] {
    if (const RunHistory* run = current()) Q_EMIT resumeWanted(*run);
  });
  auto* add = new QPushButton(tr("Add folder…"));
  add->setObjectName("runFolderButton");
  add->setToolTip(tr("Also lists the runs of another folder"));
  connect(add, &QPushButton::clicked, this, &RunsPage::addFolder);
  auto* again = new QPushButton(tr("Refresh"));
  again->setObjectName("runRefreshButton");
  again->setToolTip(tr("Reads the folders again"));
  connect(again, &QPushButton::clicked, this, &RunsPage::reload);
  row->addWidget(resume_);
  row->addStretch(1);
  row->addWidget(add);
  row->addWidget(again);
  column->addLayout(row);
  return side;
}

QWidget* RunsPage::buildView() {
  auto* side = new QWidget;
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(8, 0, 0, 0);
  column->setSpacing(8);
  auto* bar = new QHBoxLayout;
  auto* quantity = new QComboBox;
  quantity->setObjectName("runQuantityCombo");
  quantity->setAccessibleName(tr("What the curves show"));
  quantity->setToolTip(tr("What the curves show"));
  for (int i = 0; i < kQuantities; ++i) quantity->addItem(quantityName(static_cast<Quantity>(i)));
  auto* all = new QPushButton(tr("Show all"));
  all->setToolTip(tr("Takes back the zoom (0)"));
  export_ = new QPushButton(themedIcon("export"), tr("Table…"));
  export_->setObjectName("runExportButton");
  export_->setToolTip(tr("Saves the points of the chosen run as CSV"));
  bar->addWidget(quantity);
  bar->addWidget(makeLabel(tr("thin: training, bold: validation"), "caption"));
  bar->addStretch(1);
  bar->addWidget(all);
  bar->addWidget(export_);
  column->addLayout(bar);
  chart_ = new RunChart;
  chart_->setObjectName("runsChart");
  connect(quantity, &QComboBox::currentIndexChanged, this,
          [this](int i) { chart_->setQuantity(static_cast<Quantity>(i)); });
  connect(all, &QPushButton::clicked, this, [this] { chart_->resetZoom(); });
  connect(export_, &QPushButton::clicked, this, &RunsPage::exportTable);
  auto* splitter = new QSplitter(Qt::Vertical);
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(chart_);
  detail_ = new QPlainTextEdit;
  detail_->setObjectName("runDetail");
  detail_->setReadOnly(true);
  detail_->setAccessibleName(tr("What the chosen run was and said"));
  splitter->addWidget(detail_);
  splitter->setStretchFactor(0, 3);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({kChartHeight, kDetailHeight});
  splitter->setHandleWidth(1);
  column->addWidget(splitter, 1);
  return side;
}

std::vector<std::filesystem::path> RunsPage::folders() const {
  std::vector<std::filesystem::path> out{dataFolder() / "models"};
  for (const QString& f : settings_.value("train/runFolders").toStringList()) {
    out.emplace_back(f.toStdString());
  }
  return out;
}

void RunsPage::addFolder() {
  const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder with runs"));
  if (folder.isEmpty()) return;
  QStringList all = settings_.value("train/runFolders").toStringList();
  if (!all.contains(folder)) all << folder;
  settings_.setValue("train/runFolders", all);
  reload();
}

void RunsPage::reload() {
  if (jobs_ == nullptr) return showRuns(listRuns(folders()));
  if (job_ != nullptr) {
    again_ = true;
    return;
  }
  found_ = std::make_shared<RunList>();
  const auto wake = [this, alive = std::weak_ptr<QObject>(alive_)] {
    // alive_ lives in this thread; the call is queued to it and dropped with it.
    if (const auto target = alive.lock()) {
      QMetaObject::invokeMethod(
          target.get(), [this] { poll(); }, Qt::QueuedConnection);
    }
  };
  job_ = jobs_->run(
      JobRunner::Where::kInteractive,
      [folders = folders(), out = found_](const TaskJob::Progress&,
                                          const std::stop_token&) -> Result<void> {
        *out = listRuns(folders);
        return {};
      },
      wake);
}

void RunsPage::poll() {
  if (job_ == nullptr || !job_->finished()) return;
  job_ = nullptr;
  showRuns(std::move(*found_));
  if (std::exchange(again_, false)) reload();
}

void RunsPage::showRuns(RunList list) {
  QSet<QString> known;
  QSet<QString> ticked;
  for (int i = 0; i < tree_->topLevelItemCount(); ++i) {
    const QTreeWidgetItem* item = tree_->topLevelItem(i);
    known << item->toolTip(0);
    if (item->checkState(0) == Qt::Checked) ticked << item->toolTip(0);
  }
  const QString chosen = tree_->currentItem() != nullptr ? tree_->currentItem()->toolTip(0) : "";
  list_ = std::move(list);
  filling_ = true;
  tree_->clear();
  for (int i = 0; i < std::ssize(list_.runs); ++i) {
    const RunHistory& run = list_.runs[static_cast<std::size_t>(i)];
    const auto best = bestLoss(run);
    auto* item = new QTreeWidgetItem(
        tree_,
        {nameText(run), QString::fromStdString(run.request.family + ", " + run.request.preset),
         best ? QString::number(*best, 'f', 3) : "–", dateText(run)});
    item->setToolTip(0, fileText(run));
    item->setToolTip(2, QString::fromStdString(run.lossUnit));
    if (!known.contains(fileText(run)) && ticked.size() < kMostUnasked) ticked << fileText(run);
    const bool on = ticked.contains(fileText(run));
    item->setCheckState(0, on ? Qt::Checked : Qt::Unchecked);
    if (fileText(run) == chosen) tree_->setCurrentItem(item);
  }
  if (tree_->currentItem() == nullptr && !list_.runs.empty()) {
    tree_->setCurrentItem(tree_->topLevelItem(0));
  }
  for (int i = 0; i < 3; ++i) tree_->resizeColumnToContents(i);
  filling_ = false;
  QStringList problems;
  for (const std::string& p : list_.problems) problems << QString::fromStdString(p);
  if (list_.runs.empty()) problems << tr("No run has been recorded yet.");
  problem_->setText(problems.join('\n'));
  problem_->setVisible(!problems.isEmpty());
  showChart();
  showRun();
}

void RunsPage::showChart() {
  std::vector<RunChart::Run> runs;
  for (int i = 0; i < tree_->topLevelItemCount(); ++i) {
    if (tree_->topLevelItem(i)->checkState(0) != Qt::Checked) continue;
    const RunHistory& run = list_.runs[static_cast<std::size_t>(i)];
    runs.push_back({nameText(run), QString::fromStdString(run.lossUnit), run.points});
  }
  chart_->setRuns(std::move(runs));
  chart_->resetZoom();
}

const RunHistory* RunsPage::current() const {
  const int row = tree_->indexOfTopLevelItem(tree_->currentItem());
  return row < 0 ? nullptr : &list_.runs[static_cast<std::size_t>(row)];
}

void RunsPage::showRun() {
  const RunHistory* run = current();
  detail_->setPlainText(run == nullptr ? QString() : detailText(*run));
  export_->setEnabled(run != nullptr && !run->points.empty());
  std::error_code ignored;
  resume_->setEnabled(run != nullptr &&
                      std::filesystem::exists(statePath(run->request.out), ignored));
}

void RunsPage::exportTable() {
  if (const RunHistory* run = current())
    saveTable(this, tr("Export curves"), nameText(*run) + ".csv", runCsv(*run));
}

}  // namespace incipit
