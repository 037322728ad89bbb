// Music as pictures (picture.h), and notes read from pictures.
//
// A piece is a strip of pictures from a tick on; a note lies in the column that is nearest to its
// start: of a twentieth of a second by the tempo map (images 1 to 3), or of a twelfth of a quarter
// (ticks). Values of a cell:
//  * image 1: length in columns (1..255), velocity, instrument, tempo in quarters a minute
//    (1..255), where a note starts;
//  * image 2: 125 where a note starts, 255 while it is sustained; velocity and instrument with
//  both;
//  * image 3: the first of these;
//  * ticks: 255 while a note sounds; a key that is struck again is silent for the column before.
// A velocity v is written as 64 + 3v/2, an instrument p (General MIDI, 0..127) as 2p + 1.
//
// What is lost: onsets and lengths between columns, keys outside the picture, all but one of the
// notes of a key in a column (and, but for image 1, what sounds on below a later note of the same
// key), what a kind has no channel for. pictureLoss() counts it. Drums have no place in pictures.
//
// Reading is for what networks draw, too: a cell of image 1 is a note where its velocity is at
// least half of the softest, levels go to the nearest of 0, 125 and 255 (ticks: 0 and 255), and a
// sustained cell after a silent one starts a note. Notes painted and read again are the same.
//
// Thread safety: values and free functions.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/encoding/picture.h"
#include "core/score/document.h"

namespace incipit {

inline constexpr double kPictureColumnSeconds = 0.05;  // of images 1 to 3
inline constexpr int kPictureColumnsPerQuarter = 12;   // of ticks

// A note as pictures have it. Columns are counted from the first one of the strip.
struct PictureNote {
  std::int64_t column = 0;
  std::int64_t length = 1;  // columns, at least 1
  std::uint8_t pitch = 60;
  std::uint8_t velocity = kDefaultVelocity;
  std::uint8_t program = 0;
  std::uint8_t bpm = 120;
  bool operator==(const PictureNote&) const = default;
};
// What a kind has no channel for is the default of PictureNote.
using PictureNotes = std::vector<PictureNote>;

// Where the columns of a strip lie in a piece.
class PictureGrid {
 public:
  PictureGrid(PictureKind kind, TempoMap tempo, Tick from);
  std::int64_t column(Tick t) const;  // the nearest; below 0 before the strip
  Tick tick(std::int64_t column) const;

 private:
  PictureKind kind_;
  TempoMap tempo_;
  Tick from_;
};

// The notes that start at or after `from`, in order of column and pitch: of `tracks`, or of all but
// drums where none is named. Without those that the pictures of `kind` cannot hold.
PictureNotes pictureNotes(const Document& document, PictureKind kind, Tick from = {},
                          std::span<const TrackId> tracks = {});

// A picture of a strip, and which one it is, counted from 0.
struct PlacedPicture {
  std::int64_t index = 0;
  Picture picture;
};
// The pictures of these notes, without silent ones. A strip ends after kMostPictures pictures:
// later notes are left out.
inline constexpr std::int64_t kMostPictures = 4096;
std::vector<PlacedPicture> paintPictures(PictureKind kind, const PictureNotes& notes);
// The picture that begins a strip.
Picture paintPicture(PictureKind kind, const PictureNotes& notes);

// The notes of adjacent pictures of one kind, in order of column and pitch.
PictureNotes readPictures(std::span<const Picture> strip);

// The notes where a grid lays them, by General MIDI program (0 for kinds without instruments), each
// list in NoteOrder, ids 0.
std::map<int, std::vector<Note>> placedNotes(const PictureNotes& notes, const PictureGrid& grid);
// A piece of these notes in 4/4, one track a program. `bpm` 0: as image 1 says most often, else
// 120.
Document pictureDocument(PictureKind kind, const PictureNotes& notes, double bpm = 0);

// What a kind of picture loses of music.
struct PictureLoss {
  std::int64_t notes = 0;       // but drums
  std::int64_t kept = 0;        // have a note of their own with their pitch and column
  std::int64_t velocities = 0;  // of those kept, as they were
  std::int64_t programs = 0;    // likewise
  double onsetError = 0;        // seconds, the sum over those kept
  double lengthError = 0;       // likewise
  PictureLoss& operator+=(const PictureLoss& o);
};
PictureLoss pictureLoss(const Document& document, PictureKind kind);

}  // namespace incipit
