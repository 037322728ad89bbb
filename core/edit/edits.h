// Every edit of a document as a pure function: a document and what to do in, a new document out.
//
// Those on notes take the track, the notes to change (values as they stand in the track) and return
// the edited document with the notes as they became, which is what the selection turns into. Locked
// notes are edited like others (the lock is against generation). Groups are clamped as a whole:
// where one note would leave 0..127 or time 0, none moves further, so intervals survive. A track id
// that the document lacks gives the document back unchanged.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/rng.h"
#include "core/score/document.h"
#include "core/theory/scale.h"
#include "core/time/grid.h"

namespace incipit {

struct NoteEdit {
  Document document;
  std::vector<Note> notes;
};

// Gives each note an id of its own. Lengths under one tick become one, pitches are clamped.
NoteEdit addNotes(const Document& d, TrackId track, std::span<const Note> notes);
Document removeNotes(const Document& d, TrackId track, std::span<const Note> notes);
// Removes `before`, adds `after` with the ids they carry. The other edits are made of it.
NoteEdit replaceNotes(const Document& d, TrackId track, std::span<const Note> before,
                      std::vector<Note> after);

NoteEdit moveNotes(const Document& d, TrackId track, std::span<const Note> notes, TickDelta time,
                   int semitones);
// As moveNotes, leaving the originals: the copies are new notes.
NoteEdit copyNotes(const Document& d, TrackId track, std::span<const Note> notes, TickDelta time,
                   int semitones);
enum class Edge { kLeft, kRight };
// Moves the edge of every note by the same delta; no note gets shorter than `shortest`, notes that
// already are keep their length.
NoteEdit resizeNotes(const Document& d, TrackId track, std::span<const Note> notes, Edge edge,
                     TickDelta delta, TickDelta shortest = {1});
// Scales starts and lengths about the opposite edge of the group so that the dragged edge moves by
// delta.
NoteEdit scaleNotes(const Document& d, TrackId track, std::span<const Note> notes, Edge edge,
                    TickDelta delta);
NoteEdit offsetVelocity(const Document& d, TrackId track, std::span<const Note> notes, int delta);
NoteEdit setVelocity(const Document& d, TrackId track, std::span<const Note> notes, int velocity);
NoteEdit setLocked(const Document& d, TrackId track, std::span<const Note> notes, bool locked);

// strength 0..1: new = old + (grid - old) * strength. Lengths are kept unless `ends`.
NoteEdit quantise(const Document& d, TrackId track, std::span<const Note> notes, const Grid& grid,
                  double strength = 1.0, bool ends = false);
// Notes whose start was quantised while they were recorded go back to where they were played
// (Track::played, which quantise() and moves keep); others stay.
NoteEdit restorePlayedTiming(const Document& d, TrackId track, std::span<const Note> notes);
// By steps of the scale; a note outside it first moves to the next scale note in that direction.
NoteEdit transposeInScale(const Document& d, TrackId track, std::span<const Note> notes,
                          const Scale& scale, int steps);
// Each note lasts until the next onset among them.
NoteEdit legato(const Document& d, TrackId track, std::span<const Note> notes);
// Notes of one pitch become one, from the first start to the last end.
NoteEdit joinNotes(const Document& d, TrackId track, std::span<const Note> notes);
// Each note that contains `at` becomes two.
NoteEdit splitNotes(const Document& d, TrackId track, std::span<const Note> notes, Tick at);
// Normal deviates: of the start in ticks (never before 0) and of the velocity.
NoteEdit humanise(const Document& d, TrackId track, std::span<const Note> notes, double ticks,
                  double velocity, Rng& rng);

struct TrackEdit {
  Document document;
  TrackId track = 0;
};
// A new empty track at the end, on a free channel where there is one.
TrackEdit addTrack(const Document& d, std::string name, int program, bool drums = false);
Document removeTrack(const Document& d, TrackId track);
Document moveTrack(const Document& d, TrackId track, std::size_t index);
// Puts `track` in the place of the track with its id: how properties, lanes and raw events change.
Document replaceTrack(const Document& d, Track track);
// Sets a lane (sorted here); an empty one removes it.
Document setLane(const Document& d, TrackId track, Controller c, Lane lane);

// Sets the change at its tick; nullopt-like removal is removeTempo (the one at 0 stays).
Document setTempo(const Document& d, TempoChange change);
Document removeTempo(const Document& d, Tick at);
Document setMeter(const Document& d, MeterChange change);
Document removeMeter(const Document& d, Tick at);
Document setKey(const Document& d, KeySignature key);
Document addMarker(const Document& d, Marker marker);
Document removeMarker(const Document& d, Tick at);

// Notes with the time of the first at 0, and their ppq: what the clipboard holds.
struct NoteClip {
  int ppq = kDefaultPpq;
  std::vector<Note> notes;
  TickDelta length;  // from the first start to the last end
};
NoteClip copyClip(const Document& d, std::span<const Note> notes);
// Rescales to the document's ppq.
NoteEdit pasteClip(const Document& d, TrackId track, const NoteClip& clip, Tick at);

// The part of a document that two versions differ in, over all tracks; empty when only names,
// colours and the like do. Cheap: shared blocks are skipped.
TickRange changedRange(const Document& a, const Document& b);

}  // namespace incipit
