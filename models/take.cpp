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
  parts_.resize(1 + c.others.size());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    parts_[i].kept = i == 0 ? &c.kept : &c.others[i - 1].kept;
    parts_[i].soundsUntil.fill(Tick{-1});
  }
  const auto bars = 1 + meter.barBeat(c.range.to).bar - meter.barBeat(c.range.from).bar;
  mostNotes_ = parts_.size() * static_cast<std::size_t>(kMostNotesPerBar * bars);
}

bool Take::pitchFree(int pitch, Tick at, std::size_t part) const {
  if (pitch < kLowestKey || pitch > kHighestKey) return false;
  const Part& p = parts_[part];
  if (p.soundsUntil[static_cast<std::size_t>(pitch)] > at) return false;
  return std::none_of(p.kept->begin(), p.kept->end(), [&](const Note& n) {
    return n.pitch == pitch && n.start <= at && n.end() > at;
  });
}

void Take::emit(Note note, float probability, std::size_t part) {
  Part& p = parts_[part];
  Tick end = std::min(note.end(), context.range.to);
  for (const Note& n : *p.kept) {
    if (n.pitch == note.pitch && n.start > note.start) end = std::min(end, n.start);
  }
  note.length = {std::max<std::int64_t>(1, (end - note.start).count)};
  p.soundsUntil[note.pitch] = note.end();
  p.notes.emplace_back(note, probability);
  ++count_;
  reached_ = note.start;
  const double length = static_cast<double>(context.range.length().count);
  sink_(note, static_cast<double>((note.start - context.range.from).count) / length, part);
}

Composed Take::finish(bool cancelled) {
  // A family may give the notes of one tick in any order of pitch.
  const NoteOrder before;
  Composed out;
  for (Part& p : parts_) {
    std::stable_sort(p.notes.begin(), p.notes.end(),
                     [&](const auto& a, const auto& b) { return before(a.first, b.first); });
    ComposedPart& part = out.parts.emplace_back();
    for (const auto& [note, probability] : p.notes) {
      part.notes.push_back(note);
      part.probabilities.push_back(probability);
    }
  }
  out.cancelled = cancelled;
  out.reached = cancelled ? reached_ : context.range.to;
  return out;
}

}  // namespace incipit
