// The command line of the desktop program.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace incipit {

struct Options {
  bool help = false;
  bool version = false;
  bool safeMode = false;
  bool noAudio = false;
  bool demo = false;
  bool listDevices = false;
  bool selfTest = false;
  bool benchStart = false;
  bool benchPaint = false;
  std::optional<std::filesystem::path> soundfont;
  std::optional<std::string> audioDriver;
  std::optional<std::filesystem::path> screenshot;
  std::string theme;           // "dark", "light" or empty
  std::string scene = "seed";  // one of those in helpText()
  std::vector<std::filesystem::path> files;
};

// Fails with one line for an unknown option or a missing or wrong value.
Result<Options> parseOptions(int argc, char** argv);
const char* helpText();

}  // namespace incipit
