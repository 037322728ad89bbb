// One track in the tracks panel: colour, name, instrument, MIDI output, arm, mute, solo, volume and
// pan. Every change but arming is one undo step; a slider that is dragged makes its step when it is
// let go.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/session/live_input.h"

class QLabel;
class QLineEdit;
class QMenu;
class QSlider;
class QToolButton;
class QPushButton;

namespace incipit {

class TrackRow : public QWidget {
  Q_OBJECT

 public:
  TrackRow(Session& session, LiveInput& live, TrackId id, QWidget* parent = nullptr);

  TrackId id() const { return id_; }
  void refresh();  // from the document
  void showOutputs(const std::vector<MidiPort>& outputs);

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
  void refreshOutput(const Track& track);
  void refreshArm();

  Session& session_;
  LiveInput& live_;
  TrackId id_;
  QToolButton* colour_ = nullptr;
  QLineEdit* name_ = nullptr;
  QToolButton* arm_ = nullptr;
  QToolButton* mute_ = nullptr;
  QToolButton* solo_ = nullptr;
  QPushButton* instrument_ = nullptr;
  QToolButton* output_ = nullptr;
  QLabel* outputText_ = nullptr;  // hidden for the synthesizer
  std::vector<MidiPort> outputs_;
  QSlider* volume_ = nullptr;
  QSlider* pan_ = nullptr;
};

}  // namespace incipit
