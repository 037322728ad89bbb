#include "ui/session/typing_keyboard.h"

#include <QApplication>
#include <QKeyEvent>
#include <QWindow>
#include <algorithm>
#include <array>

namespace incipit {
namespace {

constexpr int kLowestOctave = -1;
constexpr int kHighestOctave = 8;

struct PianoKey {
  std::uint32_t place;  // scan code
  int letter;           // on an American keyboard
};
// In the order of the semitones: two octaves and the C above.
constexpr std::array<PianoKey, 25> kPianoKeys = {
    {{44, Qt::Key_Z}, {31, Qt::Key_S}, {45, Qt::Key_X}, {32, Qt::Key_D}, {46, Qt::Key_C},
     {47, Qt::Key_V}, {34, Qt::Key_G}, {48, Qt::Key_B}, {35, Qt::Key_H}, {49, Qt::Key_N},
     {36, Qt::Key_J}, {50, Qt::Key_M}, {16, Qt::Key_Q}, {3, Qt::Key_2},  {17, Qt::Key_W},
     {4, Qt::Key_3},  {18, Qt::Key_E}, {19, Qt::Key_R}, {6, Qt::Key_5},  {20, Qt::Key_T},
     {7, Qt::Key_6},  {21, Qt::Key_Y}, {8, Qt::Key_7},  {22, Qt::Key_U}, {23, Qt::Key_I}}};
constexpr PianoKey kOctaveDownKey{12, Qt::Key_Minus};
constexpr PianoKey kOctaveUpKey{13, Qt::Key_Equal};

// The scan code, where the platform's events carry one.
std::uint32_t placeOf(const QKeyEvent& event) {
  const QString platform = QGuiApplication::platformName();
  const std::uint32_t code = event.nativeScanCode();
  if (platform == "windows") return code;
  // X and Wayland count from 8.
  if (platform == "xcb" || platform.startsWith("wayland")) return code > 8 ? code - 8 : 0;
  return 0;
}

std::uint64_t identity(const QKeyEvent& event) {
  const std::uint32_t place = placeOf(event);
  return place != 0 ? place : std::uint64_t{1} << 32 | static_cast<std::uint32_t>(event.key());
}

bool shortcutModifiers(const QKeyEvent& event) {
  return (event.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) != 0;
}

}  // namespace

std::optional<TypingKey> typingKey(std::uint32_t place, int key) {
  const auto is = [&](const PianoKey& p) {
    return place != 0 ? p.place == place : p.letter == key;
  };
  const auto* const note = std::find_if(kPianoKeys.begin(), kPianoKeys.end(), is);
  if (note != kPianoKeys.end())
    return TypingKey{TypingKey::Kind::kNote, static_cast<int>(note - kPianoKeys.begin())};
  if (is(kOctaveDownKey)) return TypingKey{TypingKey::Kind::kOctaveDown, 0};
  if (is(kOctaveUpKey)) return TypingKey{TypingKey::Kind::kOctaveUp, 0};
  return std::nullopt;
}

TypingKeyboard::TypingKeyboard(Player* player, QObject* parent)
    : QObject(parent), player_(player) {}

TypingKeyboard::~TypingKeyboard() { releaseAll(); }

void TypingKeyboard::watch(QWidget* window) {
  window_ = window;
  qApp->installEventFilter(this);
  // Another window, a menu or none: key releases no longer come here.
  connect(qApp, &QGuiApplication::focusWindowChanged, this, &TypingKeyboard::releaseAll);
}

void TypingKeyboard::setOn(bool on) {
  if (on == on_) return;
  releaseAll();
  on_ = on;
  Q_EMIT changed();
}

void TypingKeyboard::setOctave(int octave) {
  octave = std::clamp(octave, kLowestOctave, kHighestOctave);
  if (octave == octave_) return;
  releaseAll();
  octave_ = octave;
  Q_EMIT changed();
}

void TypingKeyboard::setVelocity(int velocity) {
  velocity_ = std::clamp(velocity, 1, 127);
  Q_EMIT changed();
}

bool TypingKeyboard::mine(const QObject* watched) const {
  const auto* widget = qobject_cast<const QWidget*>(watched);
  return widget != nullptr && window_ != nullptr && widget->window() == window_ &&
         !widget->testAttribute(Qt::WA_InputMethodEnabled);
}

bool TypingKeyboard::eventFilter(QObject* watched, QEvent* event) {
  switch (event->type()) {
    case QEvent::ShortcutOverride: {
      const auto& key = *static_cast<QKeyEvent*>(event);
      if (!on_ || !mine(watched) || shortcutModifiers(key) || !typingKey(placeOf(key), key.key())) {
        return false;
      }
      event->accept();  // not a shortcut: the press follows
      return true;
    }
    case QEvent::KeyPress:
      return on_ && mine(watched) && press(*static_cast<QKeyEvent*>(event));
    case QEvent::KeyRelease:
      return qobject_cast<QWidget*>(watched) != nullptr && release(*static_cast<QKeyEvent*>(event));
    default:
      return false;
  }
}

bool TypingKeyboard::press(const QKeyEvent& event) {
  const auto key = typingKey(placeOf(event), event.key());
  if (!key || shortcutModifiers(event)) return false;
  if (event.isAutoRepeat()) return true;
  if (key->kind != TypingKey::Kind::kNote) {
    setOctave(octave_ + (key->kind == TypingKey::Kind::kOctaveUp ? 1 : -1));
    return true;
  }
  const int pitch = (octave_ + 1) * 12 + key->semitone;
  if (pitch > kHighestPitch || !down_.emplace(identity(event), pitch).second) return true;
  if (player_ != nullptr) player_->playLive(midiNoteOn(0, pitch, velocity_));
  return true;
}

bool TypingKeyboard::release(const QKeyEvent& event) {
  const auto held = down_.find(identity(event));
  if (held == down_.end()) return false;
  if (event.isAutoRepeat()) return true;
  if (player_ != nullptr) player_->playLive(midiNoteOff(0, held->second));
  down_.erase(held);
  return true;
}

void TypingKeyboard::releaseAll() {
  for (const auto& [key, pitch] : down_) {
    if (player_ != nullptr) player_->playLive(midiNoteOff(0, pitch));
  }
  down_.clear();
}

}  // namespace incipit
