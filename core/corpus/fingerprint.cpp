#include "core/corpus/fingerprint.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "core/corpus/mix.h"
#include "core/encoding/beat_grid.h"

namespace incipit {
namespace {

constexpr std::int64_t kOneOnset = kUnitsPerQuarter / 8;  // a 32nd note
constexpr std::size_t kBandSize = kFingerprintSize / kFingerprintBands;

struct Onset {
  std::int64_t at;  // units
  int pitch;
};

std::vector<Onset> upperLine(const Document& document) {
  std::vector<Onset> notes;
  for (const TrackPtr& t : document.tracks) {
    if (t->channel == kDrumChannel) continue;
    for (const Note& n : t->notes) notes.push_back({unitsOf(n.start, document.ppq), n.pitch});
  }
  std::sort(notes.begin(), notes.end(), [](const Onset& a, const Onset& b) {
    return a.at != b.at ? a.at < b.at : a.pitch > b.pitch;
  });
  std::vector<Onset> line;
  for (const Onset& n : notes) {
    if (!line.empty() && n.at - line.back().at < kOneOnset) {
      line.back().pitch = std::max(line.back().pitch, n.pitch);
    } else {
      line.push_back(n);
    }
  }
  return line;
}

std::vector<std::uint64_t> intervalsOf(const std::vector<Onset>& line) {
  std::vector<std::uint64_t> intervals;
  for (std::size_t i = 1; i < line.size(); ++i) {
    intervals.push_back(static_cast<std::uint64_t>(line[i].pitch - line[i - 1].pitch + 128));
  }
  return intervals;
}

std::vector<std::uint64_t> shinglesOf(const std::vector<std::uint64_t>& intervals) {
  std::vector<std::uint64_t> shingles;
  for (std::size_t i = 0; i + kShingle <= intervals.size(); ++i) {
    std::uint64_t h = 0;
    for (std::size_t k = 0; k < kShingle; ++k) h = mix64(h ^ (intervals[i + k]));
    shingles.push_back(h);
  }
  std::sort(shingles.begin(), shingles.end());
  shingles.erase(std::unique(shingles.begin(), shingles.end()), shingles.end());
  return shingles;
}

// Multiply-shift hashing (Dietzfelbinger et al. 1997): odd factors, the upper half of the product.
const std::array<std::uint64_t, kFingerprintSize>& factors() {
  static const auto kFactors = [] {
    std::array<std::uint64_t, kFingerprintSize> f{};
    for (std::size_t i = 0; i < f.size(); ++i) f[i] = mix64(i + 1) | 1U;
    return f;
  }();
  return kFactors;
}

class Groups {
 public:
  explicit Groups(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0U); }

  std::uint32_t first(std::uint32_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = first(a);
    b = first(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> parent_;
};

struct Key {
  std::uint64_t band;
  std::uint32_t piece;
  bool operator<(const Key& o) const { return band != o.band ? band < o.band : piece < o.piece; }
};

}  // namespace

std::optional<Fingerprint> fingerprintOf(const Document& document) {
  const auto shingles = shinglesOf(intervalsOf(upperLine(document)));
  if (shingles.size() < kLeastShingles) return std::nullopt;
  Fingerprint print;
  print.fill(std::numeric_limits<std::uint32_t>::max());
  for (const std::uint64_t s : shingles) {
    for (std::size_t i = 0; i < kFingerprintSize; ++i) {
      print[i] = std::min(print[i], static_cast<std::uint32_t>((s * factors()[i]) >> 32U));
    }
  }
  return print;
}

double similarity(const Fingerprint& a, const Fingerprint& b) {
  int equal = 0;
  for (std::size_t i = 0; i < kFingerprintSize; ++i) equal += a[i] == b[i] ? 1 : 0;
  return static_cast<double>(equal) / static_cast<double>(kFingerprintSize);
}

std::vector<std::uint32_t> groupNearDuplicates(
    std::span<const std::optional<Fingerprint>> fingerprints, double least) {
  Groups groups(fingerprints.size());
  std::vector<Key> keys;
  for (std::size_t band = 0; band < kFingerprintBands; ++band) {
    keys.clear();
    for (std::size_t i = 0; i < fingerprints.size(); ++i) {
      if (!fingerprints[i]) continue;
      std::uint64_t h = 0;
      for (std::size_t k = 0; k < kBandSize; ++k) {
        h = mix64(h ^ ((*fingerprints[i])[band * kBandSize + k] + std::uint64_t{1}));
      }
      keys.push_back({h, static_cast<std::uint32_t>(i)});
    }
    std::sort(keys.begin(), keys.end());
    // Within a bucket each is compared to the first of every group that is already there, so that a
    // bucket of many copies costs one comparison each.
    std::vector<std::uint32_t> heads;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i == 0 || keys[i].band != keys[i - 1].band) heads.clear();
      const std::uint32_t piece = keys[i].piece;
      bool found = false;
      for (const std::uint32_t head : heads) {
        if (groups.first(head) != groups.first(piece) &&
            similarity(*fingerprints[head], *fingerprints[piece]) < least) {
          continue;
        }
        groups.join(head, piece);
        found = true;
      }
      if (!found && heads.size() < kMostHeads) heads.push_back(piece);
    }
  }
  std::vector<std::uint32_t> out(fingerprints.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = groups.first(static_cast<std::uint32_t>(i));
  return out;
}

}  // namespace incipit
