// The tracks of the document, one row each, and buttons to add and remove.
//
// Thread safety: GUI thread only.
#pragma once

#include <QScrollArea>
#include <QWidget>
#include <vector>

#include "ui/actions/action_table.h"
#include "ui/panels/track_row.h"
#include "ui/session/transport.h"

class QVBoxLayout;

namespace incipit {

class TracksPanel : public QWidget {
  Q_OBJECT

 public:
  TracksPanel(Session& session, Transport& transport, LiveInput& live, ActionTable& table,
              QWidget* parent = nullptr);

  const std::vector<TrackRow*>& rows() const { return rows_; }
  void showOutputs(const std::vector<MidiPort>& outputs);

 Q_SIGNALS:
  void editingDone();

 private:
  void refresh();

  Session& session_;
  Transport& transport_;
  LiveInput& live_;
  std::vector<MidiPort> outputs_;
  QScrollArea* area_;
  QVBoxLayout* list_;
  std::vector<TrackRow*> rows_;
};

}  // namespace incipit
