#include "ui/lab/work_bar.h"

#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/panels/parts.h"

namespace incipit {
namespace {
constexpr int kFullProgress = 1000;
}

WorkBar::WorkBar(LabWork& work, const QString& prefix, const QString& start, QWidget* parent)
    : QWidget(parent),
      work_(work),
      start_(start),
      button_(new QPushButton),
      progress_(new QProgressBar),
      label_(makeLabel({}, "caption")) {
  button_->setObjectName(prefix + "Button");
  button_->setProperty("role", "accent");
  progress_->setObjectName(prefix + "Progress");
  progress_->setAccessibleName(tr("Progress"));
  progress_->setRange(0, kFullProgress);
  progress_->setTextVisible(false);
  label_->setObjectName(prefix + "Label");
  label_->setWordWrap(true);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addWidget(button_);
  column->addWidget(progress_);
  column->addWidget(label_);
  connect(button_, &QPushButton::clicked, this, [this] {
    if (work_.running()) {
      work_.cancel();
    } else {
      showNews({});
      Q_EMIT startWanted();
    }
  });
  connect(&work_, &LabWork::changed, this, &WorkBar::showState);
  showState();
}

void WorkBar::setReady(bool ready, const QString& why) {
  ready_ = ready;
  if (!ready) showNews(why);
  showState();
}

void WorkBar::showProblem(const QString& text) {
  setStyleProperty(label_, "role", "problem");
  label_->setText(text);
}

void WorkBar::showNews(const QString& text) {
  setStyleProperty(label_, "role", "caption");
  label_->setText(text);
}

void WorkBar::showState() {
  const bool running = work_.running();
  button_->setText(running ? tr("Stop") : start_);
  button_->setEnabled(running || (ready_ && work_.canRun()));
  progress_->setVisible(running);
  progress_->setValue(static_cast<int>(work_.progress() * kFullProgress));
}

}  // namespace incipit
