#include "core/corpus/corpus_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <system_error>
#include <utility>

#include "core/io/atomic_file.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

std::string lowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool isMidiName(const std::string& name) {
  const std::string lower = lowerCase(name);
  return lower.ends_with(".mid") || lower.ends_with(".midi");
}

bool isArchiveName(const std::string& name) { return lowerCase(name).ends_with(".zip"); }

// What resource forks of another system leave in archives.
bool isLeftover(const std::string& name) {
  return name.starts_with("__MACOSX/") || name.find("/._") != std::string::npos ||
         name.starts_with("._");
}

// "a.zip/b.mid" as archive and entry, where the first is a file of the folder.
std::optional<std::pair<std::string, std::string>> inArchive(const fs::path& folder,
                                                             const std::string& name) {
  const std::string lower = lowerCase(name);
  constexpr std::string_view kEnd = ".zip/";
  for (std::size_t at = lower.find(kEnd); at != std::string::npos; at = lower.find(kEnd, at + 1)) {
    const std::size_t slash = at + kEnd.size() - 1;
    std::error_code ignored;
    if (fs::is_regular_file(folder / name.substr(0, slash), ignored)) {
      return std::pair(name.substr(0, slash), name.substr(slash + 1));
    }
  }
  return std::nullopt;
}

bool staysInside(const fs::path& path) {
  return path.is_relative() &&
         std::none_of(path.begin(), path.end(), [](const fs::path& p) { return p == ".."; });
}

}  // namespace

Result<std::shared_ptr<const CorpusFiles::Entries>> CorpusFiles::entriesOf(
    const std::string& archive) const {
  const std::scoped_lock lock(mutex_);
  auto& known = archives_[archive];
  if (known == nullptr) {
    auto listed = readZipDirectory(folder_ / archive);
    if (!listed) return tl::unexpected(listed.error());
    auto entries = std::make_shared<Entries>();
    for (ZipEntry& e : *listed) {
      if (!isMidiName(e.name) || isLeftover(e.name)) continue;
      std::string name = e.name;
      entries->try_emplace(std::move(name), std::move(e));
    }
    known = std::move(entries);
  }
  return known;
}

Result<std::vector<std::string>> CorpusFiles::list() const {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator it(folder_, fs::directory_options::skip_permission_denied,
                                      error);
  if (error)
    return fail(fmt::format("{}: cannot read the folder: {}", folder_.string(), error.message()));
  for (; it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (error) return fail(fmt::format("{}: {}", folder_.string(), error.message()));
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    const std::string name = fs::relative(it->path(), folder_, ignored).generic_string();
    if (isMidiName(name)) names.push_back(name);
    if (!isArchiveName(name)) continue;
    const auto entries = entriesOf(name);
    if (!entries) names.push_back(name);
    for (const auto& [entry, where] : entries ? **entries : Entries{}) {
      names.push_back(name + "/" + entry);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<std::uint8_t>> CorpusFiles::read(const std::string& name) const {
  const auto place = inArchive(folder_, name);
  if (!place) {
    if (isArchiveName(name)) {
      if (const auto entries = entriesOf(name); !entries) return tl::unexpected(entries.error());
    }
    return readFile(folder_ / name);
  }
  const auto entries = entriesOf(place->first);
  if (!entries) return tl::unexpected(entries.error());
  const auto entry = (*entries)->find(place->second);
  if (entry == (*entries)->end()) {
    return fail(fmt::format("{}: is not in the archive", (folder_ / name).string()));
  }
  if (!staysInside(place->second)) {
    return fail(fmt::format("{}: its name leads out of the archive", (folder_ / name).string()));
  }
  return readZipEntry(folder_ / place->first, entry->second);
}

Result<MidiImport> CorpusFiles::readMidi(const std::string& name) const {
  const auto bytes = read(name);
  if (!bytes) return tl::unexpected(bytes.error());
  auto import = incipit::readMidi(*bytes);
  if (!import) return fail((folder_ / name).string() + ": " + import.error().message);
  return import;
}

}  // namespace incipit
