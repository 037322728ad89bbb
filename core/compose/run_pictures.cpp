#include "core/compose/run_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace incipit {
namespace fs = std::filesystem;

fs::path runPicturesFolder(const fs::path& out) {
  fs::path p = out;
  return p.replace_filename(out.stem().string() + ".pictures");
}

fs::path runPictureFile(const fs::path& out, int epoch) {
  return runPicturesFolder(out) / fmt::format("{:04}.png", epoch);
}

std::vector<RunPicture> runPictures(const fs::path& out) {
  std::vector<RunPicture> found;
  std::error_code error;
  fs::directory_iterator it(runPicturesFolder(out), error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    const std::string stem = it->path().stem().string();
    int epoch = 0;
    const auto read = std::from_chars(stem.data(), stem.data() + stem.size(), epoch);
    const bool whole = read.ec == std::errc() && read.ptr == stem.data() + stem.size();
    if (whole && epoch > 0 && it->path().extension() == ".png") {
      found.push_back({epoch, it->path()});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const RunPicture& a, const RunPicture& b) { return a.epoch < b.epoch; });
  return found;
}

}  // namespace incipit
