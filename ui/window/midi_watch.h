// Looks at the MIDI ports twice a second and says what a person has to know: a port in use that
// vanished, one that cannot be opened, no MIDI where a track or the clock wants it. Each is a
// banner once, taken away when the cause is gone. In use are the outputs of tracks, the clock that
// is followed, and every device that was open for input and is still listened to.
//
// Thread safety: GUI thread only. Without a Player it does nothing.
#pragma once

#include <QObject>
#include <QTimer>
#include <map>
#include <set>
#include <string>

#include "ui/session/transport.h"
#include "ui/window/banner.h"

namespace incipit {

class MidiWatch : public QObject {
  Q_OBJECT

 public:
  MidiWatch(Session& session, Transport& transport, BannerArea& banner, QObject* parent = nullptr);

  // `settings`: what the player was given.
  void start(const MidiSettings& settings);
  const MidiStatus& status() const { return status_; }

 Q_SIGNALS:
  void statusChanged();
  void settingsWanted();  // from the banner's button

 private:
  enum class Direction { kInput, kOutput };
  using Names = std::set<std::string>;

  void poll();
  Names usedOutputs() const;
  Names usedInputs() const;
  void watchPorts(Direction direction, const std::vector<MidiPort>& ports, const Names& used);
  QString portMessage(Direction direction, const std::string& name, const MidiPort* port);
  void watchSystem();
  // Shown once for each text; an empty one takes it away.
  void say(const QString& key, const QString& text);

  Session& session_;
  Transport& transport_;
  BannerArea& banner_;
  QTimer timer_;
  MidiSettings settings_;
  MidiStatus status_;
  int polls_ = 0;                                     // since start()
  Names opened_;                                      // inputs that were ever open
  std::set<std::pair<Direction, std::string>> seen_;  // ports in use that were there
  std::map<QString, QString> said_;                   // by banner key
};

}  // namespace incipit
