#include "core/corpus/zip_file.h"

#include <fmt/format.h>

#ifdef INCIPIT_ZIP
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <span>
#endif

namespace incipit {

#ifndef INCIPIT_ZIP

Result<std::vector<ZipEntry>> readZipDirectory(const std::filesystem::path& file) {
  return fail(fmt::format("{}: this build cannot read ZIP archives: unpack it", file.string()));
}

Result<std::vector<std::uint8_t>> readZipEntry(const std::filesystem::path& file,
                                               const ZipEntry& entry) {
  return fail(fmt::format("{}/{}: this build cannot read ZIP archives: unpack it", file.string(),
                          entry.name));
}

#else

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEndOfDirectory = 0x06054b50;
constexpr std::uint32_t kEndOfDirectory64 = 0x06064b50;
constexpr std::uint32_t kLocator64 = 0x07064b50;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kLocatorSize = 20;
constexpr std::uint64_t kMostDirectoryBytes = 256U << 20U;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;

// Little-endian number of `size` bytes; the caller has checked that they are there.
std::uint64_t number(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8U | bytes[at + i];
  return value;
}
std::uint32_t number32(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint32_t>(number(bytes, at, 4));
}
std::uint16_t number16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(number(bytes, at, 2));
}

class Archive {
 public:
  explicit Archive(const std::filesystem::path& file) : in_(file, std::ios::binary) {
    in_.seekg(0, std::ios::end);
    const auto end = in_.tellg();
    size_ = in_ && end > 0 ? static_cast<std::uint64_t>(end) : 0;
  }

  std::uint64_t size() const { return size_; }
  std::optional<Bytes> read(std::uint64_t at, std::uint64_t length) {
    if (at > size_ || length > size_ - at) return std::nullopt;
    Bytes bytes(length);
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(at));
    in_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(length));
    if (!in_) return std::nullopt;
    return bytes;
  }

 private:
  std::ifstream in_;
  std::uint64_t size_ = 0;
};

struct Directory {
  std::uint64_t at;
  std::uint64_t bytes;
};

// ZIP64: the end record that the locator before the ordinary one points at.
std::optional<Directory> directory64(Archive& archive, std::uint64_t endAt) {
  if (endAt < kLocatorSize) return std::nullopt;
  const auto locator = archive.read(endAt - kLocatorSize, kLocatorSize);
  if (!locator || number32(*locator, 0) != kLocator64) return std::nullopt;
  const auto end = archive.read(number(*locator, 8, 8), kEnd64Size);
  if (!end || number32(*end, 0) != kEndOfDirectory64) return std::nullopt;
  return Directory{number(*end, 48, 8), number(*end, 40, 8)};
}

std::optional<Directory> findDirectory(Archive& archive) {
  constexpr std::uint64_t kLongestComment = 0xFFFF;
  const std::uint64_t tailSize =
      std::min<std::uint64_t>(archive.size(), kEndSize + kLongestComment);
  const auto tail = archive.read(archive.size() - tailSize, tailSize);
  if (!tail || tail->size() < kEndSize) return std::nullopt;
  for (std::size_t at = tail->size() - kEndSize + 1; at-- > 0;) {
    if (number32(*tail, at) != kEndOfDirectory) continue;
    const Directory found{number32(*tail, at + 16), number32(*tail, at + 12)};
    if (found.at != 0xFFFFFFFF && found.bytes != 0xFFFFFFFF && number16(*tail, at + 10) != 0xFFFF) {
      return found;
    }
    const auto large = directory64(archive, archive.size() - tailSize + at);
    return large ? large : found;
  }
  return std::nullopt;
}

// The 64-bit numbers of an entry stand in an extra field, those only that did not fit.
void widen(ZipEntry& e, std::span<const std::uint8_t> extra) {
  constexpr std::uint16_t kZip64 = 1;
  for (std::size_t at = 0; at + 4 <= extra.size();) {
    const std::size_t length = number16(extra, at + 2);
    if (length > extra.size() - at - 4) return;
    if (number16(extra, at) == kZip64) {
      std::size_t next = at + 4;
      for (std::uint64_t* value : {&e.size, &e.packed, &e.offset}) {
        if (*value != 0xFFFFFFFF || next + 8 > at + 4 + length) continue;
        *value = number(extra, next, 8);
        next += 8;
      }
      return;
    }
    at += 4 + length;
  }
}

std::optional<Bytes> inflated(const Bytes& packed, std::uint64_t size) {
  Bytes out(size + 1);  // one more: an entry that is longer than it says is damaged
  z_stream stream{};
  constexpr int kRaw = -MAX_WBITS;
  if (inflateInit2(&stream, kRaw) != Z_OK) return std::nullopt;
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  const std::uint64_t got = stream.total_out;
  inflateEnd(&stream);
  if (status != Z_STREAM_END || got != size) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace

Result<std::vector<ZipEntry>> readZipDirectory(const std::filesystem::path& file) {
  Archive archive(file);
  const auto directory = findDirectory(archive);
  if (!directory) return fail(fmt::format("{}: is no ZIP archive", file.string()));
  const auto damaged = [&] {
    return fail(
        fmt::format("{}: its directory is damaged: unpack it with another program", file.string()));
  };
  if (directory->bytes > kMostDirectoryBytes) return damaged();
  const auto bytes = archive.read(directory->at, directory->bytes);
  if (!bytes) return damaged();
  std::vector<ZipEntry> entries;
  const std::span<const std::uint8_t> all(*bytes);
  for (std::size_t at = 0; at + kCentralSize <= all.size();) {
    if (number32(all, at) != kCentralHeader) return damaged();
    const std::size_t name = number16(all, at + 28);
    const std::size_t extra = number16(all, at + 30);
    const std::size_t length = kCentralSize + name + extra + number16(all, at + 32);
    if (length > all.size() - at) return damaged();
    ZipEntry e;
    e.name.assign(reinterpret_cast<const char*>(all.data() + at + kCentralSize), name);
    e.encrypted = (number16(all, at + 8) & 1U) != 0;
    e.method = number16(all, at + 10);
    e.crc = number32(all, at + 16);
    e.packed = number32(all, at + 20);
    e.size = number32(all, at + 24);
    e.offset = number32(all, at + 42);
    widen(e, all.subspan(at + kCentralSize + name, extra));
    if (!e.name.empty() && !e.name.ends_with('/')) entries.push_back(std::move(e));
    at += length;
  }
  return entries;
}

Result<std::vector<std::uint8_t>> readZipEntry(const std::filesystem::path& file,
                                               const ZipEntry& entry) {
  const auto wrong = [&](const std::string& what) {
    return fail(fmt::format("{}/{}: {}", file.string(), entry.name, what));
  };
  if (entry.encrypted) return wrong("is encrypted: unpack the archive");
  if (entry.method != kStored && entry.method != kDeflated) {
    return wrong(fmt::format("is packed by method {}: unpack the archive", entry.method));
  }
  if (entry.size > kMostEntryBytes || entry.packed > kMostEntryBytes) return wrong("is too large");
  Archive archive(file);
  const auto header = archive.read(entry.offset, kLocalSize);
  if (!header || number32(*header, 0) != kLocalHeader) return wrong("is damaged");
  const std::uint64_t data =
      entry.offset + kLocalSize + number16(*header, 26) + number16(*header, 28);
  auto packed = archive.read(data, entry.packed);
  if (!packed) return wrong("is damaged");
  auto bytes = entry.method == kStored ? std::move(packed) : inflated(*packed, entry.size);
  if (!bytes || bytes->size() != entry.size ||
      crc32(0, bytes->data(), static_cast<uInt>(bytes->size())) != entry.crc) {
    return wrong("is damaged");
  }
  return std::move(*bytes);
}

#endif

}  // namespace incipit
