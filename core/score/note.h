// One note, as a value.
#pragma once

#include <cstdint>
#include <tuple>

#include "core/time/ticks.h"

namespace incipit {

using NoteId = std::uint32_t;   // unique in a document, never reused; 0 = not yet in one
using TrackId = std::uint32_t;  // likewise

inline constexpr int kLowestPitch = 0;
inline constexpr int kHighestPitch = 127;
inline constexpr int kDefaultVelocity = 80;

struct Note {
  Tick start;
  TickDelta length;  // at least one tick
  NoteId id = 0;
  std::uint8_t pitch = 60;                   // MIDI key, 0..127; 60 is middle C (C4)
  std::uint8_t velocity = kDefaultVelocity;  // 1..127
  std::uint8_t releaseVelocity = 64;         // 0..127
  bool locked = false;                       // generation must not touch it

  constexpr Tick end() const { return start + length; }
  constexpr bool operator==(const Note&) const = default;
};

// The order of notes in a track.
struct NoteOrder {
  constexpr bool operator()(const Note& a, const Note& b) const {
    return std::tie(a.start.count, a.pitch, a.id) < std::tie(b.start.count, b.pitch, b.id);
  }
};

// The same music: all but the identity.
constexpr bool sameSound(const Note& a, const Note& b) {
  return a.start == b.start && a.length == b.length && a.pitch == b.pitch &&
         a.velocity == b.velocity && a.releaseVelocity == b.releaseVelocity;
}

}  // namespace incipit
