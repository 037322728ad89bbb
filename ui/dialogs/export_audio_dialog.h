// Exports the document as .wav, .flac or .ogg on a worker, with progress and cancel. The file
// appears under its name only when complete.
//
// Thread safety: GUI thread only.
#pragma once

#include <QDialog>
#include <QTimer>
#include <memory>

#include "core/compose/jobs.h"
#include "core/playback/player.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace incipit {

class ExportAudioDialog : public QDialog {
  Q_OBJECT

 public:
  ExportAudioDialog(DocumentPtr document, JobRunner& jobs, AudioExporter exporter,
                    AudioSettings audio, const QString& suggestion, QWidget* parent = nullptr);
  ~ExportAudioDialog() override;  // cancels

  void setWorker(JobRunner::Where where) { where_ = where; }
  void setFile(const QString& file);
  void start();

 Q_SIGNALS:
  void exported(const QString& file, double seconds);

 private:
  struct Outcome;
  void buildForm();
  void browse();
  void formatChanged();
  void poll();

  DocumentPtr document_;
  JobRunner& jobs_;
  AudioExporter exporter_;
  AudioSettings audio_;
  JobRunner::Where where_ = JobRunner::Where::kBackground;
  std::shared_ptr<TaskJob> job_;
  std::shared_ptr<Outcome> outcome_;
  QTimer poll_;
  QLineEdit* file_;
  QComboBox* format_;
  QComboBox* rate_;
  QComboBox* bits_;
  QProgressBar* progress_;
  QLabel* message_;
  QPushButton* start_;
  QPushButton* cancel_;
};

}  // namespace incipit
