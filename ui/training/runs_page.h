// The page of past runs: those of the models folder and of folders that were added, their curves
// side by side, what they said, and going on with one.
//
// Thread safety: GUI thread only.
#pragma once

#include <QSettings>
#include <QWidget>
#include <vector>

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
  // `settings` keeps the folders that were added, and outlives the page.
  explicit RunsPage(QSettings& settings, QWidget* parent = nullptr);

  // Reads the folders again; what was ticked and chosen stays so. New runs are ticked
  // while few are.
  void reload();
  const std::vector<RunHistory>& runs() const { return list_.runs; }

 Q_SIGNALS:
  void resumeWanted(const incipit::RunHistory& run);

 private:
  QWidget* buildList();
  QWidget* buildView();
  std::vector<std::filesystem::path> folders() const;
  void addFolder();
  void showChart();
  void showRun();
  const RunHistory* current() const;
  void exportTable();

  QSettings& settings_;
  RunList list_;
  QTreeWidget* tree_ = nullptr;
  QLabel* problem_ = nullptr;
  RunChart* chart_ = nullptr;
  QPlainTextEdit* detail_ = nullptr;
  QPushButton* resume_ = nullptr;
  QPushButton* export_ = nullptr;
  bool filling_ = false;
};

}  // namespace incipit
