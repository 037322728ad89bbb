#include "ui/training/comparison_session.h"

#include <QMetaObject>
#include <system_error>
#include <utility>

#include "core/io/atomic_file.h"
#include "core/io/number_text.h"

namespace incipit {

ComparisonSession::ComparisonSession(JobRunner* jobs, QObject* parent)
    : QObject(parent), jobs_(jobs), alive_(std::make_shared<QObject>()) {
  load();
  readRatingsAgain();
}

ComparisonSession::~ComparisonSession() { cancel(); }

void ComparisonSession::load() {
  std::error_code ignored;
  const auto file = comparisonFile();
  if (!std::filesystem::exists(file, ignored)) return;
  const auto bytes = readFile(file);
  if (!bytes) return addProblem(bytes.error().message);
  auto kept = parseComparison(std::string(bytes->begin(), bytes->end()), file);
  if (!kept) return addProblem(kept.error().message);
  comparison_ = std::move(*kept);
}

void ComparisonSession::readRatingsAgain() {
  const auto ratings = readRatings(ratingsFile());
  const QString problem =
      QString::fromStdString(ratings ? ratings->problem : ratings.error().message);
  if (ratings) ratings_ = summarise(ratings->ratings);
  if (problem != std::exchange(ratingProblem_, problem) && !problem.isEmpty()) {
    addProblem(problem.toStdString());
  }
  Q_EMIT changed();
}

void ComparisonSession::addProblem(const std::string& line) {
  const QString text = QString::fromStdString(line);
  if (!problems_.contains(text)) problems_ << text;
}

double ComparisonSession::progress() const { return running() ? run_->job().progress() : 0; }

QString ComparisonSession::doing() const {
  if (!running()) return {};
  const QString name = QString::fromStdString(run_->current());
  return name.isEmpty() ? tr("Waiting for its turn…") : tr("Measuring %1…").arg(name);
}

void ComparisonSession::start(JobRunner::Where where, const EvaluateRequest& request,
                              const std::vector<std::filesystem::path>& checkpoints) {
  if (jobs_ == nullptr || running() || checkpoints.empty()) return;
  problems_.clear();
  comparison_ = {utcNow(), request, {}};
  const auto wake = [this, alive = std::weak_ptr<QObject>(alive_)] {
    // alive_ lives in this thread; the call is queued to it and dropped with it.
    if (const auto target = alive.lock()) {
      QMetaObject::invokeMethod(
          target.get(), [this] { poll(); }, Qt::QueuedConnection);
    }
  };
  run_ = std::make_unique<ComparisonRun>(*jobs_, where, request, checkpoints, wake);
  Q_EMIT changed();
  Q_EMIT progressChanged();
}

void ComparisonSession::cancel() {
  if (running()) run_->job().cancel();
}

void ComparisonSession::poll() {
  if (!running()) return;
  const bool done = run_->job().finished();  // before draining, so that nothing is missed
  ComparisonRun::News news = run_->drain();
  // A part of a model would stand beside whole ones as if it could be compared with them.
  std::erase_if(news.models, [](const ComparedModel& m) { return m.evaluation.cancelled; });
  const bool any = !news.models.empty() || !news.problems.empty();
  for (const std::string& p : news.problems) addProblem(p);
  for (ComparedModel& m : news.models) comparison_.models.push_back(std::move(m));
  if (!news.models.empty()) keep();
  if (done) {
    const auto run = std::move(run_);
    if (run->job().state() == JobState::kFailed) addProblem(run->job().error());
    if (run->job().state() == JobState::kCancelled) {
      addProblem(tr("Stopped; the models that were done are shown.").toStdString());
    }
    if (comparison_.models.empty()) load();  // the one before is still the last
  }
  if (any || done) Q_EMIT changed();
  Q_EMIT progressChanged();
}

void ComparisonSession::keep() {
  std::error_code ignored;
  std::filesystem::create_directories(comparisonFile().parent_path(), ignored);
  const auto kept = writeFileAtomically(comparisonFile(), comparisonJson(comparison_), false);
  if (!kept) addProblem(kept.error().message);
}

}  // namespace incipit
