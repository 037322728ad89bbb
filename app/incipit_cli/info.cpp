// info: what is in a piece, a checkpoint or a soundfont, told by content.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "app/incipit_cli/support.h"
#include "core/compose/request_json.h"
#include "core/theory/scale.h"
#include "soundfonts/soundfonts.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

enum class Kind { kPiece, kCheckpoint, kSoundfont };

Kind kindOf(const fs::path& file) {
  std::array<char, 16> head{};
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), head.size());
  const std::string_view bytes(head.data(), static_cast<std::size_t>(in.gcount()));
  if (bytes.starts_with("RIFF") && bytes.substr(8).starts_with("sfbk")) return Kind::kSoundfont;
  // A safetensors file: eight bytes of length, then JSON.
  if (bytes.size() > 8 && bytes[8] == '{' && bytes[0] != '{') return Kind::kCheckpoint;
  return file.extension() == ".safetensors" ? Kind::kCheckpoint : Kind::kPiece;
}

std::string meters(const Document& d) {
  std::string text;
  constexpr std::size_t kMost = 4;
  for (std::size_t i = 0; i < std::min(d.meter.changes().size(), kMost); ++i) {
    const MeterChange& m = d.meter.changes()[i];
    text += fmt::format("{}{}/{}", i > 0 ? ", " : "", m.numerator, m.denominator);
  }
  return d.meter.changes().size() > kMost ? text + " ..." : text;
}

std::string tempos(const Document& d) {
  const auto& all = d.tempo.changes();
  const auto [slow, fast] = std::minmax_element(
      all.begin(), all.end(),
      [](const auto& a, const auto& b) { return a.microsPerQuarter > b.microsPerQuarter; });
  if (all.size() == 1) return fmt::format("{:.4g} bpm", all.front().bpm());
  return fmt::format("{} changes, {:.4g} to {:.4g} bpm", all.size(), slow->bpm(), fast->bpm());
}

void showTracks(Console& console, const Document& d) {
  for (std::size_t i = 0; i < d.tracks.size(); ++i) {
    const Track& t = *d.tracks[i];
    const char* instrument = t.channel == kDrumChannel ? "Drums" : generalMidiName(t.program);
    int low = kHighestPitch;
    int high = kLowestPitch;
    for (const Note& n : t.notes) {
      low = std::min<int>(low, n.pitch);
      high = std::max<int>(high, n.pitch);
    }
    const std::string range =
        t.notes.empty() ? "" : fmt::format("{}-{}", pitchName(low), pitchName(high));
    console.result({{"event", "track"},
                    {"track", i + 1},
                    {"name", t.name},
                    {"instrument", instrument},
                    {"channel", t.channel + 1},
                    {"notes", t.notes.size()},
                    {"lanes", t.lanes.size()}},
                   fmt::format("  track {:>2}  {:<24} {:<24} channel {:>2}  {:>8} notes  {}", i + 1,
                               t.name, instrument, t.channel + 1,
                               grouped(static_cast<std::int64_t>(t.notes.size())), range));
  }
}

int infoOfPiece(Console& console, const fs::path& file) {
  const auto document = readPiece(file, console);
  if (!document) return console.error(document.error());
  const Document& d = **document;
  std::vector<Note> melodic;
  for (const TrackPtr& t : d.tracks) {
    if (t->channel == kDrumChannel) continue;
    melodic.insert(melodic.end(), t->notes.begin(), t->notes.end());
  }
  const Tick end = d.end();
  const std::int64_t bars = end.count == 0 ? 0 : d.meter.barBeat(end - TickDelta{1}).bar + 1;
  const std::string key = melodic.empty() ? "none" : scaleName(estimateKey(melodic));
  console.result(
      {{"event", "piece"},
       {"file", file.string()},
       {"notes", d.noteCount()},
       {"tracks", d.tracks.size()},
       {"bars", bars},
       {"seconds", d.tempo.seconds(end)},
       {"ppq", d.ppq},
       {"division", d.division},
       {"estimated_key", key},
       {"regions", d.regions.size()}},
      fmt::format("{}: {} notes in {} tracks, {} bars, {}\n  meter {}, tempo {}, key {} "
                  "(estimated), {} ticks a quarter",
                  file.string(), grouped(static_cast<std::int64_t>(d.noteCount())), d.tracks.size(),
                  bars, duration(d.tempo.seconds(end)), meters(d), tempos(d), key, d.division));
  showTracks(console, d);
  for (const GeneratedRegion& r : d.regions) {
    const BarBeat from = d.meter.barBeat(r.range.from);
    const BarBeat to = d.meter.barBeat(std::max(r.range.from, r.range.to - TickDelta{1}));
    const auto settings = Json::parse(r.settings, nullptr, /*allow_exceptions=*/false);
    console.result(
        {{"event", "region"},
         {"from_bar", from.bar + 1},
         {"to_bar", to.bar + 1},
         {"model_sha256", r.modelHash},
         {"settings", settings}},
        fmt::format("  generated bars {} to {} with {}", from.bar + 1, to.bar + 1, r.settings));
  }
  return kDone;
}

int infoOfCheckpoint(Console& console, const fs::path& file) {
  const auto info = readCheckpointInfo(file);
  if (!info) return console.error(info.error());
  const auto hash = fileSha256(file);
  if (!hash) return console.error(hash.error());
  console.result({{"event", "checkpoint"},
                  {"file", file.string()},
                  {"title", info->title},
                  {"family", info->family},
                  {"preset", info->preset},
                  {"parameters", info->parameters},
                  {"bytes", info->bytes},
                  {"sha256", *hash},
                  {"metadata", info->metadata}},
                 fmt::format("{}: {}\n  {} ({}), {} parameters, {}\n  SHA-256 {}", file.string(),
                             info->title, info->family, info->preset, grouped(info->parameters),
                             byteSize(info->bytes), *hash));
  constexpr std::size_t kLongest = 72;
  for (const auto& [key, value] : info->metadata) {
    if (key == "title" || key == "family" || key == "preset") continue;
    console.text(fmt::format("  {:<16} {}{}", key, value.substr(0, kLongest),
                             value.size() > kLongest ? " ..." : ""));
  }
  return kDone;
}

int infoOfSoundfont(Console& console, const fs::path& file) {
  const auto info = inspectSoundfont(file);
  if (!info) return console.error(info.error());
  console.result({{"event", "soundfont"},
                  {"file", file.string()},
                  {"name", info->name},
                  {"presets", info->presets},
                  {"compressed", info->compressed},
                  {"drums", info->drums},
                  {"bytes", info->bytes}},
                 fmt::format("{}: {}\n  {}, {} presets{}, {}", file.string(), info->name,
                             info->compressed ? "SF3" : "SF2", info->presets,
                             info->drums ? " with drums" : "", byteSize(info->bytes)));
  return kDone;
}

}  // namespace

Verb addInfo(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  CLI::App* c = app.add_subcommand("info", "What is in a piece, a checkpoint or a soundfont");
  c->add_option("FILE", *file, ".mid, .incipit, .safetensors, .sf2 or .sf3")->required();
  return {c, [file](Context& context) {
            switch (kindOf(*file)) {
              case Kind::kCheckpoint:
                return infoOfCheckpoint(context.console, *file);
              case Kind::kSoundfont:
                return infoOfSoundfont(context.console, *file);
              default:
                return infoOfPiece(context.console, *file);
            }
          }};
}

}  // namespace incipit
