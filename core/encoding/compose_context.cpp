#include "core/encoding/compose_context.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

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

}  // namespace

Result<ComposeContext> contextOf(const ComposeRequest& request) {
  if (request.document == nullptr) return fail("compose: there is no document");
  const Document& d = *request.document;
  const Track* track = d.track(request.track);
  if (track == nullptr) {
    return fail(fmt::format("compose: the document has no track {}", request.track));
  }
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
  std::vector<Note> before = track->notes.notesStartingIn({Tick{0}, request.from});
  for (const Note& n : before) {
    if (n.end() > request.from) c.kept.push_back(n);
  }
  if (before.size() > kSeedNotes) {
    before.erase(before.begin(), before.end() - static_cast<std::ptrdiff_t>(kSeedNotes));
  }
  c.seed = encodeNotes(before, d.tempo, d.meter);
  for (const Note& n : track->notes.notesStartingIn(c.range)) {
    if (n.locked) c.kept.push_back(n);
  }
  for (Note& n : c.kept) n.id = 0;
  return c;
}

// By hand: a take of a second's work has thousands of numbers.
std::string contextJson(const ComposeContext& c) {
  std::string out = fmt::format(R"({{"encoding":"{}","ppq":{},"range":[{},{}])", kEncoding, c.ppq,
                                c.range.from.count, c.range.to.count);
  const auto list = [&out](const char* name, const auto& items, const auto& append) {
    fmt::format_to(std::back_inserter(out), R"(,"{}":[)", name);
    for (const auto& item : items) {
      append(item);
      out += ',';
    }
    if (!items.empty()) out.pop_back();
    out += ']';
  };
  const auto numbers = [&out](const auto&... values) {
    out += '[';
    ((fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}"), values), out += ','), ...);
    out.back() = ']';
  };
  list("meter", c.meter, [&](const MeterChange& m) {
    numbers(m.at.count, m.numerator, m.denominator, m.clocksPerClick, m.thirtySecondsPerQuarter);
  });
  list("tempo", c.tempo, [&](const TempoChange& t) { numbers(t.at.count, t.microsPerQuarter); });
  list("seed", c.seed, [&](const EncodedNote& n) {
    numbers(n.onset, n.duration, n.pitch, n.velocity, n.barLength, n.barPosition, n.meter,
            n.startSeconds, n.lengthSeconds);
  });
  list("kept", c.kept, [&](const Note& n) {
    numbers(n.start.count, n.length.count, n.pitch, n.velocity, n.releaseVelocity, n.locked);
  });
  return out + "}";
}

Result<ComposeContext> contextFromJson(const std::string& json) {
  const auto j = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
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
    for (const auto& n : j.at("seed")) {
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
      // What an index or a division is made of must be in range, whoever wrote the file.
      if (e.pitch > 127 || e.velocity > 127 || e.meter >= kMeterClasses || e.duration == 0 ||
          e.barLength == 0 || e.onset < 0 || (!c.seed.empty() && e.onset < c.seed.back().onset)) {
        return fail("generated region: a note of its context is damaged");
      }
      c.seed.push_back(e);
    }
    for (const auto& k : j.at("kept")) {
      Note n;
      n.start = {k.at(0).get<std::int64_t>()};
      n.length = {k.at(1).get<std::int64_t>()};
      n.pitch = k.at(2);
      n.velocity = k.at(3);
      n.releaseVelocity = k.at(4);
      n.locked = k.at(5);
      c.kept.push_back(n);
    }
  } catch (const nlohmann::json::exception& e) {
    return fail(fmt::format("generated region: its context is damaged ({})", e.what()));
  }
  const bool tempoZero = std::any_of(c.tempo.begin(), c.tempo.end(),
                                     [](const TempoChange& t) { return t.microsPerQuarter == 0; });
  if (!reasonable(c) || tempoZero || c.seed.size() > kSeedNotes) {
    return fail("generated region: its context is damaged");
  }
  return c;
}

}  // namespace incipit
