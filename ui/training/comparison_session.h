// The comparison of models of this window: runs it on a worker, and keeps the last one in the
// user's data folder, so that it is there when the window is opened anew.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <QString>
#include <memory>

#include "core/compose/comparison_run.h"

namespace incipit {

class ComparisonSession : public QObject {
  Q_OBJECT

 public:
  // Reads the last one. Without a JobRunner (nullptr) nothing can be started.
  explicit ComparisonSession(JobRunner* jobs, QObject* parent = nullptr);
  ~ComparisonSession() override;  // cancels

  bool running() const { return run_ != nullptr; }
  double progress() const;  // 0..1, of a running one
  QString doing() const;    // one line; empty where nothing runs
  const Comparison& comparison() const { return comparison_; }
  // One line each: models that could not be compared, and what else went wrong with the last one.
  const QStringList& problems() const { return problems_; }
  RatingSummaries ratings() const { return ratings_; }

  // Takes the place of the comparison there is. Nothing while one runs.
  void start(JobRunner::Where where, const EvaluateRequest& request,
             const std::vector<std::filesystem::path>& checkpoints);
  void cancel();  // models that are done stay
  // Reads the ratings again, which are the same file's for all windows.
  void readRatingsAgain();

 Q_SIGNALS:
  void changed();          // comparison(), problems() or ratings()
  void progressChanged();  // also when running() changes

 private:
  void load();
  void poll();
  void keep();
  void addProblem(const std::string& line);

  JobRunner* jobs_;
  std::unique_ptr<ComparisonRun> run_;
  Comparison comparison_;
  RatingSummaries ratings_;
  QString ratingProblem_;
  QStringList problems_;
  std::shared_ptr<QObject> alive_;  // what the job wakes; gone with this
};

}  // namespace incipit
