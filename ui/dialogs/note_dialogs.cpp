#include "ui/dialogs/note_dialogs.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QPushButton>
#include <QSpinBox>

#include "ui/panels/parts.h"

namespace incipit {
namespace {

QDialog* makeDialog(const char* name, const QString& title, const QString& verb, QWidget* parent,
                    QFormLayout** form) {
  auto* dialog = new QDialog(parent);
  dialog->setObjectName(name);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(title);
  auto* column = new QVBoxLayout(dialog);
  column->setContentsMargins(18, 16, 18, 16);
  column->setSpacing(14);
  *form = new QFormLayout;
  (*form)->setHorizontalSpacing(14);
  (*form)->setVerticalSpacing(9);
  column->addLayout(*form);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
  buttons->button(QDialogButtonBox::Ok)->setText(verb);
  QObject::connect(buttons, &QDialogButtonBox::accepted, dialog, &QDialog::accept);
  QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  column->addWidget(buttons);
  return dialog;
}

}  // namespace

void showQuantiseDialog(Session& session, EditCommands& edits, QWidget* parent) {
  if (session.selection().empty()) session.selectAll();
  QFormLayout* form = nullptr;
  QDialog* dialog =
      makeDialog("quantiseDialog", QObject::tr("Quantise"), QObject::tr("Quantise"), parent, &form);
  auto* division = new QComboBox;
  division->setObjectName("quantiseGridCombo");
  for (const int d : {1, 2, 4, 8, 16, 32, 64}) division->addItem(QString("1/%1").arg(d), d);
  division->setCurrentIndex(division->findData(session.grid().division));
  auto* triplet = new QCheckBox(QObject::tr("Triplets"));
  triplet->setChecked(session.grid().triplet);
  auto* strength = new QSpinBox;
  strength->setObjectName("quantiseStrengthSpin");
  strength->setRange(0, 100);
  strength->setSuffix(" %");
  strength->setValue(100);
  auto* ends = new QCheckBox(QObject::tr("Also the ends of the notes"));
  form->addRow(QObject::tr("Grid"), division);
  form->addRow(QString(), triplet);
  form->addRow(QObject::tr("Strength"), strength);
  form->addRow(QString(), ends);
  form->addRow(makeLabel(
      QObject::tr("%1 will be moved.").arg(noteCount(session.selection().size())), "muted"));
  QObject::connect(dialog, &QDialog::accepted, &edits, [=, &session, &edits] {
    const Grid grid{division->currentData().toInt(), triplet->isChecked(), true};
    session.setGrid(grid);
    edits.quantise(strength->value() / 100.0, ends->isChecked());
  });
  dialog->open();
}

void showTransposeDialog(Session& session, EditCommands& edits, QWidget* parent) {
  if (session.selection().empty()) session.selectAll();
  QFormLayout* form = nullptr;
  QDialog* dialog = makeDialog("transposeDialog", QObject::tr("Transpose"),
                               QObject::tr("Transpose"), parent, &form);
  auto* amount = new QSpinBox;
  amount->setObjectName("transposeSpin");
  amount->setRange(-127, 127);
  amount->setValue(0);
  auto* unit = new QComboBox;
  unit->setObjectName("transposeUnitCombo");
  unit->addItem(QObject::tr("semitones"), 1);
  unit->addItem(QObject::tr("octaves"), 12);
  unit->addItem(QObject::tr("steps of %1").arg(QString::fromStdString(scaleName(session.scale()))),
                0);
  form->addRow(QObject::tr("By"), amount);
  form->addRow(QObject::tr("Unit"), unit);
  form->addRow(makeLabel(
      QObject::tr("%1 will be moved.").arg(noteCount(session.selection().size())), "muted"));
  QObject::connect(dialog, &QDialog::accepted, &edits, [=, &edits] {
    const int semitones = unit->currentData().toInt();
    if (semitones == 0) {
      edits.transposeInScale(amount->value());
    } else {
      edits.transpose(amount->value() * semitones);
    }
  });
  dialog->open();
  amount->selectAll();
  amount->setFocus();
}

}  // namespace incipit
