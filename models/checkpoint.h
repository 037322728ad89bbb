// What checkpoints keep in their metadata, and what makes a file one of the family note-lstm.
//
// Thread safety: free functions.
#pragma once

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

// Empty where there is none.
std::string metadataOf(const TensorFile& file, const std::string& key);

using TensorShapes = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;
// One line for a missing tensor, one of another shape, or one with a value that is not finite.
Result<void> checkTensors(const TensorFile& file, const TensorShapes& expected);

// Sizes of a checkpoint's configuration, which is a JSON object of them. Fails where one is missing
// or out of range.
struct ConfigSize {
  const char* key;
  int* into;
  int least, most;
};
Result<void> sizesOfConfig(const std::string& config, const std::vector<ConfigSize>& sizes);

struct LoadedCheckpoint {
  NotePreset preset;
  TensorFile file;
};
// One line for what is not a whole checkpoint of note-lstm as its configuration says.
Result<LoadedCheckpoint> noteCheckpoint(TensorFile file);

// Names and shapes that a network of this preset has, in the order of its parameters.
TensorShapes expectedTensors(const NotePreset& preset);

}  // namespace incipit
