#include "ui/lab/lab_window.h"

#include <QKeyEvent>
#include <QTabWidget>
#include <QVBoxLayout>

#include "ui/lab/draw_page.h"
#include "ui/lab/learning_page.h"
#include "ui/lab/map_page.h"
#include "ui/lab/music_page.h"
#include "ui/lab/timbre_page.h"
#include "ui/theme/icons.h"

namespace incipit {
namespace {
constexpr QSize kDefaultSize(1240, 760);
constexpr QSize kLeastSize(980, 600);
}  // namespace

LabWindow::LabWindow(const LabParts& parts, QWidget* parent)
    : QWidget(parent, Qt::Window),
      parts_(parts),
      music_(new MusicPage(parts)),
      draw_(new DrawPage(parts)),
      learning_(new LearningPage(parts)),
      map_(new MapPage(parts)),
      timbre_(new TimbrePage(parts)),
      tabs_(new QTabWidget) {
  setObjectName("labWindow");
  setAttribute(Qt::WA_StyledBackground);
  setWindowTitle(tr("Lab – Incipit"));
  setWindowIcon(applicationIcon());
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 4, 0, 0);
  tabs_->setObjectName("labTabs");
  tabs_->setDocumentMode(true);
  tabs_->addTab(music_, tr("Music"));
  tabs_->addTab(draw_, tr("Draw"));
  tabs_->addTab(learning_, tr("Learning"));
  tabs_->addTab(map_, tr("Map"));
  tabs_->addTab(timbre_, tr("Timbre"));
  column->addWidget(tabs_);
  setMinimumSize(kLeastSize);
  resize(kDefaultSize);
  restoreGeometry(parts_.settings.value("lab/geometry").toByteArray());
  connect(tabs_, &QTabWidget::currentChanged, this, &LabWindow::reload);
}

LabWindow::~LabWindow() {
  parts_.settings.setValue("lab/geometry", saveGeometry());
  // Pages use what is destroyed before QWidget deletes its children.
  delete tabs_;
}

void LabWindow::showPage(Page page) { tabs_->setCurrentIndex(static_cast<int>(page)); }

void LabWindow::reload() {
  draw_->reload();
  learning_->reload();
  map_->reload();
  timbre_->reload();
}

void LabWindow::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  parts_.families.ask();
  reload();
}

void LabWindow::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape || event->matches(QKeySequence::Close)) {
    close();
  } else {
    QWidget::keyPressEvent(event);
  }
}

}  // namespace incipit
