// The first pass of reading a Standard MIDI File: bytes into flat lists of notes and events, with
// nothing interpreted that needs more than the chunk it stands in. Positions are ticks of the file.
// The second pass (midi_build.h) makes the document.
//
// Thread safety: none shared. Bounds: at most kMostChunks chunks; every position is 0..kLastTick /
// factor; each list is a small multiple of the bytes that it was read from.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/midi_file.h"

namespace incipit::midi {

inline constexpr std::size_t kMostChunks = 65535;            // what a header can announce
inline constexpr std::size_t kMostTracks = kMostChunks - 1;  // beside the first chunk
inline constexpr std::string_view kTagPrefix = "incipit:";
inline constexpr std::string_view kTrackTagPrefix = R"(incipit:{"track":)";

inline constexpr std::uint8_t kMeta = 0xFF;
inline constexpr std::uint8_t kMetaText = 0x01;
inline constexpr std::uint8_t kMetaName = 0x03;
inline constexpr std::uint8_t kMetaMarker = 0x06;
inline constexpr std::uint8_t kMetaEnd = 0x2F;
inline constexpr std::uint8_t kMetaTempo = 0x51;
inline constexpr std::uint8_t kMetaMeter = 0x58;
inline constexpr std::uint8_t kMetaKey = 0x59;

// Data entry, increment, decrement and the (N)RPN selectors: meaningful only in order.
constexpr bool isOrderedControl(int controller) {
  return controller == 6 || controller == 38 || (controller >= 96 && controller <= 101);
}

struct ScanControl {
  std::int64_t tick;
  std::int16_t controller;  // a Controller
  std::int16_t value;
};

// An event that stays as it is: `status` and, for a meta event, `type`, then the bytes
// [at, at + length) of the file.
struct ScanRaw {
  std::int64_t tick;
  std::uint32_t at;
  std::uint32_t length;
  std::uint8_t status;
  std::uint8_t type;
};

// What one chunk holds for one channel.
struct ScanPart {
  std::uint8_t channel = 0;
  std::vector<Note> notes;  // in order of start, then pitch; ids 0
  std::vector<ScanControl> controls;
  std::vector<ScanRaw> raws;  // polyphonic pressure and ordered controllers
};

struct ScanChunk {
  std::size_t byte = 0;
  std::vector<ScanPart> parts;  // by channel
  std::vector<ScanRaw> raws;
  std::vector<ScanRaw> tags;  // text events of Incipit
  bool named = false;
  ScanRaw name{};
};

struct MidiScan {
  int format = 1;
  bool smpte = false;
  int division = kDefaultPpq;  // ticks of the file in a quarter
  int ppq = kDefaultPpq;       // of the document to be
  int factor = 1;              // ppq / division
  std::vector<ScanChunk> chunks;
  std::vector<TempoChange> tempo;  // ticks of the file, as all below
  std::vector<MeterChange> meter;
  std::vector<KeySignature> keys;
  std::vector<ScanRaw> markers;
  std::int64_t lastEvent = 0;  // of all that is not an end of track
  std::int64_t lastEnd = 0;    // the latest end of track
  std::vector<MidiFault> faults;
  std::size_t moreFaults = 0;  // beyond those listed

  void fault(std::size_t byte, std::string what);
};

// Fails as readMidi does.
Result<MidiScan> scanMidi(std::span<const std::uint8_t> bytes);

}  // namespace incipit::midi
