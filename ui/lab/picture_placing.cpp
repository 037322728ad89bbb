#include "ui/lab/picture_placing.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/encoding/picture_encoding.h"

namespace incipit {

int nearestInScale(const Scale& scale, int pitch) {
  for (int away = 0; away < 12; ++away) {
    for (const int p : {pitch - away, pitch + away}) {
      if (p >= 0 && p <= 127 && scale.contains(p)) return p;
    }
  }
  return pitch;
}

std::vector<Note> notesToPlace(const Document& document, std::span<const Picture> pictures,
                               const PicturePlace& place) {
  if (pictures.empty()) return {};
  const PictureGrid columns(pictures.front().kind, document.tempo, place.from);
  // Of the notes that come to one place, the longest.
  std::map<std::pair<Tick, int>, Note> placed;
  for (auto& [program, notes] : placedNotes(readPictures(pictures), columns)) {
    for (Note n : notes) {
      if (place.grid) {
        const Tick end = snapNearest(n.end(), *place.grid, document.meter);
        n.start = std::max(place.from, snapNearest(n.start, *place.grid, document.meter));
        n.length = std::max(end - n.start, gridStep(*place.grid, document.ppq));
      }
      if (place.scale) {
        n.pitch = static_cast<std::uint8_t>(nearestInScale(*place.scale, n.pitch));
      }
      const auto [at, fresh] = placed.try_emplace({n.start, n.pitch}, n);
      if (!fresh && at->second.length < n.length) at->second = n;
    }
  }
  std::vector<Note> out;
  for (const auto& [at, n] : placed) out.push_back(n);
  std::sort(out.begin(), out.end(), NoteOrder());
  return out;
}

}  // namespace incipit
