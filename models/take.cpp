#include "models/take.h"

#include <algorithm>

namespace incipit {
namespace {
constexpr int kMostNotesPerBar = 128;
}

Take::Take(const ComposeContext& c, const ComposeSettings& s, const NoteSink& sink,
           const std::stop_token& stop)
    : context(c),
      settings(s),
      rng(s.seed, static_cast<std::uint64_t>(s.take)),
      meter(c.ppq, c.meter),
      tempo(c.ppq, c.tempo),
      sink_(sink),
      stop_(stop),
      reached_(c.range.from) {
  soundsUntil_.fill(Tick{-1});
  const auto bars = 1 + meter.barBeat(c.range.to).bar - meter.barBeat(c.range.from).bar;
  mostNotes_ = static_cast<std::size_t>(kMostNotesPerBar * bars);
}

bool Take::pitchFree(int pitch, Tick at) const {
  if (pitch < kLowestKey || pitch > kHighestKey) return false;
  if (soundsUntil_[static_cast<std::size_t>(pitch)] > at) return false;
  return std::none_of(context.kept.begin(), context.kept.end(), [&](const Note& n) {
    return n.pitch == pitch && n.start <= at && n.end() > at;
  });
}

void Take::emit(Note note, float probability) {
  Tick end = std::min(note.end(), context.range.to);
  for (const Note& n : context.kept) {
    if (n.pitch == note.pitch && n.start > note.start) end = std::min(end, n.start);
  }
  note.length = {std::max<std::int64_t>(1, (end - note.start).count)};
  soundsUntil_[note.pitch] = note.end();
  notes_.emplace_back(note, probability);
  reached_ = note.start;
  const double length = static_cast<double>(context.range.length().count);
  sink_(note, static_cast<double>((note.start - context.range.from).count) / length);
}

Composed Take::finish(bool cancelled) {
  // A family may give the notes of one tick in any order of pitch.
  const NoteOrder before;
  std::stable_sort(notes_.begin(), notes_.end(),
                   [&](const auto& a, const auto& b) { return before(a.first, b.first); });
  Composed out;
  for (const auto& [note, probability] : notes_) {
    out.notes.push_back(note);
    out.probabilities.push_back(probability);
  }
  out.cancelled = cancelled;
  out.reached = cancelled ? reached_ : context.range.to;
  return out;
}

}  // namespace incipit
