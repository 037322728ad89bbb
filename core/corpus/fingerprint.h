// Fingerprints that stay nearly the same when a piece is transposed, played at another tempo,
// written in other note values, or begins elsewhere, and the grouping of pieces by them.
//
// Method. The upper line of all melodic tracks (the highest note of each onset; onsets closer than
// a 32nd note are one) becomes overlapping runs of kShingle intervals in semitones. Rhythm is left
// out: ratios of distances between onsets told no more false pairs apart on a collection of 11,000
// pieces, and would not survive a performance. The set of runs is summarised by the smallest value
// of each of kFingerprintSize hashes, whose share of equal entries estimates the Jaccard similarity
// of two sets (MinHash: Broder 1997, "On the Resemblance and Containment of Documents"). Pieces to
// compare are those that agree in a whole band of a fingerprint (locality-sensitive hashing: Indyk
// and Motwani 1998, "Approximate Nearest Neighbors"), so that time and memory grow with the number
// of pieces and not of pairs.
//
// Bounds: a fingerprint is half a kilobyte whatever the piece is; grouping holds the keys of one
// band at a time and compares a piece with at most kMostHeads others of it. A piece with fewer than
// kLeastShingles different runs (a scale, an exercise) says too little to be told by and has no
// fingerprint. Arrangements under another upper line are not found.
//
// Thread safety: values and free functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/score/document.h"

namespace incipit {

inline constexpr std::size_t kShingle = 8;  // intervals in a run
inline constexpr std::size_t kLeastShingles = 16;
inline constexpr std::size_t kFingerprintSize = 128;
inline constexpr std::size_t kFingerprintBands = 64;  // of two entries each
inline constexpr std::size_t kMostHeads = 256;
inline constexpr double kNearDuplicate = 0.2;  // the least similarity of a group's neighbours

using Fingerprint = std::array<std::uint32_t, kFingerprintSize>;

std::optional<Fingerprint> fingerprintOf(const Document& document);

// The estimated Jaccard similarity, 0..1.
double similarity(const Fingerprint& a, const Fingerprint& b);

// For each piece the index of the first piece of its group: itself where it is alone or has no
// fingerprint. Groups are connected: every member is at least `least` similar to another one that
// shares a band with it.
std::vector<std::uint32_t> groupNearDuplicates(
    std::span<const std::optional<Fingerprint>> fingerprints, double least = kNearDuplicate);

}  // namespace incipit
