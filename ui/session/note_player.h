// Plays a few notes beside the document as previews are played: on a track's instrument, whatever
// the transport does.
//
// Thread safety: GUI thread only.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <vector>

#include "core/playback/player.h"

namespace incipit {

class NotePlayer : public QObject {
  Q_OBJECT

 public:
  // Without a Player (nullptr) it stays silent.
  explicit NotePlayer(Player* player, QObject* parent = nullptr);
  ~NotePlayer() override;

  // Plays notes of `document`'s time, the first of them at once. Ends what it plays already.
  void play(const Track& track, const std::vector<Note>& notes, const TempoMap& tempo);
  void stop();
  bool playing() const { return next_ < events_.size(); }

 Q_SIGNALS:
  void playingChanged(bool playing);

 private:
  struct Event {
    qint64 ms = 0;
    bool on = false;
    int pitch = 0;
    int velocity = 0;
  };
  void due();

  Player* player_;
  Track track_;
  std::vector<Event> events_;  // by time; of one time, ends first
  std::size_t next_ = 0;
  QElapsedTimer clock_;
  QTimer timer_;
};

}  // namespace incipit
