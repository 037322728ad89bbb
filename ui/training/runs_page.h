// The page of past runs: those of the models folder and of folders that were added, their curves
// side by side, what they said, and going on with one.
//
// Thread safety: GUI thread only.
#pragma once

#include <QSettings>
#include <QWidget>
#include <memory>
#include <vector>

#include "core/compose/jobs.h"
#include "core/compose/run_history.h"
#include "ui/training/run_chart.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace incipit {

class RunsPage : public QWidget {
  Q_OBJECT

 public:
  // `settings` keeps the folders that were added; it and `jobs` outlive the page. Without a
  // JobRunner (nullptr) the folders are read in this thread.
  RunsPage(QSettings& settings, JobRunner* jobs, QWidget* parent = nullptr);
  ~RunsPage() override;

  // Reads the folders again, on the interactive worker; what was ticked and chosen stays so. New
  // runs are ticked while few are.
  void reload();
  const std::vector<RunHistory>& runs() const { return list_.runs; }

 Q_SIGNALS:
  void resumeWanted(const incipit::RunHistory& run);

 private:
  void poll();
  void showRuns(RunList list);
  QWidget* buildList();
  QWidget* buildView();
  std::vector<std::filesystem::path> folders() const;
  void addFolder();
  void showChart();
  void showRun();
  const RunHistory* current() const;
  void exportTable();

  QSettings& settings_;
  JobRunner* jobs_;
  std::shared_ptr<TaskJob> job_;
  std::shared_ptr<RunList> found_;  // the worker's until its job has finished
  bool again_ = false;              // asked for while it was read
  RunList list_;
  QTreeWidget* tree_ = nullptr;
  QLabel* problem_ = nullptr;
  RunChart* chart_ = nullptr;
  QPlainTextEdit* detail_ = nullptr;
  QPushButton* resume_ = nullptr;
  QPushButton* export_ = nullptr;
  bool filling_ = false;
  std::shared_ptr<QObject> alive_;  // what the job wakes; gone with this
};

}  // namespace incipit
