// What the user set once and for all, and where it is stored.
//
// Thread safety: GUI thread only.
#pragma once

#include <QSettings>
#include <memory>

#include "core/playback/player.h"
#include "ui/window/services.h"

namespace incipit {

struct Preferences {
  bool dark = true;
  bool autosave = true;
  AudioSettings audio;
  MidiSettings midi;
  bool operator==(const Preferences&) const = default;
};

// Values out of range or damaged become the defaults. Of MIDI ports those that differ from the
// defaults are stored, by name.
Preferences loadPreferences(QSettings& settings);
void savePreferences(QSettings& settings, const Preferences& preferences);

// The settings of this run; an empty throw-away file where services.restore is off.
std::unique_ptr<QSettings> openSettings(const Services& services);

}  // namespace incipit
