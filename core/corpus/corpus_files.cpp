#include "core/corpus/corpus_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <system_error>

namespace incipit {
namespace fs = std::filesystem;
namespace {

std::string lowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

Result<std::vector<std::string>> listMidiFiles(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
  if (error)
    return fail(fmt::format("{}: cannot read the folder: {}", folder.string(), error.message()));
  for (; it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (error) return fail(fmt::format("{}: {}", folder.string(), error.message()));
    const std::string extension = lowerCase(it->path().extension().string());
    std::error_code ignored;
    if ((extension != ".mid" && extension != ".midi") || !it->is_regular_file(ignored)) continue;
    names.push_back(fs::relative(it->path(), folder, ignored).generic_string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace incipit
