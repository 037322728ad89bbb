// How fast a collection of MIDI files becomes notes, beside mido (Python) on the same files.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "app/incipit_cli/bench_figures.h"
#include "app/incipit_cli/process.h"
#include "app/incipit_cli/scratch.h"
#include "core/io/atomic_file.h"
#include "core/io/midi_file.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kBytesPerMb = 1e6;
// mido reads about a megabyte a second: enough files for some ten seconds of it.
constexpr std::size_t kMidoFiles = 300;

// Files are in memory before the clock starts, as for us; notes are paired, as we pair them.
constexpr const char* kMidoScript = R"(
import io, sys, time
import mido
blobs = [open(name.rstrip("\n"), "rb").read() for name in open(sys.argv[1])]
start, total, notes = time.perf_counter(), 0, 0
for blob in blobs:
    try:
        piece = mido.MidiFile(file=io.BytesIO(blob), clip=True)
    except Exception:
        continue
    total += len(blob)
    for track in piece.tracks:
        now, open_notes = 0, {}
        for m in track:
            now += m.time
            if m.type == "note_on" and m.velocity > 0:
                open_notes[m.channel, m.note] = now
            elif m.type in ("note_off", "note_on"):
                if open_notes.pop((m.channel, m.note), None) is not None:
                    notes += 1
print(total, time.perf_counter() - start, notes)
)";

struct File {
  fs::path path;
  std::vector<std::uint8_t> bytes;
};

Result<std::vector<File>> readAll(const BenchSetting& setting) {
  if (setting.data.empty()) {
    return fail("name a folder of MIDI files with --data DIR (or the variable INCIPIT_DATA)");
  }
  std::vector<File> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(setting.data, error), end; !error && it != end;
       it.increment(error)) {
    const fs::path ending = it->path().extension();
    if (ending != ".mid" && ending != ".midi") continue;
    if (auto bytes = readFile(it->path())) files.push_back({it->path(), std::move(*bytes)});
  }
  if (error) return fail(setting.data.string() + ": " + error.message());
  if (files.empty()) {
    return fail(setting.data.string() + ": holds no .mid file; unpack a collection there first");
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

struct Reading {
  double bytes = 0;
  double seconds = 0;
  std::size_t notes = 0;
  double rate() const { return bytes / kBytesPerMb / seconds; }
};

Reading readEvery(const std::vector<File>& files, std::size_t step, const std::stop_token& stop) {
  Reading r;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < files.size() && !stop.stop_requested(); i += step) {
    const auto piece = readMidi(files[i].bytes);
    if (!piece) continue;
    r.bytes += static_cast<double>(files[i].bytes.size());
    r.notes += piece->document.noteCount();
  }
  r.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return r;
}

Result<Reading> readWithMido(const std::vector<File>& files, std::size_t step,
                             const std::stop_token& stop) {
  const ScratchFolder scratch;
  const fs::path list = scratch.path() / "files.txt";
  {
    std::ofstream out(list);
    for (std::size_t i = 0; i < files.size(); i += step) {
      out << fs::absolute(files[i].path).string() << '\n';
    }
  }
  // Debian's Python, which python3-mido belongs to, before any other on PATH.
  const std::string python = fs::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
  const auto run = runProgram({python, "-c", kMidoScript, list.string()}, {}, true, stop);
  if (!run) return tl::unexpected(run.error());
  Reading r;
  if (run->status != 0 ||
      std::sscanf(run->out.c_str(), "%lf %lf %zu", &r.bytes, &r.seconds, &r.notes) != 3) {
    return fail("mido did not run; install python3-mido to compare with it");
  }
  return r;
}

}  // namespace

Result<Figures> benchImport(const BenchSetting& setting) {
  const auto files = readAll(setting);
  if (!files) return tl::unexpected(files.error());
  readEvery(*files, 16, setting.stop);  // warms the allocator and the caches
  constexpr int kRuns = 3;
  std::vector<double> rates;
  Reading all;
  for (int i = 0; i < kRuns; ++i) {
    all = readEvery(*files, 1, setting.stop);
    rates.push_back(all.rate());
  }
  const double rate = median(rates);
  Figures figures = {
      {fmt::format("files in {}", setting.data.string()), static_cast<double>(files->size()), ""},
      {"bytes to notes, one core", rate, "MB/s"},
      {"notes", static_cast<double>(all.notes) / all.bytes * rate * kBytesPerMb / 1e6, "M/s"}};
  const std::size_t step = std::max<std::size_t>(1, files->size() / kMidoFiles);
  const auto mido = readWithMido(*files, step, setting.stop);
  if (!mido) return tl::unexpected(mido.error());
  const Reading ours = readEvery(*files, step, setting.stop);
  figures.push_back({"mido on every " + std::to_string(step) + "th of them", mido->rate(), "MB/s"});
  figures.push_back({"ratio to mido on the same files", ours.rate() / mido->rate(), "x"});
  return figures;
}

}  // namespace incipit
