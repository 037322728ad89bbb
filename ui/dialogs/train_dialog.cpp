#include "ui/dialogs/train_dialog.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <cmath>
#include <utility>

#include "core/compose/paths.h"
#include "ui/dialogs/loss_chart.h"
#include "ui/panels/parts.h"

namespace incipit {
namespace {

constexpr int kMostExamples = 100'000'000;

QVBoxLayout* figure(QLabel** value, const QString& caption) {
  auto* column = new QVBoxLayout;
  column->setSpacing(1);
  *value = makeLabel("–", "display");
  column->addWidget(*value);
  column->addWidget(makeLabel(caption, "caption"));
  return column;
}

}  // namespace

QString durationText(double seconds) {
  const auto s = static_cast<qint64>(std::llround(std::max(seconds, 0.0)));
  if (s >= 3600)
    return TrainDialog::tr("%1 h %2 min").arg(s / 3600).arg(s / 60 % 60, 2, 10, QChar('0'));
  if (s >= 60) return TrainDialog::tr("%1 min %2 s").arg(s / 60).arg(s % 60, 2, 10, QChar('0'));
  return TrainDialog::tr("%1 s").arg(s);
}

TrainDialog::TrainDialog(JobRunner* jobs, std::function<Catalogue()> models, QSettings& settings,
                         QWidget* parent)
    : QDialog(parent), jobs_(jobs), models_(std::move(models)), settings_(settings) {
  setObjectName("trainDialog");
  setWindowTitle(tr("Train a model"));
  resize(980, 620);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(18, 16, 18, 16);
  row->setSpacing(18);
  row->addWidget(buildForm());
  row->addWidget(makeVerticalLine());
  row->addWidget(buildView(), 1);
  askFamilies();
  showPresets();
  showRunning();
}

TrainDialog::~TrainDialog() { stop(); }

QWidget* TrainDialog::buildForm() {
  auto* side = new QWidget;
  side->setFixedWidth(290);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  form_ = new QWidget;
  auto* form = new QVBoxLayout(form_);
  form->setContentsMargins(0, 0, 0, 0);
  form->setSpacing(4);
  const auto field = [&](const QString& text, QWidget* widget, QWidget* beside = nullptr) {
    form->addWidget(makeFieldLabel(text, widget));
    auto* line = new QHBoxLayout;
    line->setSpacing(6);
    line->addWidget(widget, 1);
    if (beside != nullptr) line->addWidget(beside);
    form->addLayout(line);
    form->addSpacing(8);
  };
  data_ = new QLineEdit(settings_.value("train/data").toString());
  data_->setObjectName("trainDataEdit");
  data_->setPlaceholderText(tr("a folder of MIDI files"));
  auto* browse = new QPushButton(tr("Browse…"));
  connect(browse, &QPushButton::clicked, this, [this] {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder"), data_->text());
    if (!folder.isEmpty()) data_->setText(folder);
  });
  field(tr("Music to learn from"), data_, browse);
  family_ = new QComboBox;
  family_->setObjectName("trainFamilyCombo");
  family_->addItem("note-lstm", QStringList{"improved", "published"});
  connect(family_, &QComboBox::currentIndexChanged, this, &TrainDialog::showPresets);
  field(tr("Kind of network"), family_);
  preset_ = new QComboBox;
  preset_->setObjectName("trainPresetCombo");
  field(tr("Preset"), preset_);
  epochs_ = new QSpinBox;
  epochs_->setObjectName("trainEpochsSpin");
  epochs_->setRange(0, 10'000);
  epochs_->setSpecialValueText(tr("as the preset says"));
  field(tr("Epochs"), epochs_);
  examples_ = new QSpinBox;
  examples_->setObjectName("trainExamplesSpin");
  examples_->setRange(0, kMostExamples);
  examples_->setSingleStep(1000);
  examples_->setSpecialValueText(tr("as the preset says"));
  examples_->setGroupSeparatorShown(true);
  field(tr("Examples in an epoch"), examples_);
  name_ = new QLineEdit(settings_.value("train/name", tr("my-model")).toString());
  name_->setObjectName("trainNameEdit");
  field(tr("Name of the model"), name_);
  where_ = makeLabel({}, "caption");
  where_->setWordWrap(true);
  form->addWidget(where_);
  connect(name_, &QLineEdit::textChanged, this, &TrainDialog::showRunning);
  connect(data_, &QLineEdit::textChanged, this, &TrainDialog::showRunning);
  column->addWidget(form_);
  column->addStretch(1);

  start_ = new QPushButton(tr("Start training"));
  start_->setObjectName("trainStartButton");
  start_->setProperty("role", "primary");
  connect(start_, &QPushButton::clicked, this, [this] {
    if (QFileInfo::exists(QString::fromStdString(outFile().string()))) {
      const auto answer = QMessageBox::question(
          this, windowTitle(),
          tr("There is a model of this name. Replace it? Continue goes on from where it stopped."));
      if (answer != QMessageBox::Yes) return;
    }
    start(request());
  });
  continue_ = new QPushButton(tr("Continue"));
  continue_->setObjectName("trainContinueButton");
  continue_->setToolTip(tr("Goes on from the last checkpoint of this name"));
  connect(continue_, &QPushButton::clicked, this, [this] {
    TrainRequest r = request();
    r.resume = lastFile();
    start(std::move(r));
  });
  stop_ = new QPushButton(tr("Stop"));
  stop_->setObjectName("trainStopButton");
  stop_->setToolTip(tr("Ends training; what was learned is kept and can be continued"));
  connect(stop_, &QPushButton::clicked, this, &TrainDialog::stop);
  column->addWidget(start_);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(continue_);
  buttons->addWidget(stop_);
  column->addLayout(buttons);
  return side;
}

QWidget* TrainDialog::buildView() {
  auto* side = new QWidget;
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(10);
  auto* figures = new QHBoxLayout;
  figures->setSpacing(28);
  figures->addLayout(figure(&epoch_, tr("Epoch")));
  figures->addLayout(figure(&best_, tr("Best validation loss")));
  figures->addLayout(figure(&speed_, tr("Examples a second")));
  figures->addLayout(figure(&left_, tr("Time left")));
  figures->addStretch(1);
  column->addLayout(figures);
  progress_ = new QProgressBar;
  progress_->setObjectName("trainProgress");
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  column->addWidget(progress_);
  chart_ = new LossChart;
  column->addWidget(chart_, 3);
  log_ = new QPlainTextEdit;
  log_->setObjectName("trainLog");
  log_->setReadOnly(true);
  log_->setMaximumBlockCount(2000);
  log_->setAccessibleName(tr("Messages of the training"));
  log_->setPlaceholderText(tr("What the training says appears here."));
  log_->setFocusPolicy(Qt::ClickFocus);
  column->addWidget(log_, 1);
  return side;
}

void TrainDialog::askFamilies() {
  if (jobs_ == nullptr) return;
  families_ = std::make_shared<std::vector<FamilyInfo>>();
  const QPointer<TrainDialog> alive(this);
  // The worker fills the list and then wakes the dialog, which reads it only after that.
  jobs_->run(
      JobRunner::Where::kInteractive,
      [jobs = jobs_, out = families_](const TaskJob::Progress&,
                                      const std::stop_token&) -> Result<void> {
        auto engine = jobs->engine();
        if (!engine) return tl::unexpected(engine.error());
        *out = (*engine)->families();
        return {};
      },
      [alive] {
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [alive] {
              if (alive.isNull() || alive->families_->empty()) return;
              const QString before = alive->family_->currentText();
              const QString preset = alive->preset_->currentText();
              alive->family_->clear();
              for (const FamilyInfo& f : *alive->families_) {
                QStringList presets;
                for (const PresetInfo& p : f.presets) presets << QString::fromStdString(p.id);
                alive->family_->addItem(QString::fromStdString(f.id), presets);
                alive->family_->setItemData(alive->family_->count() - 1,
                                            QString::fromStdString(f.description), Qt::ToolTipRole);
              }
              alive->family_->setCurrentIndex(std::max(0, alive->family_->findText(before)));
              const int kept = alive->preset_->findText(preset);
              if (kept >= 0) alive->preset_->setCurrentIndex(kept);
            },
            Qt::QueuedConnection);
      });
}

void TrainDialog::showPresets() {
  const QString before = preset_->currentText();
  preset_->clear();
  preset_->addItems(family_->currentData().toStringList());
  const int kept = preset_->findText(before.isEmpty() ? QString("improved") : before);
  preset_->setCurrentIndex(std::max(0, kept));
}

std::filesystem::path TrainDialog::outFile() const {
  // A name, not a path: it must stay in the folder where the compose panel looks.
  QString name = name_->text().trimmed();
  for (QChar& c : name) {
    if (c == '/' || c == '\\' || c.unicode() < 32) c = '-';
  }
  return dataFolder() / "models" / (name.toStdString() + ".safetensors");
}

std::filesystem::path TrainDialog::lastFile() const {
  std::filesystem::path last = outFile();
  last.replace_extension(".last.safetensors");
  return last;
}

TrainRequest TrainDialog::request() const {
  TrainRequest r;
  r.family = family_->currentText().toStdString();
  r.preset = preset_->currentText().toStdString();
  r.data = data_->text().trimmed().toStdString();
  r.out = outFile();
  r.epochs = epochs_->value();
  r.examples = examples_->value();
  return r;
}

void TrainDialog::start(TrainRequest request) {
  if (running() || jobs_ == nullptr) return;
  settings_.setValue("train/data", data_->text());
  settings_.setValue("train/name", name_->text());
  std::error_code error;
  std::filesystem::create_directories(request.out.parent_path(), error);
  if (!request.resume) {
    chart_->clear();
    anyValidation_ = false;
    for (QLabel* label : {epoch_, best_, speed_, left_}) label->setText("–");
  }
  log_->clear();
  const QPointer<TrainDialog> alive(this);
  job_ = jobs_->train(std::move(request), [alive] {
    QMetaObject::invokeMethod(
        QCoreApplication::instance(),
        [alive] {
          if (alive) alive->poll();
        },
        Qt::QueuedConnection);
  });
  log_->appendPlainText(tr("Reading the music…"));
  showRunning();
  Q_EMIT progressChanged(tr("Training…"));
}

void TrainDialog::stop() {
  if (running()) job_->cancel();
}

void TrainDialog::showRunning() {
  const bool on = running();
  form_->setEnabled(!on);
  const bool ready =
      jobs_ != nullptr && !data_->text().trimmed().isEmpty() && !name_->text().trimmed().isEmpty();
  start_->setEnabled(!on && ready);
  std::error_code ignored;
  continue_->setEnabled(!on && ready && std::filesystem::exists(lastFile(), ignored));
  stop_->setEnabled(on);
  progress_->setVisible(on);
  where_->setText(tr("Is saved as %1").arg(QString::fromStdString(outFile().string())));
}

void TrainDialog::poll() {
  if (job_ == nullptr) return;
  const bool done = job_->finished();  // before draining, so that nothing is missed
  const TrainJob::News news = job_->drain();
  for (const std::string& line : news.messages) log_->appendPlainText(QString::fromStdString(line));
  for (const TrainPoint& p : news.points) showPoint(p);
  if (done) finished();
}

void TrainDialog::showPoint(const TrainPoint& p) {
  chart_->add(p);
  epoch_->setText(QString::number(p.epoch));
  speed_->setText(QLocale().toString(std::llround(p.examplesPerSecond)));
  left_->setText(durationText(p.secondsLeft));
  if (p.validationLoss) {
    bestLoss_ = anyValidation_ ? std::min(bestLoss_, *p.validationLoss) : *p.validationLoss;
    anyValidation_ = true;
    best_->setText(QString::number(bestLoss_, 'f', 3));
  }
  progress_->setValue(static_cast<int>(p.fraction * 1000));
  Q_EMIT progressChanged(tr("Training: %1 %, %2 left")
                             .arg(p.fraction * 100, 0, 'f', 0)
                             .arg(durationText(p.secondsLeft)));
}

void TrainDialog::finished() {
  const auto job = std::exchange(job_, nullptr);
  Q_EMIT progressChanged({});
  if (job->state() == JobState::kFailed) {
    const QString message = QString::fromStdString(job->error());
    log_->appendPlainText(message);
    Q_EMIT failed(message);
  } else if (const auto result = job->result()) {
    if (!result->warning.empty()) {
      log_->appendPlainText(QString::fromStdString(result->warning));
      Q_EMIT failed(QString::fromStdString(result->warning));
    }
    log_->appendPlainText(result->cancelled ? tr("Stopped; Continue goes on from here.")
                                            : tr("Done."));
    left_->setText("–");
    if (!result->best.empty()) Q_EMIT trained(result->best);
  }
  showRunning();
}

}  // namespace incipit
