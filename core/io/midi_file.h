// Standard MIDI Files (RP-001, "Standard MIDI Files 1.0"): the reader and the writer.
//
// Reading never fails over damage that leaves something to save: what is sound becomes the document
// and every fault is listed with its byte. What a file's freedom becomes:
//  * Ticks: the document's resolution is documentPpq(division), so no position is rounded. An SMPTE
//    division (ticks of real time) becomes quarters of a fixed tempo, so that every second is
//    right; tempo changes in such a file have no meaning and are dropped. Positions end at
//    kLastTick.
//  * Tracks: one per track chunk and channel that plays notes. In format 0 a melodic channel that
//    plays several programs becomes one track for each, on free channels while there are any and no
//    bank select is involved; otherwise, and in format 1, later programs lie in the lane
//    kProgramChange. Channels that only hold set-up messages join the first track that plays on
//    them; where none does they are kept in Document::raw as they are.
//  * Format 2: its patterns one after another, each starting where the one before it ends, because
//    they are independent sequences; side by side they would all sound at once.
//  * Notes: a note-on of a sounding pitch ends the sounding note there, and the first note-off ends
//    it, as General MIDI players do; of two note-ons at one tick the later counts. "All notes off"
//    and "all sound off" end what sounds. A note that nobody ends lasts until its track ends; one
//    without length lasts one tick of the file.
//  * The program, CC7 and CC10 at or before the first note are the track's program, volume and pan;
//    a track without its own takes those of the first track of its channel. Data entry and
//    (N)RPN controllers (6, 38, 96-101) are ordered messages, not curves: they are kept as raw
//    events. Text that is not UTF-8 is read as Windows-1252.
//  * Text, lyrics, cue points, sysex and unknown meta events are kept as raw events: those of the
//    first chunk and of chunks that play nothing in Document::raw, the others in their track. Where
//    the file ends later than its last event, Document::raw ends with FF 2F at that tick.
//
// What a Standard MIDI File has no event for (colour, mute, solo, locks, notes that overlap on one
// pitch, how a region was generated) is written as text events that start with "incipit:" and JSON,
// and read back; sameMusic(readMidi(writeMidi(d)), d) holds for every document whose raw events and
// lanes are of the kinds that reading makes. Project files alone keep Document::unknownFields.
//
// Thread safety: free functions without shared state. Memory: a small multiple of the file's size,
// whatever its bytes say.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/score/document.h"

namespace incipit {

// No event of an imported file lies later: 2^40 ticks, 36 years at 960 a quarter and 60 bpm.
inline constexpr Tick kLastTick{std::int64_t{1} << 40};

struct MidiFault {
  std::size_t byte;  // counted from 0
  std::string what;  // one line: the track and what was done about it
  bool operator==(const MidiFault&) const = default;
};

struct MidiImport {
  Document document;
  std::vector<MidiFault> faults;  // in order of byte; after a hundred, one that counts the rest
  int format = 1;                 // 0, 1 or 2
};

// Fails where there is nothing to save: an empty file, no MIDI data in it, no track.
Result<MidiImport> readMidi(std::span<const std::uint8_t> bytes);
// The error names the file.
Result<MidiImport> readMidiFile(const std::filesystem::path& file);

// format: 0 (one chunk: track names, colours and locks are lost, tracks of one channel become one)
// or 1. The file's division is document.division where every position is a multiple of its tick,
// else the document's ppq where that fits a file (32767 at most), else the largest multiple of
// document.division that fits, with positions rounded to it.
std::vector<std::uint8_t> writeMidi(const Document& document, int format = 1);
// Atomically; the previous file is not kept.
Result<void> writeMidiFile(const Document& document, const std::filesystem::path& file,
                           int format = 1);

}  // namespace incipit
