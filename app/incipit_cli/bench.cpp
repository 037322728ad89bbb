// bench: the figures that Incipit claims, on this machine.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "app/common/machine.h"
#include "app/incipit_cli/bench_figures.h"
#include "app/incipit_cli/support.h"

namespace incipit {
namespace {

struct Benchmark {
  const char* name;
  const char* what;
  Result<Figures> (*run)(const BenchSetting&);
  bool whenNamed = false;  // it takes minutes: only where it is asked for
};

constexpr Benchmark kBenchmarks[] = {
    {"import", "MIDI files to notes, beside mido", benchImport},
    {"generate", "notes composed a second, time to the first", benchGenerate},
    {"export", "a piece to an audio file, beside fluidsynth", benchExport},
    {"timbre", "sound as Hilbert pictures, models of sound beside real time", benchTimbre},
    {"start", "start to window, memory, with and without the models", benchStart},
    {"live", "MIDI and sound in time, keys, recording, stuck notes, xruns", benchLive,
     /*whenNamed=*/true},
    {"train", "each family learning and composing, beside PyTorch", benchTrain,
     /*whenNamed=*/true},
    {"paint", "a window of 16 bars with 1,000 to 500,000 notes", benchPaint},
};

struct Options {
  std::vector<std::string> names;
  std::string data;
  double minutes = BenchSetting{}.minutes;
};

std::string number(double value) {
  if (value >= 1000) return grouped(static_cast<std::int64_t>(value + 0.5));
  return fmt::format("{:.{}f}", value, value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

int bench(Context& context, const Options& o) {
  Console& console = context.console;
  BenchSetting setting;
  setting.stop = context.interrupt.token();
  setting.data = o.data;
  setting.minutes = o.minutes;
  if (const char* data = std::getenv("INCIPIT_DATA"); setting.data.empty() && data != nullptr) {
    setting.data = data;
  }
  console.result({{"event", "machine"}, {"machine", machineLine()}, {"version", INCIPIT_VERSION}},
                 "Incipit " INCIPIT_VERSION " on " + machineLine());
  int status = kDone;
  for (const Benchmark& b : kBenchmarks) {
    const bool named = std::find(o.names.begin(), o.names.end(), b.name) != o.names.end();
    if (o.names.empty() ? b.whenNamed : !named) continue;
    console.text(fmt::format("\n{}: {}", b.name, b.what));
    const auto figures = b.run(setting);
    if (context.interrupt.requested()) return kInterrupted;
    if (!figures) {
      status = console.error(fmt::format("bench {}: {}", b.name, figures.error().message));
      continue;
    }
    for (const Figure& f : *figures) {
      console.result({{"event", "figure"},
                      {"benchmark", b.name},
                      {"what", f.what},
                      {"value", f.value},
                      {"unit", f.unit}},
                     fmt::format("  {:<48} {:>10} {}", f.what, number(f.value), f.unit));
    }
  }
  return status;
}

}  // namespace

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Verb addBench(CLI::App& app) {
  auto o = std::make_shared<Options>();
  std::vector<std::string> names;
  for (const Benchmark& b : kBenchmarks) names.emplace_back(b.name);
  CLI::App* c = app.add_subcommand("bench", "The figures that Incipit claims, on this machine");
  c->add_option("NAME", o->names,
                fmt::format("Which: {} (default: all but live and train)", fmt::join(names, ", ")))
      ->check(CLI::IsMember(names));
  c->add_option("--data", o->data, "Folder of MIDI files to read (default: $INCIPIT_DATA)")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  c->add_option("--minutes", o->minutes, "How long \"live\" plays idle, and again while training")
      ->type_name("M")
      ->check(CLI::Range(0.1, 600.0));
  return {c, [o](Context& context) { return bench(context, *o); }};
}

}  // namespace incipit
