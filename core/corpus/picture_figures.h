// How like music pictures are: what the pictures of a model are compared with those of a corpus by.
//
// Thread safety: values; a PictureNeighbours may be asked by several threads once it is filled.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/corpus/histogram.h"
#include "core/encoding/picture_encoding.h"

namespace incipit {

// Of any number of pictures of one kind. A bar is half of a picture of ticks (4/4), two seconds of
// the others.
struct PictureStatistics {
  explicit PictureStatistics(PictureKind kind);
  void add(const Picture& picture);

  // Share of the pictures that have a note; of the bars in which nothing sounds; of the notes that
  // are longer than one column. 0 where there is none.
  double withNotes() const;
  double emptyBars() const;
  double qualifiedNotes() const;

  PictureKind kind;
  std::int64_t pictures = 0;
  std::int64_t sounding = 0;  // pictures with a note
  std::int64_t bars = 0;
  std::int64_t empty = 0;  // bars
  std::int64_t notes = 0;
  std::int64_t qualified = 0;
  // Pitch class, duration in columns, keys that sound in a column with any, place of the onset in
  // its bar in columns (for the others: in half seconds of the picture).
  std::array<Histogram, 4> histograms;
};

// Mean over the four histograms of how much of their area two share, 0..1.
double meanOverlap(const PictureStatistics& a, const PictureStatistics& b);

// Of what a model drew, beside what was written, in the order to print.
std::vector<std::pair<std::string, double>> pictureFigures(const PictureStatistics& drawn,
                                                           const PictureStatistics& written);

// How near a picture comes to those that a model learnt from: what tells copies.
class PictureNeighbours {
 public:
  explicit PictureNeighbours(PictureKind kind) : kind_(kind) {}
  void add(const Picture& picture);
  struct Nearest {
    std::size_t index = 0;  // in the order of add()
    double distance = 1;    // 0: the same cells sound; 1: none that does in both
  };
  // At least one was added. One minus the share of the cells that sound in both among those that
  // sound in either.
  Nearest nearest(const Picture& picture) const;

 private:
  std::vector<std::uint64_t> bitsOf(const Picture& picture) const;

  PictureKind kind_;
  std::vector<std::vector<std::uint64_t>> all_;
};

// Notes of one list that the other has with the same pitch and column, as precision and recall in
// one figure, and of those with the same length, too.
struct NoteAgreement {
  std::int64_t written = 0, read = 0, same = 0, sameLength = 0;
  void add(const PictureNotes& truth, const PictureNotes& guess);
  double f1() const;
  double f1WithLength() const;
};

}  // namespace incipit
