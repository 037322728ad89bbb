// How fast the default model composes, and how soon its first note is there.
#include <fmt/core.h>

#include <chrono>
#include <sstream>

#include "app/bench/generate_bench.h"
#include "app/common/engine_module.h"
#include "app/incipit_cli/bench_figures.h"
#include "app/incipit_cli/support.h"

namespace incipit {

Result<Figures> benchGenerate(const BenchSetting& /*setting*/) {
  using Clock = std::chrono::steady_clock;
  const auto model = chooseModel("");
  if (!model) return tl::unexpected(model.error());
  const auto begin = Clock::now();
  const auto engine = engineModuleLoader()();
  if (!engine) return tl::unexpected(engine.error());
  const double loading = std::chrono::duration<double>(Clock::now() - begin).count();
  std::ostringstream lines;  // the same figures as text
  const auto rows = generateBenchmark(**engine, model->path, lines);
  if (!rows) return tl::unexpected(rows.error());
  Figures figures;
  for (const GenerateBenchRow& r : *rows) {
    const std::string after = fmt::format("{} seed notes, {}: ", r.seedNotes, model->title);
    figures.push_back({after + "composed", r.notesPerSecond, "notes/s"});
    figures.push_back({after + "first note", r.firstNoteMs, "ms"});
    figures.push_back({after + "first note, cold", r.coldFirstNoteMs, "ms"});
  }
  figures.push_back({"loading the models module", loading * 1000, "ms"});
  return figures;
}

}  // namespace incipit
