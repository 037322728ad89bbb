// The page that shows what a folder of music holds: what was accepted, what was rejected and why,
// what is there twice, how the pieces are distributed.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>
#include <functional>
#include <memory>

#include "core/compose/jobs.h"
#include "core/corpus/corpus.h"

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QTableView;

namespace incipit {

class CorpusFilter;
class CorpusTable;
class HistogramView;

class CorpusPage : public QWidget {
  Q_OBJECT

 public:
  // `worker` says at each scan which worker is free for it. Without a JobRunner (nullptr) nothing
  // is scanned.
  CorpusPage(JobRunner* jobs, std::function<JobRunner::Where()> worker, QWidget* parent = nullptr);
  ~CorpusPage() override;

  // Another folder: what was found in the one before goes. Scanned when scan() is called.
  void setFolder(const QString& folder);
  void scan();
  bool scanning() const { return job_ != nullptr; }
  const Corpus* corpus() const { return corpus_.get(); }  // null before the first scan has ended

 Q_SIGNALS:
  void summaryChanged(const QString& text);  // one line; "" where nothing was scanned

 private:
  QWidget* buildHead();
  QWidget* buildTable();
  QWidget* buildPlots();
  void poll();
  void showCorpus();
  void showState();
  void exportTable();
  QString summary() const;

  JobRunner* jobs_;
  std::function<JobRunner::Where()> worker_;
  QString folder_;
  std::shared_ptr<TaskJob> job_;
  std::shared_ptr<Corpus> found_;  // the worker's until its job has finished
  std::shared_ptr<const Corpus> corpus_;
  QString problem_;
  CorpusTable* table_;
  CorpusFilter* filter_;
  QLabel* title_ = nullptr;
  QLabel* report_ = nullptr;
  QPushButton* scan_ = nullptr;
  QPushButton* export_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QTableView* view_ = nullptr;
  QComboBox* which_ = nullptr;
  HistogramView* plot_ = nullptr;
  std::vector<Histogram> histograms_;
  std::shared_ptr<QObject> alive_;  // what the job wakes; gone with this
};

}  // namespace incipit
