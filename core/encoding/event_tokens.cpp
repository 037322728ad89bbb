#include "core/encoding/event_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "core/encoding/beat_grid.h"
#include "core/theory/scale.h"

namespace incipit {
namespace {

constexpr int kTicksPerPosition = kDefaultPpq / kPositionsPerQuarter;
constexpr int kOtherMeter = kEventMeter.count - 1;
constexpr int kVelocityWidth = 16;
constexpr double kSlowest = 40;
constexpr double kTempoSpan = 6;  // the fastest is so many times faster

int tempoBin(double bpm) {
  const double bin = std::log(bpm / kSlowest) / std::log(kTempoSpan) * (kEventTempo.count - 1);
  return static_cast<int>(std::lround(std::clamp(bin, 0.0, double{kEventTempo.count - 1})));
}
double tempoOf(int bin) {
  return kSlowest * std::pow(kTempoSpan, static_cast<double>(bin) / (kEventTempo.count - 1));
}

int durationSymbol(std::int64_t positions) {
  const auto above = std::lower_bound(kEventDurations.begin(), kEventDurations.end(), positions);
  if (above == kEventDurations.end()) return kEventDuration.count - 1;
  if (above == kEventDurations.begin()) return 0;
  const auto nearest = positions - *(above - 1) <= *above - positions ? above - 1 : above;
  return static_cast<int>(nearest - kEventDurations.begin());
}

struct Bar {
  std::int64_t start;  // positions
  int length;          // positions, 1..kMostPositions
  int meter;
  Tick tick;
};

// The bars of a document until `last` (a position) is in one.
Result<std::vector<Bar>> barsOf(const Document& d, std::int64_t last) {
  std::vector<Bar> bars;
  for (std::int64_t bar = 0;; ++bar) {
    if (bar >= kMostEventBars || static_cast<std::int64_t>(bars.size()) >= kMostEventBars) {
      return fail(fmt::format("events: more than {} bars", kMostEventBars));
    }
    const Tick tick = d.meter.barStart(bar);
    const std::int64_t start = eventPosition(tick, d.ppq);
    const std::int64_t end = eventPosition(d.meter.barStart(bar + 1), d.ppq);
    if (start > last) return bars;
    const MeterChange& m = d.meter.at(tick);
    const int known = meterClass(m.numerator, m.denominator);
    const bool whole = meterPositions(known) == end - start;
    for (std::int64_t at = start; at < end && at <= last; at += kMostPositions) {
      const auto length = static_cast<int>(std::min<std::int64_t>(kMostPositions, end - at));
      bars.push_back({at, length, whole ? known : kOtherMeter, tick});
    }
  }
}

struct Event {
  std::int64_t position;
  TrackRole role;
  std::uint8_t pitch;
  std::uint8_t velocity;  // symbol
  std::uint8_t duration;  // symbol
};

bool before(const Event& a, const Event& b) {
  // Descending pitch, then the longest, then the loudest.
  return std::tuple(a.position, a.role, b.pitch, b.duration, b.velocity) <
         std::tuple(b.position, b.role, a.pitch, a.duration, a.velocity);
}

std::vector<Event> eventsOf(const Document& d, std::span<const TrackRole> roles, EventLoss& loss) {
  std::vector<Event> events;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const bool drums = roles[i] == TrackRole::kDrums;
    for (const Note& n : d.tracks[i]->notes) {
      const int lowest = drums ? kEventLowestDrum : kEventLowestPitch;
      const int count = drums ? kEventDrum.count : kEventPitch.count;
      if (n.pitch < lowest || n.pitch >= lowest + count) {
        ++loss.outside;
        continue;
      }
      const std::int64_t from = eventPosition(n.start, d.ppq);
      const std::int64_t length = std::max<std::int64_t>(1, eventPosition(n.end(), d.ppq) - from);
      const int symbol = drums ? 0 : durationSymbol(length);
      const std::int64_t kept = kEventDurations[static_cast<std::size_t>(symbol)];
      loss.moved += from * d.ppq != n.start.count * kPositionsPerQuarter ? 1 : 0;
      loss.resized += kept * d.ppq != n.length.count * kPositionsPerQuarter ? 1 : 0;
      events.push_back(
          {from, roles[i], n.pitch,
           static_cast<std::uint8_t>((std::max<int>(n.velocity, 1) - 1) / kVelocityWidth),
           static_cast<std::uint8_t>(symbol)});
    }
  }
  std::sort(events.begin(), events.end(), before);
  const auto same = [](const Event& a, const Event& b) {
    return a.position == b.position && a.role == b.role && a.pitch == b.pitch;
  };
  const auto rest = std::unique(events.begin(), events.end(), same);
  loss.merged = events.end() - rest;
  events.erase(rest, events.end());
  return events;
}

EventToken keySymbol(std::span<const Event> events) {
  std::vector<Note> notes;
  for (const Event& e : events) {
    if (e.role == TrackRole::kDrums) continue;
    Note n;
    n.pitch = e.pitch;
    n.length = {kEventDurations[e.duration]};
    notes.push_back(n);
  }
  const Scale key = estimateKey(notes);
  return kEventKey[key.tonic + (key.mode == Mode::kMinor ? 12 : 0)];
}

int binOf(double value, std::initializer_list<double> limits) {
  return static_cast<int>(
      std::count_if(limits.begin(), limits.end(), [&](double limit) { return value >= limit; }));
}

class Writer {
 public:
  Writer(const EventOptions& options, EncodedEvents& out) : options_(options), out_(out) {}

  void bar(const Bar& bar, int tempo, std::size_t left, std::span<const Event> events) {
    out_.bars.push_back(out_.tokens.size());
    put(kEventBar);
    if (bar.meter != meter_ || bar.length != length_) {
      meter_ = bar.meter;
      length_ = bar.length;
      put(kEventMeter[bar.meter]);
      if (bar.meter == kOtherMeter) put(kEventPosition[bar.length - 1]);
    }
    if (tempo != tempo_) put(kEventTempo[tempo_ = tempo]);
    if (options_.attributes) attributes(left, events);
    std::array<int, kTrackRoles> velocity{};
    velocity.fill(-1);
    int role = -1;
    std::int64_t position = -1;
    for (const Event& e : events) {
      const int wanted = static_cast<int>(e.role);
      if (e.position != position) {
        put(kEventPosition[static_cast<int>((position = e.position) - bar.start)]);
      }
      if (wanted != role) put(kEventTrack[role = wanted]);
      if (int& now = velocity[static_cast<std::size_t>(role)];
          options_.velocities && now != e.velocity) {
        put(kEventVelocity[now = e.velocity]);
      }
      if (e.role == TrackRole::kDrums) {
        put(kEventDrum[e.pitch - kEventLowestDrum]);
      } else {
        put(kEventPitch[e.pitch - kEventLowestPitch]);
        put(kEventDuration[e.duration]);
      }
    }
  }

  void put(EventToken token) { out_.tokens.push_back(token); }

 private:
  void attributes(std::size_t left, std::span<const Event> events) {
    put(kEventLeft[static_cast<int>(std::min<std::size_t>(left, kEventLeft.count - 1))]);
    std::set<std::int64_t> onsets;
    double pitches = 0;
    double melodic = 0;
    for (const Event& e : events) {
      onsets.insert(e.position);
      if (e.role == TrackRole::kDrums) continue;
      pitches += e.pitch;
      ++melodic;
    }
    const auto count = static_cast<double>(onsets.size());
    put(kEventDensity[binOf(count, {1, 3, 6, 10, 16})]);
    if (events.empty()) return;
    put(kEventPolyphony[binOf(static_cast<double>(events.size()) / count, {1.25, 2, 3, 4.5})]);
    if (melodic > 0) put(kEventRegister[binOf(pitches / melodic, {48, 57, 66, 75})]);
  }

  const EventOptions& options_;
  EncodedEvents& out_;
  int meter_ = -1;
  int length_ = -1;
  int tempo_ = -1;
};

// Builds a document from symbols that the grammar has allowed.
class Builder {
 public:
  void take(int token, const EventGrammar& grammar) {
    if (token == kEventBar) {
      if (anyBar_) endBar(grammar.barLength());
      anyBar_ = true;
      velocity_.fill(kDefaultVelocity);
    } else if (kEventMeter.holds(token)) {
      meter_ = token - kEventMeter.first;
    } else if (kEventTempo.holds(token)) {
      tempos_.push_back({tick(start_), microsPerQuarterOf(tempoOf(token - kEventTempo.first))});
    } else if (kEventTrack.holds(token)) {
      role_ = static_cast<std::size_t>(token - kEventTrack.first);
    } else if (kEventVelocity.holds(token)) {
      velocity_[role_] = (token - kEventVelocity.first) * kVelocityWidth + kVelocityWidth / 2;
    } else if (kEventPitch.holds(token)) {
      note(grammar.position(), token - kEventPitch.first + kEventLowestPitch);
    } else if (kEventDrum.holds(token)) {
      note(grammar.position(), token - kEventDrum.first + kEventLowestDrum);
    } else if (kEventDuration.holds(token)) {
      notes_[role_].back().length = {
          std::int64_t{kTicksPerPosition} *
          kEventDurations[static_cast<std::size_t>(token - kEventDuration.first)]};
    }
  }

  DecodedEvents finish(int lastBarLength) {
    if (anyBar_) endBar(lastBarLength);
    if (!barsFit_) meters_.push_back({tick(start_), 4, 4});
    DecodedEvents out;
    Document& d = out.document;
    d.tempo = TempoMap(d.ppq, tempos_);
    d.meter = MeterMap(d.ppq, meters_);
    for (std::size_t r = 0; r < notes_.size(); ++r) {
      if (notes_[r].empty()) continue;
      const auto role = static_cast<TrackRole>(r);
      static constexpr std::array<int, kTrackRoles> kPrograms{73, 33, 24, 89, 0, 0, 0, 48};
      Track t;
      t.id = d.nextTrackId++;
      t.name = roleName(role);
      t.program = kPrograms[r];
      const auto melodicChannel = static_cast<int>(d.tracks.size());
      t.channel = role == TrackRole::kDrums ? kDrumChannel : melodicChannel;
      t.colour = trackColour(d.tracks.size());
      for (Note& n : notes_[r]) n.id = d.nextNoteId++;
      t.notes = NoteList(std::move(notes_[r]));
      d.tracks.push_back(std::make_shared<const Track>(std::move(t)));
      out.roles.push_back(role);
    }
    return out;
  }

 private:
  static Tick tick(std::int64_t position) { return {position * kTicksPerPosition}; }

  void note(int position, int pitch) {
    Note n;
    n.start = tick(start_ + position);
    n.length = {kTicksPerPosition};
    n.pitch = static_cast<std::uint8_t>(pitch);
    n.velocity = static_cast<std::uint8_t>(velocity_[role_]);
    notes_[role_].push_back(n);
  }

  // The meter of the bar that ends here, and whether its bar lines follow from it.
  void endBar(int length) {
    constexpr int kPositionsPerSixteenth = kPositionsPerQuarter / 4;
    BarMeter m{(length + kPositionsPerSixteenth - 1) / kPositionsPerSixteenth, 16};
    if (meter_ != kOtherMeter) m = meterOfClass(meter_);
    const bool changed = meters_.empty() || meters_.back().numerator != m.numerator ||
                         meters_.back().denominator != m.denominator;
    if (changed || !barsFit_) meters_.push_back({tick(start_), m.numerator, m.denominator});
    barsFit_ = meter_ != kOtherMeter || length % kPositionsPerSixteenth == 0;
    start_ += length;
  }

  std::vector<MeterChange> meters_;
  std::vector<TempoChange> tempos_;
  std::array<std::vector<Note>, kTrackRoles> notes_;
  std::array<int, kTrackRoles> velocity_{};
  std::int64_t start_ = 0;  // of the bar, in positions
  std::size_t role_ = 0;
  int meter_ = 0;
  bool anyBar_ = false;
  bool barsFit_ = true;
};

}  // namespace

Result<EncodedEvents> encodeEvents(const Document& document, std::span<const TrackRole> roles,
                                   const EventOptions& options) {
  if (roles.size() != document.tracks.size()) {
    return fail(
        fmt::format("events: {} roles for {} tracks", roles.size(), document.tracks.size()));
  }
  EncodedEvents out;
  const std::vector<Event> events = eventsOf(document, roles, out.loss);
  const auto bars = barsOf(document, events.empty() ? -1 : events.back().position);
  if (!bars) return tl::unexpected(bars.error());
  Writer writer(options, out);
  writer.put(kEventBos);
  if (options.attributes && !events.empty()) writer.put(keySymbol(events));
  auto from = events.begin();
  for (std::size_t i = 0; i < bars->size(); ++i) {
    const Bar& bar = (*bars)[i];
    const auto to = std::find_if(
        from, events.end(), [&](const Event& e) { return e.position >= bar.start + bar.length; });
    writer.bar(bar, tempoBin(document.tempo.at(bar.tick).bpm()), bars->size() - 1 - i, {from, to});
    from = to;
  }
  writer.put(kEventEos);
  return out;
}

Result<std::vector<EventBar>> eventBars(const Document& document, Tick last) {
  const auto bars = barsOf(document, eventPosition(last, document.ppq));
  if (!bars) return tl::unexpected(bars.error());
  EncodedEvents heads;
  const EventOptions plain;
  Writer writer(plain, heads);
  for (const Bar& bar : *bars) writer.bar(bar, tempoBin(document.tempo.at(bar.tick).bpm()), 0, {});
  std::vector<EventBar> out;
  for (std::size_t i = 0; i < bars->size(); ++i) {
    const std::size_t end = i + 1 < bars->size() ? heads.bars[i + 1] : heads.tokens.size();
    const auto token = [&](std::size_t at) {
      return heads.tokens.begin() + static_cast<std::ptrdiff_t>(at);
    };
    out.push_back({(*bars)[i].start, (*bars)[i].length, {token(heads.bars[i]), token(end)}});
  }
  return out;
}

std::int64_t eventPosition(Tick t, int ppq) {
  return (2 * t.count * kPositionsPerQuarter + ppq) / (2 * std::int64_t{ppq});
}

Tick tickOfPosition(std::int64_t position, int ppq) {
  return {(2 * position * ppq + kPositionsPerQuarter) / (2 * kPositionsPerQuarter)};
}

Result<DecodedEvents> decodeEvents(std::span<const EventToken> tokens) {
  EventGrammar grammar;
  Builder builder;
  int length = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const int token = tokens[i];
    if (!grammar.allows(token)) {
      const std::string name = eventName(token);
      return fail(fmt::format("events: {} may not stand at {}",
                              name.empty() ? std::to_string(token) : name, i));
    }
    builder.take(token, grammar);
    grammar.take(token);
    length = grammar.barLength();
  }
  return builder.finish(length);
}

}  // namespace incipit
