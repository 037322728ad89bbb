#include "core/compose/paths.h"

#include <cstdlib>
#include <system_error>

namespace incipit {
namespace fs = std::filesystem;
namespace {

fs::path xdg(const char* variable, const char* underHome) {
  // The specification: a relative path is invalid and ignored.
  if (const char* v = std::getenv(variable); v != nullptr && v[0] == '/')
    return fs::path(v) / "incipit";
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr && home[0] == '/' ? home : "/tmp") / underHome / "incipit";
}

fs::path firstExisting(std::initializer_list<fs::path> candidates) {
  std::error_code ignored;
  for (const fs::path& p : candidates) {
    if (fs::exists(p, ignored)) return p;
  }
  return {};
}

}  // namespace

fs::path configFolder() { return xdg("XDG_CONFIG_HOME", ".config"); }
fs::path dataFolder() { return xdg("XDG_DATA_HOME", ".local/share"); }
fs::path cacheFolder() { return xdg("XDG_CACHE_HOME", ".cache"); }
fs::path stateFolder() { return xdg("XDG_STATE_HOME", ".local/state"); }

fs::path programFolder() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::current_path(error) : self.parent_path();
}

fs::path resourcePath(const fs::path& name) {
  return firstExisting({programFolder() / "../share/incipit" / name,
                        fs::path(INCIPIT_SOURCE_DIR) / "resources" / name});
}

std::vector<fs::path> modelFolders() { return {resourcePath("models"), dataFolder() / "models"}; }

fs::path engineModulePath() {
  const fs::path name = "libincipit_models.so";
  const fs::path found = firstExisting({programFolder() / "../lib/incipit" / name,
                                        programFolder() / "../" INCIPIT_LIBDIR "/incipit" / name,
                                        programFolder() / name});
  return found.empty() ? programFolder() / "../lib/incipit" / name : found;
}

}  // namespace incipit
