// Opens whatever file a user points at.
//
// Thread safety: a free function without shared state.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/score/document.h"

namespace incipit {

struct Opened {
  Document document;                  // with at least one track
  bool isProject = false;             // false: imported; saving it must ask for a new name
  std::vector<std::string> warnings;  // one line each: the file, the byte, what was salvaged
};

// A project or a Standard MIDI File, told by content and not by name.
Result<Opened> openDocument(const std::filesystem::path& file);

}  // namespace incipit
