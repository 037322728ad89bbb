#include "ui/training/training_window.h"

#include <QKeyEvent>
#include <QTabWidget>
#include <QVBoxLayout>

#include "ui/theme/icons.h"
#include "ui/training/compare_page.h"
#include "ui/training/corpus_page.h"
#include "ui/training/models_page.h"
#include "ui/training/runs_page.h"
#include "ui/training/train_page.h"

namespace incipit {
namespace {
constexpr QSize kDefaultSize(1200, 780);
constexpr QSize kLeastSize(900, 560);
}  // namespace

TrainingWindow::TrainingWindow(const Parts& parts, std::function<Catalogue()> models,
                               QWidget* parent)
    : QWidget(parent, Qt::Window),
      parts_(parts),
      training_(parts.jobs),
      samples_(parts.jobs),
      form_(new TrainForm(parts.families, models, parts.settings)),
      train_(new TrainPage(training_, *form_, samples_, parts.session, parts.takes, parts.player)),
      music_(new CorpusPage(parts.jobs, [this] { return freeWorker(); })),
      runs_(new RunsPage(parts.settings, parts.jobs)),
      compare_(
          new ComparePage({parts.session, parts.takes, parts.jobs, parts.player, parts.settings},
                          models, [this] { return freeWorker(); })),
      models_(new ModelsPage(models)),
      tabs_(new QTabWidget),
      alive_(std::make_shared<QObject>()) {
  setObjectName("trainingWindow");
  setAttribute(Qt::WA_StyledBackground);
  setWindowTitle(tr("Training – Incipit"));
  setWindowIcon(applicationIcon());
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 4, 0, 0);
  tabs_->setObjectName("trainTabs");
  tabs_->setDocumentMode(true);
  tabs_->addTab(train_, tr("Train"));
  tabs_->addTab(music_, tr("Music"));
  tabs_->addTab(runs_, tr("Runs"));
  tabs_->addTab(compare_, tr("Compare"));
  tabs_->addTab(models_, tr("Models"));
  column->addWidget(tabs_);
  setMinimumSize(kLeastSize);
  resize(kDefaultSize);
  restoreGeometry(parts_.settings.value("train/geometry").toByteArray());
  connectPages();
  setFolder();
}

TrainingWindow::~TrainingWindow() {
  parts_.settings.setValue("train/geometry", saveGeometry());
  // Pages use what is destroyed before QWidget deletes its children.
  delete tabs_;
}

void TrainingWindow::connectPages() {
  connect(train_, &TrainPage::progressChanged, this, &TrainingWindow::progressChanged);
  connect(&training_, &TrainingSession::failed, this, &TrainingWindow::failed);
  connect(&training_, &TrainingSession::trained, this, &TrainingWindow::trained);
  connect(&training_, &TrainingSession::finished, this, [this] {
    if (runs_->isVisible()) runs_->reload();
    models_->reload();
    compare_->reload();
    form_->reloadModels();
  });
  connect(form_, &TrainForm::folderChosen, this, [this] {
    setFolder();
    music_->scan();
  });
  connect(form_, &TrainForm::changed, this, &TrainingWindow::setFolder);
  connect(music_, &CorpusPage::summaryChanged, form_, &TrainForm::setMusicSummary);
  connect(runs_, &RunsPage::resumeWanted, this, [this](const RunHistory& run) {
    const RunHistory chosen = run;  // the list is read again meanwhile
    showPage(Page::kTrain);
    train_->resume(chosen);
  });
  connect(models_, &ModelsPage::modelsChanged, this, [this] {
    form_->reloadModels();
    Q_EMIT modelsChanged();
  });
  connect(models_, &ModelsPage::fineTuneWanted, this, [this](const CheckpointInfo& model) {
    const CheckpointInfo chosen = model;
    showPage(Page::kTrain);
    form_->fineTune(chosen);
  });
  connect(tabs_, &QTabWidget::currentChanged, this, [this](int page) {
    if (static_cast<Page>(page) == Page::kRuns) runs_->reload();
    if (static_cast<Page>(page) == Page::kCompare) compare_->reload();
    if (static_cast<Page>(page) == Page::kModels) models_->reload();
  });
}

JobRunner::Where TrainingWindow::freeWorker() const {
  return running() ? JobRunner::Where::kInteractive : JobRunner::Where::kBackground;
}

void TrainingWindow::setFolder() {
  music_->setFolder(form_->folder());
  compare_->setFolder(form_->folder());
}

void TrainingWindow::showPage(Page page) { tabs_->setCurrentIndex(static_cast<int>(page)); }

void TrainingWindow::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  parts_.families.ask();
  askDevices();
}

// On the background worker, because finding out takes half a second.
void TrainingWindow::askDevices() {
  if (devicesAsked_ || parts_.jobs == nullptr || running()) return;
  devicesAsked_ = true;
  auto found = std::make_shared<std::vector<std::string>>();
  parts_.jobs->run(
      JobRunner::Where::kBackground,
      [jobs = parts_.jobs, found](const TaskJob::Progress&,
                                  const std::stop_token&) -> Result<void> {
        auto engine = jobs->engine();
        if (!engine) return tl::unexpected(engine.error());
        *found = (*engine)->compute().devices;
        return {};
      },
      [this, found, alive = std::weak_ptr<QObject>(alive_)] {
        if (const auto target = alive.lock()) {
          QMetaObject::invokeMethod(
              target.get(),
              [this, found] {
                if (!found->empty()) form_->setDevices(*found);
              },
              Qt::QueuedConnection);
        }
      });
}

void TrainingWindow::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape || event->matches(QKeySequence::Close)) {
    close();
  } else {
    QWidget::keyPressEvent(event);
  }
}

}  // namespace incipit
