#include "models/roll_windows.h"

#include <algorithm>
#include <cmath>

#include "core/corpus/augment.h"

namespace incipit {
namespace {

// Of held-out columns; a multiple of what any network writes at once, but for `improved`.
constexpr int kStretch = 100;

std::int64_t columnOfUnits(std::int64_t units, int unitsPerColumn) {
  return (2 * units + unitsPerColumn) / (2 * std::int64_t{unitsPerColumn});
}

// Keys of the sounding part of the roll, moved and noised; nothing where a key falls outside.
class Varied {
 public:
  Varied(std::span<const RollNote> notes, const RollVariation& v, Rng* rng)
      : noise_(rng == nullptr ? 0 : v.pitchNoise), rng_(rng) {
    if (rng == nullptr || !v.transpose || notes.empty()) return;
    const auto [low, high] =
        std::minmax_element(notes.begin(), notes.end(),
                            [](const RollNote& a, const RollNote& b) { return a.key < b.key; });
    const AugmentOptions limits;
    const int down = std::min(limits.transposeDown, low->key);
    const int up = std::min(limits.transposeUp, kRollKeys - 1 - high->key);
    by_ = static_cast<int>(rng->below(static_cast<std::uint32_t>(down + up + 1))) - down;
  }
  int operator()(int key) {
    key += by_;
    if (noise_ > 0 && rng_->uniform() < noise_) {
      key += static_cast<int>(std::trunc(standardNormal(*rng_)));
    }
    return std::clamp(key, 0, kRollKeys - 1);
  }

 private:
  double noise_;
  Rng* rng_;
  int by_ = 0;
};

}  // namespace

RollNote rollNoteOf(const EncodedNote& n, int unitsPerColumn) {
  RollNote out;
  out.key = n.pitch - kRollLowest;
  if (unitsPerColumn == 0) {
    const double start = n.startSeconds;
    out.from = std::llround(start / kColumnSeconds);
    out.to = std::llround((start + n.lengthSeconds) / kColumnSeconds);
  } else {
    out.from = columnOfUnits(n.onset, unitsPerColumn);
    out.to = columnOfUnits(std::int64_t{n.onset} + n.duration, unitsPerColumn);
  }
  out.to = std::max(out.to, out.from + 1);
  return out;
}

std::pair<std::int64_t, std::int64_t> rollExtent(std::span<const EncodedNote> notes,
                                                 int unitsPerColumn) {
  if (notes.empty()) return {0, 0};
  std::int64_t end = 0;
  for (const EncodedNote& n : notes) end = std::max(end, rollNoteOf(n, unitsPerColumn).to);
  return {rollNoteOf(notes.front(), unitsPerColumn).from, end};
}

Roll rollOf(std::span<const EncodedNote> notes, int unitsPerColumn, std::int64_t first, int columns,
            const RollVariation& variation, Rng* rng) {
  const auto begins = [unitsPerColumn](const EncodedNote& n, std::int64_t column) {
    return rollNoteOf(n, unitsPerColumn).from < column;
  };
  // Notes are in order of rounded onsets, nearly that of their columns.
  constexpr int kSlack = 2;
  auto note = std::lower_bound(notes.begin(), notes.end(), first - kMostSustain, begins);
  const auto end = std::lower_bound(note, notes.end(), first + columns + kSlack, begins);
  std::vector<RollNote> inside;
  for (; note != end; ++note) {
    const RollNote n = rollNoteOf(*note, unitsPerColumn);
    if (n.to > first && n.key >= 0 && n.key < kRollKeys) inside.push_back(n);
  }
  Varied key(inside, variation, rng);
  for (RollNote& n : inside) n.key = key(n.key);
  return encodeRoll(inside, first, columns).roll;
}

ColumnPlace columnPlace(int barUnits, int position, int meter, int unitsPerColumn) {
  ColumnPlace p;
  if (unitsPerColumn == 0) return p;
  p.bar = std::clamp((barUnits + unitsPerColumn / 2) / unitsPerColumn, 1, kMostBarColumns);
  p.position = position;
  p.meter = meter;
  return p;
}

std::vector<ColumnPlace> placesOf(std::span<const EncodedNote> notes, int unitsPerColumn,
                                  std::int64_t first, int columns) {
  std::vector<ColumnPlace> out(static_cast<std::size_t>(columns));
  if (unitsPerColumn == 0 || notes.empty()) return out;
  auto next =
      std::upper_bound(notes.begin(), notes.end(), first * unitsPerColumn,
                       [](std::int64_t units, const EncodedNote& n) { return units < n.onset; });
  for (int c = 0; c < columns; ++c) {
    const std::int64_t units = (first + c) * unitsPerColumn;
    while (next != notes.end() && next->onset <= units) ++next;
    const EncodedNote& n = next == notes.begin() ? *next : *(next - 1);
    const std::int64_t bar = n.barLength;
    const std::int64_t position = ((n.barPosition + units - n.onset) % bar + bar) % bar;
    out[static_cast<std::size_t>(c)] =
        columnPlace(n.barLength, static_cast<int>(position), n.meter, unitsPerColumn);
  }
  return out;
}

int leastColumns(const RollPreset& p) { return p.published() ? kRollContext + p.out : 32; }

RollSampler::RollSampler(const Corpus& corpus, Split split, const RollPreset& preset)
    : notes_(corpus, split, 1), preset_(preset) {}

std::vector<RollWindow> RollSampler::draw(std::int64_t windows, int context, Rng rng) const {
  std::vector<RollWindow> out;
  out.reserve(static_cast<std::size_t>(windows));
  for (std::int64_t i = 0; i < windows; ++i) {
    const NoteWindow w = notes_.draw(1, rng);
    const auto [begin, end] = rollExtent(w.sequence->notes, preset_.unitsPerColumn);
    const std::int64_t column = rollNoteOf(w.notes().front(), preset_.unitsPerColumn).from;
    // A window of one column is as likely to lie between onsets as on one.
    constexpr int kNear = 16;
    const auto back = static_cast<std::int64_t>(
        rng.below(static_cast<std::uint32_t>(std::max(preset_.out, kNear))));
    const std::int64_t least = preset_.published() ? begin + kRollContext : begin - kNear;
    const std::int64_t most = std::max(least, end - preset_.out);
    const std::int64_t first = std::clamp(column - back, std::max<std::int64_t>(least, 0), most);
    const auto count = static_cast<int>(std::min<std::int64_t>(preset_.out, end - first));
    out.push_back({w.sequence, first, count, context});
  }
  return out;
}

std::vector<RollWindow> heldOutWindows(const Corpus& corpus, Split split, const RollPreset& preset,
                                       int context, std::int64_t columns, std::uint64_t seed) {
  std::vector<RollWindow> stretches;
  for (const CorpusSequence& s : corpus.sequences) {
    if (corpus.pieces[s.piece].split != split) continue;
    const auto [begin, end] = rollExtent(s.notes, preset.unitsPerColumn);
    for (std::int64_t first = begin + kRollContext; first < end; first += kStretch) {
      stretches.push_back(
          {&s, first, static_cast<int>(std::min<std::int64_t>(kStretch, end - first)), context});
    }
  }
  std::vector<std::uint32_t> order = permutation(stretches.size(), Rng(seed, 11));
  if (columns <= 0) std::sort(order.begin(), order.end());
  // roll-lstm goes on from column to column, however many.
  const int most = preset.seq2seq() ? preset.out : kStretch;
  std::vector<RollWindow> out;
  std::int64_t sum = 0;
  for (const std::uint32_t i : order) {
    if (columns > 0 && sum >= columns) break;
    const RollWindow& s = stretches[i];
    sum += s.count;
    for (int at = 0; at < s.count; at += most) {
      out.push_back({s.sequence, s.first + at, std::min(most, s.count - at), context});
    }
  }
  return out;
}

}  // namespace incipit
