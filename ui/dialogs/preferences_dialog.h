// Appearance and autosave, audio, MIDI, shortcuts. Apply and OK send what was chosen; nothing
// changes before.
//
// Thread safety: GUI thread only.
#pragma once

#include <QDialog>

#include "ui/actions/action_table.h"
#include "ui/window/preferences.h"

class QCheckBox;
class QComboBox;
class QTabWidget;

namespace incipit {

class AudioPage;
class MidiPage;

class PreferencesDialog : public QDialog {
  Q_OBJECT

 public:
  enum class Page { kGeneral, kAudio, kMidi, kShortcuts };

  PreferencesDialog(const Preferences& preferences, const Services& services, ActionTable& table,
                    QWidget* parent = nullptr);

  void openPage(Page page);

 Q_SIGNALS:
  void applied(const incipit::Preferences& preferences);

 private:
  QWidget* makeGeneralPage();
  void showValues(const Preferences& p);
  Preferences chosen() const;

  Preferences start_;
  QTabWidget* tabs_;
  QComboBox* theme_ = nullptr;
  QCheckBox* autosave_ = nullptr;
  AudioPage* audio_ = nullptr;
  MidiPage* midi_ = nullptr;
};

}  // namespace incipit
