// One track in the tracks panel: colour, name, instrument, mute, solo, volume and pan. Every change
// is one undo step; a slider that is dragged makes its step when it is let go.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>

#include "ui/session/session.h"

class QLineEdit;
class QMenu;
class QSlider;
class QToolButton;
class QPushButton;

namespace incipit {

class TrackRow : public QWidget {
  Q_OBJECT

 public:
  TrackRow(Session& session, TrackId id, QWidget* parent = nullptr);

  TrackId id() const { return id_; }
  void refresh();  // from the document

 Q_SIGNALS:
  void editingDone();       // the focus may go back to the roll
  void instrumentChosen();  // the ear wants to know what it is

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void buildTop();
  void buildInstrument();
  void buildSliders();
  const Track* track() const { return session_.document()->track(id_); }
  // Commits the track as `change` leaves it.
  template <typename F>
  void edit(const QString& name, F change);
  void chooseColour();
  void setProgram(int program, bool drums);
  void showMenu(const QPoint& at);

  Session& session_;
  TrackId id_;
  QToolButton* colour_ = nullptr;
  QLineEdit* name_ = nullptr;
  QToolButton* mute_ = nullptr;
  QToolButton* solo_ = nullptr;
  QPushButton* instrument_ = nullptr;
  QSlider* volume_ = nullptr;
  QSlider* pan_ = nullptr;
};

}  // namespace incipit
