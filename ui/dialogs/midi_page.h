// The page of the preferences for MIDI: the system, its ports, the clock to follow. While it is
// shown the ports are looked at twice a second, so that one that is plugged in appears.
//
// Thread safety: GUI thread only.
#pragma once

#include <QTableWidget>
#include <QTimer>
#include <QWidget>

#include "core/playback/player.h"

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;

namespace incipit {

// The ports of one direction: name, state, a switch and a latency each. Ports that are set but not
// there are listed too, and keep what was set.
class MidiPortTable : public QTableWidget {
  Q_OBJECT

 public:
  enum class Direction { kInput, kOutput };  // the switch: listened to; sent the clock

  explicit MidiPortTable(Direction direction, QWidget* parent = nullptr);

  void showSettings(const std::map<std::string, MidiPortSettings>& settings);
  void showPorts(const std::vector<MidiPort>& ports);
  // Those that differ from the defaults.
  const std::map<std::string, MidiPortSettings>& chosen() const { return settings_; }

 private:
  MidiPortSettings settingsOf(const std::string& name) const;
  void change(const std::string& name, const std::function<void(MidiPortSettings&)>& f);
  void rebuild(const std::vector<MidiPort>& ports);
  void addRow(int row, const MidiPort& port);
  void showState(int row, const MidiPort& port);

  Direction direction_;
  std::map<std::string, MidiPortSettings> settings_;
  std::vector<MidiPort> ports_;
};

class MidiPage : public QWidget {
  Q_OBJECT

 public:
  // player: null where the build has no sound; the page then says so.
  explicit MidiPage(const Player* player, QWidget* parent = nullptr);

  void showSettings(const MidiSettings& settings);
  MidiSettings chosen() const;

 private:
  void buildSystem(QFormLayout* form);
  void refresh();
  void listClocks(const MidiStatus& status);

  const Player* player_;
  QComboBox* system_ = nullptr;
  QCheckBox* virtualPorts_ = nullptr;
  QLabel* problem_ = nullptr;
  MidiPortTable* inputs_ = nullptr;
  MidiPortTable* outputs_ = nullptr;
  QComboBox* clock_ = nullptr;
  QTimer poll_;
};

}  // namespace incipit
