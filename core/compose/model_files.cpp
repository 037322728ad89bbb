#include "core/compose/model_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/compose/catalogue.h"
#include "core/compose/run_history.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

constexpr const char* kEnding = ".safetensors";

fs::path beside(const fs::path& out, const std::string& ending) {
  fs::path p = out;
  return p.replace_filename(out.stem().string() + ending);
}

bool isThere(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

// FIRST.2-of-3.safetensors and so on, of any checkpoint file.
std::vector<fs::path> shardsOf(const fs::path& first) {
  std::vector<fs::path> out;
  const std::string start = first.stem().string() + ".";
  std::error_code error;
  fs::directory_iterator it(first.parent_path().empty() ? "." : first.parent_path(), error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with(start) || !name.ends_with(kEnding)) continue;
    const std::string middle =
        name.substr(start.size(), name.size() - std::min(name.size(), start.size() + 12));
    const std::size_t of = middle.find("-of-");
    if (of == std::string::npos || of == 0 ||
        middle.find_first_not_of("0123456789-of") != std::string::npos) {
      continue;
    }
    out.push_back(it->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string reason(const std::error_code& error) { return error.message(); }

// The files one after another; undoes what was done where one fails.
template <typename Do, typename Undo>
Result<void> each(const std::vector<std::pair<fs::path, fs::path>>& pairs, Do act, Undo undo) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    std::error_code error;
    act(pairs[i].first, pairs[i].second, error);
    if (!error) continue;
    for (std::size_t k = i; k-- > 0;) undo(pairs[k].first, pairs[k].second);
    return fail(fmt::format("{}: {}", pairs[i].second.string(), reason(error)));
  }
  return {};
}

// Each file with its place under another name; fails where one is taken.
Result<std::vector<std::pair<fs::path, fs::path>>> renamed(const std::vector<fs::path>& files,
                                                           const std::string& stem,
                                                           const fs::path& folder,
                                                           const std::string& name) {
  if (name.empty() || name != modelName(name)) {
    return fail(
        fmt::format("\"{}\" is no name for a model: use letters, digits and signs "
                    "without / and \\",
                    name));
  }
  std::vector<std::pair<fs::path, fs::path>> pairs;
  for (const fs::path& file : files) {
    const fs::path to = folder / (name + file.filename().string().substr(stem.size()));
    if (isThere(to)) {
      return fail(fmt::format("{}: there is a file of this name: choose another", to.string()));
    }
    pairs.emplace_back(file, to);
  }
  return pairs;
}

}  // namespace

fs::path lastPath(const fs::path& out) { return beside(out, ".last.safetensors"); }
fs::path statePath(const fs::path& out) { return beside(out, ".last.state.safetensors"); }
fs::path cardPath(const fs::path& out) { return beside(out, ".md"); }

std::vector<fs::path> modelFiles(const fs::path& checkpoint) {
  std::vector<fs::path> out;
  for (const fs::path& first : {checkpoint, lastPath(checkpoint), statePath(checkpoint)}) {
    if (!isThere(first)) continue;
    out.push_back(first);
    for (const fs::path& shard : shardsOf(first)) out.push_back(shard);
  }
  for (const fs::path& other : {historyPath(checkpoint), cardPath(checkpoint)}) {
    if (isThere(other)) out.push_back(other);
  }
  return out;
}

Result<fs::path> copyModel(const fs::path& checkpoint, const fs::path& folder,
                           const std::string& name) {
  if (const auto info = readCheckpointInfo(checkpoint); !info) return fail(info.error().message);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(fmt::format("{}: {}", folder.string(), reason(error)));
  std::vector<fs::path> files = shardsOf(checkpoint);
  files.insert(files.begin(), checkpoint);
  if (isThere(cardPath(checkpoint))) files.push_back(cardPath(checkpoint));
  auto pairs = renamed(files, checkpoint.stem().string(), folder, name);
  if (!pairs) return fail(pairs.error().message);
  const auto remove = [](const fs::path& /*from*/, const fs::path& to) {
    std::error_code ignored;
    fs::remove(to, ignored);
  };
  const auto copied = each(
      *pairs,
      [&](const fs::path& from, const fs::path& to, std::error_code& e) {
        fs::copy_file(from, to, e);
        if (e) remove(from, to);
      },
      remove);
  if (!copied) return fail(copied.error().message);
  return pairs->front().second;
}

Result<fs::path> renameModel(const fs::path& checkpoint, const std::string& name) {
  const std::vector<fs::path> files = modelFiles(checkpoint);
  if (files.empty() || files.front() != checkpoint) {
    return fail(fmt::format("{}: is not there", checkpoint.string()));
  }
  auto pairs = renamed(files, checkpoint.stem().string(), checkpoint.parent_path(), name);
  if (!pairs) return fail(pairs.error().message);
  const auto done = each(
      *pairs,
      [](const fs::path& from, const fs::path& to, std::error_code& e) { fs::rename(from, to, e); },
      [](const fs::path& from, const fs::path& to) {
        std::error_code ignored;
        fs::rename(to, from, ignored);
      });
  if (!done) return fail(done.error().message);
  return pairs->front().second;
}

std::string modelName(const std::string& text) {
  std::string out = text;
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 32; }, '-');
  while (!out.empty() && (out.front() == ' ' || out.front() == '.')) out.erase(0, 1);
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace incipit
