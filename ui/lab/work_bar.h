// The foot of a page's form: a button that starts or stops its work, its progress, and one line of
// what came of it.
//
// Widgets are found by the prefix: PREFIX + "Button", "Progress", "Label". Thread safety: GUI
// thread only.
#pragma once

#include <QWidget>

#include "ui/lab/lab_work.h"

class QLabel;
class QProgressBar;
class QPushButton;

namespace incipit {

class WorkBar : public QWidget {
  Q_OBJECT

 public:
  // `work` outlives the bar.
  WorkBar(LabWork& work, const QString& prefix, const QString& start, QWidget* parent = nullptr);
  void setReady(bool ready, const QString& why = {});  // whether there is anything to start
  void showProblem(const QString& text);
  void showNews(const QString& text);

 Q_SIGNALS:
  void startWanted();

 private:
  void showState();

  LabWork& work_;
  QString start_;
  bool ready_ = true;
  QPushButton* button_;
  QProgressBar* progress_;
  QLabel* label_;
};

}  // namespace incipit
