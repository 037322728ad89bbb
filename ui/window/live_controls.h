// Playing along, as one part of the window: what comes from keyboards, recording, step input, the
// computer keyboard as a piano, call and response, and the actions that work them. Caps Lock turns
// the piano on and off.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>

#include "ui/actions/action_table.h"
#include "ui/roll/live_notes.h"
#include "ui/session/call_response.h"
#include "ui/session/recorder.h"
#include "ui/session/step_input.h"
#include "ui/session/typing_keyboard.h"

class QSettings;

namespace incipit {

class LiveControls : public QObject {
  Q_OBJECT

 public:
  LiveControls(Session& session, Transport& transport, Takes& takes, JobRunner* jobs,
               QWidget* window);

  LiveInput& input() { return input_; }
  Recorder& recorder() { return recorder_; }
  StepInput& step() { return step_; }
  TypingKeyboard& typing() { return typing_; }
  CallResponse& exchange() { return exchange_; }

  // Makes the actions of the group record, Record and Arm do their work and keeps them checked.
  void connectTo(ActionTable& table);
  // The next of: stops a recording, starts one, or starts a call in that mode.
  void toggleRecord();
  // For the roll.
  LiveNotes shown() const;

  void load(QSettings& settings);
  void save(QSettings& settings) const;

 Q_SIGNALS:
  void shownChanged();
  void failed(const QString& message);  // one line for a banner

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void connectSettings(ActionTable& table);
  void connectModes(ActionTable& table);
  void change(void (*f)(RecordSettings&));
  void followGrid();

  Session& session_;
  Transport& transport_;
  QWidget* window_;
  LiveInput input_;
  Recorder recorder_;
  StepInput step_;
  TypingKeyboard typing_;
  CallResponse exchange_;
};

}  // namespace incipit
