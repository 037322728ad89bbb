#include "models/token_features.h"

#include <algorithm>

namespace incipit {
namespace {

int matchBin(int length) {
  constexpr std::array kFrom{1, 2, 3, 4, 6, 8, 16};
  int bin = 0;
  for (const int from : kFrom) bin += length >= from ? 1 : 0;
  return bin;
}

}  // namespace

std::array<std::int64_t, kWordGiven> wordGiven(const TokenMoment& moment, const TokenPlace& place) {
  using G = TokenGivenRows;
  std::array<std::int64_t, kWordGiven> rows{G::kStep + place.step,
                                            G::kSubBeat + subBeatOf(place.position),
                                            G::kBeat + beatOf(place.position)};
  for (std::size_t k = 0; k < kTokenProposals; ++k) {
    const TokenProposal& p = moment.proposals[k];
    const bool agrees = p.word != ChordVocabulary::kUnknown && p.step == place.step;
    rows[3 + k] = G::kAgrees + 2 * static_cast<std::int64_t>(k) + (agrees ? 1 : 0);
  }
  return rows;
}

std::array<std::int64_t, kLengthGiven> lengthGiven(const TokenPlace& place,
                                                   const std::vector<int>& pitches) {
  using G = TokenGivenRows;
  const int size = std::clamp(static_cast<int>(pitches.size()), 1, G::kSizes);
  return {G::kStep + place.step, G::kSubBeat + subBeatOf(place.position),
          G::kBeat + beatOf(place.position), G::kTop + (pitches.empty() ? 60 : pitches.back()),
          G::kSize + size - 1};
}

void TokenHistory::push(const EncodedNote& onset, int word) {
  const auto n = static_cast<std::int64_t>(size());
  onsets_.push_back(onset);
  ids_.push_back(word);
  lengths_.push_back(0);
  for (std::int64_t p = n; p > std::max<std::int64_t>(0, n - kTokenMemory); --p) {
    const auto i = static_cast<std::size_t>(p);
    lengths_[i] = ids_[i - 1] == word ? lengths_[i - 1] + 1 : 0;
  }
}

TokenProposal TokenHistory::proposal(std::size_t at, std::int64_t step, int semitones) const {
  return {words_.transposed(ids_[at], semitones), stepBin(step)};
}

// The token that followed a moment (or stood there, where not `after`).
TokenProposal TokenHistory::barsAgo(std::int64_t moment, bool after, int bar, int semitones) const {
  if (moment < 0) return {};
  const std::size_t most = std::min<std::size_t>(size(), kTokenMemory);
  const auto begin = onsets_.end() - static_cast<std::ptrdiff_t>(most);
  const auto found =
      std::lower_bound(begin, onsets_.end(), after ? moment + 1 : moment,
                       [](const EncodedNote& n, std::int64_t onset) { return n.onset < onset; });
  // What lies far after the moment, or all before what is remembered, is no memory of it.
  if (found == onsets_.end() || found->onset - moment >= 2LL * bar) return {};
  if (found == begin && most < size()) return {};
  return proposal(static_cast<std::size_t>(found - onsets_.begin()), found->onset - moment,
                  semitones);
}

TokenMoment TokenHistory::before(std::size_t first, const BarStart& start, int semitones) const {
  using R = TokenRows;
  TokenMoment m;
  const std::int64_t base = words_.size();
  std::int64_t now = start.onset;
  int bar = start.length;
  const bool begun = size() > first;
  m.rows = {ChordVocabulary::kBegin,
            base + R::kStep + kStepBins,
            base + R::kDuration + kDurationBins,
            base + R::kSubBeat,
            base + R::kBeat,
            base + R::kMeter + start.meter,
            base + R::kMatch};
  if (begun) {
    const EncodedNote& last = onsets_.back();
    now = last.onset;
    bar = last.barLength;
    const std::int64_t step = now - (size() > first + 1 ? onsets_[size() - 2].onset : start.onset);
    m.rows = {words_.transposed(ids_.back(), semitones),
              base + R::kStep + stepBin(step),
              base + R::kDuration + durationBin(last.duration),
              base + R::kSubBeat + subBeatOf(last.barPosition),
              base + R::kBeat + beatOf(last.barPosition),
              base + R::kMeter + last.meter,
              base + R::kMatch};
    std::size_t best = 0;
    for (std::size_t p = size() - 1; p >= 1 && p + kTokenMemory >= size(); --p) {
      if (lengths_[p] > (best > 0 ? lengths_[best] : 0)) best = p;
    }
    if (best > 0) {
      m.proposals[0] = proposal(best, onsets_[best].onset - onsets_[best - 1].onset, semitones);
      m.rows[6] += matchBin(lengths_[best]);
    }
  }
  for (std::size_t k = 1; k < kTokenProposals; ++k) {
    m.proposals[k] = barsAgo(now - static_cast<std::int64_t>(k) * bar, begun, bar, semitones);
  }
  for (std::size_t k = 0; k < kTokenProposals; ++k) {
    const TokenProposal& p = m.proposals[k];
    const bool some = p.word != ChordVocabulary::kUnknown;
    const std::int64_t rows = base + R::kProposal + static_cast<std::int64_t>(k) * R::kProposalSize;
    m.rows[7 + 2 * k] = rows + (some ? words_.top(p.word) : kPitches);
    m.rows[8 + 2 * k] = rows + kPitches + 1 + (some ? p.step : kStepBins);
  }
  return m;
}

}  // namespace incipit
