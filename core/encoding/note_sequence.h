// Notes as the models of the note-lstm family see them: a sequence ordered by (onset, pitch), each
// note with its place on the beat grid and, for the `published` preset, its time in seconds.
//
// Thread safety: values and free functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/encoding/beat_grid.h"
#include "core/score/note.h"
#include "core/time/tempo_map.h"

namespace incipit {

struct EncodedNote {
  std::int32_t onset = 0;         // units from the start of the document, >= 0
  std::uint16_t duration = 1;     // units, 1..65535
  std::uint16_t barLength = 96;   // units of the bar that it starts in, 1..65535
  std::uint16_t barPosition = 0;  // units from that bar's line, below barLength
  std::uint8_t meter = 0;         // meterClass()
  std::uint8_t pitch = 60;
  std::uint8_t velocity = kDefaultVelocity;
  float startSeconds = 0;  // from the start of the document
  float lengthSeconds = 0;

  bool operator==(const EncodedNote&) const = default;
};

// Where a unit stands in its bar, found quickly for positions that never fall.
class BarCursor {
 public:
  explicit BarCursor(const MeterMap& meter) : meter_(meter) {}
  struct Place {
    int length = 96;   // of the bar, in units, at least 1
    int position = 0;  // in units, 0..length-1
    int meter = 0;     // meterClass()
  };
  Place at(Tick t);

 private:
  const MeterMap& meter_;
  Tick barStart_{0};
  Tick barEnd_{0};
  int length_ = 0;
  int class_ = 0;
};

// Encodes notes in any order. Of notes that fall on the same onset and pitch the longest stays.
std::vector<EncodedNote> encodeNotes(std::span<const Note> notes, const TempoMap& tempo,
                                     const MeterMap& meter);

// Several tracks' sequences as one.
std::vector<EncodedNote> mergeSequences(std::span<const std::vector<EncodedNote>> tracks);

}  // namespace incipit
