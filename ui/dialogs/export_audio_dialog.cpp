#include "ui/dialogs/export_audio_dialog.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QProgressBar>
#include <QPushButton>
#include <mutex>

#include "ui/panels/parts.h"

namespace incipit {
namespace {
constexpr int kPollMs = 50;
}

// Written by the worker, read after the job has finished.
struct ExportAudioDialog::Outcome {
  std::mutex mutex;
  AudioExportResult result;
};

ExportAudioDialog::ExportAudioDialog(DocumentPtr document, JobRunner& jobs, AudioExporter exporter,
                                     AudioSettings audio, const QString& suggestion,
                                     QWidget* parent)
    : QDialog(parent),
      document_(std::move(document)),
      jobs_(jobs),
      exporter_(std::move(exporter)),
      audio_(std::move(audio)),
      file_(new QLineEdit(suggestion)),
      format_(new QComboBox),
      rate_(new QComboBox),
      bits_(new QComboBox),
      progress_(new QProgressBar),
      message_(makeLabel({}, "muted")),
      start_(new QPushButton(tr("Export"))),
      cancel_(new QPushButton(tr("Close"))) {
  setObjectName("exportAudioDialog");
  setWindowTitle(tr("Export audio"));
  setMinimumWidth(520);
  buildForm();
  connect(start_, &QPushButton::clicked, this, &ExportAudioDialog::start);
  connect(cancel_, &QPushButton::clicked, this, [this] {
    if (job_ != nullptr && !job_->finished()) {
      job_->cancel();
    } else {
      close();
    }
  });
  poll_.setInterval(kPollMs);
  connect(&poll_, &QTimer::timeout, this, &ExportAudioDialog::poll);
  connect(format_, &QComboBox::currentIndexChanged, this, &ExportAudioDialog::formatChanged);
  setFile(suggestion);
}

ExportAudioDialog::~ExportAudioDialog() {
  if (job_ != nullptr) job_->cancel();
}

void ExportAudioDialog::buildForm() {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(18, 16, 18, 16);
  column->setSpacing(12);
  auto* form = new QFormLayout;
  form->setHorizontalSpacing(14);
  form->setVerticalSpacing(9);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  file_->setObjectName("exportFileEdit");
  auto* browseButton = new QPushButton(tr("Browse…"));
  connect(browseButton, &QPushButton::clicked, this, &ExportAudioDialog::browse);
  auto* fileRow = new QHBoxLayout;
  fileRow->addWidget(file_, 1);
  fileRow->addWidget(browseButton);
  form->addRow(tr("File"), fileRow);
  format_->setObjectName("exportFormatCombo");
  format_->addItem(tr("WAV, not compressed"), ".wav");
  format_->addItem(tr("FLAC, compressed without loss"), ".flac");
  format_->addItem(tr("Ogg Vorbis, small"), ".ogg");
  form->addRow(tr("Format"), format_);
  rate_->setObjectName("exportRateCombo");
  for (const int rate : {44100, 48000, 88200, 96000}) rate_->addItem(tr("%1 Hz").arg(rate), rate);
  rate_->setCurrentIndex(std::max(0, rate_->findData(audio_.sampleRate)));
  form->addRow(tr("Sample rate"), rate_);
  bits_->setObjectName("exportBitsCombo");
  form->addRow(tr("Resolution"), bits_);
  column->addLayout(form);
  progress_->setObjectName("exportProgress");
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  progress_->hide();
  column->addWidget(progress_);
  message_->setObjectName("exportMessage");
  message_->setWordWrap(true);
  message_->hide();
  column->addWidget(message_);
  start_->setObjectName("exportStartButton");
  start_->setProperty("role", "accent");
  start_->setDefault(true);
  cancel_->setObjectName("exportCancelButton");
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(cancel_);
  buttons->addWidget(start_);
  column->addLayout(buttons);
}

void ExportAudioDialog::setFile(const QString& file) {
  file_->setText(file);
  const int index = format_->findData("." + QFileInfo(file).suffix().toLower());
  if (index >= 0) format_->setCurrentIndex(index);
  formatChanged();
}

void ExportAudioDialog::formatChanged() {
  const QString ending = format_->currentData().toString();
  const QFileInfo info(file_->text());
  file_->setText(info.path() + "/" + info.completeBaseName() + ending);
  const int before = bits_->count() > 0 ? bits_->currentData().toInt() : 24;
  bits_->clear();
  bits_->addItem(tr("16 bits, dithered"), 16);
  bits_->addItem(tr("24 bits"), 24);
  if (ending == ".wav") bits_->addItem(tr("32 bits, floating point"), 32);
  bits_->setCurrentIndex(std::max(0, bits_->findData(before)));
  bits_->setEnabled(ending != ".ogg");
}

void ExportAudioDialog::browse() {
  const QString file = QFileDialog::getSaveFileName(this, windowTitle(), file_->text(),
                                                    tr("Audio (*.wav *.flac *.ogg)"), nullptr,
                                                    QFileDialog::DontConfirmOverwrite);
  if (!file.isEmpty()) setFile(file);
}

void ExportAudioDialog::start() {
  AudioExportRequest request;
  request.document = document_;
  request.file = file_->text().toStdString();
  request.audio = audio_;
  request.audio.sampleRate = rate_->currentData().toInt();
  request.bits = bits_->currentData().toInt();
  if (QFileInfo::exists(file_->text())) {
    const auto answer = QMessageBox::question(
        this, windowTitle(), tr("%1 exists. Replace it?").arg(QFileInfo(file_->text()).fileName()));
    if (answer != QMessageBox::Yes) return;
  }
  outcome_ = std::make_shared<Outcome>();
  const auto work = [exporter = exporter_, request, outcome = outcome_](
                        const TaskJob::Progress& progress, std::stop_token stop) -> Result<void> {
    auto done = exporter(request, progress, stop);
    if (!done) return tl::unexpected(done.error());
    const std::lock_guard lock(outcome->mutex);
    outcome->result = *done;
    return {};
  };
  job_ = jobs_.run(where_, work, {});
  poll_.start();
  progress_->setValue(0);
  progress_->show();
  message_->setText(tr("Rendering…"));
  message_->show();
  start_->setEnabled(false);
  cancel_->setText(tr("Cancel"));
}

void ExportAudioDialog::poll() {
  if (job_ == nullptr) return;
  progress_->setValue(static_cast<int>(job_->progress() * 1000));
  if (!job_->finished()) return;
  const JobState state = job_->state();
  const QString error = QString::fromStdString(job_->error());
  job_.reset();
  poll_.stop();
  start_->setEnabled(true);
  cancel_->setText(tr("Close"));
  progress_->hide();
  if (state == JobState::kFailed) {
    message_->setText(error);
    return;
  }
  const std::lock_guard lock(outcome_->mutex);
  if (state == JobState::kCancelled || outcome_->result.cancelled) {
    message_->setText(tr("Cancelled; no file was written."));
    return;
  }
  Q_EMIT exported(file_->text(), outcome_->result.seconds);
  close();
}

}  // namespace incipit
