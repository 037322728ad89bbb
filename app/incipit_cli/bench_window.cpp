// The benchmarks of the window: the desktop program measures itself, in processes of its own.
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>

#include "app/incipit_cli/bench_figures.h"
#include "app/incipit_cli/process.h"
#include "core/compose/paths.h"

namespace incipit {
namespace {

constexpr int kStarts = 7;

Result<std::string> desktopProgram() {
  const std::filesystem::path program = programFolder() / "incipit";
  std::error_code ignored;
  if (std::filesystem::exists(program, ignored)) return program.string();
  return fail(program.string() + ": the desktop program is not built (INCIPIT_DESKTOP is off)");
}

// Where there is no display the window is painted into memory.
std::vector<std::string> displayOrNone() {
  if (std::getenv("DISPLAY") != nullptr || std::getenv("WAYLAND_DISPLAY") != nullptr) return {};
  return {"QT_QPA_PLATFORM=offscreen"};
}

Result<std::string> runDesktop(const char* option, const std::stop_token& stop) {
  const auto program = desktopProgram();
  if (!program) return tl::unexpected(program.error());
  const auto run = runProgram({*program, option}, displayOrNone(), /*quiet=*/true, stop);
  if (!run) return tl::unexpected(run.error());
  if (run->status != 0) {
    return fail(fmt::format("{0} {1}: ended with status {2}; run it by hand to see why", *program,
                            option, run->status));
  }
  return run->out;
}

}  // namespace

Result<Figures> benchStart(const BenchSetting& setting) {
  std::map<std::string, std::vector<double>> measured;
  for (int i = 0; i < kStarts; ++i) {
    const auto out = runDesktop("--bench-start", setting.stop);
    if (!out) return tl::unexpected(out.error());
    std::istringstream lines(*out);
    std::string name;
    for (double value = 0; lines >> name >> value;) measured[name].push_back(value);
  }
  const std::pair<const char*, Figure> figures[] = {
      {"start_ms", {"start of the process to the painted window", 0, "ms"}},
      {"rss_mb", {"memory then, without the models module", 0, "MB"}},
      {"module_ms", {"loading the module on the worker", 0, "ms"}},
      {"rss_with_module_mb", {"memory with the models module", 0, "MB"}}};
  Figures all;
  for (const auto& [name, figure] : figures) {
    const auto found = measured.find(name);
    if (found == measured.end()) return fail(std::string("incipit --bench-start gave no ") + name);
    all.push_back(figure);
    all.back().value = median(found->second);
  }
  return all;
}

Result<Figures> benchPaint(const BenchSetting& setting) {
  const auto out = runDesktop("--bench-paint", setting.stop);
  if (!out) return tl::unexpected(out.error());
  Figures all;
  std::istringstream lines(*out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream row(line);
    double notes = 0;
    double window = 0;
    double song = 0;
    double drag = 0;
    double hit = 0;
    if (!(row >> notes >> window >> song >> drag >> hit)) continue;  // the head of the table
    const std::string of = fmt::format("{:.0f}k notes: ", notes / 1000);
    all.push_back({of + "16 bars", window, "ms"});
    all.push_back({of + "16 bars while 1,000 notes are dragged", drag, "ms"});
    all.push_back({of + "the whole song", song, "ms"});
    all.push_back({of + "note under the pointer", hit * 1000, "us"});
  }
  if (all.empty()) return fail("incipit --bench-paint printed no figures");
  return all;
}

}  // namespace incipit
