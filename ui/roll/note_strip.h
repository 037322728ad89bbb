// The strip that a double click on a note opens: start, length, pitch and velocity as text. Enter
// makes them one undo step, Esc (or clicking elsewhere) leaves the note as it was. What cannot be
// read is marked, and nothing is changed.
//
// Thread safety: GUI thread only.
#pragma once

#include <QFrame>
#include <QLineEdit>

#include "ui/session/session.h"

namespace incipit {

class NoteStrip : public QFrame {
  Q_OBJECT

 public:
  NoteStrip(Session& session, const Note& note, QWidget* parent);
  // Opens below `note` (above it where there is no room), within the parent.
  void showBeside(const QRectF& note);
  // As Enter does. Returns whether every field could be read (the strip is then gone).
  bool accept();

 protected:
  bool eventFilter(QObject* watched, QEvent* e) override;

 private:
  QLineEdit* field(const char* name, const QString& label, const QString& text, int characters);
  void leave();

  Session& session_;
  const Note note_;
  QLineEdit* start_;
  QLineEdit* length_;
  QLineEdit* pitch_;
  QLineEdit* velocity_;
};

}  // namespace incipit
