#include "ui/training/note_dialog.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/panels/parts.h"
#include "ui/theme/icons.h"
#include "ui/training/table_model.h"
#include "ui/training/train_page.h"

namespace incipit {

void showNoteDialog(QWidget* parent, const QString& title, Table notes) {
  constexpr QSize kSize(620, 460);
  constexpr int kColumnWidth = 82;
  auto* dialog = new QDialog(parent);
  dialog->setObjectName("noteDialog");
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(title);
  dialog->resize(kSize);
  auto* column = new QVBoxLayout(dialog);
  column->addWidget(makeLabel(QDialog::tr("Times in seconds by the piece's tempo; the step is "
                                          "counted from the start of the note before."),
                              "caption"));
  auto* model = new TableModel(dialog);
  model->setTable(std::move(notes));
  QTableView* view = makeTableView(model, "noteTable", QDialog::tr("Notes of the continuation"));
  view->horizontalHeader()->setDefaultSectionSize(kColumnWidth);
  view->horizontalHeader()->setStretchLastSection(true);
  column->addWidget(view, 1);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  auto* save = buttons->addButton(QDialog::tr("Export table…"), QDialogButtonBox::ActionRole);
  save->setObjectName("noteExportButton");
  save->setIcon(themedIcon("export"));
  save->setToolTip(QDialog::tr("Saves the notes as CSV"));
  QObject::connect(save, &QPushButton::clicked, dialog, [dialog, model, title] {
    saveTable(dialog, title, "notes.csv", tableCsv(model->table()));
  });
  QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  column->addWidget(buttons);
  dialog->show();
}

}  // namespace incipit
