// A roll on the offscreen platform with a scripted player and engine, and the mouse.
#pragma once

#include <QApplication>
#include <QMouseEvent>
#include <QTest>
#include <QWheelEvent>
#include <memory>
#include <vector>

#include "tests/ui/fake_engine.h"
#include "tests/ui/fake_player.h"
#include "ui/roll/note_strip.h"
#include "ui/roll/roll_canvas.h"
#include "ui/roll/roll_editor.h"

namespace incipit {

inline Note makeNote(double quarter, int pitch, double quarters = 1, int velocity = 80) {
  Note n;
  n.start = {static_cast<std::int64_t>(quarter * kDefaultPpq)};
  n.length = {static_cast<std::int64_t>(quarters * kDefaultPpq)};
  n.pitch = static_cast<std::uint8_t>(pitch);
  n.velocity = static_cast<std::uint8_t>(velocity);
  return n;
}

// One piano track, grid of sixteenths (14 pixels), rows of 16 pixels, middle C in view.
struct RollFixture {
  FakePlayer player;
  std::shared_ptr<Script> script = std::make_shared<Script>();
  Session session;
  Transport transport{session, &player};
  JobRunner jobs{FakeEngine::loader(script)};
  Takes takes{session, transport, &jobs};
  RollEditor editor{session, transport, takes};
  RollCanvas* canvas = editor.findChild<RollCanvas*>(QStringLiteral("rollCanvas"));
  QWidget* ruler = editor.findChild<QWidget*>(QStringLiteral("rollRuler"));
  QWidget* keys = editor.findChild<QWidget*>(QStringLiteral("rollKeys"));
  QWidget* lane = editor.findChild<QWidget*>(QStringLiteral("velocityLane"));

  RollFixture() {
    script->notes = 8;
    ComposeSettings settings;
    settings.seed = 0;
    settings.seedFixed = true;
    takes.setSettings(settings);
    editor.resize(1100, 700);
    editor.show();
    if (!QTest::qWaitForWindowExposed(&editor)) qFatal("the roll did not appear");
    RollView v = editor.state().view();
    v.topPitch = 80;
    editor.state().setView(v);
  }

  // Puts notes into the document as its state of departure; no undo entry.
  std::vector<Note> given(const std::vector<Note>& notes) {
    const RollView v = editor.state().view();
    NoteEdit edit = addNotes(*session.document(), session.activeTrack(), notes);
    session.load(std::make_shared<const Document>(std::move(edit.document)));
    editor.state().setView(v);
    return edit.notes;
  }

  std::vector<Note> notes() const { return session.track()->notes.toVector(); }
  std::size_t undos() const { return session.history().position(); }

  QPointF at(double quarter, int pitch) const {
    const RollView& v = editor_state().view();
    return {v.x(Tick{static_cast<std::int64_t>(quarter * kDefaultPpq)}), v.y(pitch) + v.rowPx / 2};
  }
  const RollState& editor_state() const { return const_cast<RollFixture*>(this)->editor.state(); }

  void send(QWidget* w, QEvent::Type type, QPointF at, Qt::MouseButton button,
            Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    if (type == QEvent::MouseButtonPress || type == QEvent::MouseButtonDblClick) held_ = button;
    const Qt::MouseButtons buttons = type == QEvent::MouseButtonRelease ? Qt::NoButton : held_;
    QMouseEvent e(type, at, w->mapToGlobal(at), type == QEvent::MouseMove ? Qt::NoButton : button,
                  buttons, modifiers);
    QApplication::sendEvent(w, &e);
    if (type == QEvent::MouseButtonRelease) held_ = Qt::NoButton;
  }
  void press(QWidget* w, QPointF p, Qt::KeyboardModifiers m = {},
             Qt::MouseButton b = Qt::LeftButton) {
    send(w, QEvent::MouseButtonPress, p, b, m);
  }
  void move(QWidget* w, QPointF p, Qt::KeyboardModifiers m = {}) {
    send(w, QEvent::MouseMove, p, Qt::NoButton, m);
  }
  void release(QWidget* w, QPointF p, Qt::KeyboardModifiers m = {},
               Qt::MouseButton b = Qt::LeftButton) {
    send(w, QEvent::MouseButtonRelease, p, b, m);
  }
  void click(QWidget* w, QPointF p, Qt::KeyboardModifiers m = {},
             Qt::MouseButton b = Qt::LeftButton) {
    press(w, p, m, b);
    release(w, p, m, b);
  }
  // Press, release, double click, release: what Qt makes of two quick clicks.
  void doubleClick(QWidget* w, QPointF p, Qt::KeyboardModifiers m = {}) {
    click(w, p, m);
    send(w, QEvent::MouseButtonDblClick, p, Qt::LeftButton, m);
    release(w, p, m);
  }
  void drag(QWidget* w, QPointF from, QPointF to, Qt::KeyboardModifiers m = {},
            Qt::MouseButton b = Qt::LeftButton, int steps = 8) {
    press(w, from, m, b);
    for (int i = 1; i <= steps; ++i)
      move(w, from + (to - from) * (static_cast<double>(i) / steps), m);
    release(w, to, m, b);
  }
  void wheel(QWidget* w, QPointF p, double notches, Qt::KeyboardModifiers m = {}) {
    QWheelEvent e(p, w->mapToGlobal(p), QPoint(), QPoint(0, static_cast<int>(120 * notches)),
                  Qt::NoButton, m, Qt::NoScrollPhase, false);
    QApplication::sendEvent(w, &e);
  }

 private:
  Qt::MouseButton held_ = Qt::NoButton;
};

}  // namespace incipit
