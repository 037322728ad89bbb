// The page where a model is trained: the form, the curves as they come, what the run says, and the
// samples that it composes.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>

#include "ui/training/run_chart.h"
#include "ui/training/train_form.h"
#include "ui/training/training_samples.h"
#include "ui/training/training_session.h"

class QLabel;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;

namespace incipit {

class Takes;
class Session;
class Player;

class TrainPage : public QWidget {
  Q_OBJECT

 public:
  // All outlive the page.
  TrainPage(TrainingSession& training, TrainForm& form, TrainingSamples& samples, Session& session,
            Takes& takes, Player* player, QWidget* parent = nullptr);

  // Starts what the form says; asks before another model is replaced.
  void start();
  // Goes on with a past run from its last state.
  void resume(const RunHistory& run);
  void showProblem(const QString& text);  // one line above the buttons; "" takes it away

 Q_SIGNALS:
  void progressChanged(const QString& text);  // for the status bar; "" when nothing runs

 private:
  QWidget* buildSide();
  QWidget* buildView();
  QWidget* buildFigures();
  QWidget* buildChartBar();
  void connectTraining();
  void pauseOrGoOn();
  void showState();
  void showRun();
  void showPoint(const TrainPoint& p);
  void showFigures(const TrainPoint& p);
  void sampleAfter(const TrainPoint& p);
  void exportPicture();
  void exportTable();

  TrainingSession& training_;
  TrainForm& form_;
  TrainingSamples& samples_;
  Session& session_;
  Takes& takes_;
  Player* player_;
  RunChart* chart_ = nullptr;
  QLabel* epoch_ = nullptr;
  QLabel* best_ = nullptr;
  QLabel* accuracy_ = nullptr;
  QLabel* rate_ = nullptr;
  QLabel* norm_ = nullptr;
  QLabel* speed_ = nullptr;
  QLabel* left_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QPlainTextEdit* log_ = nullptr;
  QLabel* problem_ = nullptr;
  QPushButton* start_ = nullptr;
  QPushButton* pause_ = nullptr;
  QPushButton* stop_ = nullptr;
  bool failed_ = false;  // the problem shown is a run's, not the form's
};

// "2 h 05 min", "3 min 20 s", "12 s".
QString durationText(double seconds);

// Asks for a file and writes it; a failure is one line in a message box. "" where it was cancelled.
QString saveTable(QWidget* parent, const QString& title, const QString& suggestion,
                  const std::string& text);

}  // namespace incipit
