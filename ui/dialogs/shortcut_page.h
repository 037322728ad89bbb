// The page of the preferences where keys are changed: a command, its keys, and whom a new key would
// be taken from. Changes hold at once.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>

#include "ui/actions/action_table.h"

class QKeySequenceEdit;
class QLabel;
class QPushButton;
class QTreeWidget;

namespace incipit {

class ShortcutPage : public QWidget {
  Q_OBJECT

 public:
  explicit ShortcutPage(ActionTable& table, QWidget* parent = nullptr);

 private:
  void fill();
  QString chosen() const;
  void showChosen();
  void showConflict();
  void assign();

  ActionTable& table_;
  QTreeWidget* tree_;
  QKeySequenceEdit* key_;
  QLabel* conflict_;
  QPushButton* assign_;
  QPushButton* reset_;
};

}  // namespace incipit
