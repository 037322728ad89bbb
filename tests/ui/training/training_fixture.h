// The training window of a studio over the fakes.
#pragma once

#include <QAbstractButton>
#include <QComboBox>
#include <QLineEdit>
#include <QMessageBox>
#include <QTimer>
#include <functional>

#include "tests/ui/studio.h"
#include "ui/training/training_window.h"

namespace incipit::test {

// Two families' settings are known and music is chosen.
struct TrainingStudio : Studio {
  explicit TrainingStudio(std::function<void(Services&)> change = {}) : Studio(std::move(change)) {
    training = window->trainingWindow();
    training->show();
    [[maybe_unused]] const bool known =
        QTest::qWaitFor([this] { return of<QComboBox>("trainFamilyCombo")->count() > 0; });
    of<QLineEdit>("trainDataEdit")->setText(folder.path());
  }
  template <typename T>
  T* of(const char* name) {
    return training->findChild<T*>(name);
  }
  void press(const char* button) { QTest::mouseClick(of<QAbstractButton>(button), Qt::LeftButton); }
  std::filesystem::path models() const {
    return std::filesystem::path(folder.path().toStdString()) / "incipit" / "models";
  }
  TrainingSession::State state() { return training->training().state(); }
  const RunHistory& run() { return training->training().run(); }

  TrainingWindow* training;
};

// Answers the next message box.
inline void answerQuestion(QMessageBox::StandardButton button) {
  QTimer::singleShot(0, [button] {
    auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
    if (box == nullptr) return answerQuestion(button);
    box->button(button)->click();
  });
}

}  // namespace incipit::test
