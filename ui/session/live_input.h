// What is played on keyboards, for everything that listens: takes the events from the Player every
// 16 ms and gives them out in order. It also says which track they are heard on.
//
// Thread safety: GUI thread only. Without a Player (nullptr in the Transport) nothing comes.
#pragma once

#include <QObject>
#include <QTimer>
#include <map>
#include <set>
#include <utility>

#include "ui/session/transport.h"

namespace incipit {

class LiveInput : public QObject {
  Q_OBJECT

 public:
  LiveInput(Session& session, Transport& transport, QObject* parent = nullptr);

  // The track that sounds what is played and that is recorded: the armed one, else the active one.
  // 0 without tracks.
  TrackId track() const;
  TrackId armed() const { return armed_; }  // 0: the active track, whichever it is
  void arm(TrackId track);                  // 0: follow the active track again
  // Keys that are down now, on any channel: what the keys of the roll light up.
  std::set<int> held() const;
  // Takes what has come since; by itself every 16 ms.
  void poll();

 Q_SIGNALS:
  void played(const incipit::LiveEvent& event);
  void polled();        // after each poll's events
  void heldChanged();   // at most once a poll
  void trackChanged();  // also when armed() changes

 private:
  void follow();

  Session& session_;
  Player* player_;
  QTimer timer_;
  TrackId armed_ = 0;
  TrackId told_ = 0;                    // the player's live track
  std::set<std::pair<int, int>> held_;  // {channel, key}
};

}  // namespace incipit
