// The undo history as a list: every step by its name, those undone greyed; a click goes there.
//
// Thread safety: GUI thread only.
#pragma once

#include <QListWidget>
#include <QWidget>

#include "ui/session/session.h"

namespace incipit {

class HistoryPanel : public QWidget {
  Q_OBJECT

 public:
  explicit HistoryPanel(Session& session, QWidget* parent = nullptr);

 private:
  void refresh();

  Session& session_;
  QListWidget* list_;
};

}  // namespace incipit
