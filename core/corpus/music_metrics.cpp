#include "core/corpus/music_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_set>
#include <utility>

#include "core/encoding/beat_grid.h"

namespace incipit {
namespace {

constexpr double kNoMeaning = std::numeric_limits<double>::quiet_NaN();

enum class Which { kMelodic, kDrums, kBoth };

template <typename F>
void forEachNote(const Document& d, Which which, F&& f) {
  for (const TrackPtr& t : d.tracks) {
    const bool drums = t->channel == kDrumChannel;
    if (which != Which::kBoth && drums != (which == Which::kDrums)) continue;
    for (const Note& n : t->notes) f(n);
  }
}

std::array<std::int64_t, 128> pitchCounts(const Document& d) {
  std::array<std::int64_t, 128> counts{};
  forEachNote(d, Which::kMelodic, [&](const Note& n) { ++counts[n.pitch]; });
  return counts;
}

std::array<std::int64_t, 12> classCounts(const Document& d) {
  std::array<std::int64_t, 12> counts{};
  const auto pitches = pitchCounts(d);
  for (std::size_t p = 0; p < pitches.size(); ++p) counts[p % 12] += pitches[p];
  return counts;
}

template <typename Counts>
int usedOf(const Counts& counts) {
  return static_cast<int>(
      std::count_if(counts.begin(), counts.end(), [](std::int64_t c) { return c > 0; }));
}

template <typename Counts>
double entropyOf(const Counts& counts) {
  double total = 0;
  for (const std::int64_t c : counts) total += static_cast<double>(c);
  if (total == 0) return kNoMeaning;
  double bits = 0;
  for (const std::int64_t c : counts) {
    const double p = static_cast<double>(c) / total;
    if (c > 0) bits -= p * std::log2(p);
  }
  return bits;
}

using Spans = std::vector<std::pair<std::int64_t, std::int64_t>>;  // half open

// Sorted, without overlaps.
Spans joined(Spans spans) {
  std::sort(spans.begin(), spans.end());
  Spans out;
  for (const auto& [from, to] : spans) {
    if (!out.empty() && from <= out.back().second) {
      out.back().second = std::max(out.back().second, to);
    } else {
      out.emplace_back(from, to);
    }
  }
  return out;
}

std::int64_t lengthOf(const Spans& spans) {
  std::int64_t length = 0;
  for (const auto& [from, to] : spans) length += to - from;
  return length;
}

// When each pitch sounds, as changes of how many do, in order of time.
Spans pitchChanges(const Document& d) {
  std::array<Spans, 128> sounding;
  forEachNote(d, Which::kMelodic,
              [&](const Note& n) { sounding[n.pitch].emplace_back(n.start.count, n.end().count); });
  Spans changes;
  for (Spans& spans : sounding) {
    for (const auto& [from, to] : joined(std::move(spans))) {
      changes.emplace_back(from, 1);
      changes.emplace_back(to, -1);
    }
  }
  std::sort(changes.begin(), changes.end());
  return changes;
}

// Calls f(pitches, ticks) for every stretch in which the number of sounding pitches is the same.
template <typename F>
void forEachStretch(const Document& d, F&& f) {
  std::int64_t now = 0;
  std::int64_t pitches = 0;
  for (const auto& [at, change] : pitchChanges(d)) {
    f(pitches, at - now);
    now = at;
    pitches += change;
  }
}

double shareEmpty(const Spans& sounding, std::int64_t cells) {
  if (cells == 0) return kNoMeaning;
  return 1 - static_cast<double>(lengthOf(joined(sounding))) / static_cast<double>(cells);
}

}  // namespace

int pitchesUsed(const Document& document) { return usedOf(pitchCounts(document)); }

int pitchClassesUsed(const Document& document) { return usedOf(classCounts(document)); }

int pitchRange(const Document& document) {
  int low = kHighestPitch;
  int high = kLowestPitch;
  forEachNote(document, Which::kMelodic, [&](const Note& n) {
    low = std::min<int>(low, n.pitch);
    high = std::max<int>(high, n.pitch);
  });
  return std::max(high - low, 0);
}

double emptyBeatRate(const Document& document) {
  Spans beats;
  std::int64_t count = 0;
  forEachNote(document, Which::kBoth, [&](const Note& n) {
    const std::int64_t end = (n.end().count - 1) / document.ppq + 1;
    beats.emplace_back(n.start.count / document.ppq, end);
    count = std::max(count, end);
  });
  return shareEmpty(beats, count);
}

double emptyMeasureRate(const Document& document) {
  Spans bars;
  std::int64_t count = 0;
  forEachNote(document, Which::kBoth, [&](const Note& n) {
    const std::int64_t end = document.meter.barBeat(n.end() - TickDelta{1}).bar + 1;
    bars.emplace_back(document.meter.barBeat(n.start).bar, end);
    count = std::max(count, end);
  });
  return shareEmpty(bars, count);
}

double polyphony(const Document& document) {
  double sounding = 0;
  double pitchTicks = 0;
  forEachStretch(document, [&](std::int64_t pitches, std::int64_t ticks) {
    sounding += pitches > 0 ? static_cast<double>(ticks) : 0;
    pitchTicks += static_cast<double>(pitches) * static_cast<double>(ticks);
  });
  return sounding > 0 ? pitchTicks / sounding : kNoMeaning;
}

double polyphonyRate(const Document& document, int threshold) {
  double all = 0;
  double above = 0;
  forEachStretch(document, [&](std::int64_t pitches, std::int64_t ticks) {
    all += static_cast<double>(ticks);
    above += pitches > threshold ? static_cast<double>(ticks) : 0;
  });
  return all > 0 ? above / all : kNoMeaning;
}

double pitchInScaleRate(const Document& document, const Scale& scale) {
  const auto counts = classCounts(document);
  double all = 0;
  double inside = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    all += static_cast<double>(counts[c]);
    inside += scale.contains(static_cast<int>(c)) ? static_cast<double>(counts[c]) : 0;
  }
  return all > 0 ? inside / all : kNoMeaning;
}

double scaleConsistency(const Document& document) {
  double best = 0;
  for (int tonic = 0; tonic < 12; ++tonic) {
    for (const Mode mode : {Mode::kMajor, Mode::kMinor}) {
      const double rate = pitchInScaleRate(document, {tonic, mode});
      if (std::isnan(rate)) return rate;
      best = std::max(best, rate);
    }
  }
  return best;
}

double drumInPatternRate(const Document& document, DrumPattern pattern) {
  const int stride = kUnitsPerQuarter / (pattern == DrumPattern::kDuple ? 4 : 3);
  double all = 0;
  double inside = 0;
  forEachNote(document, Which::kDrums, [&](const Note& n) {
    ++all;
    inside += unitsOf(n.start, document.ppq) % stride == 0 ? 1 : 0;
  });
  return all > 0 ? inside / all : kNoMeaning;
}

double drumPatternConsistency(const Document& document) {
  return std::max(drumInPatternRate(document, DrumPattern::kDuple),
                  drumInPatternRate(document, DrumPattern::kTriple));
}

double pitchEntropy(const Document& document) { return entropyOf(pitchCounts(document)); }

double pitchClassEntropy(const Document& document) { return entropyOf(classCounts(document)); }

double grooveConsistency(const Document& document) {
  const MeterChange& meter = document.meter.changes().front();
  const std::int64_t bar =
      std::max<std::int64_t>(1, unitsOf({document.meter.barLength(meter).count}, document.ppq));
  std::unordered_set<std::int64_t> onsets;
  std::int64_t last = -1;
  forEachNote(document, Which::kBoth, [&](const Note& n) {
    const std::int64_t at = unitsOf(n.start, document.ppq);
    onsets.insert(at);
    last = std::max({last, at, unitsOf(n.end(), document.ppq) - 1});
  });
  const std::int64_t bars = (last + bar) / bar;
  if (bars < 2) return kNoMeaning;
  double distance = 0;
  for (const std::int64_t at : onsets) {
    if (at / bar + 1 < bars && !onsets.contains(at + bar)) ++distance;
    if (at >= bar && !onsets.contains(at - bar)) ++distance;
  }
  return 1 - distance / (static_cast<double>(bar) * static_cast<double>(bars - 1));
}

std::vector<Metric> musicMetrics(const Document& document) {
  std::vector<Note> melodic;
  forEachNote(document, Which::kMelodic, [&](const Note& n) { melodic.push_back(n); });
  return {{"n_pitches_used", static_cast<double>(pitchesUsed(document))},
          {"n_pitch_classes_used", static_cast<double>(pitchClassesUsed(document))},
          {"pitch_range", static_cast<double>(pitchRange(document))},
          {"empty_beat_rate", emptyBeatRate(document)},
          {"empty_measure_rate", emptyMeasureRate(document)},
          {"polyphony", polyphony(document)},
          {"polyphony_rate", polyphonyRate(document)},
          {"pitch_in_scale_rate", pitchInScaleRate(document, estimateKey(melodic))},
          {"scale_consistency", scaleConsistency(document)},
          {"drum_in_pattern_rate", drumInPatternRate(document, DrumPattern::kDuple)},
          {"drum_pattern_consistency", drumPatternConsistency(document)},
          {"pitch_entropy", pitchEntropy(document)},
          {"pitch_class_entropy", pitchClassEntropy(document)},
          {"groove_consistency", grooveConsistency(document)}};
}

}  // namespace incipit
