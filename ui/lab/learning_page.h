// The page that shows networks of pictures learning: what a run drew from the same latent numbers
// after each epoch, with a slider through time, and the curves of its parts.
//
// Thread safety: GUI thread only.
#pragma once

#include <QPixmap>
#include <QWidget>
#include <vector>

#include "core/compose/run_history.h"
#include "core/compose/run_pictures.h"
#include "ui/lab/lab_parts.h"
#include "ui/lab/lab_work.h"

class QComboBox;
class QLabel;
class QPushButton;
class QSlider;
class QTimer;

namespace incipit {

class RunChart;

class LearningPage : public QWidget {
  Q_OBJECT

 public:
  explicit LearningPage(const LabParts& parts, QWidget* parent = nullptr);
  // Reads the runs again, on the interactive worker; the chosen one stays chosen.
  void reload();
  int epochs() const { return static_cast<int>(sheets_.size()); }

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  struct Seen {
    RunHistory run;
    std::vector<RunPicture> sheets;
  };
  void showRuns(std::vector<Seen> runs);
  void showRun();
  void showSheet();
  void playOrStop();

  LabParts parts_;
  LabWork work_;
  std::vector<Seen> runs_;
  std::vector<RunPicture> sheets_;  // of the chosen run
  QPixmap sheet_;
  QTimer* timer_;    // walks through the epochs
  QTimer* refresh_;  // while a run may go on
  QComboBox* run_;
  QLabel* about_;
  QLabel* picture_;
  QSlider* epoch_;
  QLabel* epochText_;
  QPushButton* play_;
  RunChart* losses_;
  RunChart* accuracies_;
};

}  // namespace incipit
