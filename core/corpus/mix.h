// The 64-bit finaliser of MurmurHash3 (Appleby): every bit of the input moves every bit of the
// output; 0 stays 0. For content hashes that only need to be well spread.
#pragma once

#include <cstdint>

namespace incipit {

constexpr std::uint64_t mix64(std::uint64_t h) {
  h ^= h >> 33U;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33U;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ (h >> 33U);
}

}  // namespace incipit
