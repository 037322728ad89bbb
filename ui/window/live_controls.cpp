#include "ui/window/live_controls.h"

#include <QActionGroup>
#include <QApplication>
#include <QKeyEvent>
#include <QSettings>
#include <algorithm>

namespace incipit {
namespace {

constexpr const char* kCountIns[] = {"record.countInNone", "record.countInOne",
                                     "record.countInTwo"};

}  // namespace

LiveControls::LiveControls(Session& session, Transport& transport, Takes& takes, JobRunner* jobs,
                           QWidget* window)
    : QObject(window),
      session_(session),
      transport_(transport),
      window_(window),
      input_(session, transport),
      recorder_(session, transport, input_),
      step_(session, transport, input_),
      typing_(transport.player()),
      exchange_(session, transport, input_, takes, jobs) {
  typing_.watch(window);
  qApp->installEventFilter(this);
  connect(&session_, &Session::editingStateChanged, this, &LiveControls::followGrid);
  connect(&recorder_, &Recorder::recordingChanged, this, &LiveControls::shownChanged);
  connect(&recorder_, &Recorder::notesChanged, this, &LiveControls::shownChanged);
  connect(&step_, &StepInput::changed, this, &LiveControls::shownChanged);
  connect(&exchange_, &CallResponse::changed, this, &LiveControls::shownChanged);
  connect(&recorder_, &Recorder::failed, this, &LiveControls::failed);
  connect(&exchange_, &CallResponse::failed, this, &LiveControls::failed);
  followGrid();
}

void LiveControls::change(void (*f)(RecordSettings&)) {
  RecordSettings s = recorder_.settings();
  f(s);
  recorder_.setSettings(s);
}

// What is played snaps to the grid that is drawn.
void LiveControls::followGrid() {
  RecordSettings s = recorder_.settings();
  s.grid = session_.grid();
  s.grid.enabled = true;
  recorder_.setSettings(s);
}

void LiveControls::toggleRecord() {
  if (!exchange_.on()) {
    recorder_.toggle();
  } else if (transport_.playing()) {
    exchange_.stop();
  } else {
    exchange_.start();
  }
}

void LiveControls::connectTo(ActionTable& table) {
  QAction* record = table.action("transport.record");
  const auto showRecord = [this, record] {
    record->setChecked(recorder_.recording() || (exchange_.on() && transport_.playing()));
  };
  connect(record, &QAction::triggered, this, [this, showRecord] {
    toggleRecord();
    showRecord();  // where nothing could be recorded
  });
  connect(&recorder_, &Recorder::recordingChanged, this, showRecord);
  connect(&exchange_, &CallResponse::settingsChanged, this, showRecord);
  connect(&transport_, &Transport::playingChanged, this, showRecord);
  connect(table.action("track.arm"), &QAction::triggered, this, [this] {
    const TrackId id = session_.activeTrack();
    input_.arm(input_.armed() == id ? 0 : id);
  });
  connectSettings(table);
  connectModes(table);
}

void LiveControls::connectSettings(ActionTable& table) {
  auto* countIns = new QActionGroup(this);
  for (int bars = 0; bars < 3; ++bars) {
    countIns->addAction(table.action(kCountIns[bars]));
    connect(table.action(kCountIns[bars]), &QAction::triggered, this, [this, bars] {
      RecordSettings s = recorder_.settings();
      s.countInBars = bars;
      recorder_.setSettings(s);
    });
  }
  connect(table.action("record.metronome"), &QAction::triggered, this,
          [this] { change([](RecordSettings& s) { s.metronome = !s.metronome; }); });
  connect(table.action("record.replace"), &QAction::triggered, this,
          [this] { change([](RecordSettings& s) { s.replace = !s.replace; }); });
  connect(table.action("record.quantise"), &QAction::triggered, this,
          [this] { change([](RecordSettings& s) { s.quantise = !s.quantise; }); });
  const auto show = [this, &table] {
    const RecordSettings& s = recorder_.settings();
    for (int bars = 0; bars < 3; ++bars)
      table.action(kCountIns[bars])->setChecked(s.countInBars == bars);
    table.action("record.metronome")->setChecked(s.metronome);
    table.action("record.replace")->setChecked(s.replace);
    table.action("record.quantise")->setChecked(s.quantise);
    if (exchange_.countInBars() != s.countInBars) exchange_.setCountInBars(s.countInBars);
  };
  connect(&recorder_, &Recorder::settingsChanged, this, show);
  show();
}

void LiveControls::connectModes(ActionTable& table) {
  connect(table.action("record.callResponse"), &QAction::triggered, this,
          [this](bool on) { exchange_.setOn(on); });
  connect(table.action("record.step"), &QAction::triggered, this,
          [this](bool on) { step_.setOn(on); });
  connect(table.action("record.stepRest"), &QAction::triggered, this, [this] { step_.rest(); });
  connect(table.action("record.stepBack"), &QAction::triggered, this, [this] { step_.back(); });
  connect(table.action("record.stepNoteLength"), &QAction::triggered, this,
          [this](bool on) { step_.setUsesNoteLength(on); });
  connect(table.action("record.typing"), &QAction::triggered, this,
          [this](bool on) { typing_.setOn(on); });
  const auto show = [this, &table] {
    table.action("record.callResponse")->setChecked(exchange_.on());
    table.action("record.step")->setChecked(step_.on());
    table.action("record.stepRest")->setEnabled(step_.on());
    table.action("record.stepBack")->setEnabled(step_.on());
    table.action("record.stepNoteLength")->setChecked(step_.usesNoteLength());
    table.action("record.typing")->setChecked(typing_.on());
  };
  connect(&exchange_, &CallResponse::settingsChanged, this, show);
  connect(&step_, &StepInput::changed, this, show);
  connect(&typing_, &TypingKeyboard::changed, this, show);
  show();
}

bool LiveControls::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::KeyPress) return false;
  const auto* key = static_cast<QKeyEvent*>(event);
  const auto* widget = qobject_cast<const QWidget*>(watched);
  if (key->key() != Qt::Key_CapsLock || widget == nullptr || widget->window() != window_)
    return false;
  // A field that takes text gives the key up to its parents.
  const QWidget* focus = QApplication::focusWidget();
  if (focus != nullptr && focus->testAttribute(Qt::WA_InputMethodEnabled)) return false;
  if (!key->isAutoRepeat()) typing_.setOn(!typing_.on());
  return true;
}

LiveNotes LiveControls::shown() const {
  LiveNotes n;
  n.track = input_.track();
  if (recorder_.recording()) {
    n.track = recorder_.track();
    n.recording = true;
    n.from = recorder_.from();
    n.played = recorder_.notes();
  } else if (exchange_.phase() != CallResponse::Phase::kIdle) {
    n.track = exchange_.track();
    n.recording = exchange_.phase() == CallResponse::Phase::kCall;
    n.call = exchange_.callRange();
    n.from = n.call.from;
    n.played = exchange_.callNotes();
    n.answerRange = exchange_.answerRange();
    n.answer = exchange_.answerNotes();
    n.late = exchange_.late();
  }
  if (step_.on()) {
    n.cursor = step_.cursor();
    n.step = step_.step();
    n.pending = step_.pending();
  }
  return n;
}

void LiveControls::load(QSettings& settings) {
  const RecordSettings d;
  RecordSettings s = recorder_.settings();
  settings.beginGroup("record");
  s.countInBars = std::clamp(settings.value("countIn", d.countInBars).toInt(), 0, 2);
  s.metronome = settings.value("metronome", d.metronome).toBool();
  s.replace = settings.value("replace", d.replace).toBool();
  s.quantise = settings.value("quantise", d.quantise).toBool();
  recorder_.setSettings(s);
  exchange_.setBars(settings.value("callBars", exchange_.bars()).toInt());
  step_.setUsesNoteLength(settings.value("stepNoteLength", false).toBool());
  typing_.setOctave(settings.value("typingOctave", typing_.octave()).toInt());
  settings.endGroup();
}

void LiveControls::save(QSettings& settings) const {
  const RecordSettings& s = recorder_.settings();
  settings.beginGroup("record");
  settings.setValue("countIn", s.countInBars);
  settings.setValue("metronome", s.metronome);
  settings.setValue("replace", s.replace);
  settings.setValue("quantise", s.quantise);
  settings.setValue("callBars", exchange_.bars());
  settings.setValue("stepNoteLength", step_.usesNoteLength());
  settings.setValue("typingOctave", typing_.octave());
  settings.endGroup();
}

}  // namespace incipit
