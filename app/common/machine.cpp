#include "app/common/machine.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <thread>

namespace incipit {
namespace {

// The rest of the first line of `file` that starts with `key`, without the separator and quotes.
std::string field(const char* file, const std::string& key, char separator) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const auto at = line.find(separator);
    if (at == std::string::npos) continue;
    const auto from = line.find_first_not_of(" \t\"", at + 1);
    const auto to = line.find_last_not_of(" \t\"");
    if (from != std::string::npos && to >= from) return line.substr(from, to - from + 1);
  }
  return "unknown";
}

}  // namespace

std::string machineLine() {
  const double bytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  char memory[32];
  std::snprintf(memory, sizeof memory, "%.1f GB", bytes / 1e9);
  return field("/proc/cpuinfo", "model name", ':') + ", " +
         std::to_string(std::thread::hardware_concurrency()) + " cores, " + memory + ", " +
         field("/etc/os-release", "PRETTY_NAME", '=') + ", " +
#ifdef __clang__
         "clang " __clang_version__
#else
         "g++ " __VERSION__
#endif
#ifdef NDEBUG
         ", optimised";
#else
         ", with assertions";
#endif
}

}  // namespace incipit
