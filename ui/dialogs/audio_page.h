// The page of the preferences for sound: soundfont, driver and its device, rate, period,
// synthesizer.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>

#include "ui/window/services.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QSpinBox;

namespace incipit {

class AudioPage : public QWidget {
  Q_OBJECT

 public:
  explicit AudioPage(const Services& services, QWidget* parent = nullptr);

  void showSettings(const AudioSettings& settings);
  AudioSettings chosen() const;

 private:
  void buildSoundfont(QFormLayout* form, const Services& services);
  void buildDevice(QFormLayout* form);
  void buildSynth(QFormLayout* form);
  void listDevices();  // of the chosen driver; what is typed stays

  const Player* player_;
  QComboBox* soundfont_ = nullptr;
  QComboBox* driver_ = nullptr;
  QComboBox* device_ = nullptr;  // editable: a driver may know more than it lists
  QComboBox* rate_ = nullptr;
  QComboBox* period_ = nullptr;
  QDoubleSpinBox* gain_ = nullptr;
  QSpinBox* polyphony_ = nullptr;
  QCheckBox* reverb_ = nullptr;
  QCheckBox* chorus_ = nullptr;
};

}  // namespace incipit
