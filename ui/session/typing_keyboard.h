// The computer's keyboard as a piano: an event filter that turns keys of the window into
// Player::playLive while it is on. By place, not by letter, where the platform says which key it
// was:
//
//     2 3   5 6 7     upper octave      Z S X D C V G B H N J M   lower octave
//    Q W E R T Y U I                    - and = lower and raise both by an octave
//
// Keys with Ctrl, Alt or Meta stay shortcuts; fields that take text keep their keys; other windows
// (dialogs) are left alone. Everything that sounds is ended when the window loses the focus, when
// it is turned off, and on a change of octave.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <QWidget>
#include <map>
#include <optional>

#include "core/playback/player.h"

class QKeyEvent;

namespace incipit {

// The key that a physical key plays, counted from the lowest C, or -1/+1 octave; for key presses.
struct TypingKey {
  enum class Kind { kNote, kOctaveDown, kOctaveUp };
  Kind kind = Kind::kNote;
  int semitone = 0;  // 0..24
  bool operator==(const TypingKey&) const = default;
};
// `place` is the key's number on a PC keyboard (the scan code of its first set), 0 where unknown;
// then `key`, a Qt::Key, decides.
std::optional<TypingKey> typingKey(std::uint32_t place, int key);

class TypingKeyboard : public QObject {
  Q_OBJECT

 public:
  // `player` may be nullptr: then nothing sounds.
  explicit TypingKeyboard(Player* player, QObject* parent = nullptr);
  ~TypingKeyboard() override;

  // Watches the keys of `window` and what is in it, from now on.
  void watch(QWidget* window);

  bool on() const { return on_; }
  void setOn(bool on);
  int octave() const { return octave_; }  // of the lower row, as in "C4": -1..8; at first 3
  void setOctave(int octave);
  int velocity() const { return velocity_; }  // 1..127
  void setVelocity(int velocity);

 Q_SIGNALS:
  void changed();  // on, octave or velocity

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  bool mine(const QObject* watched) const;
  bool press(const QKeyEvent& event);
  bool release(const QKeyEvent& event);
  void releaseAll();

  Player* player_;
  QWidget* window_ = nullptr;
  bool on_ = false;
  int octave_ = 3;
  int velocity_ = 96;
  std::map<std::uint64_t, int> down_;  // physical key: the MIDI key that it sounds
};

}  // namespace incipit
