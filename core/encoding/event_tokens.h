// Whole pieces as a flat sequence of events anchored to bars: the REMI family (Huang and Yang 2020,
// "Pop Music Transformer"), durations instead of note-offs, several tracks in one sequence by role.
// Symbols and grammar: event_vocabulary.h.
//
// Loss. Onsets and ends are rounded to a twelfth of a quarter (sixteenths and triplets are exact),
// lengths to 24 values, velocities to 8, tempos to 16 (from 40 to 240 quarters a minute, one a
// bar); drums have no length; pitches outside 21..108 and drums outside 35..81 are dropped; tracks
// of one role become one, where notes of one pitch and onset become the longest of them; programs
// become the role's. EventLoss counts; encoding what was decoded gives the same symbols.
// Bars keep their places whatever the meter; a bar longer than 8 quarters is written as several.
//
// Thread safety: values and free functions.
#pragma once

#include <span>
#include <vector>

#include "core/encoding/event_vocabulary.h"
#include "core/result.h"
#include "core/score/document.h"

namespace incipit {

struct EventLoss {
  std::int64_t outside = 0;  // notes dropped for their pitch
  std::int64_t merged = 0;   // notes that fell on another of the same role
  std::int64_t moved = 0;    // notes whose onset was rounded
  std::int64_t resized = 0;  // notes whose length changed
  bool operator==(const EventLoss&) const = default;
};

struct EventOptions {
  bool velocities = true;   // else every note has kDefaultVelocity
  bool attributes = false;  // KEY, and LEFT, DENSITY, POLYPHONY and REGISTER in every bar
};

struct EncodedEvents {
  std::vector<EventToken> tokens;
  std::vector<std::size_t> bars;  // index of each BAR
  EventLoss loss;
};

// What each track of a document is most likely for: drums by channel; the two highest-lying piano
// tracks of several are the hands; basses and pads by program; then chords where most onsets have
// two notes or more, melody otherwise. Tracks without notes are kOther.
std::vector<TrackRole> rolesOf(const Document& document);

// Of tracks that play together, so that as few as can be share a role and a model tells them apart:
// drums by channel, two pianos are the hands, the others by program and by how they play; a track
// without notes has the role of its program alone. Of several with one role the highest keeps it,
// the lowest becomes the bass, those between get what is free, and share where nothing is.
std::vector<TrackRole> partRoles(std::span<const TrackPtr> tracks);

// From bar 0 to the bar of the last onset. `roles` as many as the document has tracks. Fails where
// they are not, and where there are more than kMostEventBars bars.
inline constexpr std::int64_t kMostEventBars = 1 << 16;
Result<EncodedEvents> encodeEvents(const Document& document, std::span<const TrackRole> roles,
                                   const EventOptions& options = {});

// A bar of the encoding, in positions from the start of the document, and what it begins with: BAR,
// METER and TEMPO where they change.
struct EventBar {
  std::int64_t start = 0;
  int length = 0;
  std::vector<EventToken> head;
};
// From bar 0 to the one that holds `last`, as encodeEvents() writes them. Fails as it does.
Result<std::vector<EventBar>> eventBars(const Document& document, Tick last);

// The position nearest to a tick, and back.
std::int64_t eventPosition(Tick t, int ppq);
Tick tickOfPosition(std::int64_t position, int ppq);

struct DecodedEvents {
  Document document;             // of kDefaultPpq; a track for each role that plays
  std::vector<TrackRole> roles;  // of its tracks
};
// A sequence that ends without EOS is a piece so far. Fails at the first symbol that the grammar
// forbids, naming its place.
Result<DecodedEvents> decodeEvents(std::span<const EventToken> tokens);

}  // namespace incipit
