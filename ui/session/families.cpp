#include "ui/session/families.h"

#include <QCoreApplication>
#include <QMetaObject>
#include <utility>

namespace incipit {

Families::Families(JobRunner* jobs, QObject* parent)
    : QObject(parent), jobs_(jobs), alive_(std::make_shared<char>()) {}

Families::~Families() = default;

void Families::ask() {
  if (jobs_ == nullptr || job_ != nullptr || !all_.empty()) return;
  answer_ = std::make_shared<std::vector<FamilyInfo>>();
  job_ = jobs_->run(
      JobRunner::Where::kInteractive,
      [jobs = jobs_, out = answer_](const TaskJob::Progress&,
                                    const std::stop_token&) -> Result<void> {
        auto engine = jobs->engine();
        if (!engine) return tl::unexpected(engine.error());
        *out = (*engine)->families();
        return {};
      },
      [this, alive = std::weak_ptr<char>(alive_)] {
        // On the GUI thread alone it is known whether this is still there.
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [this, alive] {
              if (!alive.expired()) hear();
            },
            Qt::QueuedConnection);
      });
}

void Families::hear() {
  if (job_ == nullptr || !job_->finished()) return;
  job_ = nullptr;
  all_ = std::move(*answer_);
  Q_EMIT answered();
}

const FamilyInfo* Families::find(const std::string& id) const {
  for (const FamilyInfo& f : all_) {
    if (f.id == id) return &f;
  }
  return nullptr;
}

}  // namespace incipit
