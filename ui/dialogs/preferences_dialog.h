// Appearance, sound, shortcuts and autosave. Apply and OK send what was chosen; nothing changes
// before.
//
// Thread safety: GUI thread only.
#pragma once

#include <QDialog>

#include "ui/actions/action_table.h"
#include "ui/window/preferences.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QSpinBox;
class QTabWidget;

namespace incipit {

class PreferencesDialog : public QDialog {
  Q_OBJECT

 public:
  PreferencesDialog(const Preferences& preferences, const Services& services, ActionTable& table,
                    QWidget* parent = nullptr);

 Q_SIGNALS:
  void applied(const incipit::Preferences& preferences);

 private:
  QWidget* makeGeneralPage();
  QWidget* makeSoundPage(const Services& services);
  void showValues(const Preferences& p);
  Preferences chosen() const;

  Preferences start_;
  QTabWidget* tabs_;
  QComboBox* theme_ = nullptr;
  QCheckBox* autosave_ = nullptr;
  QComboBox* driver_ = nullptr;
  QLineEdit* device_ = nullptr;
  QComboBox* rate_ = nullptr;
  QComboBox* period_ = nullptr;
  QDoubleSpinBox* gain_ = nullptr;
  QSpinBox* polyphony_ = nullptr;
  QCheckBox* reverb_ = nullptr;
  QCheckBox* chorus_ = nullptr;
  QComboBox* soundfont_ = nullptr;
};

}  // namespace incipit
