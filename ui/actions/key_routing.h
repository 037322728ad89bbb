// Decides who hears a key: a shortcut of the window or the control that has the focus. Editors of
// text and numbers keep what they can use, lists and sliders their arrows, buttons Space and
// Return; everything else is a shortcut. Without it Space in a number field would be typed, and
// arrows in a list would move notes.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>

class QWidget;

namespace incipit {

class KeyRouting : public QObject {
 public:
  // Watches the controls of `window`; `roll` is left alone.
  KeyRouting(QWidget* window, QWidget* roll);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  QWidget* window_;
  QWidget* roll_;
};

}  // namespace incipit
