// Which checkpoints are installed, read from their headers alone (no LibTorch): `.safetensors`
// files in the shipped models folder and in $XDG_DATA_HOME/incipit/models.
//
// A checkpoint's header is an 8-byte little-endian length, then that many bytes of JSON: tensor
// names with dtype, shape and data_offsets, and "__metadata__", a map of strings to strings, where
// Incipit keeps: "format" ("incipit-checkpoint-1"), "family", "preset", "config" (JSON),
// "vocabulary" (JSON), "corpus" (manifest hash), "step", "epoch", "validation_loss", "history"
// (JSON), "licence", "title".
//
// Thread safety: free functions without shared state.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"

namespace incipit {

struct CheckpointInfo {
  std::filesystem::path path;
  std::string title;  // metadata "title", else the file's stem
  std::string family;
  std::string preset;
  std::int64_t parameters = 0;
  std::int64_t bytes = 0;
  std::map<std::string, std::string> metadata;
};

// Refuses, with one line: what is not a safetensors file, is shorter than its header says, has a
// header over 100 MB or tensors outside the file, or is not a checkpoint of Incipit.
Result<CheckpointInfo> readCheckpointInfo(const std::filesystem::path& file);

// What composes where nobody has chosen: the best of the shipped ones.
inline constexpr const char* kDefaultModel = "note-lstm-improved.safetensors";

struct Catalogue {
  std::vector<CheckpointInfo> models;  // shipped ones first, of them kDefaultModel; then by title
  std::vector<std::string> problems;   // one line per file that was refused
};
// Folders that do not exist are skipped; of two files with one name the first folder's wins.
Catalogue listModels(const std::vector<std::filesystem::path>& folders);

// Lower-case hex SHA-256 of a file's bytes; what GeneratedRegion::modelHash holds.
Result<std::string> fileSha256(const std::filesystem::path& file);

// The checkpoint of the catalogue with this SHA-256; reads files until it is found.
Result<std::filesystem::path> findModel(const Catalogue& catalogue, const std::string& sha256);

}  // namespace incipit
