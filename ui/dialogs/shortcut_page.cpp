#include "ui/dialogs/shortcut_page.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "ui/dialogs/shortcut_sheet.h"
#include "ui/panels/parts.h"

namespace incipit {

ShortcutPage::ShortcutPage(ActionTable& table, QWidget* parent)
    : QWidget(parent),
      table_(table),
      tree_(new QTreeWidget),
      key_(new QKeySequenceEdit),
      conflict_(makeLabel({}, "muted")),
      assign_(new QPushButton(tr("Assign"))),
      reset_(new QPushButton(tr("Default"))) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 14, 16, 6);
  column->setSpacing(8);
  tree_->setObjectName("shortcutEditTree");
  tree_->setHeaderLabels({tr("Command"), tr("Keys")});
  tree_->setRootIsDecorated(false);
  tree_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  tree_->header()->setStretchLastSection(false);
  tree_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  column->addWidget(tree_);
  key_->setObjectName("shortcutKeyEdit");
  assign_->setObjectName("shortcutAssignButton");
  reset_->setObjectName("shortcutResetButton");
  auto* row = new QHBoxLayout;
  row->addWidget(makeFieldLabel(tr("New key"), key_));
  row->addWidget(key_, 1);
  row->addWidget(assign_);
  row->addWidget(reset_);
  column->addLayout(row);
  conflict_->setObjectName("shortcutConflict");
  conflict_->setMinimumHeight(conflict_->sizeHint().height());
  column->addWidget(conflict_);
  connect(tree_, &QTreeWidget::currentItemChanged, this, &ShortcutPage::showChosen);
  connect(key_, &QKeySequenceEdit::keySequenceChanged, this, &ShortcutPage::showConflict);
  connect(assign_, &QPushButton::clicked, this, &ShortcutPage::assign);
  connect(reset_, &QPushButton::clicked, this, [this] {
    table_.resetKeys(chosen());
    fill();
  });
  fill();
}

QString ShortcutPage::chosen() const {
  const QTreeWidgetItem* item = tree_->currentItem();
  return item == nullptr ? QString() : item->data(0, Qt::UserRole).toString();
}

void ShortcutPage::fill() {
  const QString before = chosen();
  tree_->clear();
  for (const ActionSpec& spec : actionSpecs()) {
    auto* item =
        new QTreeWidgetItem(tree_, {actionGroupName(spec.group()) + ": " + plainActionText(spec),
                                    keysText(table_.keys(spec.id))});
    item->setData(0, Qt::UserRole, spec.id);
    if (spec.id == before || (before.isEmpty() && tree_->topLevelItemCount() == 1))
      tree_->setCurrentItem(item);
  }
  showChosen();
}

void ShortcutPage::showChosen() {
  key_->clear();
  reset_->setEnabled(table_.overridden(chosen()));
  showConflict();
}

void ShortcutPage::showConflict() {
  const QKeySequence key = key_->keySequence();
  const QString other = table_.conflict(chosen(), key);
  assign_->setEnabled(!key.isEmpty());
  assign_->setText(other.isEmpty() ? tr("Assign") : tr("Take it over"));
  conflict_->setText(
      other.isEmpty()
          ? QString()
          : tr("%1 has this key now and would lose it.").arg(table_.action(other)->text()));
}

void ShortcutPage::assign() {
  const QKeySequence key = key_->keySequence();
  for (QString other = table_.conflict(chosen(), key); !other.isEmpty();
       other = table_.conflict(chosen(), key)) {
    QList<QKeySequence> kept;
    for (const QKeySequence& k : table_.keys(other)) {
      if (k.matches(key) == QKeySequence::NoMatch && key.matches(k) == QKeySequence::NoMatch)
        kept << k;
    }
    table_.setKeys(other, kept);
  }
  table_.setKeys(chosen(), {key});
  fill();
}

}  // namespace incipit
