// The text events in which Incipit keeps what a Standard MIDI File has no event for: FF 01 with
// "incipit:" and a JSON object of one member, which names the kind.
//
//   {"track":{"channel":0,"colour":"#4c8dff","mute":true,"solo":true,"notes":12,
//             "locked":[[first,count]],"overlaps":[[start,pitch,length,velocity,release]]}}
//     at the start of a track's chunk. The other members may be missing. "notes" is how many notes
//     the track holds, "locked" runs of places among them in note order, both void once another
//     program has changed the number. "overlaps" gives every note at a (start, pitch) where the
//     note events could not say it.
//   {"region":{"order":0,"to":3840,"model":"...","settings":"...","context":"..."}}
//     at the start of a generated region, in its track's chunk.
//   {"document":{"division":96}}
//     at the start of the first chunk, where the file's division is not the document's.
//   "incipit:" alone
//     divides a silence that is too long for one event.
//
// Positions are ticks of the file. Thread safety: free functions without shared state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/score/document.h"

namespace incipit::midi {

struct TrackTag {
  int channel = 0;
  std::optional<std::uint32_t> colour;
  bool mute = false;
  bool solo = false;
  std::uint64_t notes = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> locked;  // ascending, apart
  std::vector<Note> overlaps;                                   // in note order
};

struct RegionTag {
  std::int64_t order = 0;
  std::int64_t to = 0;
  int channel = -1;  // set in format 0 only, where one chunk holds every track
  std::string model;
  std::string settings;
  std::string context;
};

struct DocumentTag {
  int division = 0;
};

struct FillTag {};

using Tag = std::variant<TrackTag, RegionTag, DocumentTag, FillTag>;

// Both with the prefix. Parsing gives nothing for what is not, in every detail, a tag.
std::string tagText(const Tag& tag);
std::optional<Tag> parseTag(std::string_view text);

}  // namespace incipit::midi
