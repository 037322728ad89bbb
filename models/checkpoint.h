// A checkpoint of the family note-lstm as a file: what its metadata says, and what makes a file
// one.
//
// Thread safety: free functions.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "models/note_presets.h"
#include "models/tensor_file.h"

namespace incipit {

inline constexpr const char* kNoteLstm = "note-lstm";

// One line of a training's history: the end of an epoch.
struct EpochRecord {
  int epoch = 0;
  std::int64_t step = 0;
  std::int64_t examples = 0;  // notes predicted so far
  double trainLoss = 0;
  double validationLoss = 0;
  double seconds = 0;  // of training so far, validation included
};
std::string historyJson(const std::vector<EpochRecord>& history);
// Empty for damaged text.
std::vector<EpochRecord> historyOf(const std::string& json);

// A double as text that reads back to the same bits.
std::string exactText(double value);

struct LoadedCheckpoint {
  NotePreset preset;
  TensorFile file;
};
// One line, naming the file, for what is not a whole checkpoint of this family: another family, a
// missing tensor or one of another shape than its configuration says.
Result<LoadedCheckpoint> loadCheckpoint(const std::filesystem::path& file);

// Names and shapes that a network of this preset has, in the order of its parameters.
std::vector<std::pair<std::string, std::vector<std::int64_t>>> expectedTensors(
    const NotePreset& preset);

}  // namespace incipit
