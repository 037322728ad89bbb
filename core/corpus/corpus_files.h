// The MIDI files of a folder: found by ending (.mid, .midi, whatever the case) in it and below.
//
// Thread safety: free functions without shared state.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace incipit {

// Names relative to the folder, with slashes, sorted. Folders that may not be read are passed over.
// Fails where the folder itself cannot be read.
Result<std::vector<std::string>> listMidiFiles(const std::filesystem::path& folder);

}  // namespace incipit
