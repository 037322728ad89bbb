#include "core/corpus/picture_figures.h"

#include <algorithm>
#include <bit>
#include <map>

namespace incipit {
namespace {

enum Which : std::uint8_t { kPitchClass, kDuration, kPolyphony, kOnset };

int barColumns(PictureKind kind) { return kind == PictureKind::kTicks ? 48 : 40; }

Histogram histogram(const char* name, int bins, double low, double width) {
  Histogram h;
  h.name = name;
  h.low = low;
  h.width = width;
  h.counts.assign(static_cast<std::size_t>(bins), 0);
  return h;
}

double share(std::int64_t part, std::int64_t of) {
  return of > 0 ? static_cast<double>(part) / static_cast<double>(of) : 0;
}

double f1Of(std::int64_t same, std::int64_t a, std::int64_t b) {
  // Nothing read where nothing is written is right.
  return a + b > 0 ? 2 * share(same, a + b) : 1;
}

}  // namespace

PictureStatistics::PictureStatistics(PictureKind k)
    : kind(k),
      histograms{histogram("pitch class", 12, 0, 1),
                 histogram("duration (columns)", k == PictureKind::kTicks ? 48 : 60, 0.5, 1),
                 histogram("polyphony (keys)", 12, 0.5, 1),
                 k == PictureKind::kTicks ? histogram("onset (columns of the bar)", 48, 0, 1)
                                          : histogram("onset (half seconds)", 20, 0, 10)} {}

void PictureStatistics::add(const Picture& picture) {
  const PictureNotes own = readPictures({&picture, 1});
  const int columns = shapeOf(kind).columns;
  std::vector<int> keys(static_cast<std::size_t>(columns));
  ++pictures;
  sounding += own.empty() ? 0 : 1;
  notes += static_cast<std::int64_t>(own.size());
  for (const PictureNote& n : own) {
    qualified += n.length > 1 ? 1 : 0;
    histograms[kPitchClass].add(n.pitch % 12);
    histograms[kDuration].add(static_cast<double>(n.length));
    const std::int64_t onset = kind == PictureKind::kTicks ? n.column % barColumns(kind) : n.column;
    histograms[kOnset].add(static_cast<double>(onset));
    const std::int64_t end = std::min<std::int64_t>(columns, n.column + n.length);
    for (std::int64_t c = n.column; c < end; ++c) ++keys[static_cast<std::size_t>(c)];
  }
  for (int from = 0; from < columns; from += barColumns(kind)) {
    const auto bar = std::span(keys).subspan(static_cast<std::size_t>(from),
                                             static_cast<std::size_t>(barColumns(kind)));
    ++bars;
    empty += std::all_of(bar.begin(), bar.end(), [](int k) { return k == 0; }) ? 1 : 0;
  }
  for (const int k : keys) {
    if (k > 0) histograms[kPolyphony].add(k);
  }
}

double PictureStatistics::withNotes() const { return share(sounding, pictures); }
double PictureStatistics::emptyBars() const { return share(empty, bars); }
double PictureStatistics::qualifiedNotes() const { return share(qualified, notes); }

double meanOverlap(const PictureStatistics& a, const PictureStatistics& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.histograms.size(); ++i) {
    sum += overlap(a.histograms[i], b.histograms[i]);
  }
  return sum / static_cast<double>(a.histograms.size());
}

std::vector<std::pair<std::string, double>> pictureFigures(const PictureStatistics& drawn,
                                                           const PictureStatistics& written) {
  const auto notesOf = [](const PictureStatistics& s) { return share(s.notes, s.pictures); };
  std::vector<std::pair<std::string, double>> out{
      {"pictures with notes (share)", drawn.withNotes()},
      {"empty bars (share)", drawn.emptyBars()},
      {"empty bars, written (share)", written.emptyBars()},
      {"qualified notes (share)", drawn.qualifiedNotes()},
      {"qualified notes, written (share)", written.qualifiedNotes()},
      {"notes a picture", notesOf(drawn)},
      {"notes a picture, written", notesOf(written)}};
  for (std::size_t i = 0; i < drawn.histograms.size(); ++i) {
    out.emplace_back("overlap of " + drawn.histograms[i].name,
                     overlap(drawn.histograms[i], written.histograms[i]));
  }
  out.emplace_back("overlap, mean", meanOverlap(drawn, written));
  return out;
}

std::vector<std::uint64_t> PictureNeighbours::bitsOf(const Picture& picture) const {
  const PictureShape s = shapeOf(kind_);
  const auto cells = static_cast<std::size_t>(s.keys) * static_cast<std::size_t>(s.columns);
  std::vector<std::uint64_t> bits((cells + 63) / 64);
  for (const PictureNote& n : readPictures({&picture, 1})) {
    const std::int64_t end = std::min<std::int64_t>(s.columns, n.column + n.length);
    for (std::int64_t c = n.column; c < end; ++c) {
      const auto cell = static_cast<std::size_t>((n.pitch - s.lowest) * s.columns + c);
      bits[cell / 64] |= std::uint64_t{1} << (cell % 64);
    }
  }
  return bits;
}

void PictureNeighbours::add(const Picture& picture) { all_.push_back(bitsOf(picture)); }

PictureNeighbours::Nearest PictureNeighbours::nearest(const Picture& picture) const {
  const auto own = bitsOf(picture);
  Nearest best;
  best.distance = 2;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    int both = 0;
    int either = 0;
    for (std::size_t w = 0; w < own.size(); ++w) {
      both += std::popcount(own[w] & all_[i][w]);
      either += std::popcount(own[w] | all_[i][w]);
    }
    const double distance = either > 0 ? 1 - static_cast<double>(both) / either : 0;
    if (distance < best.distance) best = {i, distance};
  }
  return best;
}

void NoteAgreement::add(const PictureNotes& truth, const PictureNotes& guess) {
  std::map<std::pair<std::int64_t, int>, std::int64_t> lengths;
  for (const PictureNote& n : truth) lengths[{n.column, n.pitch}] = n.length;
  written += static_cast<std::int64_t>(truth.size());
  read += static_cast<std::int64_t>(guess.size());
  for (const PictureNote& n : guess) {
    const auto found = lengths.find({n.column, n.pitch});
    if (found == lengths.end()) continue;
    ++same;
    sameLength += found->second == n.length ? 1 : 0;
  }
}

double NoteAgreement::f1() const { return f1Of(same, written, read); }
double NoteAgreement::f1WithLength() const { return f1Of(sameLength, written, read); }

}  // namespace incipit
