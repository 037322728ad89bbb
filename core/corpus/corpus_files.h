// The MIDI files of a folder: by ending (.mid, .midi, whatever the case), in it, below it, and in
// the .zip archives there. A file in an archive has the archive's name and its own,
// "set/a.zip/b.mid".
//
// Thread safety: list() and read() may be called from any thread. Memory: the directories of the
// archives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/corpus/zip_file.h"
#include "core/io/midi_file.h"
#include "core/result.h"

namespace incipit {

class CorpusFiles {
 public:
  explicit CorpusFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Names relative to the folder, with slashes, sorted. Folders that may not be read are passed
  // over; an archive that cannot be is listed by its own name, so that reading it says why. Fails
  // where the folder itself cannot be read.
  Result<std::vector<std::string>> list() const;

  // Fails with the name and what is wrong with it.
  Result<std::vector<std::uint8_t>> read(const std::string& name) const;
  Result<MidiImport> readMidi(const std::string& name) const;

 private:
  using Entries = std::unordered_map<std::string, ZipEntry>;
  Result<std::shared_ptr<const Entries>> entriesOf(const std::string& archive) const;

  std::filesystem::path folder_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const Entries>> archives_;  // that were opened
};

}  // namespace incipit
