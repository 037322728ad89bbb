#include "ui/window/count_in_label.h"

namespace incipit {
namespace {
constexpr int kWidth = 150;
constexpr int kHeight = 120;
}  // namespace

CountInLabel::CountInLabel(Transport& transport, QWidget* parent) : QLabel(parent) {
  setObjectName("countInLabel");
  setAlignment(Qt::AlignCenter);
  setAttribute(Qt::WA_TransparentForMouseEvents);
  setAccessibleName(tr("Beats until recording"));
  setFixedSize(kWidth, kHeight);
  hide();
  connect(&transport, &Transport::countInChanged, this, &CountInLabel::showBeats);
}

void CountInLabel::showBeats(int beats) {
  setText(QString::number(beats));
  setVisible(beats > 0);
  if (beats <= 0) return;
  move((parentWidget()->width() - width()) / 2, (parentWidget()->height() - height()) / 3);
  raise();
}

}  // namespace incipit
