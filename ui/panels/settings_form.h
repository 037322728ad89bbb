// Fields for the settings of a family or a preset, made from their descriptions alone: a spin box,
// a check box or a list each, with a button that puts the defaults back. For tests and tools a
// field is found by "setting." and the setting's id, the button as "settingsResetButton".
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>
#include <vector>

#include "core/compose/settings.h"

class QPushButton;
class QSettings;

namespace incipit {

class SettingsForm : public QWidget {
  Q_OBJECT

 public:
  explicit SettingsForm(QWidget* parent = nullptr);

  // Replaces the fields. A value that is missing, unknown or out of its range is the default. Does
  // not emit changed(). Without settings the form is empty and hidden.
  void setInfos(const std::vector<SettingInfo>& infos, const Settings& values);
  // Of every setting.
  Settings values() const;
  void reset();

 Q_SIGNALS:
  void changed();  // a value, by the user or reset()
  void editingDone();

 private:
  QWidget* makeField(const SettingInfo& info);
  void setValue(std::size_t i, const std::string& text);
  std::string valueOf(std::size_t i) const;
  void fieldChanged();
  void showReset();

  std::vector<SettingInfo> infos_;
  std::vector<QWidget*> fields_;  // as infos_
  QWidget* body_ = nullptr;
  QPushButton* reset_ = nullptr;
  bool setting_ = false;
};

// Values in the program's settings below `group`.
void storeValues(QSettings& settings, const QString& group, const Settings& values);
Settings storedValues(QSettings& settings, const QString& group);

}  // namespace incipit
