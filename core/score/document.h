// A piece of music: an immutable value. Every edit makes a new Document that shares what it did not
// change; a job, the audio plan and the undo history each simply keep the version they were given.
//
// Thread safety: a DocumentPtr may be read from any thread. Invariants (kept by the functions of
// core/edit and by the readers of core/io): track ids and note ids are unique and below nextTrackId
// and nextNoteId; every map has the document's ppq; every note lies in [0, ...), is at least one
// tick long and has a pitch of 0..127.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/score/note_list.h"
#include "core/time/meter_map.h"
#include "core/time/tempo_map.h"

namespace incipit {

// What a controller lane controls: 0..127 are the MIDI control changes.
using Controller = int;
inline constexpr Controller kModulation = 1;
inline constexpr Controller kVolume = 7;
inline constexpr Controller kPan = 10;
inline constexpr Controller kExpression = 11;
inline constexpr Controller kSustain = 64;
inline constexpr Controller kPitchBend = 128;        // values -8192..8191
inline constexpr Controller kChannelPressure = 129;  // values 0..127
inline constexpr Controller kProgramChange = 130;    // values 0..127, after the track's first

struct ControlPoint {
  Tick at;
  int value = 0;
  bool operator==(const ControlPoint&) const = default;
};
// Sorted by tick; several points may share one (their order is kept).
using Lane = std::vector<ControlPoint>;

// An event that Incipit keeps but does not interpret: sysex (F0, F7), unknown meta events,
// polyphonic pressure, and the control changes whose order is their meaning (6, 38, 96-101). `bytes`
// holds the status byte (for a meta event FF and its type) and the data without its length. In a
// track, channel messages carry the track's channel. FF 2F at the end of Document::raw marks a rest
// at the end of the piece.
struct RawEvent {
  Tick at;
  std::vector<std::uint8_t> bytes;
  bool operator==(const RawEvent&) const = default;
};

inline constexpr int kDrumChannel = 9;  // counted from 0

struct Track {
  TrackId id = 0;
  std::string name;  // UTF-8
  int program = 0;   // General MIDI, 0..127
  int channel = 0;   // 0..15; kDrumChannel plays drums
  int volume = 100;  // CC7 at the start, 0..127
  int pan = 64;      // CC10 at the start, 0..127, 64 is the middle
  bool mute = false;
  bool solo = false;
  std::uint32_t colour = 0x4C8DFF;  // 0xRRGGBB
  // The MIDI output that plays the track, by name (on `channel`); empty: the synthesizer.
  std::string output;
  NoteList notes;
  // Of notes whose start was quantised while they were recorded: how far from where they stand they
  // were played (played minus written, never 0). Null or not empty; holds no note but the track's.
  std::shared_ptr<const std::map<NoteId, TickDelta>> played;
  std::map<Controller, std::shared_ptr<const Lane>> lanes;  // no null and no empty lane
  std::vector<RawEvent> raw;                                // sorted by tick

  TickDelta playedOffset(NoteId id) const;  // 0 where it was played as written
  bool operator==(const Track& o) const;
};
using TrackPtr = std::shared_ptr<const Track>;

// Notes of a track, or for it.
struct TrackNotes {
  TrackId track = 0;
  std::vector<Note> notes;
  bool operator==(const TrackNotes&) const = default;
};

struct KeySignature {
  Tick at;
  int sharps = 0;  // -7..7, negative for flats
  bool minor = false;
  bool operator==(const KeySignature&) const = default;
};

struct Marker {
  Tick at;
  std::string text;
  bool operator==(const Marker&) const = default;
};

// How a range of notes came to be, complete enough to make it again whatever was edited since.
struct GeneratedRegion {
  TickRange range;
  TrackId track = 0;
  std::string modelHash;  // SHA-256 of the checkpoint file, hex
  std::string settings;   // the request as JSON (compose/request.h), seed included
  std::string context;    // the encoded notes that the model was given, as JSON
  bool operator==(const GeneratedRegion&) const = default;
};

struct Document {
  int ppq = kDefaultPpq;
  int division = kDefaultPpq;  // ticks a quarter of the file it came from; a divisor of ppq
  TempoMap tempo;
  MeterMap meter;
  std::vector<KeySignature> keys;  // sorted
  std::vector<Marker> markers;     // sorted
  std::vector<RawEvent> raw;       // of the piece as a whole (copyright, lyrics ...), sorted
  std::vector<TrackPtr> tracks;    // in the order shown; no null
  std::vector<GeneratedRegion> regions;
  NoteId nextNoteId = 1;
  TrackId nextTrackId = 1;
  // Fields of a newer project file that this version does not know: JSON, written back as they are.
  std::string unknownFields;

  const Track* track(TrackId id) const;  // nullptr when absent
  std::size_t noteCount() const;
  Tick end() const;  // latest note end
  bool operator==(const Document& o) const;
};
using DocumentPtr = std::shared_ptr<const Document>;

// An empty document with one piano track.
Document newDocument();

// The colours given to new tracks, in turn.
std::uint32_t trackColour(std::size_t index);

// "Acoustic Grand Piano" ... for 0..127.
const char* generalMidiName(int program);

// "C4", "F#3"; middle C (60) is C4.
std::string pitchName(int pitch);

}  // namespace incipit
