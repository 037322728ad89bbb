// Which soundfonts there are, and what a file that claims to be one really holds. SF2 and SF3 are
// told apart by content, never by name: Debian's default-GM.sf3 may be a link to an SF2.
//
// Format: SoundFont Technical Specification 2.04 (E-mu, 1996): a RIFF form `sfbk` of the lists
// INFO, sdta and pdta. SF3 is the same with each sample an Ogg Vorbis stream.
//
// Thread safety: free functions without shared state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace incipit {

struct SoundfontInfo {
  std::filesystem::path path;
  std::string name;         // INAM; the file's stem where it is empty
  bool compressed = false;  // SF3
  int presets = 0;
  bool drums = false;  // has a preset in bank 128
  std::int64_t bytes = 0;
};

// Reads the headers alone (not the samples). Refuses, with one line: what cannot be read, is not a
// soundfont, is shorter than it says, or holds no preset.
Result<SoundfontInfo> inspectSoundfont(const std::filesystem::path& file);

// Every sound file that can be used, best first: MuseScore_General, then TimGM6mb, then others by
// name, the built-in one last. A file reached by several names is listed once.
std::vector<SoundfontInfo> findSoundfonts();

// The same over given folders (not their subfolders); folders that do not exist are skipped.
std::vector<SoundfontInfo> findSoundfonts(const std::vector<std::filesystem::path>& folders);

// Where findSoundfonts() looks: the user's folder ($XDG_DATA_HOME/soundfonts, incipit/soundfonts),
// the system's, and the one beside the program that holds the built-in soundfont.
std::vector<std::filesystem::path> soundfontFolders();

// The file name of the soundfont that our own build makes.
inline constexpr const char* kBuiltinSoundfont = "incipit-builtin.sf2";

}  // namespace incipit
