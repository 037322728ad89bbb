// What the benchmarks measure, and the benchmarks that incipit-cli bench runs.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "app/incipit_cli/verbs.h"

namespace incipit {

struct Figure {
  std::string what;  // "time to the first note"
  double value = 0;
  std::string unit;  // "ms"; "x" for a ratio, over 1 where Incipit is faster
};
using Figures = std::vector<Figure>;

struct BenchSetting {
  std::filesystem::path data;  // a folder of MIDI files; empty: none was named
  double minutes = 0.5;        // of each long measurement
  std::stop_token stop;
};

// Fails, with one line, where what it needs is missing.
Result<Figures> benchImport(const BenchSetting& setting);
Result<Figures> benchGenerate(const BenchSetting& setting);
Result<Figures> benchExport(const BenchSetting& setting);
Result<Figures> benchStart(const BenchSetting& setting);
Result<Figures> benchLive(const BenchSetting& setting);
Result<Figures> benchTrain(const BenchSetting& setting);
Result<Figures> benchTimbre(const BenchSetting& setting);
Result<Figures> benchPaint(const BenchSetting& setting);

double median(std::vector<double> values);  // not empty

}  // namespace incipit
