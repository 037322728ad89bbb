// Pieces of the public collection for tests that measure on real music.
#pragma once

#include <QProcess>
#include <QTemporaryDir>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/io/midi_file.h"

namespace incipit::test {

// The folder named by INCIPIT_DATA; empty where it is not set or not there.
inline std::filesystem::path dataFolder() {
  const char* data = std::getenv("INCIPIT_DATA");
  std::error_code ignored;
  if (data == nullptr || !std::filesystem::is_directory(data, ignored)) return {};
  return data;
}

// One set of the collection (of INCIPIT_CORPUS where it is unpacked, else unpacked into `dir`) in
// order of the file names; empty where the collection or tar is not here.
inline std::vector<Document> realPieces(const char* set, const QTemporaryDir& dir) {
  namespace fs = std::filesystem;
  fs::path root;
  if (const char* unpacked = std::getenv("INCIPIT_CORPUS")) {
    root = unpacked;
  } else {
    const fs::path archive = dataFolder() / "corpus.tar.xz";
    std::error_code ignored;
    if (!fs::exists(archive, ignored)) return {};
    QProcess tar;
    tar.start("tar", {"-xJf", QString::fromStdString(archive.string()), "-C", dir.path(),
                      QString("corpus/midi/") + set});
    if (!tar.waitForStarted() || !tar.waitForFinished(120000)) return {};
    root = fs::path(dir.path().toStdString()) / "corpus";
  }
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root / "midi" / set, error)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Document> out;
  for (const fs::path& file : files) {
    if (auto import = readMidiFile(file)) out.push_back(std::move(import->document));
  }
  return out;
}

inline constexpr const char* kNoMusic =
    "the collection is not here: set INCIPIT_DATA to the folder of corpus.tar.xz";

}  // namespace incipit::test
