#include "models/frame_features.h"

#include <algorithm>

namespace incipit {
namespace {

int matchBin(int length) {
  constexpr std::array kFrom{1, 2, 3, 4, 6, 8, 12, 16, 32};
  int bin = 0;
  for (const int from : kFrom) bin += length >= from ? 1 : 0;
  return bin;
}

void appendKeys(const Frame& frame, int base, std::vector<std::int64_t>& rows) {
  for (const std::uint8_t pitch : frame) rows.push_back(base + pitch - kFrameLowest);
}

}  // namespace

void FrameHistory::push(const Frame& frame) {
  std::bitset<kFrameKeys> keys;
  for (const std::uint8_t pitch : frame) keys.set(pitch - kFrameLowest);
  const std::int64_t n = size();
  run_ = n > 0 && keys_.back() == keys ? run_ + 1 : 0;
  frames_.push_back(frame);
  keys_.push_back(keys);
  lengths_.push_back(0);
  for (std::int64_t p = n; p > std::max<std::int64_t>(0, n - kMatchMemory); --p) {
    const auto i = static_cast<std::size_t>(p);
    lengths_[i] = keys_[i - 1] == keys ? lengths_[i - 1] + 1 : 0;
  }
}

FrameHistory::Matches FrameHistory::matches() const {
  Matches m;
  const std::int64_t first = std::max<std::int64_t>(1, size() - kMatchMemory);
  const auto length = [this](std::int64_t p) { return lengths_[static_cast<std::size_t>(p)]; };
  for (std::int64_t p = size() - 1; p >= first; --p) {
    if (length(p) > m.bestLength) {
      m.best = p;
      m.bestLength = length(p);
    }
  }
  if (m.best < 0) return m;
  const auto& keys = keys_[static_cast<std::size_t>(m.best)];
  for (std::int64_t p = size() - 1; p >= first; --p) {
    if (length(p) > m.otherLength && keys_[static_cast<std::size_t>(p)] != keys) {
      m.other = p;
      m.otherLength = length(p);
    }
  }
  return m;
}

std::array<const Frame*, kProposals> FrameHistory::proposals() const {
  if (frames_.empty()) return {};
  const Matches m = matches();
  return {&frames_.back(), m.best < 0 ? nullptr : &(*this)[m.best],
          m.other < 0 ? nullptr : &(*this)[m.other]};
}

void FrameHistory::appendInputs(std::vector<std::int64_t>& rows) const {
  using R = FrameRows;
  std::int64_t phase = R::kPhase;
  for (const int period : kFramePhases) {
    rows.push_back(phase + (position_ + size()) % period);
    phase += period;
  }
  if (frames_.empty()) {
    rows.push_back(R::kBegin);
    return;
  }
  const Matches m = matches();
  rows.push_back(R::kMatch + matchBin(m.bestLength));
  rows.push_back(R::kOther + matchBin(m.otherLength));
  rows.push_back(R::kRun + std::min(run_, kRunBins - 1));
  const std::array<std::int64_t, kProposals> proposed{size() - 1, m.best, m.other};
  for (std::size_t k = 0; k < proposed.size(); ++k) {
    if (proposed[k] < 0) continue;
    appendKeys((*this)[proposed[k]], R::kProposed + static_cast<int>(k) * kFrameKeys, rows);
  }
  for (std::size_t k = 0; k < kFrameLags.size(); ++k) {
    if (size() < kFrameLags[k]) continue;
    appendKeys((*this)[size() - kFrameLags[k]], R::kLag + static_cast<int>(k) * kFrameKeys, rows);
  }
}

SymbolContext symbolContext(const std::array<const Frame*, kProposals>& proposals,
                            std::span<const std::uint8_t> chosen) {
  using R = SymbolRows;
  SymbolContext c;
  if (!chosen.empty()) c.last = frameSymbol(chosen.back());
  for (const std::uint8_t pitch : chosen) c.rows.push_back(R::kChosen + frameSymbol(pitch));
  c.rows.push_back(R::kLast + c.last);
  for (std::size_t k = 0; k < kProposals; ++k) {
    int symbol = kFrameSymbols;
    if (proposals[k] != nullptr) {
      const auto below =
          std::find_if(proposals[k]->begin(), proposals[k]->end(),
                       [&](std::uint8_t pitch) { return chosen.empty() || pitch < chosen.back(); });
      symbol = below == proposals[k]->end() ? kFrameEnd : frameSymbol(*below);
    }
    c.proposed[k] = symbol;
    c.rows.push_back(R::kProposed + static_cast<int>(k) * (kFrameSymbols + 1) + symbol);
  }
  if (proposals[0] != nullptr) {
    c.voice = chosen.size() < proposals[0]->size() ? frameSymbol((*proposals[0])[chosen.size()])
                                                   : kFrameEnd;
  }
  c.rows.push_back(R::kVoice + c.voice);
  c.rows.push_back(R::kCount + std::min<int>(static_cast<int>(chosen.size()), R::kCounts - 1));
  return c;
}

}  // namespace incipit
