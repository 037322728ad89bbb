#include "core/io/midi_build.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "core/io/midi_drafts.h"

namespace incipit::midi {
namespace {

constexpr int kControllers = kProgramChange + 1;

// The state of a channel before its first note.
struct Initial {
  std::optional<int> program;
  std::optional<int> volume;
  std::optional<int> pan;
};

// Finds the program, volume and pan that a track starts with and takes their events out of its
// controls.
Initial takeInitial(Draft& d) {
  Initial initial;
  const std::int64_t first =
      d.notes.empty() ? std::numeric_limits<std::int64_t>::max() : d.notes.front().start.count;
  bool bankSelected = false;
  std::erase_if(d.controls, [&](const ScanControl& c) {
    if (c.tick > first) return false;
    switch (c.controller) {
      case 0:
      case 32:
        bankSelected = true;
        return false;
      case kProgramChange:
        if (initial.program) return false;
        initial.program = c.value;
        // At the start alone it would come before the bank that it is to select from.
        return !bankSelected || c.tick == 0;
      case kVolume:
        if (initial.volume) return false;
        initial.volume = c.value;
        return true;
      case kPan:
        if (initial.pan) return false;
        initial.pan = c.value;
        return true;
      default:
        return false;
    }
  });
  return initial;
}

std::map<Controller, std::shared_ptr<const Lane>> makeLanes(std::span<const ScanControl> controls,
                                                            int factor) {
  std::map<Controller, std::shared_ptr<const Lane>> lanes;
  if (controls.empty()) return lanes;
  std::array<std::uint32_t, kControllers> count{};
  for (const ScanControl& c : controls) ++count[static_cast<std::size_t>(c.controller)];
  std::array<std::shared_ptr<Lane>, kControllers> lane;
  for (std::size_t i = 0; i < count.size(); ++i) {
    if (count[i] == 0) continue;
    lane[i] = std::make_shared<Lane>();
    lane[i]->reserve(count[i]);
    lanes.emplace_hint(lanes.end(), static_cast<Controller>(i), lane[i]);
  }
  for (const ScanControl& c : controls) {
    lane[static_cast<std::size_t>(c.controller)]->push_back({{c.tick * factor}, c.value});
  }
  return lanes;
}

// The notes that note events could not say take the place of those that stand for them.
void applyOverlaps(std::vector<Note>& notes, const std::vector<Note>& overlaps,
                   std::int64_t lastTick) {
  if (overlaps.empty()) return;
  const auto samePlace = [](const Note& a, const Note& b) {
    return a.start == b.start && a.pitch == b.pitch;
  };
  std::vector<Note> all;
  all.reserve(notes.size() + overlaps.size());
  auto o = overlaps.begin();
  for (const Note& n : notes) {
    while (o != overlaps.end() && NoteOrder{}(*o, n)) ++o;
    if (o == overlaps.end() || !samePlace(*o, n)) {
      all.push_back(n);
      continue;
    }
    for (; o != overlaps.end() && samePlace(*o, n); ++o) {
      all.push_back(*o);
      all.back().length.count = std::min(o->length.count, lastTick - o->start.count);
    }
  }
  notes = std::move(all);
}

class Builder {
 public:
  Builder(std::span<const std::uint8_t> bytes, MidiScan& scan)
      : bytes_(bytes), scan_(scan), drafts_(draftTracks(bytes, scan)) {}
  Document build();

 private:
  void tracks();
  std::string trackName(const Draft& d, bool shared) const;
  NoteList notes(Draft& d);
  void maps();
  void regions();
  void endOfTrack();
  Tick scaled(std::int64_t tick) const { return {tick * scan_.factor}; }

  std::span<const std::uint8_t> bytes_;
  MidiScan& scan_;
  Drafts drafts_;
  Document d_;
};

std::string Builder::trackName(const Draft& d, bool shared) const {
  if (d.tag || (!d.name.empty() && !shared)) return d.name;
  const std::string instrument =
      d.channel == kDrumChannel ? "Drums" : generalMidiName(d_.tracks.back()->program);
  return d.name.empty() ? instrument : d.name + ": " + instrument;
}

// Scales, locks and numbers the notes of a draft.
NoteList Builder::notes(Draft& d) {
  if (d.tag) applyOverlaps(d.notes, d.tag->overlaps, kLastTick.count / scan_.factor);
  if (d.tag && d.tag->notes == d.notes.size()) {
    for (const auto& [first, count] : d.tag->locked) {
      for (std::uint64_t i = first; i < std::min<std::uint64_t>(first + count, d.notes.size());
           ++i) {
        d.notes[i].locked = true;
      }
    }
  }
  for (Note& n : d.notes) {
    n.start = scaled(n.start.count);
    n.length = n.length * scan_.factor;
    n.id = d_.nextNoteId++;
  }
  return NoteList(std::move(d.notes));
}

void Builder::tracks() {
  std::vector<Initial> initials;
  std::array<Initial, 16> ofChannel;
  std::vector<std::uint32_t> inChunk(scan_.chunks.size());
  initials.reserve(drafts_.tracks.size());
  const auto orElse = [](std::optional<int>& value, const std::optional<int>& other) {
    if (!value) value = other;
  };
  for (Draft& d : drafts_.tracks) {
    ++inChunk[d.chunk];
    const Initial& own = initials.emplace_back(takeInitial(d));
    Initial& shared = ofChannel[static_cast<std::size_t>(d.channel)];
    orElse(shared.program, own.program);
    orElse(shared.volume, own.volume);
    orElse(shared.pan, own.pan);
  }
  d_.tracks.reserve(drafts_.tracks.size());
  for (std::size_t i = 0; i < drafts_.tracks.size(); ++i) {
    Draft& d = drafts_.tracks[i];
    Initial& own = initials[i];
    const Initial& shared = ofChannel[static_cast<std::size_t>(d.channel)];
    orElse(own.program, shared.program);
    orElse(own.volume, shared.volume);
    orElse(own.pan, shared.pan);
    const auto track = std::make_shared<Track>();
    d_.tracks.push_back(track);
    track->id = d_.nextTrackId++;
    track->channel = d.channel;
    track->program = own.program.value_or(0);
    track->volume = own.volume.value_or(track->volume);
    track->pan = own.pan.value_or(track->pan);
    track->name = trackName(d, inChunk[d.chunk] > 1);
    track->colour = trackColour(i);
    if (d.tag) {
      track->colour = d.tag->colour.value_or(track->colour);
      track->mute = d.tag->mute;
      track->solo = d.tag->solo;
    }
    track->lanes = makeLanes(d.controls, scan_.factor);
    track->notes = notes(d);
    track->raw = std::move(d.raw);
    for (RawEvent& e : track->raw) {
      e.at = scaled(e.at.count);
      // A track that was split off has another channel than its events had.
      const std::uint8_t status = e.bytes.front();
      if (status < 0xF0) e.bytes.front() = static_cast<std::uint8_t>((status & 0xF0) | d.channel);
    }
  }
}

void Builder::maps() {
  for (TempoChange& c : scan_.tempo) c.at = scaled(c.at.count);
  for (MeterChange& c : scan_.meter) c.at = scaled(c.at.count);
  d_.tempo = TempoMap(scan_.ppq, std::move(scan_.tempo));
  d_.meter = MeterMap(scan_.ppq, std::move(scan_.meter));
  // Sequencers repeat the key in every track, transposing instruments in their own: the first
  // chunk's is the piece's.
  d_.keys = std::move(scan_.keys);
  for (KeySignature& k : d_.keys) k.at = scaled(k.at.count);
  const auto earlier = [](const auto& a, const auto& b) { return a.at < b.at; };
  const auto same = [](const auto& a, const auto& b) { return a.at == b.at; };
  std::stable_sort(d_.keys.begin(), d_.keys.end(), earlier);
  d_.keys.erase(std::unique(d_.keys.begin(), d_.keys.end(), same), d_.keys.end());
  d_.markers.reserve(scan_.markers.size());
  for (const ScanRaw& m : scan_.markers) {
    d_.markers.push_back({scaled(m.tick), eventText(bytes_, m)});
  }
  std::stable_sort(d_.markers.begin(), d_.markers.end(), earlier);
}

void Builder::regions() {
  std::stable_sort(drafts_.regions.begin(), drafts_.regions.end(),
                   [](const auto& a, const auto& b) { return a.tag.order < b.tag.order; });
  std::vector<TrackId> firstOfChunk(scan_.chunks.size());
  std::array<TrackId, 16> firstOfChannel{};
  for (std::size_t i = drafts_.tracks.size(); i > 0; --i) {
    const Draft& d = drafts_.tracks[i - 1];
    firstOfChunk[d.chunk] = d_.tracks[i - 1]->id;
    firstOfChannel[static_cast<std::size_t>(d.channel)] = d_.tracks[i - 1]->id;
  }
  for (Drafts::Region& r : drafts_.regions) {
    const TrackId track = r.tag.channel >= 0
                              ? firstOfChannel[static_cast<std::size_t>(r.tag.channel)]
                              : firstOfChunk[r.chunk];
    const std::int64_t to = std::min(r.tag.to, kLastTick.count / scan_.factor);
    d_.regions.push_back({{scaled(r.from), scaled(to)},
                          track,
                          std::move(r.tag.model),
                          std::move(r.tag.settings),
                          std::move(r.tag.context)});
  }
}

// A rest at the end of the file is part of the piece.
void Builder::endOfTrack() {
  const Tick end = scaled(scan_.lastEnd);
  if (end > std::max(scaled(scan_.lastEvent), d_.end())) {
    d_.raw.push_back({end, {kMeta, kMetaEnd}});
  }
}

Document Builder::build() {
  d_.ppq = scan_.ppq;
  d_.division = scan_.smpte ? scan_.ppq : scan_.division;
  if (drafts_.division > 0 && documentPpq(drafts_.division) == d_.ppq) {
    d_.division = drafts_.division;
  }
  tracks();
  maps();
  regions();
  d_.raw = std::move(drafts_.raw);
  for (RawEvent& e : d_.raw) e.at = scaled(e.at.count);
  endOfTrack();
  return std::move(d_);
}

}  // namespace

Document buildDocument(std::span<const std::uint8_t> bytes, MidiScan& scan) {
  return Builder(bytes, scan).build();
}

}  // namespace incipit::midi
