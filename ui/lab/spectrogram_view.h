// A sound by time and pitch, as a picture: louder is brighter, the highest band on top.
//
// Thread safety: GUI thread only.
#pragma once

#include <QImage>
#include <QWidget>

#include "core/encoding/mel.h"

namespace incipit {

class SpectrogramView : public QWidget {
  Q_OBJECT

 public:
  explicit SpectrogramView(const QString& title, QWidget* parent = nullptr);
  // Levels are shown from 70 dB below `loudest` on.
  void show(const Spectrogram& spectrogram, double loudest);
  void setPlace(double seconds);  // of what is heard; below 0: none
  void setHeard(bool heard);      // whether it is this one

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QString title_;
  QImage image_;
  double seconds_ = 0;
  double place_ = -1;
  bool heard_ = false;
};

double loudestOf(const Spectrogram& spectrogram);

}  // namespace incipit
