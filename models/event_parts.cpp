#include "models/event_parts.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace incipit {
namespace {

constexpr int kDrums = static_cast<int>(TrackRole::kDrums);

// Of the first track and of the others alike.
template <typename Visit>
void forEachPart(const ComposeContext& c, const Visit& visit) {
  visit(std::size_t{0}, c.role, c.seed);
  for (std::size_t i = 0; i < c.others.size(); ++i) {
    visit(i + 1, c.others[i].role, c.others[i].seed);
  }
}

}  // namespace

std::optional<TrackRole> writtenRole(TrackRole role, EventRoles heard) {
  if (heard[static_cast<std::size_t>(role)]) return role;
  if (role == TrackRole::kDrums) return std::nullopt;
  constexpr std::array kNearest{TrackRole::kMelody, TrackRole::kChords,    TrackRole::kPianoRight,
                                TrackRole::kOther,  TrackRole::kPianoLeft, TrackRole::kPad,
                                TrackRole::kBass};
  for (const TrackRole r : kNearest) {
    if (heard[static_cast<std::size_t>(r)]) return r;
  }
  return std::nullopt;
}

EventParts::EventParts(Take& take, EventRoles heard) : take_(take), heard_(heard) {
  EventRoles playing;
  forEachPart(take.context, [&](std::size_t i, TrackRole role, const auto& seed) {
    const auto r = static_cast<std::size_t>(writtenRole(role, heard_).value_or(role));
    Part part{i, -1, Tick{-1}};
    if (!seed.empty()) part.last = seed.back().pitch;
    parts_[r].push_back(part);
    roles_.set(r);
    if (!seed.empty()) playing.set(r);
  });
  silent_ = roles_ & ~playing;
}

bool EventParts::free(int role, int pitch, Tick at) const {
  const auto& parts = parts_[static_cast<std::size_t>(role)];
  return std::any_of(parts.begin(), parts.end(),
                     [&](const Part& p) { return take_.pitchFree(pitch, at, p.index); });
}

bool EventParts::anyFree(int role, Tick at, int below) const {
  const int lowest = role == kDrums ? kEventLowestDrum : kEventLowestPitch;
  const int highest = lowest + (role == kDrums ? kEventDrum.count : kEventPitch.count) - 1;
  for (int pitch = std::min(highest, below - 1); pitch >= lowest; --pitch) {
    if (free(role, pitch, at)) return true;
  }
  return false;
}

void EventParts::emit(int role, const Note& note, float probability) {
  Part* best = nullptr;
  std::tuple<bool, int> least;
  for (Part& p : parts_[static_cast<std::size_t>(role)]) {
    if (!take_.pitchFree(note.pitch, note.start, p.index)) continue;
    constexpr int kUnknown = 12;  // how far a track without notes is
    const int far = p.last < 0 ? kUnknown : std::abs(p.last - note.pitch);
    const std::tuple<bool, int> cost{p.at == note.start, far};
    if (best != nullptr && cost >= least) continue;
    best = &p;
    least = cost;
  }
  best->last = note.pitch;
  best->at = note.start;
  take_.emit(note, probability, best->index);
}

EventParts::Seed EventParts::seed() const {
  const ComposeContext& c = take_.context;
  Seed out;
  Document& d = out.document;
  d.ppq = c.ppq;
  d.tempo = take_.tempo;
  d.meter = take_.meter;
  const Tick latest = tickOfPosition(eventPosition(c.range.from, c.ppq) - 1, c.ppq);
  forEachPart(c, [&](std::size_t, TrackRole role, const std::vector<EncodedNote>& seed) {
    std::vector<Note> notes;
    for (const EncodedNote& e : seed) {
      Note n;
      n.start = std::max(Tick{0}, std::min(tickOf(e.onset, c.ppq), latest));
      n.length = {std::max<std::int64_t>(
          1, (tickOf(std::int64_t{e.onset} + e.duration, c.ppq) - n.start).count)};
      n.pitch = e.pitch;
      n.velocity = e.velocity;
      n.id = d.nextNoteId++;
      notes.push_back(n);
    }
    Track track;
    track.id = d.nextTrackId++;
    track.notes = NoteList(std::move(notes));
    d.tracks.push_back(std::make_shared<const Track>(std::move(track)));
    out.roles.push_back(writtenRole(role, heard_).value_or(role));
  });
  return out;
}

}  // namespace incipit
