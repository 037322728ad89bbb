// The header of a safetensors file: an 8-byte little-endian length, that many bytes of JSON (tensor
// names with dtype, shape and data_offsets, and "__metadata__", a map of strings to strings), then
// the tensors' bytes. Checked against the file's size, so that what it names can be read.
//
// A checkpoint split by size is NAME.safetensors, which holds the metadata and the first tensors,
// and NAME.2-of-3.safetensors and so on; the first one's metadata has "shards" and, for each other
// part, "shard_sha256_2" ..., so that its own hash stands for the whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"

namespace incipit {

struct TensorEntry {
  std::string name;
  std::string dtype;  // "F32", "I64" ...
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  // byte offsets in the file
  std::uint64_t end = 0;
  std::int64_t elements() const;
};

struct SafetensorsHeader {
  std::vector<TensorEntry> tensors;  // by offset
  std::map<std::string, std::string> metadata;
  std::uint64_t fileBytes = 0;
};

// One line for what is not such a file, is cut short, has a header over 100 MB, overlapping
// tensors, or sizes that do not fit the shapes.
Result<SafetensorsHeader> readSafetensorsHeader(const std::filesystem::path& file);

// NAME.safetensors, NAME.2-of-3.safetensors, ...: all parts of a checkpoint by its first file.
std::filesystem::path shardPath(const std::filesystem::path& first, int shard, int shards);

inline constexpr const char* kCheckpointFormat = "incipit-checkpoint-1";
inline constexpr const char* kTrainingStateFormat = "incipit-training-state-1";

}  // namespace incipit
