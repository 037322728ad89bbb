// The status bar's read-outs: what the pointer is over, the selection, the notes of the track, MIDI
// (a light for what comes in, the clock that is followed), and sound (driver, rate, period, load),
// asked for once a second.
//
// Thread safety: GUI thread only.
#pragma once

#include <QLabel>
#include <QStatusBar>
#include <QTimer>

#include "ui/session/transport.h"

namespace incipit {

// A dot that lights up for a moment.
class ActivityLight : public QWidget {
  Q_OBJECT

 public:
  explicit ActivityLight(QWidget* parent = nullptr);
  void flash();
  bool lit() const { return off_.isActive(); }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QTimer off_;
};

class StatusLine : public QObject {
  Q_OBJECT

 public:
  StatusLine(QStatusBar* bar, Session& session, Transport& transport);

  void setPointerText(const QString& text);
  void setTrainingText(const QString& text);  // empty: none runs
  void showMidi(const MidiStatus& status);
  void flashMidi();  // something came from a keyboard
  // The driver's problem as it is now, "" if none.
  QString audioProblem() const;

 Q_SIGNALS:
  void audioProblemChanged();

 private:
  void showSelection();
  void showAudio();

  Session& session_;
  Transport& transport_;
  QLabel* pointer_;
  QLabel* selection_;
  QLabel* training_;
  ActivityLight* light_;
  QLabel* midi_;
  QLabel* audio_;
  QTimer poll_;
  QString problemShown_;
};

}  // namespace incipit
