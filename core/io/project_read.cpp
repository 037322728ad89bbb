// The reader of project_file.h.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/io/atomic_file.h"
#include "core/io/json_reader.h"
#include "core/io/midi_file.h"
#include "core/io/project_file.h"
#include "core/io/text.h"

namespace incipit {
namespace {

constexpr int kFormat = 1;
constexpr std::size_t kMostTracks = 65535;
constexpr int kLargestPpq = 1'000'000;
constexpr std::int64_t kLargestId = std::numeric_limits<std::uint32_t>::max() - 1;

class ProjectReader {
 public:
  explicit ProjectReader(std::string_view text) : in_(text) {}
  Result<ProjectImport> read();

 private:
  void document();
  bool member(const std::string& key);
  void tracks();
  struct Read {
    Track track;
    std::vector<Note> notes;
    std::vector<TickDelta> played;  // of each note; empty where all were played as written
    std::string unknown;            // "name": value, ...
  };
  void track(Read& r);
  bool trackMember(const std::string& key, Read& r);
  void notes(Read& r);
  void lanes(Track& t);
  void regions();
  std::vector<RawEvent> raw();
  Tick tick() { return {in(0, kLastTick.count)}; }

  // The next value, brought into the range.
  std::int64_t in(std::int64_t least, std::int64_t most) {
    return std::clamp(in_.integer(), least, most);
  }
  // The next element of an array, likewise; `otherwise` where the array ends.
  std::int64_t item(std::int64_t least, std::int64_t most, std::int64_t otherwise);
  std::int64_t item(std::int64_t least, std::int64_t most);
  Tick tickItem() { return {item(0, kLastTick.count)}; }
  // Calls f() for each element of an array of arrays.
  template <typename F>
  void rows(F&& f);
  void endOfRow() {
    while (open_ && in_.nextItem()) in_.skip();
  }

  void settle();
  void renumber();
  void keepUnknown(std::string& object, const std::string& key);

  JsonReader in_;
  ProjectImport out_;
  bool isProject_ = false;
  std::int64_t format_ = 0;
  bool open_ = false;  // the row at hand has not ended
  std::vector<TempoChange> tempo_;
  std::vector<MeterChange> meter_;
  std::vector<Read> tracks_;
  std::string unknown_;  // "name": value, ...
};

std::int64_t ProjectReader::item(std::int64_t least, std::int64_t most, std::int64_t otherwise) {
  open_ = open_ && in_.nextItem();
  return open_ ? in(least, most) : otherwise;
}

std::int64_t ProjectReader::item(std::int64_t least, std::int64_t most) {
  open_ = open_ && in_.nextItem();
  if (!open_) in_.refuse("a number is missing in this list");
  return in(least, most);
}

template <typename F>
void ProjectReader::rows(F&& f) {
  in_.enterArray();
  while (in_.nextItem()) {
    in_.enterArray();
    open_ = true;
    f();
    endOfRow();
  }
}

void ProjectReader::keepUnknown(std::string& object, const std::string& key) {
  const std::string_view value = in_.skip();
  if (in_.faulty()) return;
  if (!object.empty()) object += ',';
  appendJsonString(object, key);
  object += ':';
  object += value;
}

std::vector<RawEvent> ProjectReader::raw() {
  std::vector<RawEvent> out;
  rows([&] {
    RawEvent e;
    e.at = tickItem();
    open_ = open_ && in_.nextItem();
    const std::string hex = open_ ? in_.string() : std::string();
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      std::uint8_t byte = 0;
      const auto end = std::from_chars(&hex[i], &hex[i] + 2, byte, 16);
      if (end.ec != std::errc() || end.ptr != &hex[i] + 2) in_.refuse("not hexadecimal bytes");
      e.bytes.push_back(byte);
    }
    if (e.bytes.empty() || hex.size() % 2 != 0) in_.refuse("not hexadecimal bytes");
    if (!in_.faulty()) out.push_back(std::move(e));
  });
  std::stable_sort(out.begin(), out.end(),
                   [](const RawEvent& a, const RawEvent& b) { return a.at < b.at; });
  return out;
}

void ProjectReader::notes(Read& r) {
  rows([&] {
    Note n;
    n.start = {item(0, kLastTick.count - 1)};
    n.length = {item(1, kLastTick.count)};
    n.length.count = std::min(n.length.count, kLastTick.count - n.start.count);
    n.pitch = static_cast<std::uint8_t>(item(0, 127));
    n.velocity = static_cast<std::uint8_t>(item(1, 127));
    n.id = static_cast<NoteId>(item(0, kLargestId));
    n.releaseVelocity = static_cast<std::uint8_t>(item(0, 127, 64));
    n.locked = item(0, 1, 0) != 0;
    const TickDelta played{item(-kLastTick.count, kLastTick.count, 0)};
    if (in_.faulty()) return;
    r.notes.push_back(n);
    if (played == TickDelta{0}) return;
    r.played.resize(r.notes.size());
    r.played.back() = played;
  });
}

void ProjectReader::lanes(Track& t) {
  std::string key;
  in_.enterObject();
  while (in_.nextMember(key)) {
    int controller = -1;
    std::from_chars(key.data(), key.data() + key.size(), controller);
    const bool bend = controller == kPitchBend;
    Lane lane;
    rows([&] {
      const Tick at = tickItem();
      const auto value = static_cast<int>(item(bend ? -8192 : 0, bend ? 8191 : 127));
      if (!in_.faulty()) lane.push_back({at, value});
    });
    if (controller < 0 || controller > kProgramChange || lane.empty()) continue;
    std::stable_sort(lane.begin(), lane.end(),
                     [](const ControlPoint& a, const ControlPoint& b) { return a.at < b.at; });
    t.lanes[controller] = std::make_shared<const Lane>(std::move(lane));
  }
}

bool ProjectReader::trackMember(const std::string& key, Read& r) {
  Track& t = r.track;
  if (key == "id") {
    t.id = static_cast<TrackId>(in(0, kLargestId));
  } else if (key == "name") {
    t.name = in_.string();
  } else if (key == "program") {
    t.program = static_cast<int>(in(0, 127));
  } else if (key == "channel") {
    t.channel = static_cast<int>(in(0, 15));
  } else if (key == "volume") {
    t.volume = static_cast<int>(in(0, 127));
  } else if (key == "pan") {
    t.pan = static_cast<int>(in(0, 127));
  } else if (key == "mute") {
    t.mute = in_.boolean();
  } else if (key == "solo") {
    t.solo = in_.boolean();
  } else if (key == "colour") {
    if (!parseColour(in_.string(), t.colour)) in_.refuse("not a colour");
  } else if (key == "output") {
    t.output = in_.string();
  } else if (key == "lanes") {
    lanes(t);
  } else if (key == "raw") {
    t.raw = raw();
  } else if (key == "notes") {
    notes(r);
  } else {
    return false;
  }
  return true;
}

void ProjectReader::track(Read& r) {
  std::string key;
  in_.enterObject();
  while (in_.nextMember(key)) {
    if (!trackMember(key, r)) keepUnknown(r.unknown, key);
  }
}

void ProjectReader::tracks() {
  in_.enterArray();
  while (in_.nextItem()) {
    if (in_.peek() == JsonReader::Kind::kEnd) break;
    if (tracks_.size() == kMostTracks) {
      in_.refuse("more than 65535 tracks");
      break;
    }
    track(tracks_.emplace_back());
  }
}

void ProjectReader::regions() {
  in_.enterArray();
  std::string key;
  while (in_.nextItem()) {
    GeneratedRegion r;
    bool bounded = false;
    in_.enterObject();
    while (in_.nextMember(key)) {
      if (key == "from") {
        r.range.from = tick();
      } else if (key == "to") {
        r.range.to = tick();
        bounded = true;
      } else if (key == "track") {
        r.track = static_cast<TrackId>(in(0, kLargestId));
      } else if (key == "model") {
        r.modelHash = in_.string();
      } else if (key == "settings") {
        r.settings = in_.string();
      } else if (key == "context") {
        r.context = in_.string();
      } else {
        in_.skip();
      }
    }
    if (bounded && !in_.faulty()) out_.document.regions.push_back(std::move(r));
  }
}

bool ProjectReader::member(const std::string& key) {
  Document& d = out_.document;
  const auto byte = [this](std::int64_t most) { return static_cast<int>(item(0, most)); };
  if (key == "incipit") {
    isProject_ = in_.string() == "project";
  } else if (key == "format") {
    format_ = in_.integer();
  } else if (key == "ppq") {
    d.ppq = static_cast<int>(in(1, kLargestPpq));
  } else if (key == "division") {
    d.division = static_cast<int>(in(1, kLargestPpq));
  } else if (key == "next_note") {
    d.nextNoteId = static_cast<NoteId>(in(1, kLargestId + 1));
  } else if (key == "next_track") {
    d.nextTrackId = static_cast<TrackId>(in(1, kLargestId + 1));
  } else if (key == "tempo") {
    rows([&] { tempo_.push_back({tickItem(), static_cast<std::uint32_t>(item(1, 0xFFFFFF))}); });
  } else if (key == "meter") {
    rows([&] {
      const Tick at = tickItem();
      const int numerator = byte(255);
      const auto denominator = static_cast<int>(item(1, 1 << 30));
      const int clocks = byte(255);
      meter_.push_back({at, numerator, denominator, clocks, byte(255)});
    });
  } else if (key == "keys") {
    rows([&] {
      const Tick at = tickItem();
      const auto sharps = static_cast<int>(item(-7, 7));
      d.keys.push_back({at, sharps, item(0, 1) != 0});
    });
  } else if (key == "markers") {
    rows([&] {
      const Tick at = tickItem();
      open_ = open_ && in_.nextItem();
      if (open_) d.markers.push_back({at, in_.string()});
    });
  } else if (key == "raw") {
    d.raw = raw();
  } else if (key == "regions") {
    regions();
  } else if (key == "tracks") {
    tracks();
  } else {
    return false;
  }
  return true;
}

void ProjectReader::document() {
  std::string key;
  in_.enterObject();
  while (in_.nextMember(key)) {
    if (!member(key)) keepUnknown(unknown_, key);
    if (format_ > kFormat) return;
  }
}

// Gives every note (or track) an id of its own where two share one or one has none.
void ProjectReader::renumber() {
  std::vector<NoteId> ids;
  std::vector<TrackId> trackIds;
  for (const Read& r : tracks_) {
    trackIds.push_back(r.track.id);
    for (const Note& n : r.notes) ids.push_back(n.id);
  }
  const auto unsound = [](auto& all) {
    std::sort(all.begin(), all.end());
    return (!all.empty() && all.front() == 0) ||
           std::adjacent_find(all.begin(), all.end()) != all.end();
  };
  Document& d = out_.document;
  const bool newIds = unsound(ids);
  const bool newTrackIds = unsound(trackIds);
  d.nextNoteId = newIds || ids.empty() ? std::max<NoteId>(1, newIds ? 1 : d.nextNoteId)
                                       : std::max(d.nextNoteId, ids.back() + 1);
  d.nextTrackId = newTrackIds || trackIds.empty()
                      ? std::max<TrackId>(1, newTrackIds ? 1 : d.nextTrackId)
                      : std::max(d.nextTrackId, trackIds.back() + 1);
  for (Read& r : tracks_) {
    if (newTrackIds) r.track.id = d.nextTrackId++;
    for (Note& n : r.notes) {
      if (newIds) n.id = d.nextNoteId++;
    }
  }
}

// Makes a sound document of what was read, whether or not that was all.
void ProjectReader::settle() {
  Document& d = out_.document;
  const auto earlier = [](const auto& a, const auto& b) { return a.at < b.at; };
  if (d.division > d.ppq || d.ppq % d.division != 0) d.division = d.ppq;
  d.tempo = TempoMap(d.ppq, std::move(tempo_));
  d.meter = MeterMap(d.ppq, std::move(meter_));
  std::stable_sort(d.keys.begin(), d.keys.end(), earlier);
  std::stable_sort(d.markers.begin(), d.markers.end(), earlier);
  renumber();
  std::string unknownTracks;
  for (Read& r : tracks_) {
    if (!r.unknown.empty()) {
      if (!unknownTracks.empty()) unknownTracks += ',';
      unknownTracks += "{\"id\":" + std::to_string(r.track.id) + ',' + r.unknown + '}';
    }
    std::map<NoteId, TickDelta> played;
    for (std::size_t i = 0; i < r.played.size(); ++i) {
      if (r.played[i] != TickDelta{0}) played.emplace(r.notes[i].id, r.played[i]);
    }
    if (!played.empty()) {
      r.track.played = std::make_shared<const std::map<NoteId, TickDelta>>(std::move(played));
    }
    r.track.notes = NoteList(std::move(r.notes));
    d.tracks.push_back(std::make_shared<const Track>(std::move(r.track)));
  }
  if (!unknownTracks.empty()) {
    if (!unknown_.empty()) unknown_ += ',';
    unknown_ += "\"tracks\":[" + unknownTracks + ']';
  }
  if (!unknown_.empty()) d.unknownFields = '{' + unknown_ + '}';
}

Result<ProjectImport> ProjectReader::read() {
  document();
  if (format_ > kFormat) {
    return fail("made by a newer Incipit (format " + std::to_string(format_) +
                ", this one reads 1); install the newer version to open it");
  }
  if (!isProject_ && format_ == 0) {
    return fail("not an Incipit project (byte " + std::to_string(in_.byte()) + ": " +
                (in_.faulty() ? in_.fault() : "no \"format\"") + ")");
  }
  if (in_.faulty()) {
    out_.faults.push_back({in_.byte(), in_.fault() + "; what follows is lost"});
  } else if (!in_.atEnd()) {
    out_.faults.push_back({in_.byte(), "something follows the end of the project; it was ignored"});
  }
  settle();
  return std::move(out_);
}

}  // namespace

Result<ProjectImport> readProject(std::string_view json) { return ProjectReader(json).read(); }

Result<ProjectImport> readProjectFile(const std::filesystem::path& file) {
  const Result<std::vector<std::uint8_t>> bytes = readFile(file);
  if (!bytes) return tl::unexpected(bytes.error());
  Result<ProjectImport> out =
      readProject({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  if (!out) return fail(file.string() + ": " + out.error().message);
  return out;
}

}  // namespace incipit
