#include "ui/dialogs/command_palette.h"

#include <QKeyEvent>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/dialogs/shortcut_sheet.h"

namespace incipit {
namespace {

// Every word must begin somewhere in the title.
bool fits(const QString& title, const QString& text) {
  const QStringList words = text.split(' ', Qt::SkipEmptyParts);
  return std::all_of(words.begin(), words.end(), [&](const QString& word) {
    return title.contains(word, Qt::CaseInsensitive);
  });
}

}  // namespace

CommandPalette::CommandPalette(const ActionTable& table, QWidget* parent)
    : QDialog(parent), table_(table), field_(new QLineEdit), list_(new QListWidget) {
  setObjectName("commandPalette");
  setWindowTitle(tr("Find a command"));
  resize(480, 380);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 12, 12, 12);
  column->setSpacing(8);
  field_->setPlaceholderText(tr("What do you want to do?"));
  field_->setAccessibleName(field_->placeholderText());
  field_->installEventFilter(this);
  column->addWidget(field_);
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setAccessibleName(tr("Commands"));
  column->addWidget(list_);
  connect(field_, &QLineEdit::textChanged, this, &CommandPalette::fill);
  connect(field_, &QLineEdit::returnPressed, this, &CommandPalette::run);
  connect(list_, &QListWidget::itemClicked, this, &CommandPalette::run);
  fill({});
}

void CommandPalette::fill(const QString& text) {
  list_->clear();
  for (const ActionSpec& spec : actionSpecs()) {
    const QAction* action = table_.action(spec.id);
    if (!action->isEnabled() || spec.id == "help.palette") continue;
    const QString title = actionGroupName(spec.group()) + ": " + plainActionText(spec);
    if (!fits(title, text)) continue;
    const QString keys = keysText(table_.keys(spec.id));
    auto* item = new QListWidgetItem(action->icon(), keys.isEmpty() ? title : title + "   " + keys);
    item->setData(Qt::UserRole, spec.id);
    list_->addItem(item);
  }
  list_->setCurrentRow(0);
}

void CommandPalette::run() {
  const QListWidgetItem* item = list_->currentItem();
  if (item == nullptr) return;
  QAction* action = table_.action(item->data(Qt::UserRole).toString());
  close();
  // Queued: the action may open a dialog of its own, which should not stand on this one.
  QMetaObject::invokeMethod(action, &QAction::trigger, Qt::QueuedConnection);
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Up || key == Qt::Key_Down) {
      const int row = list_->currentRow() + (key == Qt::Key_Down ? 1 : -1);
      list_->setCurrentRow(std::clamp(row, 0, list_->count() - 1));
      return true;
    }
  }
  return QDialog::eventFilter(watched, event);
}

}  // namespace incipit
