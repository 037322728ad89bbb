// Work that an earlier run left unsaved: open a copy of it or move it to the trash.
//
// Thread safety: GUI thread only.
#pragma once

#include <QDialog>
#include <QTreeWidget>
#include <vector>

#include "core/io/recovery.h"

namespace incipit {

class RecoveryDialog : public QDialog {
  Q_OBJECT

 public:
  explicit RecoveryDialog(std::vector<Recoverable> found, QWidget* parent = nullptr);

 Q_SIGNALS:
  void openRequested(const incipit::Recoverable& leftover);

 private:
  void fill();
  const Recoverable* chosen() const;

  std::vector<Recoverable> found_;
  QTreeWidget* list_;
};

}  // namespace incipit
