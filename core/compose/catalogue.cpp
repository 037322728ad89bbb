#include "core/compose/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <system_error>

#include "core/compose/safetensors_header.h"
#include "core/corpus/sha256.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

std::string valueOf(const std::map<std::string, std::string>& m, const char* key) {
  const auto found = m.find(key);
  return found == m.end() ? std::string() : found->second;
}

bool endsWith(const std::string& s, std::string_view tail) {
  return s.size() >= tail.size() && s.compare(s.size() - tail.size(), tail.size(), tail) == 0;
}

// What training keeps beside a checkpoint and nobody composes with: its state, further shards, and
// the last weights where the best are there.
bool isCompanion(const fs::path& file) {
  constexpr std::string_view kLast = ".last.safetensors";
  const std::string name = file.filename().string();
  if (endsWith(name, ".state.safetensors")) return true;
  if (endsWith(name, kLast)) {
    std::error_code ignored;
    const std::string stem = name.substr(0, name.size() - kLast.size());
    return fs::exists(file.parent_path() / (stem + ".safetensors"), ignored);
  }
  const std::string stem = file.stem().string();
  const std::size_t dot = stem.rfind('.');
  return dot != std::string::npos && stem.find("-of-", dot) != std::string::npos;
}

}  // namespace

Result<CheckpointInfo> readCheckpointInfo(const fs::path& file) {
  auto header = readSafetensorsHeader(file);
  if (!header) return fail(header.error().message);
  CheckpointInfo info;
  info.metadata = std::move(header->metadata);
  if (valueOf(info.metadata, "format") != kCheckpointFormat) {
    return fail(fmt::format("{}: is not a checkpoint of Incipit", file.string()));
  }
  info.path = file;
  info.family = valueOf(info.metadata, "family");
  info.preset = valueOf(info.metadata, "preset");
  if (info.family.empty()) {
    return fail(fmt::format("{}: its metadata names no family", file.string()));
  }
  info.title = valueOf(info.metadata, "title");
  if (info.title.empty()) info.title = file.stem().string();
  info.bytes = static_cast<std::int64_t>(header->fileBytes);
  for (const TensorEntry& t : header->tensors) info.parameters += t.elements();
  int shards = 1;
  try {
    if (const std::string n = valueOf(info.metadata, "shards"); !n.empty()) shards = std::stoi(n);
  } catch (const std::exception&) {
    return fail(fmt::format("{}: its number of shards is damaged", file.string()));
  }
  for (int i = 2; i <= shards; ++i) {
    auto part = readSafetensorsHeader(shardPath(file, i, shards));
    if (!part) return fail(part.error().message);
    info.bytes += static_cast<std::int64_t>(part->fileBytes);
    for (const TensorEntry& t : part->tensors) info.parameters += t.elements();
  }
  return info;
}

Catalogue listModels(const std::vector<fs::path>& folders) {
  Catalogue out;
  std::set<std::string> names;
  for (const fs::path& folder : folders) {
    if (folder.empty()) continue;
    std::vector<fs::path> files;
    std::error_code error;
    fs::directory_iterator it(folder, error);
    for (; !error && it != fs::directory_iterator(); it.increment(error)) {
      const fs::path& p = it->path();
      if (p.extension() == ".safetensors" && !isCompanion(p)) files.push_back(p);
    }
    std::sort(files.begin(), files.end());
    const std::size_t first = out.models.size();
    for (const fs::path& p : files) {
      if (!names.insert(p.filename().string()).second) continue;
      auto info = readCheckpointInfo(p);
      if (info) {
        out.models.push_back(std::move(*info));
      } else {
        out.problems.push_back(info.error().message);
      }
    }
    std::stable_sort(out.models.begin() + static_cast<std::ptrdiff_t>(first), out.models.end(),
                     [](const CheckpointInfo& a, const CheckpointInfo& b) {
                       const auto place = [](const CheckpointInfo& m) {
                         return std::pair(m.path.filename() != kDefaultModel, m.title);
                       };
                       return place(a) < place(b);
                     });
  }
  return out;
}

Result<std::string> fileSha256(const fs::path& file) {
  std::error_code error;
  std::ifstream in(file, std::ios::binary);
  if (!in || fs::is_directory(file, error)) {
    return fail(fmt::format("{}: cannot be read", file.string()));
  }
  Sha256 hash;
  std::array<char, 65536> buffer{};
  while (in.good()) {
    in.read(buffer.data(), buffer.size());
    hash.update(std::string_view(buffer.data(), static_cast<std::size_t>(in.gcount())));
  }
  if (in.bad()) return fail(fmt::format("{}: cannot be read", file.string()));
  return hash.hex();
}

Result<fs::path> findModel(const Catalogue& catalogue, const std::string& sha256) {
  for (const CheckpointInfo& m : catalogue.models) {
    if (const auto hash = fileSha256(m.path); hash && *hash == sha256) return m.path;
  }
  return fail("the model that made it is not installed: SHA-256 " + sha256);
}

}  // namespace incipit
