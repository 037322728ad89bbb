// Runs any command by typing part of its name.
//
// Thread safety: GUI thread only.
#pragma once

#include <QDialog>
#include <QLineEdit>
#include <QListWidget>

#include "ui/actions/action_table.h"

namespace incipit {

class CommandPalette : public QDialog {
  Q_OBJECT

 public:
  explicit CommandPalette(const ActionTable& table, QWidget* parent = nullptr);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void fill(const QString& text);
  void run();

  const ActionTable& table_;
  QLineEdit* field_;
  QListWidget* list_;
};

}  // namespace incipit
