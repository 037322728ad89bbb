#include "ui/panels/tracks_panel.h"

#include <QVBoxLayout>
#include <algorithm>

#include "ui/panels/parts.h"

namespace incipit {

TracksPanel::TracksPanel(Session& session, Transport& transport, LiveInput& live,
                         ActionTable& table, QWidget* parent)
    : QWidget(parent),
      session_(session),
      transport_(transport),
      live_(live),
      area_(new QScrollArea) {
  setObjectName("sidePanel");
  setAttribute(Qt::WA_StyledBackground);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* header = new QHBoxLayout;
  header->setContentsMargins(14, 10, 10, 8);
  header->setSpacing(2);
  header->addWidget(makeLabel(tr("Tracks"), "heading"));
  header->addStretch(1);
  header->addWidget(makeToolButton(table.action("track.add")));
  header->addWidget(makeToolButton(table.action("track.remove")));
  column->addLayout(header);
  column->addWidget(makeHorizontalLine());

  auto* content = new QWidget;
  content->setObjectName("sidePanel");
  content->setAttribute(Qt::WA_StyledBackground);
  list_ = new QVBoxLayout(content);
  list_->setContentsMargins(0, 0, 0, 0);
  list_->setSpacing(0);
  list_->addStretch(1);
  area_->setObjectName("sidePanel");
  area_->setFocusPolicy(Qt::NoFocus);
  area_->setFrameShape(QFrame::NoFrame);
  area_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area_->setWidgetResizable(true);
  area_->setWidget(content);
  column->addWidget(area_, 1);

  connect(&session_, &Session::documentChanged, this, &TracksPanel::refresh);
  connect(&session_, &Session::documentLoaded, this, &TracksPanel::refresh);
  connect(&session_, &Session::activeTrackChanged, this, &TracksPanel::refresh);
  connect(&live_, &LiveInput::trackChanged, this, &TracksPanel::refresh);
  refresh();
}

void TracksPanel::showOutputs(const std::vector<MidiPort>& outputs) {
  outputs_ = outputs;
  for (TrackRow* row : rows_) row->showOutputs(outputs_);
}

void TracksPanel::refresh() {
  const auto& tracks = session_.document()->tracks;
  const bool same =
      std::equal(tracks.begin(), tracks.end(), rows_.begin(), rows_.end(),
                 [](const TrackPtr& t, const TrackRow* row) { return t->id == row->id(); });
  if (!same) {
    for (TrackRow* row : rows_) {
      list_->removeWidget(row);
      // A row may be the sender of what led here.
      row->hide();
      row->deleteLater();
    }
    rows_.clear();
    for (const TrackPtr& t : tracks) {
      auto* row = new TrackRow(session_, live_, t->id);
      row->showOutputs(outputs_);
      connect(row, &TrackRow::instrumentChosen, this,
              [this] { transport_.preview(60, kDefaultVelocity, true); });
      connect(row, &TrackRow::editingDone, this, &TracksPanel::editingDone);
      list_->insertWidget(static_cast<int>(rows_.size()), row);
      rows_.push_back(row);
    }
  }
  for (TrackRow* row : rows_) {
    row->refresh();
    if (row->id() == session_.activeTrack()) area_->ensureWidgetVisible(row, 0, 0);
  }
}

}  // namespace incipit
