#include "ui/training/compare_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTabWidget>

#include "ui/panels/parts.h"
#include "ui/training/compare_form.h"
#include "ui/training/comparison_view.h"
#include "ui/training/listen_view.h"

namespace incipit {
namespace {
constexpr int kSideWidth = 250;
constexpr int kFullProgress = 1000;
}  // namespace

ComparePage::ComparePage(const Parts& parts, std::function<Catalogue()> models,
                         std::function<JobRunner::Where()> worker, QWidget* parent)
    : QWidget(parent),
      jobs_(parts.jobs),
      worker_(std::move(worker)),
      comparison_(parts.jobs),
      blind_(parts.jobs),
      form_(new CompareForm(std::move(models), parts.settings)),
      listen_(new ListenView(
          {blind_, parts.session, parts.takes, parts.player, parts.settings},
          [this] { return form_->chosen(); }, parts.jobs != nullptr)),
      tabs_(new QTabWidget) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 14, 16, 14);
  row->setSpacing(14);
  row->addWidget(buildSide());
  row->addWidget(makeVerticalLine());
  tabs_->setObjectName("compareTabs");
  tabs_->addTab(new ComparisonView(comparison_), tr("Figures"));
  tabs_->addTab(listen_, tr("Listen blind"));
  row->addWidget(tabs_, 1);
  connect(form_, &CompareForm::changed, this, [this] {
    showState();
    listen_->showState();
  });
  connect(&comparison_, &ComparisonSession::changed, this, &ComparePage::showState);
  connect(&comparison_, &ComparisonSession::progressChanged, this, &ComparePage::showState);
  connect(&blind_, &BlindTest::ratingsKept, &comparison_, &ComparisonSession::readRatingsAgain);
  showState();
}

ComparePage::~ComparePage() {
  form_->save();
  // Ratings are kept on the way; nobody is there to be told.
  blind_.disconnect();
  comparison_.disconnect();
  // Views use what is destroyed before QWidget deletes its children.
  delete tabs_;
}

QWidget* ComparePage::buildSide() {
  auto* side = new QWidget;
  side->setFixedWidth(kSideWidth);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addWidget(form_, 1);
  problem_ = makeLabel({}, "problem");
  problem_->setObjectName("compareProblemLabel");
  problem_->setWordWrap(true);
  problem_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  column->addWidget(problem_);
  doing_ = makeLabel({}, "muted");
  doing_->setObjectName("compareDoingLabel");
  column->addWidget(doing_);
  progress_ = new QProgressBar;
  progress_->setObjectName("compareProgress");
  progress_->setAccessibleName(tr("Progress of the comparison"));
  progress_->setRange(0, kFullProgress);
  progress_->setTextVisible(false);
  column->addWidget(progress_);
  start_ = new QPushButton;
  start_->setObjectName("compareStartButton");
  start_->setProperty("role", "primary");
  connect(start_, &QPushButton::clicked, this, &ComparePage::startOrStop);
  column->addWidget(start_);
  return side;
}

void ComparePage::setFolder(const QString& folder) { form_->setFolder(folder); }

void ComparePage::reload() {
  form_->reloadModels();
  comparison_.readRatingsAgain();
}

void ComparePage::showView(View view) { tabs_->setCurrentIndex(static_cast<int>(view)); }

void ComparePage::startOrStop() {
  if (comparison_.running()) return comparison_.cancel();
  form_->save();
  std::vector<std::filesystem::path> files;
  for (const CheckpointInfo& m : form_->chosen()) files.push_back(m.path);
  comparison_.start(worker_(), form_->request(), files);
  showView(View::kFigures);
}

void ComparePage::showState() {
  const bool running = comparison_.running();
  const QString missing = form_->problem();
  form_->setEnabled(!running);
  start_->setText(running ? tr("Stop") : tr("Compare"));
  start_->setToolTip(running ? tr("Ends the comparison; models that are done stay in the table")
                             : tr("Measures every ticked model on the music"));
  start_->setEnabled(running || (jobs_ != nullptr && missing.isEmpty()));
  progress_->setVisible(running);
  progress_->setValue(static_cast<int>(comparison_.progress() * kFullProgress));
  doing_->setVisible(running);
  doing_->setText(comparison_.doing());
  QStringList lines = comparison_.problems();
  if (!running && !missing.isEmpty()) lines << missing;
  problem_->setText(lines.join('\n'));
  problem_->setVisible(!lines.isEmpty());
}

}  // namespace incipit
