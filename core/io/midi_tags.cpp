#include "core/io/midi_tags.h"

#include <algorithm>

#include "core/io/json_reader.h"
#include "core/io/midi_scan.h"
#include "core/io/text.h"

namespace incipit::midi {
namespace {

std::string text(const TrackTag& t) {
  std::string out = R"({"track":{"channel":)" + std::to_string(t.channel);
  if (t.colour) out += R"(,"colour":")" + colourText(*t.colour) + '"';
  if (t.mute) out += R"(,"mute":true)";
  if (t.solo) out += R"(,"solo":true)";
  out += R"(,"notes":)" + std::to_string(t.notes);
  if (!t.locked.empty()) {
    out += R"(,"locked":[)";
    for (const auto& [first, count] : t.locked) {
      out += '[';
      appendNumber(out, first);
      out += ',';
      appendNumber(out, count);
      out += "],";
    }
    out.back() = ']';
  }
  if (!t.overlaps.empty()) {
    out += R"(,"overlaps":[)";
    for (const Note& n : t.overlaps) {
      out += '[';
      appendNumber(out, n.start.count);
      for (const std::int64_t v : {std::int64_t{n.pitch}, n.length.count, std::int64_t{n.velocity},
                                   std::int64_t{n.releaseVelocity}}) {
        out += ',';
        appendNumber(out, v);
      }
      out += "],";
    }
    out.back() = ']';
  }
  return out + "}}";
}

std::string text(const RegionTag& r) {
  std::string out =
      R"({"region":{"order":)" + std::to_string(r.order) + R"(,"to":)" + std::to_string(r.to);
  if (r.channel >= 0) out += R"(,"channel":)" + std::to_string(r.channel);
  out += R"(,"model":)";
  appendJsonString(out, r.model);
  out += R"(,"settings":)";
  appendJsonString(out, r.settings);
  out += R"(,"context":)";
  appendJsonString(out, r.context);
  return out + "}}";
}

std::string text(const DocumentTag& d) {
  return R"({"document":{"division":)" + std::to_string(d.division) + "}}";
}

std::string text(const FillTag&) { return {}; }

// An integer that must lie in a range.
std::int64_t integerIn(JsonReader& in, std::int64_t least, std::int64_t most) {
  const std::int64_t value = in.integer();
  if (value < least || value > most) in.refuse("out of range");
  return value;
}

constexpr std::int64_t kMostNotes = std::int64_t{1} << 32;

// The next number of an array that holds exactly those asked for.
std::int64_t item(JsonReader& in, std::int64_t least, std::int64_t most) {
  if (!in.nextItem()) in.refuse("too short");
  return integerIn(in, least, most);
}

void readLocked(JsonReader& in, TrackTag& t) {
  in.enterArray();
  std::uint64_t next = 0;
  while (in.nextItem()) {
    in.enterArray();
    const auto first = static_cast<std::uint64_t>(item(in, 0, kMostNotes));
    const auto count = static_cast<std::uint64_t>(item(in, 1, kMostNotes));
    if (in.nextItem() || first < next) in.refuse("not a run");
    next = first + count;
    t.locked.emplace_back(first, count);
  }
}

void readOverlaps(JsonReader& in, TrackTag& t) {
  in.enterArray();
  while (in.nextItem()) {
    in.enterArray();
    Note n;
    n.start.count = item(in, 0, kLastTick.count);
    n.pitch = static_cast<std::uint8_t>(item(in, 0, 127));
    n.length.count = item(in, 1, kLastTick.count);
    n.velocity = static_cast<std::uint8_t>(item(in, 1, 127));
    n.releaseVelocity = static_cast<std::uint8_t>(item(in, 0, 127));
    const bool ordered = t.overlaps.empty() || !NoteOrder{}(n, t.overlaps.back());
    if (in.nextItem() || !ordered) in.refuse("not a note");
    t.overlaps.push_back(n);
  }
}

TrackTag readTrack(JsonReader& in) {
  TrackTag t;
  std::string key;
  bool channel = false;
  in.enterObject();
  while (in.nextMember(key)) {
    if (key == "channel") {
      t.channel = static_cast<int>(integerIn(in, 0, 15));
      channel = true;
    } else if (key == "colour") {
      std::uint32_t colour = 0;
      if (!parseColour(in.string(), colour)) in.refuse("not a colour");
      t.colour = colour;
    } else if (key == "mute") {
      t.mute = in.boolean();
    } else if (key == "solo") {
      t.solo = in.boolean();
    } else if (key == "notes") {
      t.notes = static_cast<std::uint64_t>(integerIn(in, 0, kMostNotes));
    } else if (key == "locked" && t.locked.empty()) {
      readLocked(in, t);
    } else if (key == "overlaps" && t.overlaps.empty()) {
      readOverlaps(in, t);
    } else {
      in.skip();
    }
  }
  if (!channel) in.refuse("no channel");
  return t;
}

RegionTag readRegion(JsonReader& in) {
  RegionTag r;
  std::string key;
  in.enterObject();
  while (in.nextMember(key)) {
    if (key == "order") {
      r.order = integerIn(in, 0, kMostNotes);
    } else if (key == "to") {
      r.to = integerIn(in, 0, kLastTick.count);
    } else if (key == "channel") {
      r.channel = static_cast<int>(integerIn(in, 0, 15));
    } else if (key == "model") {
      r.model = in.string();
    } else if (key == "settings") {
      r.settings = in.string();
    } else if (key == "context") {
      r.context = in.string();
    } else {
      in.skip();
    }
  }
  return r;
}

DocumentTag readDocument(JsonReader& in) {
  DocumentTag d;
  std::string key;
  in.enterObject();
  while (in.nextMember(key)) {
    if (key == "division") {
      d.division = static_cast<int>(integerIn(in, 1, 32767));
    } else {
      in.skip();
    }
  }
  return d;
}

}  // namespace

std::string tagText(const Tag& tag) {
  return std::string(kTagPrefix) + std::visit([](const auto& t) { return text(t); }, tag);
}

std::optional<Tag> parseTag(std::string_view text) {
  if (!text.starts_with(kTagPrefix)) return {};
  text.remove_prefix(kTagPrefix.size());
  if (text.empty()) return FillTag{};
  JsonReader in(text);
  std::string key;
  std::optional<Tag> tag;
  in.enterObject();
  if (!in.nextMember(key)) return {};
  if (key == "track") {
    tag = readTrack(in);
  } else if (key == "region") {
    tag = readRegion(in);
  } else if (key == "document") {
    tag = readDocument(in);
  }
  if (!tag || in.nextMember(key) || in.faulty() || !in.atEnd()) return {};
  return tag;
}

}  // namespace incipit::midi
