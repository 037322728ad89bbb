#include "ui/window/banner.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include "ui/theme/icons.h"

namespace incipit {
namespace {
// More would push the roll away; the oldest goes.
constexpr int kMostMessages = 4;

const char* severityName(BannerArea::Severity s) {
  switch (s) {
    case BannerArea::Severity::kInfo:
      return "info";
    case BannerArea::Severity::kWarning:
      return "warning";
    case BannerArea::Severity::kError:
      return "error";
  }
  return "info";
}
}  // namespace

BannerArea::BannerArea(QWidget* parent) : QWidget(parent), column_(new QVBoxLayout(this)) {
  setObjectName("banner");
  column_->setContentsMargins(10, 8, 10, 8);
  column_->setSpacing(6);
  hide();
}

QFrame* BannerArea::find(const QString& key) const {
  for (int i = 0; i < column_->count(); ++i) {
    QWidget* w = column_->itemAt(i)->widget();
    if (w != nullptr && w->property("key") == key) return qobject_cast<QFrame*>(w);
  }
  return nullptr;
}

void BannerArea::clear(const QString& key) {
  QFrame* row = find(key);
  if (row == nullptr) return;
  column_->removeWidget(row);
  row->hide();
  row->deleteLater();
  setVisible(column_->count() > 0);
}

void BannerArea::showMessage(Severity severity, const QString& key, const QString& text,
                             Action action) {
  clear(key);
  while (column_->count() >= kMostMessages)
    clear(column_->itemAt(0)->widget()->property("key").toString());
  auto* row = new QFrame;
  row->setObjectName("bannerRow");
  row->setProperty("key", key);
  row->setProperty("severity", severityName(severity));
  auto* line = new QHBoxLayout(row);
  line->setContentsMargins(12, 5, 6, 5);
  line->setSpacing(10);
  auto* icon = new QLabel;
  icon->setPixmap(themedIcon(severity == Severity::kInfo ? "info" : "warning").pixmap(18, 18));
  line->addWidget(icon);
  auto* label = new QLabel(text);
  label->setObjectName("bannerText");
  label->setWordWrap(true);
  label->setTextFormat(Qt::PlainText);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  line->addWidget(label, 1);
  if (action.run) {
    auto* button = new QPushButton(action.text);
    button->setObjectName("bannerButton");
    button->setFocusPolicy(Qt::TabFocus);
    connect(button, &QPushButton::clicked, this, [this, key, run = std::move(action.run)] {
      clear(key);
      run();
    });
    line->addWidget(button);
  }
  auto* close = new QToolButton;
  close->setProperty("role", "flat");
  close->setIcon(themedIcon("cancel"));
  close->setIconSize({14, 14});
  close->setFocusPolicy(Qt::TabFocus);
  close->setToolTip(tr("Close this message"));
  close->setAccessibleName(close->toolTip());
  connect(close, &QToolButton::clicked, this, [this, key] { clear(key); });
  line->addWidget(close);
  column_->addWidget(row);
  row->setAccessibleName(text);
  show();
}

QStringList BannerArea::messages() const {
  QStringList list;
  for (int i = 0; i < column_->count(); ++i) {
    if (const QWidget* w = column_->itemAt(i)->widget())
      list << w->findChild<QLabel*>("bannerText")->text();
  }
  return list;
}

}  // namespace incipit
