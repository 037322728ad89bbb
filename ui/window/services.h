// What the window is given by the program: sound, models, files. Each may be missing; the window
// then says what is and works without it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/compose/catalogue.h"
#include "core/compose/jobs.h"
#include "core/compose/sound.h"
#include "core/playback/player.h"

namespace incipit {

struct SoundfontChoice {
  std::filesystem::path path;
  std::string name;
  std::int64_t bytes = 0;
};

struct Services {
  Player* player = nullptr;            // outlives the window
  JobRunner* jobs = nullptr;           // outlives the window
  std::shared_ptr<SoundStudio> sound;  // sound files and rendered tracks; null: none
  AudioExporter exportAudio;           // empty: audio export says that it is missing
  std::function<std::vector<SoundfontChoice>()> soundfonts;  // best first; empty: none
  std::function<Catalogue()> models;                         // installed checkpoints
  // Options of the command line: they hold for this run and are not stored.
  std::optional<std::filesystem::path> soundfont;
  std::optional<std::string> audioDriver;
  bool audio = true;    // false: the device is never opened
  bool restore = true;  // false (safe mode): stored geometry, shortcuts and preferences are ignored
  std::filesystem::path settingsFile;               // empty: configFolder() / "incipit.ini"
  std::filesystem::path autosaveFolder;             // empty: autosaveFolder() of core
  std::chrono::milliseconds autosaveAfter{30'000};  // of the first change that is not saved
  std::chrono::milliseconds warmUpAfter{4'000};     // of the window's appearance; negative: never
};

}  // namespace incipit
