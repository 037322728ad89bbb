// Whole files in and out. Writing is all or nothing: a reader, and a crash at any moment, finds the
// old file or the new one.
//
// Thread safety: free functions; two writers of one path at the same time are the caller's mistake.
// Errors are one line with the file's name and what to do; after one the original is untouched and
// no temporary file is left.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace incipit {

// What a person can do about an error (errno) of writing, without a name and a full stop.
std::string writeAdvice(int error);

// Refuses what is not a regular file and what is larger than 2 GiB.
Result<std::vector<std::uint8_t>> readFile(const std::filesystem::path& file);

// Writes "name.tmp" beside the file, syncs it, renames it over the file and syncs the folder. The
// file's permissions are kept; a symbolic link is followed. keepPrevious leaves the version before
// as "name~".
Result<void> writeFileAtomically(const std::filesystem::path& file,
                                 std::span<const std::uint8_t> bytes, bool keepPrevious);
Result<void> writeFileAtomically(const std::filesystem::path& file, std::string_view text,
                                 bool keepPrevious);

}  // namespace incipit
