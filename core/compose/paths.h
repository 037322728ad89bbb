// Where things are kept, by the XDG base directory convention, and where the program's own data is.
// Thread safety: free functions; they read the environment at each call.
#pragma once

#include <filesystem>
#include <vector>

namespace incipit {

std::filesystem::path configFolder();  // $XDG_CONFIG_HOME/incipit, else ~/.config/incipit
std::filesystem::path dataFolder();    // $XDG_DATA_HOME/incipit
std::filesystem::path cacheFolder();   // $XDG_CACHE_HOME/incipit
std::filesystem::path stateFolder();   // $XDG_STATE_HOME/incipit

// The folder of the running program's file.
std::filesystem::path programFolder();
// A file or folder of resources/ as installed (share/incipit/...) or, in a build tree, in the
// source tree; empty when there is none. `name` is relative, as "models" or "demos/seed.mid".
std::filesystem::path resourcePath(const std::filesystem::path& name);
// Shipped models, then the user's own.
std::vector<std::filesystem::path> modelFolders();
// The module that implements Engine, as installed or in the build tree; may not exist.
std::filesystem::path engineModulePath();

}  // namespace incipit
