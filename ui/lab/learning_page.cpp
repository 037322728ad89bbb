#include "ui/lab/learning_page.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QTimer>
#include <algorithm>
#include <utility>

#include "core/compose/paths.h"
#include "ui/panels/parts.h"
#include "ui/theme/icons.h"
#include "ui/training/form_parts.h"
#include "ui/training/run_chart.h"

namespace incipit {
namespace {

constexpr int kEpochMs = 350;
constexpr int kRefreshMs = 3000;
constexpr int kChartWidth = 420;

std::vector<std::filesystem::path> runFolders(const QSettings& settings) {
  std::vector<std::filesystem::path> out{dataFolder() / "models"};
  for (const QString& f : settings.value("train/runFolders").toStringList()) {
    out.emplace_back(f.toStdString());
  }
  return out;
}

// What the run said last; that its adversaries fail, whatever it said since.
const RunMessage& worthSaying(const RunHistory& run) {
  const auto failure =
      std::find_if(run.messages.begin(), run.messages.end(), [](const RunMessage& m) {
        return m.text.starts_with("convergence failure");
      });
  return failure != run.messages.end() ? *failure : run.messages.back();
}

}  // namespace

LearningPage::LearningPage(const LabParts& parts, QWidget* parent)
    : QWidget(parent),
      parts_(parts),
      work_(parts.jobs),
      timer_(new QTimer(this)),
      refresh_(new QTimer(this)),
      run_(makeCombo("labRunCombo", tr("A training run of a network that draws pictures"))),
      about_(makeLabel({}, "caption")),
      picture_(new QLabel),
      epoch_(new QSlider(Qt::Horizontal)),
      epochText_(makeLabel({}, "muted")),
      play_(new QPushButton),
      losses_(new RunChart),
      accuracies_(new RunChart) {
  run_->setMinimumContentsLength(40);
  run_->setPlaceholderText(tr("no run has drawn pictures yet"));
  about_->setObjectName("labRunLabel");
  about_->setWordWrap(true);
  picture_->setObjectName("labRunSheet");
  picture_->setAlignment(Qt::AlignCenter);
  picture_->setMinimumSize(200, 200);
  picture_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
  picture_->setAccessibleName(tr("What the network drew"));
  epoch_->setObjectName("labEpochSlider");
  epoch_->setAccessibleName(tr("Epoch"));
  epoch_->setPageStep(1);
  play_->setObjectName("labEpochPlayButton");
  play_->setToolTip(tr("Shows the epochs one after another"));
  losses_->setObjectName("labRunChart1");
  losses_->setQuantity(Quantity::kPartLosses);
  accuracies_->setObjectName("labRunChart2");
  accuracies_->setQuantity(Quantity::kPartAccuracies);

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 14, 16, 14);
  column->setSpacing(10);
  auto* head = new QHBoxLayout;
  head->addWidget(makeFieldLabel(tr("Run"), run_));
  head->addWidget(run_);
  head->addWidget(about_, 1);
  column->addLayout(head);
  auto* middle = new QHBoxLayout;
  middle->setSpacing(14);
  middle->addWidget(picture_, 1);
  auto* charts = new QWidget;
  charts->setFixedWidth(kChartWidth);
  auto* curves = new QVBoxLayout(charts);
  curves->setContentsMargins(0, 0, 0, 0);
  curves->addWidget(losses_, 1);
  curves->addWidget(accuracies_, 1);
  middle->addWidget(charts);
  column->addLayout(middle, 1);
  auto* foot = new QHBoxLayout;
  foot->addWidget(play_);
  foot->addWidget(epoch_, 1);
  foot->addWidget(epochText_);
  column->addLayout(foot);

  timer_->setInterval(kEpochMs);
  refresh_->setInterval(kRefreshMs);
  connect(run_, &QComboBox::currentIndexChanged, this, &LearningPage::showRun);
  connect(epoch_, &QSlider::valueChanged, this, &LearningPage::showSheet);
  connect(play_, &QPushButton::clicked, this, &LearningPage::playOrStop);
  connect(refresh_, &QTimer::timeout, this, &LearningPage::reload);
  connect(timer_, &QTimer::timeout, this, [this] {
    if (epoch_->value() >= epoch_->maximum()) return playOrStop();
    epoch_->setValue(epoch_->value() + 1);
  });
  showRun();
}

void LearningPage::reload() {
  using Runs = std::vector<Seen>;
  work_.start<Runs>(
      JobRunner::Where::kInteractive,
      [folders = runFolders(parts_.settings)](const LabProgress&,
                                              const std::stop_token&) -> Result<Runs> {
        Runs out;
        for (RunHistory& run : listRuns(folders).runs) {
          auto sheets = runPictures(run.request.out);
          if (!sheets.empty()) out.push_back({std::move(run), std::move(sheets)});
        }
        return out;
      },
      [this](Result<Runs> runs) {
        if (runs) showRuns(std::move(*runs));
      });
}

void LearningPage::showRuns(std::vector<Seen> runs) {
  const QVariant chosen = run_->currentData();
  runs_ = std::move(runs);
  {
    const QSignalBlocker quiet(run_);
    run_->clear();
    for (const Seen& s : runs_) {
      const TrainRequest& r = s.run.request;
      run_->addItem(tr("%1: %2 %3")
                        .arg(QString::fromStdString(r.out.stem().string()),
                             QString::fromStdString(r.family), QString::fromStdString(r.preset)),
                    QString::fromStdString(r.out.string()));
    }
    run_->setCurrentIndex(runs_.empty() ? -1 : std::max(0, run_->findData(chosen)));
  }
  showRun();
}

void LearningPage::showRun() {
  const bool any = run_->currentIndex() >= 0;
  const bool atEnd = epoch_->value() == epoch_->maximum();
  const bool same = any && !sheets_.empty() &&
                    run_->currentData().toString() == about_->property("run").toString();
  about_->setProperty("run", run_->currentData());
  sheets_ = any ? runs_[static_cast<std::size_t>(run_->currentIndex())].sheets
                : std::vector<RunPicture>();
  {
    const QSignalBlocker quiet(epoch_);
    epoch_->setRange(0, std::max(0, epochs() - 1));
    // Who looks at the newest goes on with it.
    if (!same || atEnd) epoch_->setValue(epoch_->maximum());
  }
  epoch_->setEnabled(epochs() > 1);
  play_->setEnabled(epochs() > 1);
  std::vector<RunChart::Run> curves;
  about_->clear();
  if (any) {
    const RunHistory& run = runs_[static_cast<std::size_t>(run_->currentIndex())].run;
    curves.push_back({run_->currentText(), QString::fromStdString(run.lossUnit), run.points});
    if (!run.messages.empty()) about_->setText(QString::fromStdString(worthSaying(run).text));
  }
  losses_->setRuns(curves);
  accuracies_->setRuns(std::move(curves));
  showSheet();
}

void LearningPage::showSheet() {
  play_->setText(timer_->isActive() ? tr("Stop") : tr("Play"));
  play_->setIcon(themedIcon(timer_->isActive() ? "stop" : "play"));
  const int i = epoch_->value();
  if (i >= epochs()) {
    sheet_ = {};
    epochText_->clear();
    picture_->setText(
        tr("Train a network of pictures (roll-gan, roll-dcgan, roll-wgan-gp, "
           "roll-vae); here it is watched."));
    picture_->setWordWrap(true);
    return;
  }
  const RunPicture& sheet = sheets_[static_cast<std::size_t>(i)];
  epochText_->setText(tr("Epoch %1").arg(sheet.epoch));
  sheet_ = QPixmap(QString::fromStdString(sheet.file.string()));
  if (sheet_.isNull()) {
    picture_->setText(tr("%1 cannot be read").arg(QString::fromStdString(sheet.file.string())));
    return;
  }
  const bool larger = sheet_.width() < picture_->width() && sheet_.height() < picture_->height();
  picture_->setPixmap(sheet_.scaled(picture_->size(), Qt::KeepAspectRatio,
                                    larger ? Qt::FastTransformation : Qt::SmoothTransformation));
}

void LearningPage::playOrStop() {
  if (timer_->isActive()) {
    timer_->stop();
  } else {
    if (epoch_->value() >= epoch_->maximum()) epoch_->setValue(0);
    timer_->start();
  }
  showSheet();
}

void LearningPage::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  layout()->activate();
  showSheet();
}

void LearningPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  reload();
  refresh_->start();
}

void LearningPage::hideEvent(QHideEvent* event) {
  timer_->stop();
  refresh_->stop();
  QWidget::hideEvent(event);
}

}  // namespace incipit
