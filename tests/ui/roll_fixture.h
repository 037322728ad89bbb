// A roll on the offscreen platform with a player that only takes notes, and the mouse.
#pragma once

#include <QApplication>
#include <QMouseEvent>
#include <QTest>
#include <QWheelEvent>
#include <utility>
#include <vector>

#include "ui/roll/note_strip.h"
#include "ui/roll/roll_canvas.h"
#include "ui/roll/roll_editor.h"

namespace incipit {

class NotebookPlayer : public Player {
 public:
  struct Heard {
    int pitch;
    int velocity;
    bool operator==(const Heard&) const = default;
  };
  void configure(const AudioSettings&) override {}
  AudioStatus status() const override { return {}; }
  std::vector<std::string> drivers() const override { return {}; }
  std::vector<std::string> devices(const std::string&) const override { return {}; }
  void setDocument(const DocumentPtr&) override {}
  void setOverlay(TrackId, const std::vector<Note>&) override {}
  void clearOverlay() override {}
  void play() override { playing_ = true; }
  void playAfterCountIn(int bars) override {
    countIn = bars;
    play();
  }
  int countInBeats() const override { return 0; }
  void stop() override { playing_ = false; }
  void seek(Tick t) override { position_ = t; }
  void setLoop(std::optional<TickRange>) override {}
  void setMetronome(bool) override {}
  bool playing() const override { return playing_; }
  Tick position() const override { return position_; }
  void previewOn(const Track&, int pitch, int velocity) override {
    heard.push_back({pitch, velocity});
    sounding = pitch;
  }
  void previewOff(int pitch) override {
    if (sounding == pitch) sounding = -1;
  }
  void panic() override {}
  void configureMidi(const MidiSettings& s) override { midi = s; }
  MidiStatus midiStatus() const override { return midiNow; }
  void setLiveTrack(TrackId t) override { liveTrack = t; }
  void playLive(const MidiMessage& m) override { played.push_back(m); }
  std::vector<LiveEvent> takeLiveEvents() override { return std::exchange(liveEvents, {}); }

  int countIn = 0;
  MidiSettings midi;
  MidiStatus midiNow;
  TrackId liveTrack = 0;
  std::vector<MidiMessage> played;
  std::vector<LiveEvent> liveEvents;  // the next to be taken

  std::vector<Heard> heard;
  int sounding = -1;

 private:
  bool playing_ = false;
  Tick position_;
};

inline Note makeNote(double quarter, int pitch, double quarters = 1, int velocity = 80) {
  Note n;
  n.start = {static_cast<std::int64_t>(quarter * kDefaultPpq)};
  n.length = {static_cast<std::int64_t>(quarters * kDefaultPpq)};
  n.pitch = static_cast<std::uint8_t>(pitch);
  n.velocity = static_cast<std::uint8_t>(velocity);
  return n;
}

// An engine that answers at once with a rising line, for tests of what happens to takes.
class LineEngine : public Engine {
 public:
  std::vector<FamilyInfo> families() const override { return {}; }
  Result<ComposeResult> compose(const ComposeRequest& r, ComposeSink& sink,
                                std::stop_token /*stop*/) override {
    ComposeResult out;
    for (int i = 0; i < 8; ++i) {
      Note n = makeNote(i, 60 + i, 0.9);
      n.start += r.from - Tick{0};
      sink.note(n);
      out.notes.push_back(n);
    }
    return out;
  }
  Result<TrainResult> train(const TrainRequest& /*r*/, TrainSink& /*s*/,
                            std::stop_token /*stop*/) override {
    return TrainResult{};
  }
  Result<Evaluation> evaluate(const EvaluateRequest& /*r*/, TrainSink& /*s*/,
                              std::stop_token /*stop*/) override {
    return Evaluation{};
  }
  ComputeReport compute() override { return {}; }
};

// One piano track, grid of sixteenths (14 pixels), rows of 16 pixels, middle C in view.
struct RollFixture {
  NotebookPlayer player;
  Session session;
  Transport transport{session, &player};
  JobRunner jobs{
      []() -> Result<std::unique_ptr<Engine>> { return std::make_unique<LineEngine>(); }};
  Takes takes{session, transport, &jobs};
  RollEditor editor{session, transport, takes};
  RollCanvas* canvas = editor.findChild<RollCanvas*>(QStringLiteral("rollCanvas"));
  QWidget* ruler = editor.findChild<QWidget*>(QStringLiteral("rollRuler"));
  QWidget* keys = editor.findChild<QWidget*>(QStringLiteral("rollKeys"));
  QWidget* lane = editor.findChild<QWidget*>(QStringLiteral("velocityLane"));

  RollFixture() {
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
