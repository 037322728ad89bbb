#include "core/corpus/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace incipit {
namespace {

Result<ManifestEntry> entryOf(const std::string& line) {
  const auto j = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!j.is_object()) return fail("not a JSON object");
  ManifestEntry e;
  try {
    e.file = j.at("file").get<std::string>();
    const auto split = splitNamed(j.at("split").get<std::string>());
    if (!split) return fail(split.error().message);
    e.split = *split;
    e.set = j.value("set", std::string());
    e.licence = j.value("license", std::string());
    const auto composer = j.find("composer");
    if (composer != j.end() && composer->is_string()) e.composer = composer->get<std::string>();
    e.ship = j.value("ship", false);
  } catch (const nlohmann::json::exception& error) {
    return fail(error.what());
  }
  const std::filesystem::path path(e.file);
  const bool climbs =
      std::any_of(path.begin(), path.end(), [](const auto& p) { return p == ".."; });
  if (path.empty() || path.is_absolute() || climbs) {
    return fail("\"file\" must be a path inside the folder");
  }
  return e;
}

}  // namespace

Result<std::vector<ManifestEntry>> readManifest(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return fail(fmt::format("{}: cannot be read", file.string()));
  std::vector<ManifestEntry> out;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto entry = entryOf(line);
    if (!entry) {
      return fail(fmt::format("{}: line {}: {}", file.string(), number, entry.error().message));
    }
    out.push_back(std::move(*entry));
  }
  return out;
}

}  // namespace incipit
