// Writing and reading named tensors as safetensors, without LibTorch: single precision in memory,
// single or half in the file.
//
// Files are written beside their places and moved there when all are whole, so that a crash or a
// full disk leaves the old ones.
// Thread safety: free functions; two writers of one path must not meet.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"

namespace incipit {

struct NamedTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // row-major
};

struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::vector<NamedTensor> tensors;
  // Written with half the bytes: each value is the nearest half-precision number (ties to even),
  // infinite beyond 65,504.
  bool half = false;

  const NamedTensor* find(const std::string& name) const;
};

// Writes one file, or, where shardSize > 0 and the tensors are larger, several (see
// core/compose/safetensors_header.h); no tensor is cut, so one larger than shardSize makes a larger
// file.
Result<void> writeTensors(const std::filesystem::path& file, const TensorFile& content,
                          std::int64_t shardSize = 0);

// Reads every part. Fails, naming the file, where one is missing, damaged, of another type than
// F32 and F16, or not the part that the first one's metadata means.
Result<TensorFile> readTensors(const std::filesystem::path& file);

}  // namespace incipit
