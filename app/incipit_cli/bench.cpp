#include "app/incipit_cli/support.h"
namespace incipit {
Verb addBench(CLI::App& app) {
  CLI::App* c = app.add_subcommand("bench", "The benchmarks");
  return {c, [](Context&) { return kFailed; }};
}
}  // namespace incipit
