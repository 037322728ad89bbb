#include <algorithm>
#include <array>

#include "core/edit/edits.h"

namespace incipit {
namespace {

// `items` sorted by tick, with the one at `item.at` replaced or inserted.
template <typename T>
std::vector<T> withAt(std::vector<T> items, T item) {
  std::erase_if(items, [&](const T& i) { return i.at == item.at; });
  const auto place = std::upper_bound(items.begin(), items.end(), item,
                                      [](const T& a, const T& b) { return a.at < b.at; });
  items.insert(place, std::move(item));
  return items;
}

template <typename T>
std::vector<T> withoutAt(std::vector<T> items, Tick at) {
  std::erase_if(items, [&](const T& i) { return i.at == at; });
  return items;
}

int freeChannel(const Document& d) {
  std::array<bool, 16> used{};
  for (const TrackPtr& t : d.tracks) used[static_cast<std::size_t>(t->channel)] = true;
  for (int c = 0; c < 16; ++c) {
    if (c != kDrumChannel && !used[static_cast<std::size_t>(c)]) return c;
  }
  return 0;  // shared: playback gives each track a channel of its own anyway
}

}  // namespace

TrackEdit addTrack(const Document& d, std::string name, int program, bool drums) {
  Document out = d;
  auto t = std::make_shared<Track>();
  t->id = out.nextTrackId++;
  t->name = std::move(name);
  t->program = std::clamp(program, 0, 127);
  t->channel = drums ? kDrumChannel : freeChannel(d);
  t->colour = trackColour(d.tracks.size());
  const TrackId id = t->id;
  out.tracks.push_back(std::move(t));
  return {std::move(out), id};
}

Document removeTrack(const Document& d, TrackId track) {
  Document out = d;
  std::erase_if(out.tracks, [&](const TrackPtr& t) { return t->id == track; });
  std::erase_if(out.regions, [&](const GeneratedRegion& r) { return r.track == track; });
  return out;
}

Document moveTrack(const Document& d, TrackId track, std::size_t index) {
  Document out = d;
  const auto it = std::find_if(out.tracks.begin(), out.tracks.end(),
                               [&](const TrackPtr& t) { return t->id == track; });
  if (it == out.tracks.end()) return out;
  const TrackPtr moving = *it;
  out.tracks.erase(it);
  index = std::min(index, out.tracks.size());
  out.tracks.insert(out.tracks.begin() + static_cast<std::ptrdiff_t>(index), moving);
  return out;
}

Document replaceTrack(const Document& d, Track track) {
  Document out = d;
  for (TrackPtr& t : out.tracks) {
    if (t->id != track.id) continue;
    t = std::make_shared<const Track>(std::move(track));
    break;
  }
  return out;
}

Document setLane(const Document& d, TrackId track, Controller c, Lane lane) {
  const Track* t = d.track(track);
  if (t == nullptr) return d;
  Track copy = *t;
  std::stable_sort(lane.begin(), lane.end(),
                   [](const ControlPoint& a, const ControlPoint& b) { return a.at < b.at; });
  if (lane.empty()) {
    copy.lanes.erase(c);
  } else {
    copy.lanes[c] = std::make_shared<const Lane>(std::move(lane));
  }
  return replaceTrack(d, std::move(copy));
}

Document setTempo(const Document& d, TempoChange change) {
  Document out = d;
  out.tempo = TempoMap(d.ppq, withAt(d.tempo.changes(), change));
  return out;
}

Document removeTempo(const Document& d, Tick at) {
  Document out = d;
  if (at > Tick{0}) out.tempo = TempoMap(d.ppq, withoutAt(d.tempo.changes(), at));
  return out;
}

Document setMeter(const Document& d, MeterChange change) {
  Document out = d;
  out.meter = MeterMap(d.ppq, withAt(d.meter.changes(), change));
  return out;
}

Document removeMeter(const Document& d, Tick at) {
  Document out = d;
  if (at > Tick{0}) out.meter = MeterMap(d.ppq, withoutAt(d.meter.changes(), at));
  return out;
}

Document setKey(const Document& d, KeySignature key) {
  Document out = d;
  out.keys = withAt(d.keys, key);
  return out;
}

Document addMarker(const Document& d, Marker marker) {
  Document out = d;
  out.markers = withAt(d.markers, std::move(marker));
  return out;
}

Document removeMarker(const Document& d, Tick at) {
  Document out = d;
  out.markers = withoutAt(d.markers, at);
  return out;
}

namespace {

struct ChangedSpan {
  Tick from{INT64_MAX};
  Tick to{0};
  void add(const NoteList::Block& b) {
    from = std::min(from, b.notes.front().start);
    to = std::max(to, b.latestEnd);
  }
  void addAll(const NoteList& l) {
    for (const auto& b : l.blocks()) add(*b);
  }
};

void addDifference(const NoteList& a, const NoteList& b, ChangedSpan& span) {
  const auto& x = a.blocks();
  const auto& y = b.blocks();
  std::size_t head = 0;
  while (head < x.size() && head < y.size() && x[head] == y[head]) ++head;
  std::size_t tail = 0;
  while (tail < x.size() - head && tail < y.size() - head &&
         x[x.size() - 1 - tail] == y[y.size() - 1 - tail]) {
    ++tail;
  }
  for (std::size_t i = head; i < x.size() - tail; ++i) span.add(*x[i]);
  for (std::size_t i = head; i < y.size() - tail; ++i) span.add(*y[i]);
}

}  // namespace

TickRange changedRange(const Document& a, const Document& b) {
  ChangedSpan span;
  for (const TrackPtr& t : a.tracks) {
    const Track* other = b.track(t->id);
    if (other == t.get()) continue;
    if (other == nullptr) {
      span.addAll(t->notes);
    } else {
      addDifference(t->notes, other->notes, span);
    }
  }
  for (const TrackPtr& t : b.tracks) {
    if (a.track(t->id) == nullptr) span.addAll(t->notes);
  }
  if (!(a.tempo == b.tempo) || !(a.meter == b.meter)) {
    span.from = {0};
    span.to = std::max({span.to, a.end(), b.end()});
  }
  return span.from < span.to ? TickRange{span.from, span.to} : TickRange{};
}

}  // namespace incipit
