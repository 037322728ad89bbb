#include "models/tensor_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>

#include "core/compose/catalogue.h"
#include "core/compose/safetensors_header.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

std::int64_t bytesOf(const NamedTensor& t) {
  return static_cast<std::int64_t>(t.values.size() * sizeof(float));
}

std::string headerText(const std::map<std::string, std::string>& metadata,
                       std::span<const NamedTensor> tensors) {
  nlohmann::ordered_json j;
  j["__metadata__"] = metadata;
  std::int64_t at = 0;
  for (const NamedTensor& t : tensors) {
    j[t.name] = {{"dtype", "F32"}, {"shape", t.shape}, {"data_offsets", {at, at + bytesOf(t)}}};
    at += bytesOf(t);
  }
  std::string text = j.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // tensors start aligned
  return text;
}

bool writeAll(int fd, const void* data, std::size_t size) {
  const char* p = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = ::write(fd, p, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    p += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

Result<void> writeOne(const fs::path& file, const std::map<std::string, std::string>& metadata,
                      std::span<const NamedTensor> tensors) {
  const std::string text = headerText(metadata, tensors);
  fs::path temporary = file;
  temporary += fmt::format(".{}.part", ::getpid());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) {
    return fail(fmt::format("{}: cannot be written: {}", file.string(),
                            std::generic_category().message(errno)));
  }
  const std::uint64_t length = text.size();
  bool good = writeAll(fd, &length, sizeof length) && writeAll(fd, text.data(), text.size());
  for (std::size_t i = 0; good && i < tensors.size(); ++i) {
    good = writeAll(fd, tensors[i].values.data(), tensors[i].values.size() * sizeof(float));
  }
  good = good && ::fsync(fd) == 0;
  int error = good ? 0 : errno;
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), file.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return fail(fmt::format("{}: cannot be written: {}", file.string(),
                            std::generic_category().message(error)));
  }
  return {};
}

// Where each part's tensors begin; the last entry is their number.
std::vector<std::size_t> partsOf(const std::vector<NamedTensor>& tensors, std::int64_t shardSize) {
  std::vector<std::size_t> begins{0};
  std::int64_t size = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (shardSize > 0 && i > begins.back() && size + bytesOf(tensors[i]) > shardSize) {
      begins.push_back(i);
      size = 0;
    }
    size += bytesOf(tensors[i]);
  }
  begins.push_back(tensors.size());
  return begins;
}

Result<void> appendTensors(const fs::path& file, const SafetensorsHeader& header, TensorFile& out) {
  std::ifstream in(file, std::ios::binary);
  for (const TensorEntry& e : header.tensors) {
    if (e.dtype != "F32") {
      return fail(
          fmt::format("{}: tensor \"{}\" is of type {}, not F32", file.string(), e.name, e.dtype));
    }
    NamedTensor t{e.name, e.shape, std::vector<float>(static_cast<std::size_t>(e.elements()))};
    in.seekg(static_cast<std::streamoff>(e.begin));
    in.read(reinterpret_cast<char*>(t.values.data()),
            static_cast<std::streamsize>(e.end - e.begin));
    if (!in && e.end > e.begin) {
      return fail(fmt::format("{}: cannot be read at byte {}", file.string(), e.begin));
    }
    out.tensors.push_back(std::move(t));
  }
  return {};
}

}  // namespace

const NamedTensor* TensorFile::find(const std::string& name) const {
  for (const NamedTensor& t : tensors) {
    if (t.name == name) return &t;
  }
  return nullptr;
}

Result<void> writeTensors(const fs::path& file, const TensorFile& content, std::int64_t shardSize) {
  const std::vector<std::size_t> begins = partsOf(content.tensors, shardSize);
  const int shards = static_cast<int>(begins.size()) - 1;
  const std::span<const NamedTensor> all(content.tensors);
  std::map<std::string, std::string> metadata = content.metadata;
  if (shards > 1) metadata["shards"] = std::to_string(shards);
  // The first part goes last: until it is there the old checkpoint is the one that is read.
  for (int part = shards; part >= 1; --part) {
    const auto index = static_cast<std::size_t>(part) - 1;
    const auto tensors = all.subspan(begins[index], begins[index + 1] - begins[index]);
    const fs::path path = shardPath(file, part, shards);
    const std::map<std::string, std::string> own =
        part == 1 ? metadata
                  : std::map<std::string, std::string>{{"shard_of", file.filename().string()},
                                                       {"shard", std::to_string(part)}};
    auto written = writeOne(path, own, tensors);
    if (!written) return written;
    if (part == 1) break;
    auto hash = fileSha256(path);
    if (!hash) return fail(hash.error().message);
    metadata["shard_sha256_" + std::to_string(part)] = *hash;
  }
  return {};
}

Result<TensorFile> readTensors(const fs::path& file) {
  auto header = readSafetensorsHeader(file);
  if (!header) return fail(header.error().message);
  TensorFile out;
  out.metadata = std::move(header->metadata);
  if (auto read = appendTensors(file, *header, out); !read) return fail(read.error().message);
  int shards = 1;
  if (const auto found = out.metadata.find("shards"); found != out.metadata.end()) {
    shards = std::atoi(found->second.c_str());
  }
  for (int part = 2; part <= shards; ++part) {
    const fs::path path = shardPath(file, part, shards);
    auto partHeader = readSafetensorsHeader(path);
    if (!partHeader) return fail(partHeader.error().message);
    const auto wanted = out.metadata.find("shard_sha256_" + std::to_string(part));
    const auto hash = fileSha256(path);
    if (wanted == out.metadata.end() || !hash || *hash != wanted->second) {
      return fail(fmt::format("{}: is not the part that {} was saved with", path.string(),
                              file.filename().string()));
    }
    if (auto read = appendTensors(path, *partHeader, out); !read) return fail(read.error().message);
  }
  return out;
}

}  // namespace incipit
