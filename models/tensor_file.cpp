#include "models/tensor_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <list>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>

#include "core/compose/catalogue.h"
#include "core/compose/safetensors_header.h"
#include "core/io/atomic_file.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

std::int64_t bytesOf(const NamedTensor& t, bool half) {
  return static_cast<std::int64_t>(t.values.size() *
                                   (half ? sizeof(std::uint16_t) : sizeof(float)));
}

// IEEE 754 binary16.
constexpr int kHalfDigits = 10;
constexpr int kHalfBias = 15;

std::uint16_t halfOf(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  if (std::isnan(value)) return sign | 0x7e00U;
  // The smallest step at this size: that of subnormal numbers at least.
  int exponent = 0;
  std::frexp(value, &exponent);
  const int step = std::max(exponent - 1, 1 - kHalfBias) - kHalfDigits;
  // In steps, to the nearest, ties to even: the rounding mode that a program starts with.
  const double steps = std::nearbyint(std::ldexp(std::abs(static_cast<double>(value)), -step));
  const double rounded = std::ldexp(steps, step);
  if (rounded > 65504) return sign | 0x7c00U;
  if (rounded < std::ldexp(1.0, 1 - kHalfBias)) {
    return sign | static_cast<std::uint16_t>(steps);  // subnormal, or 0
  }
  int top = 0;
  std::frexp(rounded, &top);
  const auto digits =
      static_cast<std::uint16_t>(std::ldexp(rounded, kHalfDigits - (top - 1))) & 0x3ffU;
  return static_cast<std::uint16_t>(sign | ((top - 1 + kHalfBias) << kHalfDigits) | digits);
}

float floatOf(std::uint16_t half) {
  const int exponent = (half >> kHalfDigits) & 0x1f;
  const int digits = half & 0x3ff;
  float value = 0;
  if (exponent == 0x1f) {
    value = digits == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    value = std::ldexp(static_cast<float>(digits), 1 - kHalfBias - kHalfDigits);
  } else {
    value = std::ldexp(static_cast<float>(digits + 0x400), exponent - kHalfBias - kHalfDigits);
  }
  return (half & 0x8000U) != 0 ? -value : value;
}

std::string headerText(const std::map<std::string, std::string>& metadata,
                       std::span<const NamedTensor> tensors, bool half) {
  nlohmann::ordered_json j;
  j["__metadata__"] = metadata;
  std::int64_t at = 0;
  for (const NamedTensor& t : tensors) {
    const std::int64_t end = at + bytesOf(t, half);
    j[t.name] = {{"dtype", half ? "F16" : "F32"}, {"shape", t.shape}, {"data_offsets", {at, end}}};
    at = end;
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

bool writeTensor(int fd, const NamedTensor& t, bool half) {
  if (!half) return writeAll(fd, t.values.data(), t.values.size() * sizeof(float));
  std::vector<std::uint16_t> halves;
  halves.reserve(t.values.size());
  for (const float v : t.values) halves.push_back(halfOf(v));
  return writeAll(fd, halves.data(), halves.size() * sizeof(std::uint16_t));
}

// One file under a name of its own until it is moved to its place; removed where it is not.
class PartFile {
 public:
  explicit PartFile(fs::path file) : file_(std::move(file)), written_(file_) {
    written_ += fmt::format(".{}.part", ::getpid());
  }
  ~PartFile() {
    if (!moved_) ::unlink(written_.c_str());
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const fs::path& written() const { return written_; }
  // 0, or an errno.
  int write(const std::map<std::string, std::string>& metadata,
            std::span<const NamedTensor> tensors, bool half) const {
    const std::string text = headerText(metadata, tensors, half);
    const int fd = ::open(written_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return errno;
    const std::uint64_t length = text.size();
    bool good = writeAll(fd, &length, sizeof length) && writeAll(fd, text.data(), text.size());
    for (std::size_t i = 0; good && i < tensors.size(); ++i) {
      good = writeTensor(fd, tensors[i], half);
    }
    good = good && ::fsync(fd) == 0;
    int error = good ? 0 : errno;
    if (::close(fd) != 0 && error == 0) error = errno;
    return error;
  }
  int move() {
    moved_ = ::rename(written_.c_str(), file_.c_str()) == 0;
    return moved_ ? 0 : errno;
  }

 private:
  fs::path file_, written_;
  bool moved_ = false;
};

tl::unexpected<Error> notSaved(const fs::path& file, const TensorFile& content, int error) {
  std::int64_t needed = 0;
  for (const NamedTensor& t : content.tensors) needed += bytesOf(t, content.half);
  std::error_code ignored;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const auto free = static_cast<double>(fs::space(folder, ignored).available);
  constexpr double kMega = 1e6;
  return fail(fmt::format("{}: not saved: {} ({:.1f} MB are needed, {:.1f} MB free)", file.string(),
                          writeAdvice(error), static_cast<double>(needed) / kMega,
                          ignored ? 0 : free / kMega));
}

// Where each part's tensors begin; the last entry is their number.
std::vector<std::size_t> partsOf(const TensorFile& content, std::int64_t shardSize) {
  const auto& tensors = content.tensors;
  std::vector<std::size_t> begins{0};
  std::int64_t size = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::int64_t bytes = bytesOf(tensors[i], content.half);
    if (shardSize > 0 && i > begins.back() && size + bytes > shardSize) {
      begins.push_back(i);
      size = 0;
    }
    size += bytes;
  }
  begins.push_back(tensors.size());
  return begins;
}

Result<void> appendTensors(const fs::path& file, const SafetensorsHeader& header, TensorFile& out) {
  std::ifstream in(file, std::ios::binary);
  for (const TensorEntry& e : header.tensors) {
    const bool half = e.dtype == "F16";
    if (!half && e.dtype != "F32") {
      return fail(fmt::format("{}: tensor \"{}\" is of type {}, not F32 or F16", file.string(),
                              e.name, e.dtype));
    }
    NamedTensor t{e.name, e.shape, std::vector<float>(static_cast<std::size_t>(e.elements()))};
    std::vector<std::uint16_t> halves(half ? t.values.size() : 0);
    in.seekg(static_cast<std::streamoff>(e.begin));
    in.read(
        half ? reinterpret_cast<char*>(halves.data()) : reinterpret_cast<char*>(t.values.data()),
        static_cast<std::streamsize>(e.end - e.begin));
    std::transform(halves.begin(), halves.end(), t.values.begin(), floatOf);
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
  const std::vector<std::size_t> begins = partsOf(content, shardSize);
  const int shards = static_cast<int>(begins.size()) - 1;
  const std::span<const NamedTensor> all(content.tensors);
  std::map<std::string, std::string> metadata = content.metadata;
  if (shards > 1) metadata["shards"] = std::to_string(shards);
  // All are written before the first is moved, so that a disk that fills leaves the old checkpoint
  // whole; the first part names the others.
  std::list<PartFile> parts;
  for (int part = shards; part >= 1; --part) {
    const auto index = static_cast<std::size_t>(part) - 1;
    const auto tensors = all.subspan(begins[index], begins[index + 1] - begins[index]);
    const std::map<std::string, std::string> own =
        part == 1 ? metadata
                  : std::map<std::string, std::string>{{"shard_of", file.filename().string()},
                                                       {"shard", std::to_string(part)}};
    PartFile& written = parts.emplace_back(shardPath(file, part, shards));
    if (const int error = written.write(own, tensors, content.half); error != 0) {
      parts.clear();  // what was written is free again
      return notSaved(file, content, error);
    }
    if (part == 1) break;
    auto hash = fileSha256(written.written());
    if (!hash) return fail(hash.error().message);
    metadata["shard_sha256_" + std::to_string(part)] = *hash;
  }
  for (PartFile& part : parts) {
    if (const int error = part.move(); error != 0) return notSaved(file, content, error);
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
