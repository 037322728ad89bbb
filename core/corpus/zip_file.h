// Reads ZIP archives (PKWARE APPNOTE 6.3): stored and deflated entries, ZIP64, no encryption. A
// build without zlib refuses every archive.
//
// Memory: the directory, and one entry at a time, at most kMostEntryBytes whatever its header says.
// Thread safety: free functions without shared state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace incipit {

inline constexpr std::uint64_t kMostEntryBytes = 64U << 20U;

struct ZipEntry {
  std::string name;  // as it stands: bytes that any program may have written
  std::uint64_t offset = 0;
  std::uint64_t packed = 0;  // bytes in the archive
  std::uint64_t size = 0;    // bytes of the entry
  std::uint32_t crc = 0;
  std::uint16_t method = 0;
  bool encrypted = false;
};

// The entries that are no folders. Fails with the name of the file where it is no archive or its
// directory is damaged.
Result<std::vector<ZipEntry>> readZipDirectory(const std::filesystem::path& file);

// Fails, naming file and entry, where it is damaged (its checksum counts), encrypted, too large, or
// packed by another method.
Result<std::vector<std::uint8_t>> readZipEntry(const std::filesystem::path& file,
                                               const ZipEntry& entry);

}  // namespace incipit
