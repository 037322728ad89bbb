// Where models are trained: a window of its own beside the studio, with pages for training, the
// music that is learned from, past runs, comparing models and installed models. Training goes on
// when it is closed.
//
// For tests and tools, widgets are found by object name: "trainTabs", "trainDataEdit",
// "trainFamilyCombo", "trainPresetCombo", "trainFromCombo", "setting.ID", "trainEpochsSpin",
// "trainExamplesSpin", "trainDeviceCombo", "trainThreadsSpin", "trainNameEdit", "trainSampleSpin",
// "trainStartButton", "trainPauseButton", "trainStopButton", "trainProblemLabel", "trainLog",
// "runChart", "sampleList", "samplePlayButton", "sampleInsertButton", "corpusScanButton",
// "corpusTable", "corpusReport", "runList", "runsChart", "runResumeButton", "modelList",
// "compareModelList", "compareSetsEdit", "compareSplitCombo", "compareExamplesSpin",
// "compareContinuationsSpin", "compareStartButton", "compareProgress", "compareProblemLabel",
// "compareTabs", "compareAboutLabel", "compareTable", "compareMetricTable", "comparePlot1" ... "3",
// "compareExportButton", "listenBarsSpin", "listenSeedCheck", "listenComposeButton",
// "listenRevealButton", "listenProblemLabel", and in each "card" of a continuation
// "candidatePlayButton", "candidateRating1" ... "5", "candidateInsertButton",
// "candidateNotesButton", "candidateNameLabel"; "noteDialog", "noteTable", "noteExportButton";
// "modelCard", "modelImportButton", "modelRenameButton", "modelDeleteButton", "modelTuneButton".
//
// Thread safety: GUI thread only.
#pragma once

#include <QSettings>
#include <QWidget>
#include <functional>

#include "ui/session/families.h"
#include "ui/session/takes.h"
#include "ui/training/train_form.h"
#include "ui/training/training_samples.h"
#include "ui/training/training_session.h"

class QTabWidget;

namespace incipit {

class ComparePage;
class CorpusPage;
class ModelsPage;
class RunsPage;
class TrainPage;

class TrainingWindow : public QWidget {
  Q_OBJECT

 public:
  enum class Page { kTrain, kMusic, kRuns, kCompare, kModels };
  struct Parts {  // all outlive the window; jobs and player may be null
    Session& session;
    Takes& takes;
    Families& families;
    JobRunner* jobs;
    Player* player;
    QSettings& settings;
  };

  TrainingWindow(const Parts& parts, std::function<Catalogue()> models, QWidget* parent = nullptr);
  ~TrainingWindow() override;

  bool running() const { return training_.running(); }
  TrainingSession& training() { return training_; }
  TrainForm& form() { return *form_; }
  CorpusPage& music() { return *music_; }
  RunsPage& runs() { return *runs_; }
  ComparePage& compare() { return *compare_; }
  ModelsPage& models() { return *models_; }
  void showPage(Page page);

 Q_SIGNALS:
  void progressChanged(const QString& text);  // for the status bar; "" when nothing runs
  void trained(const std::filesystem::path& checkpoint);
  void failed(const QString& message);
  void modelsChanged();

 protected:
  void showEvent(QShowEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void askDevices();
  // Training holds the background worker for hours.
  JobRunner::Where freeWorker() const;
  void connectPages();
  void setFolder();  // of music, as the form says

  Parts parts_;
  TrainingSession training_;
  TrainingSamples samples_;
  TrainForm* form_;
  TrainPage* train_;
  CorpusPage* music_;
  RunsPage* runs_;
  ComparePage* compare_;
  ModelsPage* models_;
  QTabWidget* tabs_;
  bool devicesAsked_ = false;
  std::shared_ptr<QObject> alive_;  // what jobs wake; gone with this
};

}  // namespace incipit
