// What to train: the music, the network with its settings, how long, on what, and the model's name.
//
// Thread safety: GUI thread only.
#pragma once

#include <QSettings>
#include <QWidget>
#include <functional>
#include <memory>

#include "core/compose/catalogue.h"
#include "ui/session/families.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QSpinBox;
class QVBoxLayout;

namespace incipit {

class SettingsForm;

class TrainForm : public QWidget {
  Q_OBJECT

 public:
  // `families` and `settings` outlive the form.
  TrainForm(const Families& families, std::function<Catalogue()> models, QSettings& settings,
            QWidget* parent = nullptr);

  TrainRequest request() const;  // as the fields say
  std::string lossUnit() const;
  int sampleEvery() const;  // epochs; 0: never, as for families that compose nothing
  bool samplesOfPiece() const;
  // Why nothing can be started with it; empty if something can.
  QString problem() const;
  // Fills the fields with what a run was.
  void showRequest(const TrainRequest& request);
  // Trains that model on.
  void fineTune(const CheckpointInfo& model);
  void setDevices(const std::vector<std::string>& devices);  // all that there are
  void setMusicSummary(const QString& text);                 // below the folder
  void reloadModels();
  QString folder() const;
  void save();

 Q_SIGNALS:
  void changed();
  void folderChosen();  // another one, complete

 private:
  void buildMusic(QVBoxLayout* column);
  void buildNetwork(QVBoxLayout* column);
  void buildRun(QVBoxLayout* column);
  void showFamilies();
  void showPresets();
  void showPreset();
  void showModels();
  void chooseDevice(const QString& device);
  const FamilyInfo* family() const;
  const PresetInfo* preset() const;
  std::filesystem::path outFile() const;

  const Families& families_;
  std::function<Catalogue()> models_;
  QSettings& settings_;
  Catalogue catalogue_;
  QString chosenFolder_;     // that was told by folderChosen()
  std::string shownPreset_;  // family/preset whose settings the form shows
  QLineEdit* data_ = nullptr;
  QLabel* music_ = nullptr;
  QLineEdit* sets_ = nullptr;
  QComboBox* family_ = nullptr;
  QComboBox* preset_ = nullptr;
  QLabel* about_ = nullptr;
  QComboBox* from_ = nullptr;
  SettingsForm* form_ = nullptr;
  QSpinBox* epochs_ = nullptr;
  QSpinBox* examples_ = nullptr;
  QComboBox* device_ = nullptr;
  QSpinBox* threads_ = nullptr;
  QLineEdit* seed_ = nullptr;
  QSpinBox* every_ = nullptr;
  QComboBox* sampleOf_ = nullptr;
  QLineEdit* name_ = nullptr;
  QLabel* where_ = nullptr;
};

}  // namespace incipit
