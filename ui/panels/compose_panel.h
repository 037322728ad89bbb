// Where the model is asked: which one, how much, how bold, from which seed value; Generate, the
// takes it made, and the regions of the document that can be made again.
//
// Thread safety: GUI thread only.
#pragma once

#include <QElapsedTimer>
#include <QWidget>
#include <filesystem>
#include <functional>

#include "core/compose/catalogue.h"
#include "core/compose/paths.h"
#include "ui/actions/action_table.h"
#include "ui/session/families.h"
#include "ui/session/takes.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QProgressBar;
class QPushButton;
class QSettings;
class QSpinBox;
class QToolButton;
class QVBoxLayout;

namespace incipit {

class SettingsForm;

class ComposePanel : public QWidget {
  Q_OBJECT

 public:
  using ListModels = std::function<Catalogue()>;

  // Connects the actions of the group compose, but for training. `table` and `families` outlive the
  // panel.
  ComposePanel(Session& session, Takes& takes, const Families& families, ActionTable& table,
               ListModels models, QWidget* parent = nullptr);

  // Reads the folders again; a checkpoint that is named is chosen.
  void reloadModels(const std::filesystem::path& choose = {});
  bool hasModels() const { return hasModels_; }
  // Why nothing can be composed although there are models ("" when it can, or nobody knows yet).
  void setEngineProblem(const QString& problem);

  void load(QSettings& settings);
  void save(QSettings& settings) const;

 Q_SIGNALS:
  void editingDone();
  void problem(const QString& message);  // of a checkpoint file, or the lack of one
  void regionShown(incipit::Tick from);

 private:
  void buildModel(QVBoxLayout* column);
  void buildSettings(QVBoxLayout* column);
  void buildGenerate(QVBoxLayout* column, ActionTable& table);
  void buildTakes(QVBoxLayout* column, ActionTable& table);
  void buildRegions(QVBoxLayout* column);
  void connectActions(ActionTable& table);
  void showSettings();
  void showTakes();
  void showRegions();
  void showModel();
  void showFamilySettings();
  std::string chosenFamily() const;
  void readSettings();
  void newSeed();
  void regenerate(const GeneratedRegion& region);

  Session& session_;
  Takes& takes_;
  const Families& families_;
  ActionTable& table_;
  ListModels listModels_;
  Catalogue catalogue_;
  bool hasModels_ = false;
  std::map<std::string, Settings> familySettings_;  // as chosen, by family
  bool showing_ = false;
  QElapsedTimer sinceStart_;
  bool wasGenerating_ = false;

  QComboBox* model_ = nullptr;
  QLabel* modelDetail_ = nullptr;
  QLabel* problem_ = nullptr;
  QSpinBox* bars_ = nullptr;
  QDoubleSpinBox* temperature_ = nullptr;
  QDoubleSpinBox* topP_ = nullptr;
  QSpinBox* takesCount_ = nullptr;
  QWidget* tracksBox_ = nullptr;  // shown where the model composes several tracks
  QComboBox* tracks_ = nullptr;
  SettingsForm* familyForm_ = nullptr;
  QLineEdit* seed_ = nullptr;
  QToolButton* fixSeed_ = nullptr;
  QLabel* where_ = nullptr;
  QPushButton* generate_ = nullptr;
  QPushButton* cancel_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* status_ = nullptr;
  QWidget* takeCard_ = nullptr;
  QLabel* takeTitle_ = nullptr;
  QLabel* takeDetail_ = nullptr;
  QWidget* regionBox_ = nullptr;
  QListWidget* regions_ = nullptr;
};

}  // namespace incipit
