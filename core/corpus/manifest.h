// Reads a corpus manifest: one JSON object a line, as core/corpus/corpus.h describes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/corpus/corpus.h"

namespace incipit {

struct ManifestEntry {
  std::string file;
  std::string set;
  std::string licence;
  std::string composer;  // empty where it does not say
  Split split = Split::kTrain;
  bool ship = false;
};

// Fails with the number of the line that is not a JSON object with "file" and "split", or whose
// file is an absolute path or climbs out of the folder.
Result<std::vector<ManifestEntry>> readManifest(const std::filesystem::path& file);

}  // namespace incipit
