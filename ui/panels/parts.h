// Small pieces that the panels and dialogs are put together from, so that they look alike. Roles
// are those of the style sheet.
//
// Thread safety: GUI thread only. What is returned belongs to its parent or to the layout that it
// is put into.
#pragma once

#include <QAction>
#include <QComboBox>
#include <QFormLayout>
#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

namespace incipit {

QLabel* makeLabel(const QString& text, const char* role, QWidget* parent = nullptr);
// A label for a control, which gets its name for screen readers and its buddy.
QLabel* makeFieldLabel(const QString& text, QWidget* buddy, QWidget* parent = nullptr);
// Flat, showing the action's icon; takes the focus by Tab only, so that a click leaves it in the
// roll.
QToolButton* makeToolButton(QAction* action, QWidget* parent = nullptr);
// Likewise for a push button with the action's text; `icon` where the action has one.
QPushButton* makeButton(QAction* action, const char* role, QWidget* parent = nullptr);
QFrame* makeVerticalLine(QWidget* parent = nullptr);
QFrame* makeHorizontalLine(QWidget* parent = nullptr);
// Sets the property and lets the style sheet see it.
void setStyleProperty(QWidget* widget, const char* name, const QVariant& value);
// The form of a dialog's page.
QFormLayout* makeForm(QWidget* page);
// Chooses the item with that data, which is added as `textIfNew` where there is none.
void selectData(QComboBox* box, const QVariant& value, const QString& textIfNew);
// An icon-sized square of one colour.
QIcon colourIcon(const QColor& colour);

}  // namespace incipit
