// The kinds of networks that the engine has, asked for on the interactive worker. Nothing in the
// window knows a family by name: all that is shown of one comes from here.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <memory>
#include <string>
#include <vector>

#include "core/compose/jobs.h"

namespace incipit {

class Families : public QObject {
  Q_OBJECT

 public:
  // Without a JobRunner (nullptr) there are none.
  explicit Families(JobRunner* jobs, QObject* parent = nullptr);
  ~Families() override;

  // Loads the engine where it is not loaded yet. Asks again only where the last answer was none.
  void ask();
  const std::vector<FamilyInfo>& all() const { return all_; }  // empty until they are known
  const FamilyInfo* find(const std::string& id) const;         // null where there is none

 Q_SIGNALS:
  void answered();  // all() is known, or JobRunner::engineError() says why it is not

 private:
  void hear();

  JobRunner* jobs_;
  std::vector<FamilyInfo> all_;
  std::shared_ptr<std::vector<FamilyInfo>> answer_;  // the worker's until its job has finished
  std::shared_ptr<TaskJob> job_;
  std::shared_ptr<char> alive_;  // gone with this
};

}  // namespace incipit
