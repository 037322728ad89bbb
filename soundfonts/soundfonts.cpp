#include "soundfonts/soundfonts.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>

#include "core/compose/paths.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kPresetRecord = 38;  // bytes of a phdr record
constexpr std::size_t kSampleRecord = 46;  // of a shdr record
constexpr int kDrumBank = 128;
constexpr std::uint16_t kVorbisSample = 0x10;  // in sfSampleType, as SF3 marks it

std::uint32_t littleEndian(const char* p, int bytes) {
  std::uint32_t v = 0;
  for (int i = bytes - 1; i >= 0; --i) v = v << 8U | static_cast<unsigned char>(p[i]);
  return v;
}

struct Chunk {
  std::array<char, 4> id{};
  std::uint64_t at = 0;  // of the data
  std::uint64_t size = 0;
  bool is(const char* name) const { return std::memcmp(id.data(), name, 4) == 0; }
};

class Reader {
 public:
  Reader(const fs::path& file, std::uint64_t size)
      : in_(file, std::ios::binary), size_(size), file_(file.string()) {}

  bool open() const { return in_.is_open(); }

  std::optional<std::string> bytes(std::uint64_t at, std::uint64_t count) {
    if (at > size_ || count > size_ - at) return std::nullopt;
    std::string data(count, '\0');
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(at));
    in_.read(data.data(), static_cast<std::streamsize>(count));
    if (static_cast<std::uint64_t>(in_.gcount()) != count) return std::nullopt;
    return data;
  }

  Result<Chunk> chunk(std::uint64_t at) {
    const auto header = bytes(at, 8);
    if (!header) return broken(at);
    Chunk c;
    std::memcpy(c.id.data(), header->data(), 4);
    c.at = at + 8;
    c.size = littleEndian(header->data() + 4, 4);
    if (c.size > size_ - c.at) return broken(at);
    return c;
  }

  // Where the next chunk begins: RIFF pads odd ones with a zero, but the SF3 writers do not.
  std::uint64_t after(const Chunk& c) {
    const std::uint64_t end = c.at + c.size;
    if (c.size % 2 == 0) return end;
    const auto next = bytes(end, 1);
    return next && next->front() == '\0' ? end + 1 : end;
  }

  tl::unexpected<Error> broken(std::uint64_t at) const {
    return fail(file_ + ": the soundfont is cut short or damaged at byte " + std::to_string(at) +
                "; install it again or choose another");
  }

 private:
  std::ifstream in_;
  std::uint64_t size_;
  std::string file_;
};

// The chunks of INFO and pdta that say what is in the file.
struct Headers {
  std::optional<Chunk> name, presets, samples;
  bool audio = false;
};

Result<Headers> readHeaders(Reader& in, const Chunk& riff) {
  Headers found;
  const std::uint64_t riffEnd = riff.at + riff.size;
  for (std::uint64_t at = riff.at + 4; at + 8 <= riffEnd;) {
    const auto list = in.chunk(at);
    if (!list) return tl::unexpected(list.error());
    at = in.after(*list);
    if (!list->is("LIST") || list->size < 4) continue;
    const std::uint64_t listEnd = list->at + list->size;
    for (std::uint64_t inner = list->at + 4; inner + 8 <= listEnd;) {
      const auto c = in.chunk(inner);
      if (!c) return tl::unexpected(c.error());
      if (c->is("INAM")) found.name = *c;
      if (c->is("phdr")) found.presets = *c;
      if (c->is("shdr")) found.samples = *c;
      if (c->is("smpl")) found.audio = c->size > 0;
      inner = in.after(*c);
    }
  }
  return found;
}

// Smaller is better.
int rank(const SoundfontInfo& f) {
  const std::string file = f.path.filename().string();
  if (file == kBuiltinSoundfont) return 3;
  const std::string text = f.name + " " + file;
  if (text.find("MuseScore") != std::string::npos) return 0;
  if (text.find("TimGM6mb") != std::string::npos) return 1;
  return 2;
}

}  // namespace

Result<SoundfontInfo> inspectSoundfont(const fs::path& file) {
  std::error_code error;
  const bool regular = fs::is_regular_file(file, error);
  const std::uintmax_t size = regular ? fs::file_size(file, error) : 0;
  if (error) return fail(file.string() + ": cannot read the soundfont: " + error.message());
  if (!regular) return fail(file.string() + ": is not a file; choose a .sf2 or .sf3 soundfont");
  Reader in(file, size);
  if (!in.open()) return fail(file.string() + ": cannot open the soundfont; check its permissions");

  const auto head = in.bytes(0, 12);
  if (!head || head->compare(0, 4, "RIFF") != 0 || head->compare(8, 4, "sfbk") != 0) {
    return fail(file.string() + ": is not a soundfont (no RIFF sfbk at byte 0); choose another");
  }
  const auto riff = in.chunk(0);
  if (!riff) return tl::unexpected(riff.error());
  const auto headers = readHeaders(in, *riff);
  if (!headers) return tl::unexpected(headers.error());
  if (!headers->audio || !headers->presets || !headers->samples) {
    return fail(file.string() + ": the soundfont has no " +
                (!headers->audio     ? "samples"
                 : !headers->presets ? "presets"
                                     : "sample headers") +
                "; choose another");
  }

  SoundfontInfo info;
  info.path = file;
  info.bytes = static_cast<std::int64_t>(size);
  if (headers->name) {
    info.name = in.bytes(headers->name->at, headers->name->size).value_or("");
    info.name = info.name.substr(0, info.name.find('\0'));
  }
  if (info.name.empty()) info.name = file.stem().string();

  const auto presets = in.bytes(headers->presets->at, headers->presets->size);
  const auto samples = in.bytes(headers->samples->at, headers->samples->size);
  if (!presets || !samples) return in.broken(headers->presets->at);
  // The last record of each list only marks its end.
  for (std::size_t i = 0; i + 2 * kPresetRecord <= presets->size(); i += kPresetRecord) {
    ++info.presets;
    if (littleEndian(presets->data() + i + 22, 2) == kDrumBank) info.drums = true;
  }
  if (info.presets == 0)
    return fail(file.string() + ": the soundfont has no presets; choose another");
  for (std::size_t i = 0; i + 2 * kSampleRecord <= samples->size(); i += kSampleRecord) {
    if ((littleEndian(samples->data() + i + 44, 2) & kVorbisSample) != 0) info.compressed = true;
  }
  return info;
}

std::vector<fs::path> soundfontFolders() {
  const fs::path data = dataFolder();  // ends in /incipit
  return {data / "soundfonts",
          data.parent_path() / "soundfonts",
          data.parent_path() / "sounds/sf2",
          data.parent_path() / "sounds/sf3",
          "/usr/local/share/sounds/sf3",
          "/usr/local/share/sounds/sf2",
          "/usr/local/share/soundfonts",
          "/usr/share/sounds/sf3",
          "/usr/share/sounds/sf2",
          "/usr/share/soundfonts",
          programFolder() / "../share/incipit/soundfonts"};
}

std::vector<SoundfontInfo> findSoundfonts() { return findSoundfonts(soundfontFolders()); }

std::vector<SoundfontInfo> findSoundfonts(const std::vector<fs::path>& folders) {
  std::vector<SoundfontInfo> found;
  std::set<fs::path> seen;
  for (const fs::path& folder : folders) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      std::string ending = entry.path().extension().string();
      std::transform(ending.begin(), ending.end(), ending.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if (ending != ".sf2" && ending != ".sf3") continue;
      const fs::path real = fs::canonical(entry.path(), error);
      if (error || !seen.insert(real).second) continue;
      if (auto info = inspectSoundfont(real)) found.push_back(std::move(*info));
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const SoundfontInfo& a, const SoundfontInfo& b) {
    const int ra = rank(a);
    const int rb = rank(b);
    return ra != rb ? ra < rb : a.path.filename() < b.path.filename();
  });
  return found;
}

}  // namespace incipit
