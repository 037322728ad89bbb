// The page that takes a sound through a model of timbre: a file or a track of the piece; before and
// after are seen, heard in step, and what came out is kept as a file.
//
// Thread safety: GUI thread only.
#pragma once

#include <QTemporaryDir>
#include <QTimer>
#include <QWidget>
#include <optional>

#include "core/compose/timbre_run.h"
#include "ui/lab/lab_parts.h"
#include "ui/lab/lab_work.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QRadioButton;

namespace incipit {

class ModelCombo;
class SpectrogramView;
class WorkBar;

class TimbrePage : public QWidget {
  Q_OBJECT

 public:
  explicit TimbrePage(const LabParts& parts, QWidget* parent = nullptr);
  ~TimbrePage() override;
  void reload();  // the models
  void start();
  void stopPlaying();
  bool running() const { return work_.running(); }

 protected:
  void hideEvent(QHideEvent* event) override;

 private:
  QWidget* buildForm();
  QWidget* buildViews();
  std::optional<TimbreSource> source();
  void showOutcome(Result<TimbreOutcome> outcome);
  void playOrStop();
  void showPlaying();
  void exportFile();
  void showReady();
  std::filesystem::path outFile() const;

  LabParts parts_;
  LabWork work_;
  LabWork exporting_;
  QTemporaryDir folder_;
  TimbreSource running_;
  std::optional<TimbreSource> done_;  // what the file was made of
  QTimer timer_;
  ModelCombo* model_;
  QRadioButton* fromFile_;
  QRadioButton* fromTrack_;
  QLineEdit* file_;
  QComboBox* program_;
  WorkBar* bar_;
  SpectrogramView* before_;
  SpectrogramView* after_;
  QPushButton* play_;
  QPushButton* hearBefore_;
  QPushButton* hearAfter_;
  QPushButton* export_;
  QLabel* time_;
};

}  // namespace incipit
