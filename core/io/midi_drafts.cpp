#include "core/io/midi_drafts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/io/text.h"

namespace incipit::midi {
namespace {

bool isMeta(const RawEvent& e, std::uint8_t type) {
  return e.bytes[0] == kMeta && e.bytes.size() > 1 && e.bytes[1] == type;
}

// One order for the events of a tick whatever chunks they came from, so that reading what was
// written gives it again: names, then other meta events and sysex, then text that only looks like a
// tag, then channel messages by channel, the ordered ones last.
int rankInDocument(const RawEvent& e) {
  const std::uint8_t status = e.bytes.front();
  if (status < 0xF0) {
    const bool ordered = status < 0xB0 || (status < 0xC0 && isOrderedControl(e.bytes[1]));
    return 3 + 2 * (status & 15) + (ordered ? 1 : 0);
  }
  if (isMeta(e, kMetaName)) return 0;
  const std::string_view text(reinterpret_cast<const char*>(e.bytes.data()), e.bytes.size());
  return isMeta(e, kMetaText) && text.substr(2).starts_with(kTagPrefix) ? 2 : 1;
}

int rankInTrack(const RawEvent& e) { return e.bytes.front() < 0xF0 ? 0 : 1; }

template <typename Rank>
void sortRaw(std::vector<RawEvent>& raw, Rank rank) {
  const auto earlier = [rank](const RawEvent& a, const RawEvent& b) {
    return a.at != b.at ? a.at < b.at : rank(a) < rank(b);
  };
  if (!std::is_sorted(raw.begin(), raw.end(), earlier)) {
    std::stable_sort(raw.begin(), raw.end(), earlier);
  }
}

RawEvent messageOf(const ScanControl& c, unsigned channel) {
  const auto byte = [](int v) { return static_cast<std::uint8_t>(v); };
  const auto status = [channel](unsigned kind) {
    return static_cast<std::uint8_t>(kind | channel);
  };
  RawEvent out{.at = {c.tick}};
  switch (c.controller) {
    case kPitchBend: {
      const int v = c.value + 8192;
      out.bytes = {status(0xE0), byte(v & 127), byte(v >> 7)};
      break;
    }
    case kChannelPressure:
      out.bytes = {status(0xD0), byte(c.value)};
      break;
    case kProgramChange:
      out.bytes = {status(0xC0), byte(c.value)};
      break;
    default:
      out.bytes = {status(0xB0), byte(c.controller), byte(c.value)};
  }
  return out;
}

class Drafter {
 public:
  Drafter(std::span<const std::uint8_t> bytes, MidiScan& scan) : bytes_(bytes), scan_(scan) {}
  Drafts draft();

 private:
  void survey();
  void chunk(std::size_t index);
  void readTags(std::size_t index, std::unique_ptr<TrackTag>& own, std::vector<RawEvent>& raw);
  void name(std::size_t index, std::size_t firstDraft);
  void part(std::size_t index, ScanPart& part, const TrackTag* own, bool alone);
  bool full(std::size_t chunk);
  void mergeLoose();
  void splitPrograms(std::size_t draft);

  struct Loose {
    std::size_t chunk;
    std::size_t part;
  };

  std::span<const std::uint8_t> bytes_;
  MidiScan& scan_;
  Drafts out_;
  std::uint32_t played_ = 0;  // channels with notes, bit per channel
  std::uint32_t used_ = 0;    // channels with anything
  std::vector<Loose> loose_;
  bool faultedFull_ = false;
  std::vector<std::size_t> tracksOfChunk_;
};

void Drafter::survey() {
  for (const ScanChunk& c : scan_.chunks) {
    for (const ScanPart& p : c.parts) {
      used_ |= 1U << p.channel;
      if (!p.notes.empty()) played_ |= 1U << p.channel;
    }
  }
}

// Whether a file can hold no further track; the first that is left out is a fault.
bool Drafter::full(std::size_t chunk) {
  if (out_.tracks.size() < kMostTracks) return false;
  if (!faultedFull_)
    scan_.fault(scan_.chunks[chunk].byte, "more than 65534 tracks; the rest is lost");
  faultedFull_ = true;
  return true;
}

void Drafter::readTags(std::size_t index, std::unique_ptr<TrackTag>& own,
                       std::vector<RawEvent>& raw) {
  for (const ScanRaw& e : scan_.chunks[index].tags) {
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + e.at, e.length);
    std::optional<Tag> tag = parseTag(text);
    if (!tag) {
      raw.push_back(rawEvent(bytes_, e));
    } else if (auto* region = std::get_if<RegionTag>(&*tag)) {
      out_.regions.push_back({index, e.tick, std::move(*region)});
    } else if (auto* track = std::get_if<TrackTag>(&*tag)) {
      if (!own && scan_.format == 1 && !full(index)) {
        own = std::make_unique<TrackTag>(std::move(*track));
      }
    } else if (const auto* document = std::get_if<DocumentTag>(&*tag)) {
      if (out_.division == 0 && index == 0) out_.division = document->division;
    }
  }
}

// A part that plays, or that a track of Incipit owns, is a track; so is the only part of a later
// chunk where nobody else plays on its channel. The rest waits for mergeLoose.
void Drafter::part(std::size_t index, ScanPart& part, const TrackTag* own, bool alone) {
  const bool owned = own && own->channel == part.channel;
  const bool silent = part.notes.empty();
  const bool heardElsewhere = silent && ((played_ >> part.channel) & 1U) != 0;
  const bool single = alone && !heardElsewhere && (index > 0 || scan_.format != 1);
  if (!owned && silent && !single) {
    const auto place = static_cast<std::size_t>(&part - scan_.chunks[index].parts.data());
    loose_.push_back({index, place});
    return;
  }
  if (!owned && full(index)) return;
  Draft& d = owned ? out_.tracks[tracksOfChunk_[index]] : out_.tracks.emplace_back();
  d.channel = part.channel;
  d.chunk = index;
  d.notes = std::move(part.notes);
  d.controls = std::move(part.controls);
  for (const ScanRaw& r : part.raws) d.raw.push_back(rawEvent(bytes_, r));
}

void Drafter::name(std::size_t index, std::size_t firstDraft) {
  const ScanChunk& c = scan_.chunks[index];
  const std::size_t count = out_.tracks.size() - firstDraft;
  const std::string text = c.named ? eventText(bytes_, c.name) : std::string();
  if (count == 1 || (count > 1 && scan_.format != 0)) {
    // The tracks of one chunk are told apart by their instruments, once those are known.
    for (std::size_t i = firstDraft; i < out_.tracks.size(); ++i) out_.tracks[i].name = text;
  } else if (c.named) {
    out_.raw.push_back(rawEvent(bytes_, c.name));
  }
}

void Drafter::chunk(std::size_t index) {
  ScanChunk& c = scan_.chunks[index];
  std::vector<RawEvent> raw;
  raw.reserve(c.raws.size());
  for (const ScanRaw& r : c.raws) raw.push_back(rawEvent(bytes_, r));
  std::unique_ptr<TrackTag> own;
  readTags(index, own, raw);
  const std::size_t first = out_.tracks.size();
  tracksOfChunk_.push_back(first);
  if (own) {
    // Another program has moved the whole track to another channel.
    const bool moved = c.parts.size() == 1 && c.parts[0].channel != own->channel;
    if (moved) own->channel = c.parts[0].channel;
    Draft& d = out_.tracks.emplace_back();
    d.channel = own->channel;
    d.chunk = index;
  }
  for (ScanPart& p : c.parts) part(index, p, own.get(), c.parts.size() == 1 && !own);
  if (own) out_.tracks[first].tag = std::move(own);
  name(index, first);
  std::vector<RawEvent>& to =
      index == 0 || out_.tracks.size() == first ? out_.raw : out_.tracks[first].raw;
  to.insert(to.end(), std::make_move_iterator(raw.begin()), std::make_move_iterator(raw.end()));
}

// Set-up messages of channels that their chunk does not play.
void Drafter::mergeLoose() {
  struct Target {
    Draft* track = nullptr;
    std::vector<ScanControl> before;  // from chunks before the track's own
    std::vector<ScanControl> after;
  };
  if (loose_.empty()) return;
  std::array<Target, 16> targets;
  for (Draft& d : out_.tracks) {
    Target& t = targets[static_cast<std::size_t>(d.channel)];
    if (t.track == nullptr && !d.notes.empty()) t.track = &d;
  }
  for (const Loose& l : loose_) {
    ScanPart& p = scan_.chunks[l.chunk].parts[l.part];
    Target& t = targets[p.channel];
    if (t.track != nullptr) {
      std::vector<ScanControl>& to = l.chunk < t.track->chunk ? t.before : t.after;
      to.insert(to.end(), p.controls.begin(), p.controls.end());
    } else {
      for (const ScanControl& c : p.controls) out_.raw.push_back(messageOf(c, p.channel));
    }
    std::vector<RawEvent>& raw = t.track != nullptr ? t.track->raw : out_.raw;
    for (const ScanRaw& r : p.raws) raw.push_back(rawEvent(bytes_, r));
  }
  for (Target& t : targets) {
    if (t.track == nullptr) continue;
    std::vector<ScanControl>& controls = t.track->controls;
    controls.insert(controls.begin(), t.before.begin(), t.before.end());
    controls.insert(controls.end(), t.after.begin(), t.after.end());
  }
}

// Format 0: a track for each program that a melodic channel plays, where channels are free.
void Drafter::splitPrograms(std::size_t draft) {
  const Draft& whole = out_.tracks[draft];
  if (whole.channel == kDrumChannel) return;
  std::vector<int> programs;  // in the order they are played
  std::vector<int> programOf(whole.notes.size());
  auto c = whole.controls.begin();
  int current = -1;  // the one that holds at the first note is the channel's own
  for (std::size_t i = 0; i < whole.notes.size(); ++i) {
    for (; c != whole.controls.end() && c->tick <= whole.notes[i].start.count; ++c) {
      if (c->controller == 0 || c->controller == 32) return;
      if (c->controller == kProgramChange) current = c->value;
    }
    programOf[i] = std::max(current, 0);
    if (std::find(programs.begin(), programs.end(), programOf[i]) == programs.end()) {
      programs.push_back(programOf[i]);
    }
  }
  std::vector<int> channels = {whole.channel};
  for (int free = 0; free < 16 && channels.size() < programs.size(); ++free) {
    if (free != kDrumChannel && ((used_ >> free) & 1U) == 0) channels.push_back(free);
  }
  if (programs.size() < 2 || channels.size() < programs.size()) return;

  Draft shared = std::move(out_.tracks[draft]);
  std::vector<Draft> parts(programs.size());
  for (std::size_t k = 0; k < parts.size(); ++k) {
    parts[k].channel = channels[k];
    parts[k].chunk = shared.chunk;
    parts[k].name = shared.name;
    used_ |= 1U << channels[k];
    parts[k].controls.push_back({0, kProgramChange, static_cast<std::int16_t>(programs[k])});
    for (const ScanControl& event : shared.controls) {
      if (event.controller != kProgramChange) parts[k].controls.push_back(event);
    }
    parts[k].raw = shared.raw;
  }
  for (std::size_t i = 0; i < shared.notes.size(); ++i) {
    const auto k = std::find(programs.begin(), programs.end(), programOf[i]) - programs.begin();
    parts[static_cast<std::size_t>(k)].notes.push_back(shared.notes[i]);
  }
  const auto at = out_.tracks.begin() + static_cast<std::ptrdiff_t>(draft);
  *at = std::move(parts.front());
  out_.tracks.insert(at + 1, std::make_move_iterator(parts.begin() + 1),
                     std::make_move_iterator(parts.end()));
}

Drafts Drafter::draft() {
  survey();
  tracksOfChunk_.reserve(scan_.chunks.size());
  for (std::size_t i = 0; i < scan_.chunks.size(); ++i) chunk(i);
  mergeLoose();
  if (scan_.format == 0) {
    for (std::size_t i = out_.tracks.size(); i > 0; --i) splitPrograms(i - 1);
  }
  for (Draft& d : out_.tracks) {
    const auto earlier = [](const ScanControl& a, const ScanControl& b) { return a.tick < b.tick; };
    if (!std::is_sorted(d.controls.begin(), d.controls.end(), earlier)) {
      std::stable_sort(d.controls.begin(), d.controls.end(), earlier);
    }
    sortRaw(d.raw, rankInTrack);
  }
  sortRaw(out_.raw, rankInDocument);
  return std::move(out_);
}

}  // namespace

RawEvent rawEvent(std::span<const std::uint8_t> bytes, const ScanRaw& event) {
  RawEvent out{.at = {event.tick}};
  out.bytes.reserve(event.length + 2);
  out.bytes.push_back(event.status);
  if (event.status == kMeta) out.bytes.push_back(event.type);
  const auto data = bytes.subspan(event.at, event.length);
  out.bytes.insert(out.bytes.end(), data.begin(), data.end());
  // A data byte over 127 was reported by the scan.
  if (event.status < 0xF0) {
    for (std::size_t i = 1; i < out.bytes.size(); ++i) {
      out.bytes[i] = std::min<std::uint8_t>(out.bytes[i], 127);
    }
  }
  return out;
}

std::string eventText(std::span<const std::uint8_t> bytes, const ScanRaw& event) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()) + event.at, event.length);
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  return toUtf8(text);
}

Drafts draftTracks(std::span<const std::uint8_t> bytes, MidiScan& scan) {
  return Drafter(bytes, scan).draft();
}

}  // namespace incipit::midi
