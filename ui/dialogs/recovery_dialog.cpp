#include "ui/dialogs/recovery_dialog.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/panels/parts.h"

namespace incipit {

RecoveryDialog::RecoveryDialog(std::vector<Recoverable> found, QWidget* parent)
    : QDialog(parent), found_(std::move(found)), list_(new QTreeWidget) {
  setObjectName("recoveryDialog");
  setWindowTitle(tr("Unsaved work"));
  setAttribute(Qt::WA_DeleteOnClose);
  resize(640, 320);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 14, 16, 14);
  column->setSpacing(10);
  QLabel* text =
      makeLabel(tr("These documents were not saved when Incipit ended. A copy opens as a "
                   "new document; what is discarded stays in the trash for 30 days."),
                "muted");
  text->setWordWrap(true);
  column->addWidget(text);
  list_->setObjectName("recoveryList");
  list_->setRootIsDecorated(false);
  list_->setHeaderLabels({tr("Document"), tr("Last change"), tr("Size"), tr("Ended")});
  list_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  list_->header()->setStretchLastSection(false);
  column->addWidget(list_);
  auto* buttons = new QHBoxLayout;
  auto* discard = new QPushButton(tr("Discard"));
  discard->setObjectName("recoveryDiscardButton");
  auto* later = new QPushButton(tr("Decide later"));
  auto* open = new QPushButton(tr("Open copy"));
  open->setObjectName("recoveryOpenButton");
  open->setProperty("role", "accent");
  open->setDefault(true);
  buttons->addWidget(discard);
  buttons->addStretch(1);
  buttons->addWidget(later);
  buttons->addWidget(open);
  column->addLayout(buttons);
  connect(later, &QPushButton::clicked, this, &QDialog::close);
  connect(open, &QPushButton::clicked, this, [this] {
    const Recoverable* r = chosen();
    if (r == nullptr) return;
    const Recoverable copy = *r;
    close();
    Q_EMIT openRequested(copy);
  });
  connect(discard, &QPushButton::clicked, this, [this] {
    const Recoverable* r = chosen();
    if (r == nullptr) return;
    if (const auto gone = discardRecoverable(*r); !gone) {
      QMessageBox::warning(this, windowTitle(), QString::fromStdString(gone.error().message));
      return;
    }
    found_.erase(found_.begin() + (r - found_.data()));
    fill();
    if (found_.empty()) close();
  });
  fill();
}

const Recoverable* RecoveryDialog::chosen() const {
  const int row = list_->indexOfTopLevelItem(list_->currentItem());
  return row < 0 ? nullptr : &found_[static_cast<std::size_t>(row)];
}

void RecoveryDialog::fill() {
  list_->clear();
  for (const Recoverable& r : found_) {
    const QString name = QString::fromStdString(r.original.filename().string());
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(r.time.time_since_epoch()).count();
    auto* item = new QTreeWidgetItem(
        list_, {name.isEmpty() ? tr("Never saved") : name,
                QLocale().toString(QDateTime::fromSecsSinceEpoch(seconds), QLocale::ShortFormat),
                QLocale().formattedDataSize(static_cast<qint64>(r.bytes)),
                r.cleanExit ? tr("in good order") : tr("unexpectedly")});
    item->setToolTip(0, QString::fromStdString(r.original.string()));
  }
  for (int c = 1; c < 4; ++c) list_->resizeColumnToContents(c);
  list_->setCurrentItem(list_->topLevelItem(0));
}

}  // namespace incipit
