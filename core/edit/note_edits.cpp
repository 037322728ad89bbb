#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numbers>

#include "core/edit/edits.h"

namespace incipit {
namespace {

// The document with one track replaced by a changed copy; `change` gets a Track& to alter.
template <typename F>
Document withTrack(const Document& d, TrackId id, F&& change) {
  Document out = d;
  for (TrackPtr& t : out.tracks) {
    if (t->id != id) continue;
    auto copy = std::make_shared<Track>(*t);
    change(*copy);
    t = std::move(copy);
    break;
  }
  return out;
}

std::uint8_t clampVelocity(int v) { return static_cast<std::uint8_t>(std::clamp(v, 1, 127)); }

struct Extent {
  Tick start{INT64_MAX};
  Tick end{INT64_MIN};
  int lowest = kHighestPitch;
  int highest = kLowestPitch;
};

Extent extentOf(std::span<const Note> notes) {
  Extent e;
  for (const Note& n : notes) {
    e.start = std::min(e.start, n.start);
    e.end = std::max(e.end, n.end());
    e.lowest = std::min<int>(e.lowest, n.pitch);
    e.highest = std::max<int>(e.highest, n.pitch);
  }
  return e;
}

std::vector<Note> moved(std::span<const Note> notes, TickDelta time, int semitones) {
  const Extent e = extentOf(notes);
  if (e.start + time < Tick{0}) time = Tick{0} - e.start;
  semitones = std::clamp(semitones, kLowestPitch - e.lowest, kHighestPitch - e.highest);
  std::vector<Note> out(notes.begin(), notes.end());
  for (Note& n : out) {
    n.start += time;
    n.pitch = static_cast<std::uint8_t>(n.pitch + semitones);
  }
  return out;
}

// Changes how notes of the track were played by `change`, which gets the map to alter.
template <typename F>
void changePlayed(Track& t, F&& change) {
  if (t.played == nullptr) return;
  auto played = std::make_shared<std::map<NoteId, TickDelta>>(*t.played);
  change(*played);
  std::erase_if(*played, [](const auto& entry) { return entry.second == TickDelta{0}; });
  t.played = played->empty() ? nullptr : std::move(played);
}

// How notes were played goes with them.
void forgetPlayed(Track& t, std::span<const Note> removed, std::span<const Note> kept) {
  changePlayed(t, [&](std::map<NoteId, TickDelta>& played) {
    std::map<NoteId, TickDelta> still;
    for (const Note& n : kept) {
      if (const auto it = played.find(n.id); it != played.end()) still.insert(*it);
    }
    for (const Note& n : removed) played.erase(n.id);
    played.merge(still);
  });
}

// Edits each note by itself.
template <typename F>
NoteEdit eachNote(const Document& d, TrackId track, std::span<const Note> notes, F&& change) {
  std::vector<Note> after(notes.begin(), notes.end());
  for (Note& n : after) change(n);
  return replaceNotes(d, track, notes, std::move(after));
}

}  // namespace

NoteEdit addNotes(const Document& d, TrackId track, std::span<const Note> notes) {
  if (d.track(track) == nullptr) return {d, {}};
  std::vector<Note> added(notes.begin(), notes.end());
  NoteId next = d.nextNoteId;
  for (Note& n : added) {
    n.id = next++;
    n.start = std::max(n.start, Tick{0});
    n.length = std::max(n.length, TickDelta{1});
    n.pitch = std::min<std::uint8_t>(n.pitch, kHighestPitch);
    n.velocity = clampVelocity(n.velocity);
  }
  std::sort(added.begin(), added.end(), NoteOrder{});
  Document out = withTrack(d, track, [&](Track& t) { t.notes = t.notes.edited({}, added); });
  out.nextNoteId = next;
  return {std::move(out), std::move(added)};
}

Document removeNotes(const Document& d, TrackId track, std::span<const Note> notes) {
  return withTrack(d, track, [&](Track& t) {
    t.notes = t.notes.edited(notes, {});
    forgetPlayed(t, notes, {});
  });
}

NoteEdit replaceNotes(const Document& d, TrackId track, std::span<const Note> before,
                      std::vector<Note> after) {
  if (d.track(track) == nullptr) return {d, {}};
  std::sort(after.begin(), after.end(), NoteOrder{});
  Document out = withTrack(d, track, [&](Track& t) {
    t.notes = t.notes.edited(before, after);
    forgetPlayed(t, before, after);
  });
  return {std::move(out), std::move(after)};
}

NoteEdit moveNotes(const Document& d, TrackId track, std::span<const Note> notes, TickDelta time,
                   int semitones) {
  return replaceNotes(d, track, notes, moved(notes, time, semitones));
}

NoteEdit copyNotes(const Document& d, TrackId track, std::span<const Note> notes, TickDelta time,
                   int semitones) {
  return addNotes(d, track, moved(notes, time, semitones));
}

NoteEdit resizeNotes(const Document& d, TrackId track, std::span<const Note> notes, Edge edge,
                     TickDelta delta, TickDelta shortest) {
  return eachNote(d, track, notes, [&](Note& n) {
    const TickDelta least = std::max(TickDelta{1}, std::min(shortest, n.length));
    if (edge == Edge::kRight) {
      n.length = std::max(least, n.length + delta);
      return;
    }
    const Tick end = n.end();
    n.start = std::clamp(n.start + delta, Tick{0}, end - least);
    n.length = end - n.start;
  });
}

NoteEdit scaleNotes(const Document& d, TrackId track, std::span<const Note> notes, Edge edge,
                    TickDelta delta) {
  const Extent e = extentOf(notes);
  const double before = static_cast<double>((e.end - e.start).count);
  const double wanted = before + static_cast<double>((edge == Edge::kRight ? delta : -delta).count);
  double factor = std::max(1.0, wanted) / before;
  if (edge == Edge::kLeft) factor = std::min(factor, static_cast<double>(e.end.count) / before);
  const auto scaled = [&](TickDelta t) {
    return TickDelta{std::llround(static_cast<double>(t.count) * factor)};
  };
  return eachNote(d, track, notes, [&](Note& n) {
    const Tick end = edge == Edge::kRight ? e.start + scaled(n.end() - e.start)
                                          : e.end - scaled(e.end - n.end());
    n.start = edge == Edge::kRight ? e.start + scaled(n.start - e.start)
                                   : e.end - scaled(e.end - n.start);
    n.length = std::max(TickDelta{1}, end - n.start);
  });
}

NoteEdit offsetVelocity(const Document& d, TrackId track, std::span<const Note> notes, int delta) {
  return eachNote(d, track, notes,
                  [&](Note& n) { n.velocity = clampVelocity(n.velocity + delta); });
}

NoteEdit setVelocity(const Document& d, TrackId track, std::span<const Note> notes, int velocity) {
  return eachNote(d, track, notes, [&](Note& n) { n.velocity = clampVelocity(velocity); });
}

NoteEdit setLocked(const Document& d, TrackId track, std::span<const Note> notes, bool locked) {
  return eachNote(d, track, notes, [&](Note& n) { n.locked = locked; });
}

NoteEdit quantise(const Document& d, TrackId track, std::span<const Note> notes, const Grid& grid,
                  double strength, bool ends) {
  const auto towards = [&](Tick t) {
    const TickDelta way = snapNearest(t, grid, d.meter) - t;
    return t + TickDelta{std::llround(static_cast<double>(way.count) * strength)};
  };
  std::map<NoteId, TickDelta> way;
  NoteEdit edit = eachNote(d, track, notes, [&](Note& n) {
    const Tick end = towards(n.end());
    const Tick start = towards(n.start);
    way[n.id] = start - n.start;
    n.start = start;
    if (ends) n.length = end > n.start ? end - n.start : gridStep(grid, d.ppq);
  });
  edit.document = withTrack(edit.document, track, [&](Track& t) {
    changePlayed(t, [&](std::map<NoteId, TickDelta>& played) {
      for (auto& [id, offset] : played) {
        if (const auto it = way.find(id); it != way.end()) offset += -it->second;
      }
    });
  });
  return edit;
}

NoteEdit restorePlayedTiming(const Document& d, TrackId track, std::span<const Note> notes) {
  const Track* t = d.track(track);
  if (t == nullptr || t->played == nullptr) return {d, {notes.begin(), notes.end()}};
  NoteEdit edit = eachNote(d, track, notes, [&](Note& n) {
    n.start = std::max(Tick{0}, n.start + t->playedOffset(n.id));
  });
  edit.document =
      withTrack(edit.document, track, [&](Track& changed) { forgetPlayed(changed, notes, {}); });
  return edit;
}

NoteEdit transposeInScale(const Document& d, TrackId track, std::span<const Note> notes,
                          const Scale& scale, int steps) {
  // One step at a time, so that the group stops together at the edge of the range.
  std::vector<Note> after(notes.begin(), notes.end());
  const int direction = steps < 0 ? -1 : 1;
  for (int i = 0; i < std::abs(steps); ++i) {
    std::vector<Note> next = after;
    for (Note& n : next) {
      const int pitch = scale.step(n.pitch, direction);
      if (pitch < kLowestPitch || pitch > kHighestPitch)
        return replaceNotes(d, track, notes, after);
      n.pitch = static_cast<std::uint8_t>(pitch);
    }
    after = std::move(next);
  }
  return replaceNotes(d, track, notes, std::move(after));
}

NoteEdit legato(const Document& d, TrackId track, std::span<const Note> notes) {
  std::vector<Tick> onsets;
  for (const Note& n : notes) onsets.push_back(n.start);
  std::sort(onsets.begin(), onsets.end());
  return eachNote(d, track, notes, [&](Note& n) {
    const auto next = std::upper_bound(onsets.begin(), onsets.end(), n.start);
    if (next != onsets.end()) n.length = *next - n.start;
  });
}

NoteEdit joinNotes(const Document& d, TrackId track, std::span<const Note> notes) {
  std::vector<Note> sorted(notes.begin(), notes.end());
  std::sort(sorted.begin(), sorted.end(), NoteOrder{});
  std::vector<Note> after;
  for (const Note& n : sorted) {
    auto same =
        std::find_if(after.begin(), after.end(), [&](const Note& o) { return o.pitch == n.pitch; });
    if (same == after.end()) {
      after.push_back(n);
    } else {
      same->length = std::max(same->end(), n.end()) - same->start;
    }
  }
  return replaceNotes(d, track, notes, std::move(after));
}

NoteEdit splitNotes(const Document& d, TrackId track, std::span<const Note> notes, Tick at) {
  std::vector<Note> left(notes.begin(), notes.end());
  std::vector<Note> right;
  for (Note& n : left) {
    if (at <= n.start || at >= n.end()) continue;
    Note rest = n;
    rest.start = at;
    rest.length = n.end() - at;
    n.length = at - n.start;
    right.push_back(rest);
  }
  NoteEdit first = replaceNotes(d, track, notes, std::move(left));
  NoteEdit second = addNotes(first.document, track, right);
  first.notes.insert(first.notes.end(), second.notes.begin(), second.notes.end());
  std::sort(first.notes.begin(), first.notes.end(), NoteOrder{});
  return {std::move(second.document), std::move(first.notes)};
}

NoteEdit humanise(const Document& d, TrackId track, std::span<const Note> notes, double ticks,
                  double velocity, Rng& rng) {
  const auto normal = [&rng] {  // Box-Muller
    const double u = std::max(rng.uniform(), 0x1p-32);
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * rng.uniform());
  };
  return eachNote(d, track, notes, [&](Note& n) {
    n.start = std::max(Tick{0}, n.start + TickDelta{std::llround(normal() * ticks)});
    n.velocity = clampVelocity(n.velocity + static_cast<int>(std::lround(normal() * velocity)));
  });
}

NoteClip copyClip(const Document& d, std::span<const Note> notes) {
  NoteClip clip{d.ppq, {notes.begin(), notes.end()}, {}};
  if (clip.notes.empty()) return clip;
  const Extent e = extentOf(notes);
  for (Note& n : clip.notes) n.start = Tick{0} + (n.start - e.start);
  clip.length = e.end - e.start;
  std::sort(clip.notes.begin(), clip.notes.end(), NoteOrder{});
  return clip;
}

NoteEdit pasteClip(const Document& d, TrackId track, const NoteClip& clip, Tick at) {
  const auto rescaled = [&](std::int64_t t) {
    return std::llround(static_cast<double>(t) * d.ppq / clip.ppq);
  };
  std::vector<Note> notes = clip.notes;
  for (Note& n : notes) {
    const Tick end{rescaled(n.end().count)};
    n.start = {rescaled(n.start.count)};
    n.length = std::max(TickDelta{1}, end - n.start);
    n.start += at - Tick{0};
  }
  return addNotes(d, track, notes);
}

}  // namespace incipit
