// What every document that a reader gives must keep, for the fuzz targets: the invariants of
// core/score/document.h and the limits of core/io. Prints the broken one and aborts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "core/io/midi_file.h"

namespace incipit::fuzz {

inline void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what.c_str());
  std::abort();
}

template <typename List>
void requireSorted(const List& list, const char* what) {
  Tick last{0};
  for (const auto& item : list) {
    require(item.at >= last && item.at <= kLastTick, what);
    last = item.at;
  }
}

inline void requireNotes(const Document& d, const Track& t, std::set<NoteId>& ids) {
  const Note* previous = nullptr;
  for (const Note& n : t.notes) {
    require(n.start >= Tick{0} && n.length.count >= 1 && n.end() <= kLastTick, "note position");
    require(n.pitch <= 127 && n.velocity >= 1 && n.velocity <= 127, "pitch and velocity");
    require(n.releaseVelocity <= 127, "release velocity");
    require(n.id > 0 && n.id < d.nextNoteId && ids.insert(n.id).second, "note id");
    require(previous == nullptr || NoteOrder{}(*previous, n), "note order");
    previous = &n;
  }
}

inline void requireSound(const Document& d) {
  require(d.ppq > 0 && d.division > 0 && d.ppq % d.division == 0, "division");
  require(d.tempo.ppq() == d.ppq && d.meter.ppq() == d.ppq, "resolution of the maps");
  requireSorted(d.tempo.changes(), "tempo");
  requireSorted(d.meter.changes(), "meter");
  requireSorted(d.keys, "keys");
  requireSorted(d.markers, "markers");
  requireSorted(d.raw, "raw events");
  std::set<NoteId> ids;
  std::set<TrackId> tracks;
  for (const TrackPtr& t : d.tracks) {
    require(t != nullptr && t->id > 0 && t->id < d.nextTrackId, "track id");
    require(tracks.insert(t->id).second, "track id twice");
    require(t->program >= 0 && t->program <= 127 && t->channel >= 0 && t->channel <= 15, "program");
    require(t->volume >= 0 && t->volume <= 127 && t->pan >= 0 && t->pan <= 127, "volume and pan");
    requireSorted(t->raw, "raw events of a track");
    for (const auto& [controller, lane] : t->lanes) {
      require(controller >= 0 && controller <= kProgramChange, "controller");
      require(lane != nullptr && !lane->empty(), "empty lane");
      requireSorted(*lane, "lane");
    }
    requireNotes(d, *t, ids);
  }
}

}  // namespace incipit::fuzz
