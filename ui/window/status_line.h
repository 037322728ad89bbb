// The status bar's read-outs: what the pointer is over, the selection, the notes of the track, and
// sound (driver, rate, period, load), asked for once a second.
//
// Thread safety: GUI thread only.
#pragma once

#include <QLabel>
#include <QStatusBar>
#include <QTimer>

#include "ui/session/transport.h"

namespace incipit {

class StatusLine : public QObject {
  Q_OBJECT

 public:
  StatusLine(QStatusBar* bar, Session& session, Transport& transport);

  void setPointerText(const QString& text);
  void setTrainingText(const QString& text);  // empty: none runs
  // The driver's problem as it is now, "" if none.
  QString audioProblem() const;

 private:
  void showSelection();
  void showAudio();

  Session& session_;
  Transport& transport_;
  QLabel* pointer_;
  QLabel* selection_;
  QLabel* training_;
  QLabel* audio_;
  QTimer poll_;
};

}  // namespace incipit
