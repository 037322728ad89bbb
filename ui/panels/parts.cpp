#include "ui/panels/parts.h"

#include <QPainter>
#include <QStyle>
#include <QVariant>

namespace incipit {

QLabel* makeLabel(const QString& text, const char* role, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setProperty("role", role);
  return label;
}

QLabel* makeFieldLabel(const QString& text, QWidget* buddy, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setBuddy(buddy);
  buddy->setAccessibleName(text);
  return label;
}

QToolButton* makeToolButton(QAction* action, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setDefaultAction(action);
  button->setProperty("role", "flat");
  button->setIconSize({18, 18});
  button->setFocusPolicy(Qt::TabFocus);
  return button;
}

QPushButton* makeButton(QAction* action, const char* role, QWidget* parent) {
  auto* button = new QPushButton(parent);
  button->setProperty("role", role);
  button->setFocusPolicy(Qt::TabFocus);
  const auto follow = [action, button] {
    button->setText(action->text());
    button->setToolTip(action->toolTip());
    button->setEnabled(action->isEnabled());
  };
  QObject::connect(action, &QAction::changed, button, follow);
  QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
  follow();
  return button;
}

namespace {
QFrame* makeLine(QWidget* parent) {
  auto* line = new QFrame(parent);
  line->setProperty("role", "line");
  return line;
}
}  // namespace

QFrame* makeVerticalLine(QWidget* parent) {
  QFrame* line = makeLine(parent);
  line->setFixedWidth(1);
  line->setMinimumHeight(28);
  return line;
}

QFrame* makeHorizontalLine(QWidget* parent) {
  QFrame* line = makeLine(parent);
  line->setFixedHeight(1);
  return line;
}

void setStyleProperty(QWidget* widget, const char* name, const QVariant& value) {
  if (widget->property(name) == value) return;
  widget->setProperty(name, value);
  widget->style()->unpolish(widget);
  widget->style()->polish(widget);
}

QFormLayout* makeForm(QWidget* page) {
  auto* form = new QFormLayout(page);
  form->setContentsMargins(18, 18, 18, 12);
  form->setHorizontalSpacing(16);
  form->setVerticalSpacing(10);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  return form;
}

void selectData(QComboBox* box, const QVariant& value, const QString& textIfNew) {
  int index = box->findData(value);
  if (index < 0) {
    box->addItem(textIfNew, value);
    index = box->count() - 1;
  }
  box->setCurrentIndex(index);
}

QIcon colourIcon(const QColor& colour) {
  QPixmap pixmap(32, 32);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  painter.drawRoundedRect(QRectF(3, 3, 26, 26), 6, 6);
  return QIcon(pixmap);
}

}  // namespace incipit
