// Every command and its keys on one page, with a field that narrows the list.
//
// Thread safety: GUI thread only.
#pragma once

#include <QDialog>

#include "ui/actions/action_table.h"

namespace incipit {

class ShortcutSheet : public QDialog {
  Q_OBJECT

 public:
  explicit ShortcutSheet(const ActionTable& table, QWidget* parent = nullptr);
};

// "Ctrl+Z, Ctrl+Y" as the platform writes them.
QString keysText(const QList<QKeySequence>& keys);
// Without the dots of "Open…".
QString plainActionText(const ActionSpec& spec);

}  // namespace incipit
