#include "ui/actions/key_routing.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QTabBar>

namespace incipit {
namespace {

bool isArrow(int key) {
  return key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Up || key == Qt::Key_Down;
}

bool isPaging(int key) {
  return key == Qt::Key_PageUp || key == Qt::Key_PageDown || key == Qt::Key_Home ||
         key == Qt::Key_End;
}

bool isReturn(int key) { return key == Qt::Key_Return || key == Qt::Key_Enter; }

// Whether the control uses the key itself.
bool controlWants(const QWidget* control, const QKeyEvent& key) {
  if ((key.modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier)) != 0) return false;
  const int k = key.key();
  if (qobject_cast<const QAbstractButton*>(control) != nullptr)
    return k == Qt::Key_Space || isReturn(k);
  if (qobject_cast<const QLineEdit*>(control) != nullptr) return isReturn(k);
  if (qobject_cast<const QAbstractSpinBox*>(control) != nullptr)
    return k == Qt::Key_Up || k == Qt::Key_Down || isReturn(k);
  if (qobject_cast<const QComboBox*>(control) != nullptr)
    return k == Qt::Key_Up || k == Qt::Key_Down || k == Qt::Key_Space || isReturn(k);
  if (qobject_cast<const QAbstractSlider*>(control) != nullptr ||
      qobject_cast<const QTabBar*>(control) != nullptr)
    return isArrow(k) || isPaging(k);
  if (qobject_cast<const QAbstractItemView*>(control) != nullptr)
    return isArrow(k) || isPaging(k) || isReturn(k);
  return false;
}

}  // namespace

KeyRouting::KeyRouting(QWidget* window, QWidget* roll)
    : QObject(window), window_(window), roll_(roll) {
  qApp->installEventFilter(this);
}

bool KeyRouting::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::ShortcutOverride) return false;
  auto* widget = qobject_cast<QWidget*>(watched);
  if (widget == nullptr || widget->window() != window_) return false;
  if (roll_ != nullptr && (widget == roll_ || roll_->isAncestorOf(widget))) return false;
  auto& key = *static_cast<QKeyEvent*>(event);
  // A number has no spaces: there the bar plays. The field would take every printable key.
  if (qobject_cast<QAbstractSpinBox*>(widget) != nullptr && key.key() == Qt::Key_Space) {
    event->ignore();
    return true;
  }
  if (!controlWants(widget, key)) return false;
  event->accept();
  return true;
}

}  // namespace incipit
