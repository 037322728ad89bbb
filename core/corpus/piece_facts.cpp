#include "core/corpus/piece_facts.h"

#include <algorithm>
#include <set>
#include <utility>

namespace incipit {
namespace {

constexpr int kKeys = 24;

// Length of all notes over the length of the time in which any sounds.
double meanPolyphony(std::vector<std::pair<std::int64_t, std::int64_t>> spans) {
  std::sort(spans.begin(), spans.end());
  double lengths = 0;
  double sounding = 0;
  std::int64_t end = 0;
  for (const auto& [from, to] : spans) {
    lengths += static_cast<double>(to - from);
    sounding += static_cast<double>(std::max<std::int64_t>(0, to - std::max(from, end)));
    end = std::max(end, to);
  }
  return sounding > 0 ? lengths / sounding : 0;
}

Histogram bins(const char* name, double low, double width, std::size_t count) {
  return {name, low, width, std::vector<std::int64_t>(count), {}};
}

}  // namespace

PieceFacts factsOf(const Document& document) {
  PieceFacts f;
  std::set<std::uint8_t> programs;
  std::vector<Note> melodic;
  for (const TrackPtr& t : document.tracks) {
    if (t->notes.empty()) continue;
    ++f.tracks;
    f.notes += static_cast<std::int64_t>(t->notes.size());
    if (t->channel == kDrumChannel) {
      f.drums = true;
      continue;
    }
    programs.insert(static_cast<std::uint8_t>(t->program));
    melodic.insert(melodic.end(), t->notes.begin(), t->notes.end());
  }
  f.programs.assign(programs.begin(), programs.end());
  const Tick end = document.end();
  f.seconds = document.tempo.seconds(end);
  f.quarters = static_cast<double>(end.count) / document.ppq;
  if (f.seconds > 0) {
    f.bpm = 60 * f.quarters / f.seconds;
    f.density = static_cast<double>(f.notes) / f.seconds;
  }
  const MeterChange& meter = document.meter.changes().front();
  f.meterNumerator = meter.numerator;
  f.meterDenominator = meter.denominator;
  f.key = estimateKey(melodic);
  std::vector<std::pair<std::int64_t, std::int64_t>> spans;
  spans.reserve(melodic.size());
  for (const Note& n : melodic) spans.emplace_back(n.start.count, n.end().count);
  f.polyphony = meanPolyphony(std::move(spans));
  if (!melodic.empty()) {
    const auto [low, high] =
        std::minmax_element(melodic.begin(), melodic.end(),
                            [](const Note& a, const Note& b) { return a.pitch < b.pitch; });
    f.lowest = low->pitch;
    f.highest = high->pitch;
  }
  return f;
}

std::vector<Histogram> histogramsOf(const std::vector<const PieceFacts*>& pieces) {
  Histogram length = bins("length (minutes)", 0, 0.5, 30);
  Histogram notes = bins("notes", 0, 250, 40);
  Histogram tempo = bins("tempo (quarters a minute)", 30, 10, 22);
  Histogram density = bins("density (notes a second)", 0, 1, 30);
  Histogram polyphony = bins("polyphony (notes at once)", 0, 0.5, 24);
  Histogram tracks = bins("tracks", 0, 1, 33);
  Histogram keys = bins("key", 0, 1, kKeys);
  Histogram instruments = bins("instrument", 0, 1, 129);
  for (int i = 0; i < kKeys; ++i) {
    keys.labels.push_back(scaleName({i % 12, i < 12 ? Mode::kMajor : Mode::kMinor}));
  }
  for (int i = 0; i < 128; ++i) instruments.labels.emplace_back(generalMidiName(i));
  instruments.labels.emplace_back("Drums");
  for (const PieceFacts* f : pieces) {
    length.add(f->seconds / 60);
    notes.add(static_cast<double>(f->notes));
    tempo.add(f->bpm);
    density.add(f->density);
    polyphony.add(f->polyphony);
    tracks.add(f->tracks);
    keys.add(f->key.tonic + (f->key.mode == Mode::kMinor ? 12 : 0));
    for (const std::uint8_t p : f->programs) instruments.add(p);
    if (f->drums) instruments.add(128);
  }
  return {length, notes, tempo, density, polyphony, tracks, keys, instruments};
}

}  // namespace incipit
