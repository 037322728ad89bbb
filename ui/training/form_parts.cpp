#include "ui/training/form_parts.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QSpinBox>

#include "ui/panels/parts.h"

namespace incipit {

void addField(QVBoxLayout* column, const QString& text, QWidget* field, QWidget* beside) {
  column->addWidget(makeFieldLabel(text, field));
  auto* line = new QHBoxLayout;
  line->setSpacing(6);
  line->addWidget(field, 1);
  if (beside != nullptr) line->addWidget(beside);
  column->addLayout(line);
  column->addSpacing(kFieldGap);
}

void addPair(QVBoxLayout* column, const QString& text1, QWidget* field1, const QString& text2,
             QWidget* field2) {
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(10);
  grid->setVerticalSpacing(4);
  grid->addWidget(makeFieldLabel(text1, field1), 0, 0);
  grid->addWidget(makeFieldLabel(text2, field2), 0, 1);
  grid->addWidget(field1, 1, 0);
  grid->addWidget(field2, 1, 1);
  grid->setColumnStretch(0, 1);
  grid->setColumnStretch(1, 1);
  column->addLayout(grid);
  column->addSpacing(kFieldGap);
}

QComboBox* makeCombo(const char* name, const QString& help) {
  auto* box = new QComboBox;
  box->setObjectName(name);
  box->setToolTip(help);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  box->setMinimumContentsLength(8);
  return box;
}

QSpinBox* makeSpin(const char* name, int most, const QString& help) {
  auto* spin = new QSpinBox;
  spin->setObjectName(name);
  spin->setRange(0, most);
  spin->setGroupSeparatorShown(true);
  spin->setToolTip(help);
  return spin;
}

}  // namespace incipit
