// Play, stop and position for the views: follows the Session's document into the Player, and ticks
// while it plays.
//
// Thread safety: GUI thread only. A Transport without a Player (nullptr) stands still.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <optional>

#include "core/playback/player.h"
#include "ui/session/session.h"

namespace incipit {

class Transport : public QObject {
  Q_OBJECT

 public:
  Transport(Session& session, Player* player, QObject* parent = nullptr);

  Player* player() const { return player_; }
  bool playing() const;
  Tick position() const;

  void play();
  // Clicks so many bars first (0..2); nothing when it plays already.
  void playAfterCountIn(int bars);
  int countInBeats() const;  // still to be clicked; 0 when not counting in
  void stop();
  void togglePlay();
  void stopAndReturn();  // to where play() began
  void seek(Tick t);     // playing or not; never before 0
  // The loop region is kept while looping is off; it is empty until it was set.
  TickRange loopRange() const { return loop_; }
  bool looping() const { return looping_ && !loop_.empty(); }
  void setLoopRange(TickRange r);
  void setLooping(bool on);
  bool metronome() const { return metronome_; }
  void setMetronome(bool on);
  // Clicks while it is on, whatever metronome() says: for recording.
  void setRecordingClick(bool on);
  // On, the end of the piece does not stop it: for recording.
  void setEndless(bool on);
  // An outer MIDI clock may start, stop and move the player: it is watched while it stands, too.
  void setFollowingClock(bool on);
  void panic();

  // Sounds a pitch on the active track's instrument until previewOff(), or for a moment when
  // `oneShot`. A new preview ends the one before.
  void preview(int pitch, int velocity, bool oneShot = false);
  void previewOff();

 Q_SIGNALS:
  void positionChanged(incipit::Tick position);  // at most once a frame while playing, and on seek
  void sought(incipit::Tick position);           // by seek(), not by playing
  void playingChanged(bool playing);             // also when it was started or stopped from outside
  void countInChanged(int beats);                // still to be clicked
  void loopChanged();
  void metronomeChanged(bool on);

 private:
  void start(int countInBars);
  void tick();
  void applyLoop();
  void applyMetronome();
  void showPlaying(bool playing);

  Session& session_;
  Player* player_;
  QTimer frame_;  // runs while playing, or always while following a clock
  QTimer documentDelay_;
  QTimer previewEnd_;
  Tick playedFrom_;
  Tick idlePosition_;  // where there is no player
  Tick shown_;
  TickRange loop_;
  bool looping_ = false;
  bool metronome_ = false;
  bool recordingClick_ = false;
  bool following_ = false;
  bool shownPlaying_ = false;
  int countInShown_ = 0;
  int previewed_ = -1;
};

}  // namespace incipit
