#include "models/note_windows.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace incipit {

WindowSampler::WindowSampler(const Corpus& corpus, Split split, std::int64_t leastNotes) {
  struct SetGroups {
    Group kinds[2];
    std::int64_t notes = 0;
  };
  std::map<std::string, SetGroups> sets;
  for (const CorpusSequence& s : corpus.sequences) {
    const CorpusPiece& piece = corpus.pieces[s.piece];
    const auto count = static_cast<std::int64_t>(s.notes.size());
    if (piece.split != split || count < leastNotes) continue;
    SetGroups& set = sets[piece.set];
    Group& group = set.kinds[s.merged ? 1 : 0];
    const std::int64_t before = group.notesUntil.empty() ? 0 : group.notesUntil.back();
    group.sequences.push_back(&s);
    group.notesUntil.push_back(before + count);
    if (!s.merged) set.notes += count;
    notes_ += count;
  }
  constexpr double kPower = 0.7;
  double total = 0;
  for (auto& [name, set] : sets) {
    const double weight =
        std::pow(static_cast<double>(std::max<std::int64_t>(1, set.notes)), kPower);
    const int kinds =
        (set.kinds[0].sequences.empty() ? 0 : 1) + (set.kinds[1].sequences.empty() ? 0 : 1);
    for (Group& g : set.kinds) {
      if (g.sequences.empty()) continue;
      total += weight / kinds;
      g.until = total;
      groups_.push_back(std::move(g));
    }
  }
  for (Group& g : groups_) g.until /= total;
}

NoteWindow WindowSampler::draw(std::int64_t length, Rng& rng) const {
  const double u = rng.uniform();
  const auto group =
      std::find_if(groups_.begin(), groups_.end() - 1, [u](const Group& g) { return u < g.until; });
  const auto pick =
      static_cast<std::int64_t>(rng.uniform() * static_cast<double>(group->notesUntil.back()));
  const auto found = std::upper_bound(group->notesUntil.begin(), group->notesUntil.end(), pick);
  const CorpusSequence* s = group->sequences[static_cast<std::size_t>(
      std::min(found, group->notesUntil.end() - 1) - group->notesUntil.begin())];
  const auto count = static_cast<std::int64_t>(s->notes.size());
  const bool fromStart = rng.below(10) == 0;
  const std::uint32_t shift = rng.next();
  const std::int64_t room = std::max<std::int64_t>(0, count - length);
  const std::int64_t first =
      fromStart ? 0 : static_cast<std::int64_t>(shift * 0x1p-32 * static_cast<double>(room + 1));
  return {s, static_cast<std::uint32_t>(std::min(first, room)),
          static_cast<std::uint32_t>(std::min(count, length))};
}

std::vector<NoteWindow> WindowSampler::draw(std::int64_t windows, std::int64_t length,
                                            Rng rng) const {
  std::vector<NoteWindow> out;
  out.reserve(static_cast<std::size_t>(windows));
  for (std::int64_t i = 0; i < windows; ++i) out.push_back(draw(length, rng));
  return out;
}

std::vector<std::uint32_t> permutation(std::size_t n, Rng rng) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  for (std::size_t i = n; i > 1; --i) {
    std::swap(order[i - 1], order[rng.below(static_cast<std::uint32_t>(i))]);
  }
  return order;
}

std::vector<NoteWindow> evaluationWindows(const Corpus& corpus, Split split, std::uint32_t length,
                                          std::uint32_t context, std::int64_t notes,
                                          std::uint64_t seed) {
  std::vector<NoteWindow> all;
  for (const CorpusSequence& s : corpus.sequences) {
    if (corpus.pieces[s.piece].split != split) continue;
    const auto count = static_cast<std::uint32_t>(s.notes.size());
    for (std::uint32_t first = 0; first + context < count; first += length - context) {
      all.push_back({&s, first, std::min(length, count - first)});
    }
  }
  if (notes <= 0) return all;
  std::vector<NoteWindow> some;
  std::int64_t sum = 0;
  for (const std::uint32_t i : permutation(all.size(), Rng(seed, 11))) {
    if (sum >= notes) break;
    some.push_back(all[i]);
    sum += all[i].count - context;
  }
  return some;
}

}  // namespace incipit
