#include "core/score/same_music.h"

#include <algorithm>
#include <tuple>

namespace incipit {
namespace {

std::ptrdiff_t placeOf(const Document& d, TrackId id) {
  const auto it = std::find_if(d.tracks.begin(), d.tracks.end(),
                               [id](const TrackPtr& t) { return t->id == id; });
  return it == d.tracks.end() ? -1 : it - d.tracks.begin();
}

std::string noteDifference(const NoteList& a, const NoteList& b) {
  if (a.size() != b.size()) {
    return "notes: " + std::to_string(a.size()) + " and " + std::to_string(b.size());
  }
  auto other = b.begin();
  std::size_t i = 0;
  for (const Note& n : a) {
    const Note& m = *other;
    if (!sameSound(n, m) || n.locked != m.locked) {
      const auto text = [](const Note& x) {
        return std::to_string(x.start.count) + "+" + std::to_string(x.length.count) + " " +
               pitchName(x.pitch) + " velocity " + std::to_string(x.velocity) + " release " +
               std::to_string(x.releaseVelocity) + (x.locked ? " locked" : "");
      };
      return "note " + std::to_string(i) + ": " + text(n) + " and " + text(m);
    }
    ++other;
    ++i;
  }
  return {};
}

std::string trackDifference(const Track& a, const Track& b) {
  if (a.name != b.name) return "name: '" + a.name + "' and '" + b.name + "'";
  const auto properties = [](const Track& t) {
    return std::tie(t.program, t.channel, t.volume, t.pan, t.mute, t.solo, t.colour);
  };
  if (properties(a) != properties(b)) return "program, channel, volume, pan, mute, solo or colour";
  if (a.lanes.size() != b.lanes.size()) return "number of lanes";
  for (auto x = a.lanes.begin(), y = b.lanes.begin(); x != a.lanes.end(); ++x, ++y) {
    if (x->first != y->first || *x->second != *y->second) {
      return "lane " + std::to_string(x->first);
    }
  }
  if (a.raw != b.raw) return "raw events";
  return noteDifference(a.notes, b.notes);
}

bool sameRegions(const Document& a, const Document& b) {
  return std::equal(a.regions.begin(), a.regions.end(), b.regions.begin(), b.regions.end(),
                    [&](const GeneratedRegion& x, const GeneratedRegion& y) {
                      return x.range == y.range && x.modelHash == y.modelHash &&
                             x.settings == y.settings && x.context == y.context &&
                             placeOf(a, x.track) == placeOf(b, y.track);
                    });
}

}  // namespace

std::string musicDifference(const Document& a, const Document& b) {
  if (a.ppq != b.ppq || a.division != b.division) {
    return "ppq/division: " + std::to_string(a.ppq) + "/" + std::to_string(a.division) + " and " +
           std::to_string(b.ppq) + "/" + std::to_string(b.division);
  }
  if (!(a.tempo == b.tempo)) return "tempo";
  if (!(a.meter == b.meter)) return "meter";
  if (a.keys != b.keys) return "key signatures";
  if (a.markers != b.markers) return "markers";
  if (a.raw != b.raw) return "raw events of the document";
  if (a.tracks.size() != b.tracks.size()) {
    return "tracks: " + std::to_string(a.tracks.size()) + " and " + std::to_string(b.tracks.size());
  }
  for (std::size_t i = 0; i < a.tracks.size(); ++i) {
    const std::string d = trackDifference(*a.tracks[i], *b.tracks[i]);
    if (!d.empty()) return "track " + std::to_string(i) + ": " + d;
  }
  return sameRegions(a, b) ? std::string() : "generated regions";
}

}  // namespace incipit
