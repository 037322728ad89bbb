#include "ui/training/corpus_page.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMetaObject>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QTableView>
#include <map>

#include "core/corpus/corpus_table.h"
#include "ui/panels/parts.h"
#include "ui/theme/icons.h"
#include "ui/training/corpus_table.h"
#include "ui/training/histogram_view.h"
#include "ui/training/train_page.h"

namespace incipit {
namespace {

QString number(std::int64_t n) { return QLocale().toString(static_cast<qlonglong>(n)); }

// The reasons without what differs from file to file, most frequent first: "12 duplicate, 3 no
// notes".
QString reasonsText(const Corpus& corpus) {
  std::map<std::string, int> counts;
  for (const RejectedFile& r : corpus.rejected) {
    std::string reason = r.reason;
    for (const char* rest : {" of ", ": "}) {
      if (const auto at = reason.find(rest); at != std::string::npos) reason.resize(at);
    }
    if (r.reason.find(r.file) != std::string::npos) reason = "damaged";
    ++counts[reason];
  }
  std::vector<std::pair<int, std::string>> order;
  for (const auto& [reason, n] : counts) order.emplace_back(-n, reason);
  std::sort(order.begin(), order.end());
  QStringList parts;
  for (const auto& [n, reason] : order) {
    parts << QString("%1 %2").arg(-n).arg(QString::fromStdString(reason));
  }
  return parts.join(", ");
}

}  // namespace

CorpusPage::CorpusPage(JobRunner* jobs, std::function<JobRunner::Where()> worker, QWidget* parent)
    : QWidget(parent),
      jobs_(jobs),
      worker_(std::move(worker)),
      table_(new CorpusTable(this)),
      filter_(new CorpusFilter(this)),
      alive_(std::make_shared<QObject>()) {
  filter_->setSourceModel(table_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 14, 16, 14);
  column->setSpacing(8);
  column->addWidget(buildHead());
  auto* splitter = new QSplitter(Qt::Horizontal);
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(buildTable());
  splitter->addWidget(buildPlots());
  splitter->setStretchFactor(0, 3);
  splitter->setStretchFactor(1, 2);
  splitter->setHandleWidth(1);
  column->addWidget(splitter, 1);
  showState();
}

CorpusPage::~CorpusPage() {
  if (job_ != nullptr) job_->cancel();
}

QWidget* CorpusPage::buildHead() {
  auto* head = new QWidget;
  auto* column = new QVBoxLayout(head);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  auto* row = new QHBoxLayout;
  title_ = makeLabel({}, "heading");
  title_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  scan_ = new QPushButton;
  scan_->setObjectName("corpusScanButton");
  connect(scan_, &QPushButton::clicked, this, [this] {
    if (scanning()) {
      job_->cancel();
    } else {
      scan();
    }
  });
  export_ = new QPushButton(themedIcon("export"), tr("Export table…"));
  export_->setObjectName("corpusExportButton");
  export_->setToolTip(tr("Saves all files with their figures or reasons as CSV"));
  connect(export_, &QPushButton::clicked, this, &CorpusPage::exportTable);
  row->addWidget(title_, 1);
  row->addWidget(scan_);
  row->addWidget(export_);
  column->addLayout(row);
  report_ = makeLabel({}, "muted");
  report_->setObjectName("corpusReport");
  report_->setWordWrap(true);
  report_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  column->addWidget(report_);
  progress_ = new QProgressBar;
  progress_->setObjectName("corpusProgress");
  progress_->setAccessibleName(tr("Progress of the scan"));
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  column->addWidget(progress_);
  return head;
}

QWidget* CorpusPage::buildTable() {
  auto* side = new QWidget;
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 6, 0);
  column->setSpacing(6);
  auto* row = new QHBoxLayout;
  auto* kind = new QComboBox;
  kind->setObjectName("corpusKindCombo");
  kind->setAccessibleName(tr("Which files are shown"));
  kind->setToolTip(kind->accessibleName());
  kind->addItems({tr("All files"), tr("Accepted"), tr("Nearly the same"), tr("Rejected")});
  connect(kind, &QComboBox::currentIndexChanged, this,
          [this](int i) { filter_->show(static_cast<CorpusFilter::Show>(i)); });
  auto* text = new QLineEdit;
  text->setObjectName("corpusFilterEdit");
  text->setAccessibleName(tr("Text in the file's name or state"));
  text->setToolTip(text->accessibleName());
  text->setPlaceholderText(tr("find"));
  text->setClearButtonEnabled(true);
  connect(text, &QLineEdit::textChanged, filter_, &CorpusFilter::setText);
  row->addWidget(kind);
  row->addWidget(text, 1);
  column->addLayout(row);
  view_ = new QTableView;
  view_->setObjectName("corpusTable");
  view_->setAccessibleName(tr("Files of the folder"));
  view_->setModel(filter_);
  view_->setSortingEnabled(true);
  view_->sortByColumn(-1, Qt::AscendingOrder);
  view_->setShowGrid(false);
  view_->setWordWrap(false);
  view_->setTabKeyNavigation(false);
  view_->setSelectionBehavior(QAbstractItemView::SelectRows);
  view_->verticalHeader()->hide();
  view_->verticalHeader()->setDefaultSectionSize(24);
  view_->horizontalHeader()->setHighlightSections(false);
  constexpr int kWidths[] = {200, 150, 62, 62, 80, 58, 58, 58, 110};
  for (int i = 0; i < CorpusTable::kColumns; ++i) view_->setColumnWidth(i, kWidths[i]);
  column->addWidget(view_, 1);
  return side;
}

QWidget* CorpusPage::buildPlots() {
  auto* side = new QWidget;
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(6, 0, 0, 0);
  column->setSpacing(6);
  which_ = new QComboBox;
  which_->setObjectName("corpusPlotCombo");
  which_->setAccessibleName(tr("Which distribution is shown"));
  which_->setToolTip(which_->accessibleName());
  connect(which_, &QComboBox::currentIndexChanged, this, [this](int i) {
    if (i >= 0) plot_->setHistogram(histograms_[static_cast<std::size_t>(i)]);
  });
  plot_ = new HistogramView;
  column->addWidget(which_);
  column->addWidget(plot_, 1);
  return side;
}

void CorpusPage::setFolder(const QString& folder) {
  if (folder == folder_) return;
  folder_ = folder;
  if (job_ != nullptr) job_->cancel();
  job_ = nullptr;
  corpus_ = nullptr;
  problem_.clear();
  showCorpus();
}

void CorpusPage::scan() {
  if (jobs_ == nullptr || scanning() || folder_.isEmpty()) return;
  problem_.clear();
  found_ = std::make_shared<Corpus>();
  const auto wake = [this, alive = std::weak_ptr<QObject>(alive_)] {
    // alive_ lives in this thread; the call is queued to it and dropped with it.
    if (const auto target = alive.lock()) {
      QMetaObject::invokeMethod(
          target.get(), [this] { poll(); }, Qt::QueuedConnection);
    }
  };
  job_ = jobs_->run(
      worker_(),
      [folder = folder_.toStdString(), out = found_](const TaskJob::Progress& progress,
                                                     const std::stop_token& stop) -> Result<void> {
        CorpusOptions options;
        options.sequences = false;
        auto corpus = readCorpus(folder, options, progress, stop);
        if (!corpus) return tl::unexpected(corpus.error());
        *out = std::move(*corpus);
        return {};
      },
      wake);
  showState();
}

void CorpusPage::poll() {
  if (job_ == nullptr) return;
  progress_->setValue(static_cast<int>(job_->progress() * 1000));
  if (!job_->finished()) return;
  const auto job = std::exchange(job_, nullptr);
  if (job->state() == JobState::kFailed) {
    problem_ = QString::fromStdString(job->error());
    corpus_ = nullptr;
  } else if (job->state() == JobState::kDone) {
    corpus_ = std::move(found_);
  } else {
    problem_ = tr("The scan was stopped.");
  }
  showCorpus();
}

QString CorpusPage::summary() const {
  if (!problem_.isEmpty()) return problem_;
  if (corpus_ == nullptr) return {};
  return tr("%1 pieces, %2 notes, %3 hours")
      .arg(number(static_cast<std::int64_t>(corpus_->pieces.size())), number(corpus_->notes))
      .arg(corpus_->seconds / 3600, 0, 'f', 1);
}

void CorpusPage::showCorpus() {
  table_->setCorpus(corpus_);
  histograms_.clear();
  if (corpus_ != nullptr) {
    std::vector<const PieceFacts*> facts;
    for (const CorpusPiece& p : corpus_->pieces) facts.push_back(&p.facts);
    histograms_ = histogramsOf(facts);
    histograms_.insert(histograms_.begin(), pitchHistogram(*corpus_));
  }
  const QString before = which_->currentText();
  {
    const QSignalBlocker quiet(which_);
    which_->clear();
    for (const Histogram& h : histograms_) which_->addItem(QString::fromStdString(h.name));
  }
  which_->setCurrentIndex(std::max(0, which_->findText(before)));
  plot_->setHistogram(histograms_.empty()
                          ? Histogram{}
                          : histograms_[static_cast<std::size_t>(which_->currentIndex())]);
  showState();
  Q_EMIT summaryChanged(summary());
}

void CorpusPage::showState() {
  title_->setText(folder_.isEmpty() ? tr("No folder of music is chosen") : folder_);
  scan_->setText(scanning() ? tr("Stop") : tr("Scan"));
  scan_->setToolTip(scanning() ? tr("Stops the scan")
                               : tr("Reads every file of the folder and tells what is in it"));
  scan_->setEnabled(scanning() || (jobs_ != nullptr && !folder_.isEmpty()));
  export_->setEnabled(corpus_ != nullptr && !scanning());
  progress_->setVisible(scanning());
  QString text = summary();
  if (scanning()) {
    text = tr("Reading the folder…");
  } else if (corpus_ != nullptr && problem_.isEmpty()) {
    const auto rejected = static_cast<std::int64_t>(corpus_->rejected.size());
    text += tr(" accepted; %1 files rejected").arg(number(rejected));
    if (rejected > 0) text += " (" + reasonsText(*corpus_) + ")";
    text += tr("; %1 pieces nearly the same in %2 groups, which are kept on one side of the split.")
                .arg(number(corpus_->grouped), number(corpus_->groups));
  } else if (text.isEmpty()) {
    text = tr("Scan the folder to see what a network would learn from, and what is left out.");
  }
  report_->setText(text);
}

void CorpusPage::exportTable() {
  if (corpus_ == nullptr) return;
  saveTable(this, tr("Export table"), QFileInfo(folder_).fileName() + ".csv", corpusCsv(*corpus_));
}

}  // namespace incipit
