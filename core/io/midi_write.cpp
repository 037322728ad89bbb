// The writer of midi_file.h.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/io/midi_file.h"
#include "core/io/midi_scan.h"
#include "core/io/midi_tags.h"

namespace incipit {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::int64_t kLongestDelta = 0x0FFFFFFF;
constexpr int kLargestDivision = 32767;

std::uint8_t byteOf(std::int64_t v) { return static_cast<std::uint8_t>(v & 0xFF); }
std::uint8_t dataByte(int v) { return static_cast<std::uint8_t>(std::clamp(v, 0, 127)); }

void putNumber(Bytes& out, std::int64_t value, int count) {
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) out.push_back(byteOf(value >> shift));
}

void putQuantity(Bytes& out, std::uint32_t value) {
  for (int shift = 21; shift > 0; shift -= 7) {
    if ((value >> shift) != 0)
      out.push_back(static_cast<std::uint8_t>(0x80U | ((value >> shift) & 0x7FU)));
  }
  out.push_back(static_cast<std::uint8_t>(value & 0x7FU));
}

Bytes meta(std::uint8_t type, std::string_view data) {
  Bytes out = {midi::kMeta, type};
  putQuantity(out, static_cast<std::uint32_t>(data.size()));
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

// The order of events at one tick.
enum class Rank : std::uint8_t { kHeading, kNoteOff, kMeta, kBank, kProgram, kControl, kNoteOn };

// The events of one chunk, in any order.
class Chunk {
 public:
  void reserve(std::size_t events) { events_.reserve(events); }
  void add(std::int64_t tick, Rank rank, std::uint8_t status, std::uint8_t a, std::uint8_t b) {
    events_.push_back({tick, 0, rank, {status, a, b}});
  }
  // Bytes as they stand in a file.
  void add(std::int64_t tick, Rank rank, Bytes bytes) {
    long_.push_back(std::move(bytes));
    events_.push_back({tick, static_cast<std::uint32_t>(long_.size()), rank, {}});
  }
  void addTag(std::int64_t tick, Rank rank, const midi::Tag& tag) {
    add(tick, rank, meta(midi::kMetaText, midi::tagText(tag)));
  }
  void endAt(std::int64_t tick) { end_ = std::max(end_, tick); }
  void write(Bytes& out);

 private:
  struct Event {
    std::int64_t tick;
    std::uint32_t place;  // in long_, plus one; 0: the bytes are here
    Rank rank;
    std::array<std::uint8_t, 3> bytes;
  };
  void wait(Bytes& out, std::int64_t tick);

  std::vector<Event> events_;
  std::vector<Bytes> long_;
  std::int64_t end_ = 0;
  std::int64_t now_ = 0;
  std::uint8_t running_ = 0;
};

void Chunk::wait(Bytes& out, std::int64_t tick) {
  while (tick - now_ > kLongestDelta) {
    putQuantity(out, static_cast<std::uint32_t>(kLongestDelta));
    const Bytes fill = meta(midi::kMetaText, midi::tagText(midi::FillTag{}));
    out.insert(out.end(), fill.begin(), fill.end());
    running_ = 0;
    now_ += kLongestDelta;
  }
  putQuantity(out, static_cast<std::uint32_t>(tick - now_));
  now_ = tick;
}

void Chunk::write(Bytes& out) {
  std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
    return a.tick != b.tick ? a.tick < b.tick : a.rank < b.rank;
  });
  constexpr std::array<std::uint8_t, 8> kHead = {'M', 'T', 'r', 'k', 0, 0, 0, 0};
  out.insert(out.end(), kHead.begin(), kHead.end());
  const std::size_t start = out.size();
  for (const Event& e : events_) {
    wait(out, e.tick);
    if (e.place != 0) {
      const Bytes& bytes = long_[e.place - 1];
      out.insert(out.end(), bytes.begin(), bytes.end());
      running_ = 0;
      continue;
    }
    const std::uint8_t kind = e.bytes[0] & 0xF0U;
    if (e.bytes[0] != running_) out.push_back(e.bytes[0]);
    running_ = e.bytes[0];
    out.push_back(e.bytes[1]);
    if (kind != 0xC0 && kind != 0xD0) out.push_back(e.bytes[2]);
  }
  wait(out, std::max(now_, end_));
  const Bytes end = meta(midi::kMetaEnd, {});
  out.insert(out.end(), end.begin(), end.end());
  Bytes length;
  putNumber(length, static_cast<std::int64_t>(out.size() - start), 4);
  std::copy(length.begin(), length.end(), out.begin() + static_cast<std::ptrdiff_t>(start) - 4);
}

// Calls f(tick) for every position of a document.
template <typename F>
void forEachTick(const Document& d, F&& f) {
  const auto each = [&f](const auto& list) {
    for (const auto& item : list) f(item.at.count);
  };
  each(d.tempo.changes());
  each(d.meter.changes());
  each(d.keys);
  each(d.markers);
  each(d.raw);
  for (const GeneratedRegion& r : d.regions) {
    f(r.range.from.count);
    f(r.range.to.count);
  }
  for (const TrackPtr& t : d.tracks) {
    each(t->raw);
    for (const auto& [controller, lane] : t->lanes) each(*lane);
    for (const Note& n : t->notes) {
      f(n.start.count);
      f(n.end().count);
    }
  }
}

// The ticks per quarter to write.
int fileDivision(const Document& d) {
  const bool known = d.division > 0 && d.division <= kLargestDivision && d.ppq % d.division == 0 &&
                     documentPpq(d.division) == d.ppq;
  if (known && d.division != d.ppq) {
    const std::int64_t step = d.ppq / d.division;
    bool exact = true;
    forEachTick(d, [&](std::int64_t tick) { exact = exact && tick % step == 0; });
    if (exact) return d.division;
  }
  if (d.ppq <= kLargestDivision) return d.ppq;
  const int unit = known ? d.division : 1;
  int best = unit;
  for (int f = unit; f <= kLargestDivision; f += unit) {
    if (d.ppq % f == 0) best = f;
  }
  return best;
}

class Writer {
 public:
  Writer(const Document& d, int format);
  Bytes write();

 private:
  std::int64_t tick(Tick t) const {
    const std::int64_t last = kLastTick.count / step_;
    return std::clamp<std::int64_t>((t.count + step_ / 2) / step_, 0, last);
  }
  void conductor(Chunk& c) const;
  void track(Chunk& c, const Track& t) const;
  void heading(Chunk& c, const Track& t, midi::TrackTag tag) const;
  void notes(Chunk& c, const Track& t, midi::TrackTag& tag) const;
  void lanes(Chunk& c, const Track& t) const;
  void raw(Chunk& c, const RawEvent& e, std::optional<int> channel) const;
  void regions(Chunk& c, const Track* t) const;

  const Document& d_;
  const int format_;
  const int division_;
  const std::int64_t step_;
  // Places in Document::regions; under nullptr those whose track is gone.
  std::unordered_map<const Track*, std::vector<std::size_t>> regionsOf_;
};

Writer::Writer(const Document& d, int format)
    : d_(d), format_(format), division_(fileDivision(d)), step_(d.ppq / division_) {
  std::unordered_map<TrackId, const Track*> tracks;
  for (const TrackPtr& t : d.tracks) tracks.emplace(t->id, t.get());
  for (std::size_t i = 0; i < d.regions.size(); ++i) {
    const auto track = tracks.find(d.regions[i].track);
    regionsOf_[track == tracks.end() ? nullptr : track->second].push_back(i);
  }
}

void Writer::raw(Chunk& c, const RawEvent& e, std::optional<int> channel) const {
  if (e.bytes.empty()) return;
  const std::uint8_t status = e.bytes[0];
  const std::int64_t at = tick(e.at);
  const std::string_view all(reinterpret_cast<const char*>(e.bytes.data()), e.bytes.size());
  if (status == midi::kMeta && e.bytes.size() >= 2) {
    if (e.bytes[1] == midi::kMetaEnd) {
      c.endAt(at);
    } else {
      c.add(at, Rank::kMeta, meta(e.bytes[1], all.substr(2)));
    }
  } else if (status == 0xF0 || status == 0xF7) {
    Bytes bytes = {status};
    putQuantity(bytes, static_cast<std::uint32_t>(e.bytes.size() - 1));
    bytes.insert(bytes.end(), e.bytes.begin() + 1, e.bytes.end());
    c.add(at, Rank::kMeta, std::move(bytes));
  } else if (status >= 0xA0 && status < 0xF0) {
    const bool two = (status & 0xF0U) != 0xC0 && (status & 0xF0U) != 0xD0;
    if (e.bytes.size() != (two ? 3U : 2U)) return;
    const unsigned number = channel ? static_cast<unsigned>(*channel) : status & 15U;
    c.add(at, Rank::kMeta, static_cast<std::uint8_t>((status & 0xF0U) | number),
          dataByte(e.bytes[1]), two ? dataByte(e.bytes[2]) : 0);
  }
}

// Those of one track, or with nullptr those whose track is gone.
void Writer::regions(Chunk& c, const Track* t) const {
  const auto places = regionsOf_.find(t);
  if (places == regionsOf_.end()) return;
  for (const std::size_t i : places->second) {
    const GeneratedRegion& r = d_.regions[i];
    c.addTag(tick(r.range.from), Rank::kMeta,
             midi::RegionTag{static_cast<std::int64_t>(i), tick(r.range.to),
                             format_ == 0 && t != nullptr ? t->channel : -1, r.modelHash,
                             r.settings, r.context});
  }
}

void Writer::conductor(Chunk& c) const {
  if (division_ != d_.division) c.addTag(0, Rank::kHeading, midi::DocumentTag{d_.division});
  for (const TempoChange& t : d_.tempo.changes()) {
    Bytes bytes = {midi::kMeta, midi::kMetaTempo, 3};
    putNumber(bytes, t.microsPerQuarter, 3);
    c.add(tick(t.at), Rank::kMeta, std::move(bytes));
  }
  for (const MeterChange& m : d_.meter.changes()) {
    c.add(tick(m.at), Rank::kMeta,
          {midi::kMeta, midi::kMetaMeter, 4, byteOf(m.numerator),
           byteOf(std::countr_zero(static_cast<unsigned>(m.denominator))), byteOf(m.clocksPerClick),
           byteOf(m.thirtySecondsPerQuarter)});
  }
  for (const KeySignature& k : d_.keys) {
    c.add(tick(k.at), Rank::kMeta,
          {midi::kMeta, midi::kMetaKey, 2, byteOf(k.sharps), byteOf(k.minor ? 1 : 0)});
  }
  for (const Marker& m : d_.markers) {
    c.add(tick(m.at), Rank::kMeta, meta(midi::kMetaMarker, m.text));
  }
  for (const RawEvent& e : d_.raw) raw(c, e, {});
  regions(c, nullptr);
}

// Note events as a player needs them: on one pitch never two at a time. Where that is not what the
// track holds, the tag says what it is.
void Writer::notes(Chunk& c, const Track& t, midi::TrackTag& tag) const {
  struct Sounding {
    Note note;
    std::size_t source = 0;
    bool any = false;
  };
  std::vector<Note> all;
  all.reserve(t.notes.size());
  const std::int64_t last = kLastTick.count / step_;
  for (Note n : t.notes) {
    const std::int64_t start = std::min(tick(n.start), last - 1);
    n.length.count = std::clamp<std::int64_t>(tick(n.end()) - start, 1, last - start);
    n.start.count = start;
    n.velocity = std::clamp<std::uint8_t>(n.velocity, 1, 127);
    n.releaseVelocity = std::min<std::uint8_t>(n.releaseVelocity, 127);
    n.pitch = std::min<std::uint8_t>(n.pitch, 127);
    n.id = 0;
    all.push_back(n);
  }
  std::stable_sort(all.begin(), all.end(), NoteOrder{});
  std::array<Sounding, 128> sounding;
  std::vector<bool> unsaid(all.size());
  const auto status = [&t](unsigned kind) {
    return static_cast<std::uint8_t>(kind | static_cast<unsigned>(t.channel & 15));
  };
  const auto emit = [&](const Sounding& s) {
    const Note& n = s.note;
    c.add(n.start.count, Rank::kNoteOn, status(0x90), n.pitch, n.velocity);
    const bool plain = n.releaseVelocity == 64;  // keeps the running status
    c.add(n.end().count, Rank::kNoteOff, status(plain ? 0x90 : 0x80), n.pitch,
          plain ? 0 : n.releaseVelocity);
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    Sounding& s = sounding[all[i].pitch];
    if (s.any && s.note.end() > all[i].start) {
      unsaid[s.source] = true;
      s.note.length = all[i].start - s.note.start;
      s.note.releaseVelocity = 64;
    }
    if (s.any && s.note.length.count > 0) emit(s);
    s = {all[i], i, true};
  }
  for (const Sounding& s : sounding) {
    if (s.any) emit(s);
  }
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i;
    bool any = false;
    for (; end < all.size() && all[end].start == all[i].start && all[end].pitch == all[i].pitch;
         ++end) {
      any = any || unsaid[end];
    }
    if (any) {
      tag.overlaps.insert(tag.overlaps.end(), all.begin() + static_cast<std::ptrdiff_t>(i),
                          all.begin() + static_cast<std::ptrdiff_t>(end));
    }
    i = end;
  }
  tag.notes = all.size();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].locked) continue;
    if (tag.locked.empty() || tag.locked.back().first + tag.locked.back().second != i) {
      tag.locked.emplace_back(i, 0);
    }
    ++tag.locked.back().second;
  }
}

void Writer::lanes(Chunk& c, const Track& t) const {
  const auto status = [&t](unsigned kind) {
    return static_cast<std::uint8_t>(kind | static_cast<unsigned>(t.channel & 15));
  };
  c.add(0, Rank::kProgram, status(0xC0), dataByte(t.program), 0);
  c.add(0, Rank::kControl, status(0xB0), kVolume, dataByte(t.volume));
  c.add(0, Rank::kControl, status(0xB0), kPan, dataByte(t.pan));
  for (const auto& [controller, lane] : t.lanes) {
    for (const ControlPoint& p : *lane) {
      const std::int64_t at = tick(p.at);
      if (controller == kPitchBend) {
        const int bend = std::clamp(p.value, -8192, 8191) + 8192;
        c.add(at, Rank::kControl, status(0xE0), dataByte(bend & 127), dataByte(bend >> 7));
      } else if (controller == kChannelPressure) {
        c.add(at, Rank::kControl, status(0xD0), dataByte(p.value), 0);
      } else if (controller == kProgramChange) {
        c.add(at, Rank::kProgram, status(0xC0), dataByte(p.value), 0);
      } else if (controller >= 0 && controller < 128) {
        const bool bank = controller == 0 || controller == 32;
        c.add(at, bank ? Rank::kBank : Rank::kControl, status(0xB0), dataByte(controller),
              dataByte(p.value));
      }
    }
  }
}

void Writer::heading(Chunk& c, const Track& t, midi::TrackTag tag) const {
  const bool named = std::any_of(t.raw.begin(), t.raw.end(), [](const RawEvent& e) {
    return e.bytes.size() > 1 && e.bytes[0] == midi::kMeta && e.bytes[1] == midi::kMetaName;
  });
  // An empty name keeps another event from being taken for it.
  if (!t.name.empty() || named) c.add(0, Rank::kHeading, meta(midi::kMetaName, t.name));
  tag.channel = t.channel & 15;
  tag.colour = t.colour & 0xFFFFFFU;
  tag.mute = t.mute;
  tag.solo = t.solo;
  c.addTag(0, Rank::kHeading, tag);
}

void Writer::track(Chunk& c, const Track& t) const {
  midi::TrackTag tag;
  c.reserve(t.notes.size() * 2 + 16);
  for (const RawEvent& e : t.raw) raw(c, e, t.channel & 15);
  regions(c, &t);
  lanes(c, t);
  notes(c, t, tag);
  if (format_ != 0) heading(c, t, std::move(tag));
}

Bytes Writer::write() {
  Bytes out = {'M', 'T', 'h', 'd', 0, 0, 0, 6};
  const std::size_t count = std::min(d_.tracks.size(), midi::kMostTracks);
  putNumber(out, format_ == 0 ? 0 : 1, 2);
  putNumber(out, format_ == 0 ? 1 : static_cast<std::int64_t>(count) + 1, 2);
  putNumber(out, division_, 2);
  Chunk first;
  conductor(first);
  if (format_ != 0) first.write(out);
  for (std::size_t i = 0; i < count; ++i) {
    if (format_ == 0) {
      track(first, *d_.tracks[i]);
      continue;
    }
    Chunk c;
    track(c, *d_.tracks[i]);
    c.write(out);
  }
  if (format_ == 0) first.write(out);
  return out;
}

}  // namespace

std::vector<std::uint8_t> writeMidi(const Document& document, int format) {
  return Writer(document, format == 0 ? 0 : 1).write();
}

}  // namespace incipit
