#include "core/encoding/compose_context.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/encoding/event_tokens.h"

namespace incipit {
namespace {

constexpr const char* kEncoding = "note-sequence-1";
constexpr int kMostBars = 256;
constexpr std::int64_t kMostUnits = std::int64_t{1} << 30;  // onsets are kept in 32 bits

// Fails where positions of the range would not fit, or it is longer than a request may ask for.
bool reasonable(const ComposeContext& c) {
  if (c.ppq < 1 || c.ppq > (1 << 24) || c.range.from.count < 0 || c.range.empty()) return false;
  if (c.range.to.count / c.ppq >= kMostUnits / kUnitsPerQuarter) return false;
  const MeterMap meter(c.ppq, c.meter);
  return meter.barBeat(c.range.to).bar - meter.barBeat(c.range.from).bar <= kMostBars + 1;
}

// The position `bars` bars after t: the same place in its bar, or the end of a shorter one.
Tick afterBars(const MeterMap& meter, Tick t, int bars) {
  const std::int64_t bar = meter.barBeat(t).bar;
  const TickDelta offset = t - meter.barStart(bar);
  const Tick start = meter.barStart(bar + bars);
  return std::min(start + offset, meter.barStart(bar + bars + 1));
}

// The tracks of a request. Fails where one is not there or named twice.
Result<std::vector<TrackPtr>> tracksOf(const ComposeRequest& request) {
  std::vector<TrackId> ids{request.track};
  ids.insert(ids.end(), request.with.begin(), request.with.end());
  std::vector<TrackPtr> out;
  for (const TrackId id : ids) {
    const auto& all = request.document->tracks;
    const auto found =
        std::find_if(all.begin(), all.end(), [id](const TrackPtr& t) { return t->id == id; });
    if (found == all.end()) return fail(fmt::format("compose: the document has no track {}", id));
    if (std::find(out.begin(), out.end(), *found) != out.end()) {
      return fail(fmt::format("compose: track {} is named twice", id));
    }
    out.push_back(*found);
  }
  return out;
}

struct Part {
  std::vector<Note> before, kept;
};

Part partOf(const Track& track, const TickRange& range) {
  Part p;
  p.before = track.notes.notesStartingIn({Tick{0}, range.from});
  for (const Note& n : p.before) {
    if (n.end() > range.from) p.kept.push_back(n);
  }
  for (const Note& n : track.notes.notesStartingIn(range)) {
    if (n.locked) p.kept.push_back(n);
  }
  for (Note& n : p.kept) n.id = 0;
  return p;
}

// Leaves the last kSeedNotes of all parts together.
void limitSeeds(std::vector<Part>& parts) {
  std::vector<std::pair<Tick, std::size_t>> starts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (const Note& n : parts[i].before) starts.emplace_back(n.start, i);
  }
  if (starts.size() <= kSeedNotes) return;
  std::stable_sort(starts.begin(), starts.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::ptrdiff_t> dropped(parts.size());
  for (std::size_t i = 0; i < starts.size() - kSeedNotes; ++i) ++dropped[starts[i].second];
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].before.erase(parts[i].before.begin(), parts[i].before.begin() + dropped[i]);
  }
}

}  // namespace

Result<ComposeContext> contextOf(const ComposeRequest& request) {
  if (request.document == nullptr) return fail("compose: there is no document");
  const Document& d = *request.document;
  const auto tracks = tracksOf(request);
  if (!tracks) return tl::unexpected(tracks.error());
  if (request.from.count < 0) return fail("compose: the range starts before the document");
  if (request.bars < 1 || request.bars > kMostBars) {
    return fail(fmt::format("compose: {} bars: use 1 to {}", request.bars, kMostBars));
  }
  ComposeContext c;
  c.ppq = d.ppq;
  c.range = {request.from, afterBars(d.meter, request.from, request.bars)};
  c.meter = d.meter.changes();
  c.tempo = d.tempo.changes();
  if (!reasonable(c)) return fail("compose: the range lies too late in the document");
  std::vector<Part> parts;
  for (const TrackPtr& t : *tracks) parts.push_back(partOf(*t, c.range));
  limitSeeds(parts);
  const std::vector<TrackRole> roles = partRoles(*tracks);
  c.role = roles.front();
  c.seed = encodeNotes(parts.front().before, d.tempo, d.meter);
  c.kept = std::move(parts.front().kept);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    c.others.push_back(
        {roles[i], encodeNotes(parts[i].before, d.tempo, d.meter), std::move(parts[i].kept)});
  }
  return c;
}

namespace {

// By hand: a take of a second's work has thousands of numbers.
class JsonWriter {
 public:
  std::string out;

  template <typename Items, typename Append>
  void list(const char* name, const Items& items, const Append& append) {
    fmt::format_to(std::back_inserter(out), R"(,"{}":[)", name);
    for (const auto& item : items) {
      append(item);
      out += ',';
    }
    if (!items.empty()) out.pop_back();
    out += ']';
  }
  template <typename... Values>
  void numbers(const Values&... values) {
    out += '[';
    ((fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}"), values), out += ','), ...);
    out.back() = ']';
  }
  void part(TrackRole role, const std::vector<EncodedNote>& seed, const std::vector<Note>& kept) {
    list("seed", seed, [&](const EncodedNote& n) {
      numbers(n.onset, n.duration, n.pitch, n.velocity, n.barLength, n.barPosition, n.meter,
              n.startSeconds, n.lengthSeconds);
    });
    list("kept", kept, [&](const Note& n) {
      numbers(n.start.count, n.length.count, n.pitch, n.velocity, n.releaseVelocity, n.locked);
    });
    fmt::format_to(std::back_inserter(out), R"(,"role":"{}")", roleName(role));
  }
};

using Json = nlohmann::json;

// Fails for what an index or a division could not be made of.
Result<std::vector<EncodedNote>> seedOf(const Json& list) {
  std::vector<EncodedNote> seed;
  for (const auto& n : list) {
    EncodedNote e;
    e.onset = n.at(0);
    e.duration = n.at(1);
    e.pitch = n.at(2);
    e.velocity = n.at(3);
    e.barLength = n.at(4);
    e.barPosition = n.at(5);
    e.meter = n.at(6);
    e.startSeconds = n.at(7);
    e.lengthSeconds = n.at(8);
    if (e.pitch > 127 || e.velocity > 127 || e.meter >= kMeterClasses || e.duration == 0 ||
        e.barLength == 0 || e.onset < 0 || (!seed.empty() && e.onset < seed.back().onset)) {
      return fail("generated region: a note of its context is damaged");
    }
    seed.push_back(e);
  }
  if (seed.size() > kSeedNotes) return fail("generated region: its context is damaged");
  return seed;
}

std::vector<Note> keptOf(const Json& list) {
  std::vector<Note> kept;
  for (const auto& k : list) {
    Note n;
    n.start = {k.at(0).get<std::int64_t>()};
    n.length = {k.at(1).get<std::int64_t>()};
    n.pitch = k.at(2);
    n.velocity = k.at(3);
    n.releaseVelocity = k.at(4);
    n.locked = k.at(5);
    kept.push_back(n);
  }
  return kept;
}

Result<ContextPart> partOf(const Json& j) {
  auto seed = seedOf(j.at("seed"));
  if (!seed) return tl::unexpected(seed.error());
  // Contexts of before there were roles have none.
  const auto role = roleNamed(j.value("role", roleName(TrackRole::kMelody)));
  if (!role) return fail("generated region: its context has a role that there is not");
  return ContextPart{*role, std::move(*seed), keptOf(j.at("kept"))};
}

Result<void> readParts(const Json& j, ComposeContext& c) {
  auto first = partOf(j);
  if (!first) return tl::unexpected(first.error());
  c.role = first->role;
  c.seed = std::move(first->seed);
  c.kept = std::move(first->kept);
  if (!j.contains("others")) return {};
  for (const auto& other : j.at("others")) {
    auto part = partOf(other);
    if (!part) return tl::unexpected(part.error());
    c.others.push_back(std::move(*part));
  }
  c.part = j.at("part");
  if (c.part < 0 || c.part > std::ssize(c.others)) {
    return fail("generated region: its context is damaged");
  }
  return {};
}

}  // namespace

std::string contextJson(const ComposeContext& c) {
  JsonWriter w;
  w.out = fmt::format(R"({{"encoding":"{}","ppq":{},"range":[{},{}])", kEncoding, c.ppq,
                      c.range.from.count, c.range.to.count);
  w.list("meter", c.meter, [&](const MeterChange& m) {
    w.numbers(m.at.count, m.numerator, m.denominator, m.clocksPerClick, m.thirtySecondsPerQuarter);
  });
  w.list("tempo", c.tempo,
         [&](const TempoChange& t) { w.numbers(t.at.count, t.microsPerQuarter); });
  w.part(c.role, c.seed, c.kept);
  if (!c.others.empty()) {
    w.list("others", c.others, [&](const ContextPart& p) {
      const std::size_t start = w.out.size();
      w.part(p.role, p.seed, p.kept);
      w.out[start] = '{';  // in place of the comma
      w.out += '}';
    });
    fmt::format_to(std::back_inserter(w.out), R"(,"part":{})", c.part);
  }
  return w.out + "}";
}

Result<ComposeContext> contextFromJson(const std::string& json) {
  const auto j = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!j.is_object()) return fail("generated region: its context is not JSON");
  ComposeContext c;
  try {
    if (j.at("encoding") != kEncoding)
      return fail("generated region: its context is of another kind");
    c.ppq = j.at("ppq");
    c.range = {{j.at("range").at(0).get<std::int64_t>()},
               {j.at("range").at(1).get<std::int64_t>()}};
    for (const auto& m : j.at("meter")) {
      c.meter.push_back({{m.at(0).get<std::int64_t>()}, m.at(1), m.at(2), m.at(3), m.at(4)});
    }
    for (const auto& t : j.at("tempo")) {
      c.tempo.push_back({{t.at(0).get<std::int64_t>()}, t.at(1)});
    }
    if (auto parts = readParts(j, c); !parts) return tl::unexpected(parts.error());
  } catch (const Json::exception& e) {
    return fail(fmt::format("generated region: its context is damaged ({})", e.what()));
  }
  const bool tempoZero = std::any_of(c.tempo.begin(), c.tempo.end(),
                                     [](const TempoChange& t) { return t.microsPerQuarter == 0; });
  if (!reasonable(c) || tempoZero) {
    return fail("generated region: its context is damaged");
  }
  return c;
}

}  // namespace incipit
