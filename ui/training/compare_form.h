// Which models are compared, and on what they are measured.
//
// Thread safety: GUI thread only.
#pragma once

#include <QSettings>
#include <QWidget>
#include <functional>
#include <vector>

#include "core/compose/catalogue.h"
#include "core/compose/engine.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QSpinBox;

namespace incipit {

class CompareForm : public QWidget {
  Q_OBJECT

 public:
  // `settings` keeps what is chosen, and outlives the form.
  CompareForm(std::function<Catalogue()> models, QSettings& settings, QWidget* parent = nullptr);

  // What is ticked stays so; of models that were not there before, the first few are ticked.
  void reloadModels();
  void setFolder(const QString& folder);
  std::vector<CheckpointInfo> chosen() const;  // ticked, in the order of the list
  EvaluateRequest request() const;             // all but the checkpoint
  // Why nothing can be measured with it; empty if something can.
  QString problem() const;
  void save();

 Q_SIGNALS:
  void changed();

 private:
  Catalogue catalogue_;
  std::function<Catalogue()> models_;
  QSettings& settings_;
  QString folder_;
  QListWidget* list_;
  QLabel* music_;
  QLineEdit* sets_;
  QComboBox* split_;
  QSpinBox* examples_;
  QSpinBox* continuations_;
  bool filling_ = false;
};

}  // namespace incipit
