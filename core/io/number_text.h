// Numbers for people, the same in the terminal and in tables.
//
// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <string>

namespace incipit {

// 83000 as "83,000"; 1536000 bytes as "1.5 MB".
std::string grouped(std::int64_t n);
std::string byteSize(std::int64_t bytes);
// "3:07", "2 h 05 min"
std::string duration(double seconds);

// The time now in UTC, "2026-11-21T15:04:05Z".
std::string utcNow();

}  // namespace incipit
