#include "core/encoding/picture_encoding.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace incipit {
namespace {

enum Image1 : int { kLength, kVelocity, kProgram, kTempo };
constexpr std::uint8_t kOnset = 125;
constexpr std::uint8_t kSustained = 255;
// Levels from which a cell sounds, and from which it is sustained.
constexpr std::uint8_t kLeastOnset = 63;
constexpr std::uint8_t kLeastSustained = 190;
constexpr std::uint8_t kLeastSounding = 128;
constexpr int kSilentVelocity = 64;
constexpr std::uint8_t kLeastVelocity = (kSilentVelocity + 1) / 2;

std::uint8_t velocityValue(int velocity) {
  return static_cast<std::uint8_t>(kSilentVelocity + 3 * velocity / 2);
}
std::uint8_t velocityOf(int value) {
  const int twice = 2 * (value - kSilentVelocity);
  return static_cast<std::uint8_t>(std::clamp((twice + 2) / 3, 1, 127));
}
std::uint8_t programValue(int program) { return static_cast<std::uint8_t>(2 * program + 1); }
std::uint8_t programOf(int value) {
  return static_cast<std::uint8_t>(std::clamp((value - 1) / 2, 0, 127));
}

bool before(const PictureNote& a, const PictureNote& b) {
  return std::tie(a.column, a.pitch) < std::tie(b.column, b.pitch);
}

// Of the notes of a key in one column the longest stays. But for image 1, a note ends where the
// next one of its key starts, in ticks a column before.
PictureNotes separated(PictureKind kind, PictureNotes notes) {
  std::sort(notes.begin(), notes.end(), [](const PictureNote& a, const PictureNote& b) {
    return std::tuple(a.pitch, a.column, -a.length, a.program, a.velocity) <
           std::tuple(b.pitch, b.column, -b.length, b.program, b.velocity);
  });
  const auto same = [](const PictureNote& a, const PictureNote& b) {
    return a.pitch == b.pitch && a.column == b.column;
  };
  notes.erase(std::unique(notes.begin(), notes.end(), same), notes.end());
  const std::int64_t gap = kind == PictureKind::kTicks ? 1 : 0;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    PictureNote& n = notes[i];
    if (kind == PictureKind::kImage1) {
      n.length = std::min<std::int64_t>(n.length, 255);
    } else if (i + 1 < notes.size() && notes[i + 1].pitch == n.pitch) {
      const std::int64_t room = notes[i + 1].column - n.column - gap;
      n.length = std::min(n.length, std::max<std::int64_t>(1, room));
    }
  }
  if (kind == PictureKind::kTicks) {
    // Two notes of one column each, one after the other, are one.
    PictureNotes joined;
    for (const PictureNote& n : notes) {
      PictureNote* last = joined.empty() ? nullptr : &joined.back();
      if (last != nullptr && last->pitch == n.pitch && last->column + last->length == n.column) {
        last->length += n.length;
      } else {
        joined.push_back(n);
      }
    }
    notes = std::move(joined);
  }
  return notes;
}

// The part of a note that lies in the picture that begins at `first`.
void paint(const PictureNote& n, std::int64_t first, Picture& picture) {
  const PictureShape shape = shapeOf(picture.kind);
  const int key = n.pitch - shape.lowest;
  const std::int64_t from = n.column - first;
  if (picture.kind == PictureKind::kImage1) {
    if (from < 0 || from >= shape.columns) return;
    const auto column = static_cast<int>(from);
    picture.at(kLength, key, column) = static_cast<std::uint8_t>(n.length);
    picture.at(kVelocity, key, column) = velocityValue(n.velocity);
    picture.at(kProgram, key, column) = programValue(n.program);
    picture.at(kTempo, key, column) = n.bpm;
    return;
  }
  const std::int64_t to = std::min<std::int64_t>(from + n.length, shape.columns);
  for (std::int64_t c = std::max<std::int64_t>(0, from); c < to; ++c) {
    const auto column = static_cast<int>(c);
    const bool onset = c == from && picture.kind != PictureKind::kTicks;
    picture.at(0, key, column) = onset ? kOnset : kSustained;
    if (picture.kind != PictureKind::kImage2) continue;
    picture.at(1, key, column) = velocityValue(n.velocity);
    picture.at(2, key, column) = programValue(n.program);
  }
}

void readStarts(const Picture& picture, int key, std::int64_t first, PictureNotes& into) {
  const PictureShape shape = shapeOf(picture.kind);
  for (int c = 0; c < shape.columns; ++c) {
    if (picture.at(kVelocity, key, c) < kLeastVelocity) continue;
    PictureNote n;
    n.column = first + c;
    n.length = std::max<int>(1, picture.at(kLength, key, c));
    n.pitch = static_cast<std::uint8_t>(shape.lowest + key);
    n.velocity = velocityOf(picture.at(kVelocity, key, c));
    n.program = programOf(picture.at(kProgram, key, c));
    n.bpm = std::max<std::uint8_t>(1, picture.at(kTempo, key, c));
    into.push_back(n);
  }
}

// `sounding` is the note of this key that the picture before ends with, or null; it is the one that
// this picture ends with after.
void readRuns(const Picture& picture, int key, std::int64_t first, bool& sounding,
              PictureNote& note, PictureNotes& into) {
  const PictureShape shape = shapeOf(picture.kind);
  const bool ticks = picture.kind == PictureKind::kTicks;
  const auto finish = [&] {
    if (std::exchange(sounding, false)) into.push_back(note);
  };
  for (int c = 0; c < shape.columns; ++c) {
    const std::uint8_t level = picture.at(0, key, c);
    if (level < (ticks ? kLeastSounding : kLeastOnset)) {
      finish();
      continue;
    }
    if (sounding && (ticks || level >= kLeastSustained)) {
      ++note.length;
      continue;
    }
    finish();
    sounding = true;
    note = PictureNote();
    note.column = first + c;
    note.pitch = static_cast<std::uint8_t>(shape.lowest + key);
    if (picture.kind == PictureKind::kImage2) {
      note.velocity = velocityOf(picture.at(1, key, c));
      note.program = programOf(picture.at(2, key, c));
    }
  }
}

}  // namespace

PictureGrid::PictureGrid(PictureKind kind, TempoMap tempo, Tick from)
    : kind_(kind), tempo_(std::move(tempo)), from_(from) {}

std::int64_t PictureGrid::column(Tick t) const {
  if (kind_ == PictureKind::kTicks) {
    const auto ticks = static_cast<double>((t - from_).count);
    return std::llround(ticks * kPictureColumnsPerQuarter / tempo_.ppq());
  }
  return std::llround((tempo_.seconds(t) - tempo_.seconds(from_)) / kPictureColumnSeconds);
}

Tick PictureGrid::tick(std::int64_t column) const {
  const auto columns = static_cast<double>(column);
  if (kind_ == PictureKind::kTicks) {
    const double ticks = columns * tempo_.ppq() / kPictureColumnsPerQuarter;
    return from_ + TickDelta{std::llround(ticks)};
  }
  const double seconds = tempo_.seconds(from_) + columns * kPictureColumnSeconds;
  const Tick below = tempo_.tick(seconds);
  const Tick above = below + TickDelta{1};
  return seconds - tempo_.seconds(below) <= tempo_.seconds(above) - seconds ? below : above;
}

PictureNotes pictureNotes(const Document& document, PictureKind kind, Tick from,
                          std::span<const TrackId> tracks) {
  const PictureShape shape = shapeOf(kind);
  const PictureGrid grid(kind, document.tempo, from);
  PictureNotes out;
  for (const TrackPtr& t : document.tracks) {
    const bool wanted = tracks.empty()
                            ? t->channel != kDrumChannel
                            : std::find(tracks.begin(), tracks.end(), t->id) != tracks.end();
    if (!wanted) continue;
    for (const Note& note : t->notes) {
      if (note.start < from || note.pitch < shape.lowest ||
          note.pitch >= shape.lowest + shape.keys) {
        continue;
      }
      PictureNote n;
      n.column = grid.column(note.start);
      n.length = std::max<std::int64_t>(1, grid.column(note.end()) - n.column);
      n.pitch = note.pitch;
      n.velocity = note.velocity;
      n.program = static_cast<std::uint8_t>(t->program);
      const double bpm = document.tempo.at(note.start).bpm();
      n.bpm = static_cast<std::uint8_t>(std::clamp(std::lround(std::min(bpm, 255.0)), 1L, 255L));
      out.push_back(n);
    }
  }
  std::sort(out.begin(), out.end(), before);
  return out;
}

std::vector<PlacedPicture> paintPictures(PictureKind kind, const PictureNotes& notes) {
  const std::int64_t columns = shapeOf(kind).columns;
  std::map<std::int64_t, Picture> pictures;
  for (const PictureNote& n : separated(kind, notes)) {
    const std::int64_t end = kind == PictureKind::kImage1 ? n.column + 1 : n.column + n.length;
    const std::int64_t last = std::min(kMostPictures - 1, (end - 1) / columns);
    for (std::int64_t i = n.column / columns; i <= last; ++i) {
      paint(n, i * columns, pictures.try_emplace(i, kind).first->second);
    }
  }
  std::vector<PlacedPicture> out;
  for (auto& [index, picture] : pictures) out.push_back({index, std::move(picture)});
  return out;
}

Picture paintPicture(PictureKind kind, const PictureNotes& notes) {
  Picture picture(kind);
  for (const PictureNote& n : separated(kind, notes)) paint(n, 0, picture);
  return picture;
}

PictureNotes readPictures(std::span<const Picture> strip) {
  PictureNotes out;
  if (strip.empty()) return out;
  const PictureKind kind = strip.front().kind;
  const PictureShape shape = shapeOf(kind);
  for (int key = 0; key < shape.keys; ++key) {
    bool sounding = false;
    PictureNote note;
    std::int64_t first = 0;
    for (const Picture& picture : strip) {
      if (kind == PictureKind::kImage1) {
        readStarts(picture, key, first, out);
      } else {
        readRuns(picture, key, first, sounding, note, out);
      }
      first += shape.columns;
    }
    if (sounding) out.push_back(note);
  }
  std::sort(out.begin(), out.end(), before);
  return out;
}

std::map<int, std::vector<Note>> placedNotes(const PictureNotes& notes, const PictureGrid& grid) {
  std::map<int, std::vector<Note>> out;
  for (const PictureNote& p : notes) {
    Note n;
    n.start = grid.tick(p.column);
    const TickDelta length = grid.tick(p.column + p.length) - n.start;
    n.length = {std::max<std::int64_t>(1, length.count)};
    n.pitch = p.pitch;
    n.velocity = p.velocity;
    out[p.program].push_back(n);
  }
  for (auto& [program, list] : out) std::sort(list.begin(), list.end(), NoteOrder());
  return out;
}

Document pictureDocument(PictureKind kind, const PictureNotes& notes, double bpm) {
  if (bpm <= 0) {
    std::map<int, int> counts;
    for (const PictureNote& n : notes) ++counts[n.bpm];
    int most = 0;
    bpm = PictureNote().bpm;
    for (const auto& [value, count] : counts) {
      if (count > most) bpm = value;
      most = std::max(most, count);
    }
  }
  Document d;
  d.tempo = TempoMap(d.ppq, {{{0}, microsPerQuarterOf(bpm)}});
  const PictureGrid grid(kind, d.tempo, {});
  int channel = 0;
  for (auto& [program, list] : placedNotes(notes, grid)) {
    Track t;
    t.id = d.nextTrackId++;
    t.name = generalMidiName(program);
    t.program = program;
    t.channel = channel;
    do channel = (channel + 1) % 16;
    while (channel == kDrumChannel);
    t.colour = trackColour(d.tracks.size());
    for (Note& n : list) n.id = d.nextNoteId++;
    t.notes = NoteList(std::move(list));
    d.tracks.push_back(std::make_shared<const Track>(std::move(t)));
  }
  return d;
}

PictureLoss& PictureLoss::operator+=(const PictureLoss& o) {
  notes += o.notes;
  kept += o.kept;
  velocities += o.velocities;
  programs += o.programs;
  onsetError += o.onsetError;
  lengthError += o.lengthError;
  return *this;
}

PictureLoss pictureLoss(const Document& document, PictureKind kind) {
  const PictureGrid grid(kind, document.tempo, {});
  std::map<std::pair<std::int64_t, int>, PictureNote> read;
  // A strip is read picture by picture with those that follow it at once.
  const auto pictures = paintPictures(kind, pictureNotes(document, kind));
  for (std::size_t i = 0; i < pictures.size();) {
    std::vector<Picture> strip;
    const std::int64_t first = pictures[i].index;
    for (; i < pictures.size() &&
           pictures[i].index == first + static_cast<std::int64_t>(strip.size());
         ++i) {
      strip.push_back(pictures[i].picture);
    }
    for (PictureNote n : readPictures(strip)) {
      n.column += first * shapeOf(kind).columns;
      read[{n.column, n.pitch}] = n;
    }
  }
  PictureLoss loss;
  const TempoMap& tempo = document.tempo;
  for (const TrackPtr& t : document.tracks) {
    if (t->channel == kDrumChannel) continue;
    for (const Note& note : t->notes) {
      ++loss.notes;
      const auto found = read.find({grid.column(note.start), note.pitch});
      if (found == read.end()) continue;
      const PictureNote n = found->second;
      read.erase(found);
      ++loss.kept;
      loss.velocities += n.velocity == note.velocity ? 1 : 0;
      loss.programs += n.program == t->program ? 1 : 0;
      const double start = tempo.seconds(grid.tick(n.column));
      const double end = tempo.seconds(grid.tick(n.column + n.length));
      loss.onsetError += std::abs(start - tempo.seconds(note.start));
      loss.lengthError +=
          std::abs(end - start - (tempo.seconds(note.end()) - tempo.seconds(note.start)));
    }
  }
  return loss;
}

}  // namespace incipit
