// The writer of project_file.h.
#include <map>
#include <string>
#include <string_view>

#include "core/io/atomic_file.h"
#include "core/io/json_reader.h"
#include "core/io/project_file.h"
#include "core/io/text.h"

namespace incipit {
namespace {

class ProjectWriter {
 public:
  explicit ProjectWriter(const Document& d) : d_(d) {}
  std::string write();

 private:
  void number(const char* name, std::int64_t value);
  // [a,b,c]
  void row(std::initializer_list<std::int64_t> values);
  // "name": [ ... ], one element a line; element(item) appends it without the comma.
  template <typename List, typename F>
  void list(std::string_view indent, std::string_view name, const List& items, F&& element);
  void raw(std::string_view indent, const std::vector<RawEvent>& events);
  void maps();
  void region(const GeneratedRegion& r);
  void track(const Track& t);
  void note(const Note& n, TickDelta played);
  // The members of an object (from Document::unknownFields) but for the excluded one, each with a
  // comma after it.
  void members(std::string_view object, std::string_view indent, std::string_view excluded);
  void indexUnknownTracks();

  const Document& d_;
  // From the unknown fields' "tracks": each object by its "id".
  std::map<std::int64_t, std::string_view> unknownOfTrack_;
  std::string out_;
};

void ProjectWriter::number(const char* name, std::int64_t value) {
  out_ += " \"";
  out_ += name;
  out_ += "\": ";
  appendNumber(out_, value);
  out_ += ",\n";
}

void ProjectWriter::row(std::initializer_list<std::int64_t> values) {
  char separator = '[';
  for (const std::int64_t v : values) {
    out_ += separator;
    appendNumber(out_, v);
    separator = ',';
  }
  out_ += ']';
}

template <typename List, typename F>
void ProjectWriter::list(std::string_view indent, std::string_view name, const List& items,
                         F&& element) {
  out_ += indent;
  out_ += '"';
  out_ += name;
  out_ += "\": [";
  bool first = true;
  for (const auto& item : items) {
    out_ += first ? "\n" : ",\n";
    first = false;
    out_ += indent;
    out_ += ' ';
    element(item);
  }
  out_ += ']';
}

void ProjectWriter::raw(std::string_view indent, const std::vector<RawEvent>& events) {
  constexpr std::string_view kHex = "0123456789abcdef";
  list(indent, "raw", events, [&](const RawEvent& e) {
    out_ += '[';
    appendNumber(out_, e.at.count);
    out_ += ",\"";
    for (const std::uint8_t b : e.bytes) {
      out_ += kHex[b >> 4U];
      out_ += kHex[b & 15U];
    }
    out_ += "\"]";
  });
}

void ProjectWriter::maps() {
  list(" ", "tempo", d_.tempo.changes(), [&](const TempoChange& c) {
    row({c.at.count, c.microsPerQuarter});
  });
  out_ += ",\n";
  list(" ", "meter", d_.meter.changes(), [&](const MeterChange& c) {
    row({c.at.count, c.numerator, c.denominator, c.clocksPerClick, c.thirtySecondsPerQuarter});
  });
  out_ += ",\n";
  list(" ", "keys", d_.keys, [&](const KeySignature& k) {
    row({k.at.count, k.sharps, k.minor ? 1 : 0});
  });
  out_ += ",\n";
  list(" ", "markers", d_.markers, [&](const Marker& m) {
    out_ += '[';
    appendNumber(out_, m.at.count);
    out_ += ',';
    appendJsonString(out_, m.text);
    out_ += ']';
  });
  out_ += ",\n";
  raw(" ", d_.raw);
  out_ += ",\n";
}

void ProjectWriter::region(const GeneratedRegion& r) {
  out_ += "{\"from\": ";
  appendNumber(out_, r.range.from.count);
  out_ += ", \"to\": ";
  appendNumber(out_, r.range.to.count);
  out_ += ", \"track\": ";
  appendNumber(out_, r.track);
  out_ += ",\n   \"model\": ";
  appendJsonString(out_, r.modelHash);
  out_ += ",\n   \"settings\": ";
  appendJsonString(out_, r.settings);
  out_ += ",\n   \"context\": ";
  appendJsonString(out_, r.context);
  out_ += '}';
}

void ProjectWriter::note(const Note& n, TickDelta played) {
  const bool offset = played != TickDelta{0};
  const bool full = offset || n.locked || n.releaseVelocity != 64;
  out_ += '[';
  appendNumber(out_, n.start.count);
  for (const std::int64_t v :
       {n.length.count, std::int64_t{n.pitch}, std::int64_t{n.velocity}, std::int64_t{n.id}}) {
    out_ += ',';
    appendNumber(out_, v);
  }
  if (full) {
    out_ += ',';
    appendNumber(out_, int{n.releaseVelocity});
  }
  if (n.locked || offset) out_ += n.locked ? ",1" : ",0";
  if (offset) {
    out_ += ',';
    appendNumber(out_, played.count);
  }
  out_ += ']';
}

void ProjectWriter::track(const Track& t) {
  out_ += "{\n";
  out_ += "   \"id\": ";
  appendNumber(out_, t.id);
  out_ += ", \"name\": ";
  appendJsonString(out_, t.name);
  out_ += ",\n   \"program\": ";
  appendNumber(out_, t.program);
  out_ += ", \"channel\": ";
  appendNumber(out_, t.channel);
  out_ += ", \"volume\": ";
  appendNumber(out_, t.volume);
  out_ += ", \"pan\": ";
  appendNumber(out_, t.pan);
  out_ += t.mute ? ", \"mute\": true" : ", \"mute\": false";
  out_ += t.solo ? ", \"solo\": true" : ", \"solo\": false";
  out_ += ", \"colour\": \"" + colourText(t.colour) + "\",\n";
  if (!t.output.empty()) {
    out_ += "   \"output\": ";
    appendJsonString(out_, t.output);
    out_ += ",\n";
  }
  if (const auto unknown = unknownOfTrack_.find(t.id); unknown != unknownOfTrack_.end()) {
    members(unknown->second, "   ", "id");
  }
  out_ += "   \"lanes\": {";
  bool first = true;
  for (const auto& [controller, lane] : t.lanes) {
    out_ += first ? "\n" : ",\n";
    first = false;
    list("    ", std::to_string(controller), *lane, [&](const ControlPoint& p) {
      row({p.at.count, p.value});
    });
  }
  out_ += "},\n";
  raw("   ", t.raw);
  out_ += ",\n";
  list("   ", "notes", t.notes, [&](const Note& n) { note(n, t.playedOffset(n.id)); });
  out_ += '}';
}

void ProjectWriter::members(std::string_view object, std::string_view indent,
                            std::string_view excluded) {
  if (object.empty()) return;
  JsonReader in(object);
  std::string key;
  in.enterObject();
  while (in.nextMember(key)) {
    const std::string_view value = in.skip();
    if (in.faulty() || key == excluded) continue;
    out_ += indent;
    appendJsonString(out_, key);
    out_ += ": ";
    out_ += value;
    out_ += ",\n";
  }
}

void ProjectWriter::indexUnknownTracks() {
  if (d_.unknownFields.empty()) return;
  JsonReader in(d_.unknownFields);
  std::string key;
  in.enterObject();
  while (in.nextMember(key)) {
    if (key != "tracks" || in.peek() != JsonReader::Kind::kArray) {
      in.skip();
      continue;
    }
    in.enterArray();
    while (in.nextItem()) {
      const std::string_view object = in.skip();
      JsonReader member(object);
      std::string name;
      member.enterObject();
      while (member.nextMember(name)) {
        if (name == "id" && member.peek() == JsonReader::Kind::kNumber) {
          unknownOfTrack_.emplace(member.integer(), object);
        } else {
          member.skip();
        }
      }
    }
  }
}

std::string ProjectWriter::write() {
  constexpr std::size_t kBytesPerNote = 32;
  out_.reserve(4096 + d_.noteCount() * kBytesPerNote);
  indexUnknownTracks();
  out_ += "{\n \"incipit\": \"project\",\n";
  number("format", 1);
  number("ppq", d_.ppq);
  number("division", d_.division);
  number("next_note", d_.nextNoteId);
  number("next_track", d_.nextTrackId);
  members(d_.unknownFields, " ", "tracks");
  maps();
  list(" ", "regions", d_.regions, [&](const GeneratedRegion& r) { region(r); });
  out_ += ",\n";
  list(" ", "tracks", d_.tracks, [&](const TrackPtr& t) { track(*t); });
  out_ += "\n}\n";
  return std::move(out_);
}

}  // namespace

std::string projectJson(const Document& document) { return ProjectWriter(document).write(); }

Result<void> writeProjectFile(const Document& document, const std::filesystem::path& file) {
  return writeFileAtomically(file, projectJson(document), /*keepPrevious=*/true);
}

}  // namespace incipit
