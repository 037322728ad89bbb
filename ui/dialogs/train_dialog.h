// Trains a model on a folder of MIDI files: what to train, live loss curves, speed, time left, stop
// and continue. Training goes on when the dialog is closed.
//
// Thread safety: GUI thread only.
#pragma once

#include <QDialog>
#include <QSettings>
#include <functional>
#include <memory>

#include "core/compose/catalogue.h"
#include "core/compose/jobs.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace incipit {

class LossChart;

class TrainDialog : public QDialog {
  Q_OBJECT

 public:
  TrainDialog(JobRunner* jobs, std::function<Catalogue()> models, QSettings& settings,
              QWidget* parent = nullptr);
  ~TrainDialog() override;  // cancels; the job ends on its worker

  bool running() const { return job_ != nullptr && !job_->finished(); }
  TrainRequest request() const;  // as the fields say
  void start(TrainRequest request);
  void stop();

 Q_SIGNALS:
  void progressChanged(const QString& text);  // for the status bar; "" when nothing runs
  void trained(const std::filesystem::path& checkpoint);
  void failed(const QString& message);

 private:
  QWidget* buildForm();
  QWidget* buildView();
  void askFamilies();
  void showPresets();
  void showRunning();
  void poll();
  void showPoint(const TrainPoint& p);
  void finished();
  std::filesystem::path outFile() const;
  std::filesystem::path lastFile() const;

  JobRunner* jobs_;
  std::function<Catalogue()> models_;
  QSettings& settings_;
  std::shared_ptr<TrainJob> job_;
  std::shared_ptr<std::vector<FamilyInfo>> families_;
  LossChart* chart_ = nullptr;
  QLineEdit* data_ = nullptr;
  QComboBox* family_ = nullptr;
  QComboBox* preset_ = nullptr;
  QSpinBox* epochs_ = nullptr;
  QSpinBox* examples_ = nullptr;
  QLineEdit* name_ = nullptr;
  QLabel* where_ = nullptr;
  QLabel* speed_ = nullptr;
  QLabel* epoch_ = nullptr;
  QLabel* left_ = nullptr;
  QLabel* best_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QPlainTextEdit* log_ = nullptr;
  QPushButton* start_ = nullptr;
  QPushButton* stop_ = nullptr;
  QPushButton* continue_ = nullptr;
  QWidget* form_ = nullptr;
  double bestLoss_ = 0;
  bool anyValidation_ = false;
};

// "2 h 05 min", "3 min 20 s", "12 s".
QString durationText(double seconds);

}  // namespace incipit
