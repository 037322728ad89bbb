#include "ui/dialogs/shortcut_sheet.h"

#include <QHeaderView>
#include <QLineEdit>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <map>

namespace incipit {

QString keysText(const QList<QKeySequence>& keys) {
  QStringList texts;
  for (const QKeySequence& k : keys) texts << k.toString(QKeySequence::NativeText);
  return texts.join(", ");
}

QString plainActionText(const ActionSpec& spec) {
  QString text = spec.text;
  return text.remove(QStringLiteral("…"));
}

ShortcutSheet::ShortcutSheet(const ActionTable& table, QWidget* parent) : QDialog(parent) {
  setObjectName("shortcutSheet");
  setWindowTitle(tr("Keyboard shortcuts"));
  resize(520, 640);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 14, 16, 16);
  column->setSpacing(10);
  auto* filter = new QLineEdit;
  filter->setPlaceholderText(tr("Find by name or key"));
  filter->setAccessibleName(filter->placeholderText());
  filter->setClearButtonEnabled(true);
  column->addWidget(filter);
  auto* tree = new QTreeWidget;
  tree->setObjectName("shortcutTree");
  tree->setColumnCount(2);
  tree->setHeaderLabels({tr("Command"), tr("Keys")});
  tree->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  tree->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  tree->header()->setStretchLastSection(false);
  tree->setRootIsDecorated(false);
  tree->setIndentation(12);
  std::map<QString, QTreeWidgetItem*> groups;
  for (const ActionSpec& spec : actionSpecs()) {
    const QList<QKeySequence> keys = table.keys(spec.id);
    if (keys.isEmpty()) continue;
    QTreeWidgetItem*& group = groups[spec.group()];
    if (group == nullptr) {
      group = new QTreeWidgetItem(tree, {actionGroupName(spec.group())});
      QFont bold = group->font(0);
      bold.setBold(true);
      group->setFont(0, bold);
      group->setFlags(Qt::ItemIsEnabled);
      group->setFirstColumnSpanned(true);
    }
    new QTreeWidgetItem(group, {plainActionText(spec), keysText(keys)});
  }
  tree->expandAll();
  column->addWidget(tree);
  connect(filter, &QLineEdit::textChanged, tree, [tree](const QString& text) {
    for (int g = 0; g < tree->topLevelItemCount(); ++g) {
      QTreeWidgetItem* group = tree->topLevelItem(g);
      bool any = false;
      for (int i = 0; i < group->childCount(); ++i) {
        QTreeWidgetItem* item = group->child(i);
        const bool fits = item->text(0).contains(text, Qt::CaseInsensitive) ||
                          item->text(1).contains(text, Qt::CaseInsensitive);
        item->setHidden(!fits);
        any = any || fits;
      }
      group->setHidden(!any);
    }
  });
  filter->setFocus();
}

}  // namespace incipit
