#include "core/encoding/note_sequence.h"

#include <algorithm>
#include <limits>

namespace incipit {
namespace {

constexpr std::int64_t kMaxField = std::numeric_limits<std::uint16_t>::max();

bool before(const EncodedNote& a, const EncodedNote& b) {
  if (a.onset != b.onset) return a.onset < b.onset;
  if (a.pitch != b.pitch) return a.pitch < b.pitch;
  return a.duration > b.duration;
}

void sortAndThin(std::vector<EncodedNote>& notes) {
  if (!std::is_sorted(notes.begin(), notes.end(), before)) {
    std::stable_sort(notes.begin(), notes.end(), before);
  }
  const auto same = [](const EncodedNote& a, const EncodedNote& b) {
    return a.onset == b.onset && a.pitch == b.pitch;
  };
  notes.erase(std::unique(notes.begin(), notes.end(), same), notes.end());
}

}  // namespace

BarCursor::Place BarCursor::at(Tick t) {
  if (t < barStart_ || t >= barEnd_) {
    const MeterChange& change = meter_.at(t);
    barStart_ = meter_.barStartAt(t);
    barEnd_ =
        std::min(meter_.barStart(meter_.barBeat(t).bar + 1), barStart_ + meter_.barLength(change));
    // A bar cut short by a change still shows the length its meter gives it.
    const std::int64_t units = unitsOf({meter_.barLength(change).count}, meter_.ppq());
    length_ = static_cast<int>(std::clamp<std::int64_t>(units, 1, kMaxField));
    class_ = meterClass(change.numerator, change.denominator);
  }
  const std::int64_t position = unitsOf(t, meter_.ppq()) - unitsOf(barStart_, meter_.ppq());
  return {length_, static_cast<int>(std::clamp<std::int64_t>(position, 0, length_ - 1)), class_};
}

std::vector<EncodedNote> encodeNotes(std::span<const Note> notes, const TempoMap& tempo,
                                     const MeterMap& meter) {
  const int ppq = meter.ppq();
  std::vector<EncodedNote> out;
  out.reserve(notes.size());
  BarCursor bars(meter);
  for (const Note& n : notes) {
    EncodedNote e;
    const std::int64_t onset = unitsOf(n.start, ppq);
    if (onset > std::numeric_limits<std::int32_t>::max()) continue;
    e.onset = static_cast<std::int32_t>(onset);
    const std::int64_t length = unitsOf(n.end(), ppq) - onset;
    e.duration = static_cast<std::uint16_t>(std::clamp<std::int64_t>(length, 1, kMaxField));
    // The bar of the rounded onset: a note played just before the bar line belongs to the next bar.
    const BarCursor::Place place = bars.at(std::max(n.start, tickOf(onset, ppq)));
    e.barLength = static_cast<std::uint16_t>(place.length);
    e.barPosition = static_cast<std::uint16_t>(place.position);
    e.meter = static_cast<std::uint8_t>(place.meter);
    e.pitch = n.pitch;
    e.velocity = n.velocity;
    const double start = tempo.seconds(n.start);
    e.startSeconds = static_cast<float>(start);
    e.lengthSeconds = static_cast<float>(tempo.seconds(n.end()) - start);
    out.push_back(e);
  }
  sortAndThin(out);
  return out;
}

std::vector<EncodedNote> mergeSequences(std::span<const std::vector<EncodedNote>> tracks) {
  std::vector<EncodedNote> out;
  for (const auto& t : tracks) out.insert(out.end(), t.begin(), t.end());
  sortAndThin(out);
  return out;
}

}  // namespace incipit
