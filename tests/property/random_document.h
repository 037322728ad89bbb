// Random documents of every kind that Incipit makes: crowded and empty tracks, notes that overlap
// on one pitch, locks, curves, regions, any division. The same seed gives the same document.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/rng.h"
#include "core/score/document.h"

namespace incipit::test {

class DocumentMaker {
 public:
  explicit DocumentMaker(std::uint64_t seed) : rng_(seed) {}

  Document make() {
    Document d;
    constexpr int kDivisions[] = {24, 96, 100, 120, 384, 480, 960, 1024, 4000};
    d.division = kDivisions[below(9)];
    d.ppq = documentPpq(d.division);
    // Half of the documents keep to the ticks of their file, as an untouched import does.
    step_ = below(2) == 0 ? d.ppq / d.division : 1;
    span_ = step_ * (1 + below(4) * 5000);
    d.tempo = TempoMap(d.ppq, some<TempoChange>(4, [&](Tick t) {
                         return TempoChange{t, 1 + below(0xFFFFFF)};
                       }));
    d.meter = MeterMap(d.ppq, some<MeterChange>(4, [&](Tick t) {
                         return MeterChange{t, 1 + int(below(255)), 1 << below(7), int(below(256)),
                                            int(below(256))};
                       }));
    d.keys = some<KeySignature>(3, [&](Tick t) {
      return KeySignature{t, int(below(15)) - 7, below(2) == 0};
    });
    d.keys.erase(std::unique(d.keys.begin(), d.keys.end(),
                             [](const auto& a, const auto& b) { return a.at == b.at; }),
                 d.keys.end());
    d.markers = some<Marker>(5, [&](Tick t) { return Marker{t, text()}; });
    d.raw = some<RawEvent>(3, [&](Tick t) { return RawEvent{t, {0xFF, 5, 'l', 'a'}}; });
    const std::uint32_t tracks = below(6);
    for (std::uint32_t i = 0; i < tracks; ++i) {
      d.tracks.push_back(std::make_shared<const Track>(track(d)));
    }
    d.regions = regions(d);
    return d;
  }

  Rng& rng() { return rng_; }

 private:
  std::uint32_t below(std::uint32_t n) { return rng_.below(n); }
  Tick tick() { return {below(static_cast<std::uint32_t>(span_ / step_)) * step_}; }

  template <typename T, typename F>
  std::vector<T> some(std::uint32_t most, F&& make) {
    std::vector<T> out;
    const std::uint32_t count = below(most + 1);
    for (std::uint32_t i = 0; i < count; ++i) out.push_back(make(tick()));
    std::stable_sort(out.begin(), out.end(), [](const T& a, const T& b) { return a.at < b.at; });
    return out;
  }

  std::string text() {
    constexpr const char* kTexts[] = {"",           "Verse",      "\"quoted\" \\",
                                      "Fl\u00F6te", "\U0001F3B5", "\n"};
    return kTexts[below(6)];
  }

  Track track(Document& d) {
    Track t;
    t.id = d.nextTrackId;
    d.nextTrackId += 1 + below(3);  // as after deletions
    t.name = text();
    t.program = int(below(128));
    t.channel = int(below(16));
    t.volume = int(below(128));
    t.pan = int(below(128));
    t.mute = below(2) == 0;
    t.solo = below(2) == 0;
    t.colour = below(0x1000000);
    // Few pitches: much overlaps.
    const std::uint32_t pitches = 1 + below(12);
    const std::uint32_t notes = below(2) == 0 ? below(8) : below(300);
    std::vector<Note> all;
    for (std::uint32_t i = 0; i < notes; ++i) {
      Note n;
      n.start = tick();
      n.length = {(1 + below(2000)) * step_};
      n.id = d.nextNoteId++;
      n.pitch = static_cast<std::uint8_t>(60 + below(pitches));
      n.velocity = static_cast<std::uint8_t>(1 + below(127));
      n.releaseVelocity = static_cast<std::uint8_t>(below(2) == 0 ? 64 : below(128));
      n.locked = below(3) == 0;
      all.push_back(n);
    }
    t.notes = NoteList(std::move(all));
    constexpr Controller kLanes[] = {0,        32,         kModulation,      kVolume,        kPan,
                                     kSustain, kPitchBend, kChannelPressure, kProgramChange, 123};
    for (const Controller c : kLanes) {
      Lane lane = some<ControlPoint>(below(4) == 0 ? 20 : 0, [&](Tick at) {
        return ControlPoint{at, c == kPitchBend ? int(below(16384)) - 8192 : int(below(128))};
      });
      if (!lane.empty()) t.lanes[c] = std::make_shared<const Lane>(std::move(lane));
    }
    if (below(3) == 0) t.output = text();
    std::map<NoteId, TickDelta> played;
    for (const Note& n : t.notes) {
      if (below(8) == 0) played[n.id] = TickDelta{1 + below(99)} * (below(2) == 0 ? 1 : -1);
    }
    if (!played.empty() && below(2) == 0) {
      t.played = std::make_shared<const std::map<NoteId, TickDelta>>(std::move(played));
    }
    t.raw = some<RawEvent>(3, [&](Tick at) { return RawEvent{at, {0xF0, 0x7E, 1, 0xF7}}; });
    return t;
  }

  std::vector<GeneratedRegion> regions(const Document& d) {
    std::vector<GeneratedRegion> out;
    const std::uint32_t count = d.tracks.empty() ? 0 : below(4);
    for (std::uint32_t i = 0; i < count; ++i) {
      const Tick from = tick();
      const TrackId track = d.tracks[below(static_cast<std::uint32_t>(d.tracks.size()))]->id;
      // The last may belong to a track that was deleted.
      out.push_back({{from, from + TickDelta{below(5000) * step_}},
                     i == 3 ? d.nextTrackId : track,
                     std::string(64, "0123456789abcdef"[below(16)]),
                     "{\"seed\":" + std::to_string(below(1000)) + ",\"name\":\"" + text() + "\"}",
                     "[[60," + std::to_string(below(99)) + "]]"});
    }
    return out;
  }

  Rng rng_;
  std::int64_t step_ = 1;
  std::int64_t span_ = 1;
};

}  // namespace incipit::test
