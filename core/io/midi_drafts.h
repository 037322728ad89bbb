// Which tracks a scanned file becomes: chunks and channels sorted into drafts of tracks. Part of
// the second pass of reading; the rules are those of midi_file.h.
// Thread safety: free functions without shared state.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/io/midi_scan.h"
#include "core/io/midi_tags.h"

namespace incipit::midi {

// A track in the making; ticks are the file's.
struct Draft {
  int channel = 0;
  std::size_t chunk = 0;
  std::string name;
  std::vector<Note> notes;
  std::vector<ScanControl> controls;  // sorted by tick
  std::vector<RawEvent> raw;          // sorted by tick
  std::unique_ptr<TrackTag> tag;      // where Incipit wrote the chunk; else null
};

struct Drafts {
  std::vector<Draft> tracks;
  std::vector<RawEvent> raw;  // the document's; sorted by tick
  struct Region {
    std::size_t chunk = 0;
    std::int64_t from = 0;
    RegionTag tag;
  };
  std::vector<Region> regions;  // in the order of their tags
  int division = 0;             // that a tag restores; 0: none
};

// Takes the notes out of the scan.
Drafts draftTracks(std::span<const std::uint8_t> bytes, MidiScan& scan);

// What `event` holds, status byte first.
RawEvent rawEvent(std::span<const std::uint8_t> bytes, const ScanRaw& event);
// The text of an event as UTF-8, without zeros at its end.
std::string eventText(std::span<const std::uint8_t> bytes, const ScanRaw& event);

}  // namespace incipit::midi
