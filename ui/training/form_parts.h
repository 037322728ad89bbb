// The fields of the training window's forms, so that they look alike.
//
// Thread safety: GUI thread only. What is added belongs to the layout's widget.
#pragma once

#include <QString>

class QComboBox;
class QSpinBox;
class QVBoxLayout;
class QWidget;

namespace incipit {

inline constexpr int kFieldGap = 6;  // below a field

// A field under its label, with what belongs to it at its side.
void addField(QVBoxLayout* column, const QString& text, QWidget* field, QWidget* beside = nullptr);
// Two fields side by side, each under its label.
void addPair(QVBoxLayout* column, const QString& text1, QWidget* field1, const QString& text2,
             QWidget* field2);
QComboBox* makeCombo(const char* name, const QString& help);
QSpinBox* makeSpin(const char* name, int most, const QString& help);  // 0..most

}  // namespace incipit
