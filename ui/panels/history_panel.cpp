#include "ui/panels/history_panel.h"

#include <QSignalBlocker>
#include <QVBoxLayout>

#include "ui/panels/parts.h"

namespace incipit {

HistoryPanel::HistoryPanel(Session& session, QWidget* parent)
    : QWidget(parent), session_(session), list_(new QListWidget) {
  setObjectName("sidePanel");
  setAttribute(Qt::WA_StyledBackground);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(14, 10, 14, 12);
  column->setSpacing(8);
  column->addWidget(makeLabel(tr("History"), "heading"));
  list_->setObjectName("historyList");
  list_->setAccessibleName(tr("History"));
  list_->setFocusPolicy(Qt::TabFocus);
  list_->setToolTip(tr("Click a step to go back or forward to it"));
  column->addWidget(list_);
  connect(list_, &QListWidget::currentRowChanged, this, [this](int row) {
    if (row >= 0) session_.jumpTo(static_cast<std::size_t>(row));
  });
  connect(&session_, &Session::documentChanged, this, &HistoryPanel::refresh);
  connect(&session_, &Session::documentLoaded, this, &HistoryPanel::refresh);
  refresh();
}

void HistoryPanel::refresh() {
  const QSignalBlocker quiet(list_);
  const History& h = session_.history();
  const int wanted = static_cast<int>(h.entries().size()) + 1;
  while (list_->count() > wanted) delete list_->takeItem(list_->count() - 1);
  while (list_->count() < wanted) list_->addItem(QString());
  for (int i = 0; i < wanted; ++i) {
    QListWidgetItem* item = list_->item(i);
    const QString text =
        i == 0 ? tr("Start")
               : QString::fromStdString(h.entries()[static_cast<std::size_t>(i) - 1].name);
    if (item->text() != text) item->setText(text);
    const bool undone = i > static_cast<int>(h.position());
    item->setForeground(undone ? palette().brush(QPalette::Disabled, QPalette::Text)
                               : palette().brush(QPalette::Text));
  }
  list_->setCurrentRow(static_cast<int>(h.position()));
}

}  // namespace incipit
