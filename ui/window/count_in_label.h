// The beats that are left of a count-in, large, in the middle of its parent; hidden otherwise.
//
// Thread safety: GUI thread only.
#pragma once

#include <QLabel>

#include "ui/session/transport.h"

namespace incipit {

class CountInLabel : public QLabel {
  Q_OBJECT

 public:
  CountInLabel(Transport& transport, QWidget* parent);

 private:
  void showBeats(int beats);
};

}  // namespace incipit
