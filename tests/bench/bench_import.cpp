// Files in and out, in bytes a second: a folder of MIDI files (the variable INCIPIT_CORPUS) to
// documents on one core, the same files by mido, and a document of half a million notes.
//
// The files are in memory before the clock starts. `read/sample` and `mido` read the same list:
// every n-th file of the folder in order of name, about three megabytes, because mido is slow. The
// ratio is printed as the counter "times_mido".
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "core/io/atomic_file.h"
#include "core/io/midi_file.h"
#include "core/io/project_file.h"
#include "core/rng.h"

namespace incipit {
namespace {
namespace fs = std::filesystem;

struct File {
  fs::path path;
  std::vector<std::uint8_t> bytes;
};

const std::vector<File>& corpus() {
  static const std::vector<File> files = [] {
    std::vector<File> out;
    const char* folder = std::getenv("INCIPIT_CORPUS");
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder != nullptr ? folder : "", error), end;
         !error && it != end; it.increment(error)) {
      if (it->path().extension() != ".mid") continue;
      if (auto bytes = readFile(it->path())) out.push_back({it->path(), std::move(*bytes)});
    }
    std::sort(out.begin(), out.end(), [](const File& a, const File& b) { return a.path < b.path; });
    return out;
  }();
  return files;
}

// Every n-th file, about three megabytes.
std::vector<const File*> sample() {
  constexpr std::size_t kBytes = 3'000'000;
  std::size_t total = 0;
  for (const File& f : corpus()) total += f.bytes.size();
  std::vector<const File*> out;
  const std::size_t step = total / kBytes + 1;
  for (std::size_t i = 0; i < corpus().size(); i += step) out.push_back(&corpus()[i]);
  return out;
}

void readFiles(benchmark::State& state, const std::vector<const File*>& files) {
  if (files.empty()) {
    state.SkipWithError("set INCIPIT_CORPUS to a folder of MIDI files");
    return;
  }
  std::size_t bytes = 0;
  std::size_t notes = 0;
  for (auto _ : state) {
    for (const File* f : files) {
      const auto r = readMidi(f->bytes);
      if (!r) continue;
      bytes += f->bytes.size();
      notes += r->document.noteCount();
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.SetItemsProcessed(static_cast<std::int64_t>(notes));
}

double sampleRate = 0;  // bytes a second of read/sample, for the ratio

void readAll(benchmark::State& state) {
  std::vector<const File*> files;
  for (const File& f : corpus()) files.push_back(&f);
  readFiles(state, files);
}

void readSample(benchmark::State& state) {
  const auto files = sample();
  const auto start = std::chrono::steady_clock::now();
  readFiles(state, files);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  double bytes = 0;
  for (const File* f : files) bytes += static_cast<double>(f->bytes.size());
  sampleRate = bytes * static_cast<double>(state.iterations()) / seconds.count();
}

void readWithMido(benchmark::State& state) {
  const auto files = sample();
  char list[] = "/tmp/incipit-bench-XXXXXX";
  const int fd = ::mkstemp(list);
  if (files.empty() || fd < 0) {
    state.SkipWithError("set INCIPIT_CORPUS to a folder of MIDI files");
    return;
  }
  {
    std::ofstream out(list);
    for (const File* f : files) out << fs::absolute(f->path).string() << '\n';
  }
  for (auto _ : state) {
    const std::string command =
        std::string("/usr/bin/python3 '") + INCIPIT_MIDO_SCRIPT + "' " + list;
    double bytes = 0;
    double seconds = 0;
    double notes = 0;
    FILE* const pipe = ::popen(command.c_str(), "r");
    const bool read =
        pipe != nullptr && std::fscanf(pipe, "%lf %lf %lf", &bytes, &seconds, &notes) == 3;
    if (pipe != nullptr) ::pclose(pipe);
    if (!read) {
      state.SkipWithError("no mido: install python3-mido to compare with it");
      break;
    }
    state.SetIterationTime(seconds);
    state.counters["bytes_per_second"] = bytes / seconds;
    state.counters["items_per_second"] = notes / seconds;
    state.counters["times_mido"] = sampleRate / (bytes / seconds);
  }
  fs::remove(list);
}

const Document& large() {
  static const Document d = [] {
    Document out = newDocument();
    Rng rng(5);
    std::vector<Note> notes;
    for (int i = 0; i < 500000; ++i) {
      notes.push_back({.start = {i * 60},
                       .length = {1 + rng.below(960)},
                       .id = out.nextNoteId++,
                       .pitch = static_cast<std::uint8_t>(rng.below(128)),
                       .velocity = static_cast<std::uint8_t>(1 + rng.below(127))});
    }
    Track t = *out.tracks[0];
    t.notes = NoteList(std::move(notes));
    out.tracks[0] = std::make_shared<const Track>(std::move(t));
    return out;
  }();
  return d;
}

// Runs f, which gives the size of what it made or read.
template <typename F>
void onLarge(benchmark::State& state, F&& f) {
  std::size_t bytes = 0;
  for (auto _ : state) bytes += f();
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void writeLargeMidi(benchmark::State& state) {
  onLarge(state, [] { return writeMidi(large()).size(); });
}
void readLargeMidi(benchmark::State& state) {
  const auto bytes = writeMidi(large());
  onLarge(state, [&] { return readMidi(bytes) ? bytes.size() : 0; });
}
void writeLargeProject(benchmark::State& state) {
  onLarge(state, [] { return projectJson(large()).size(); });
}
void readLargeProject(benchmark::State& state) {
  const std::string text = projectJson(large());
  onLarge(state, [&] { return readProject(text) ? text.size() : 0; });
}

BENCHMARK(readAll)->Name("read/all")->Unit(benchmark::kMillisecond);
BENCHMARK(readSample)->Name("read/sample")->Unit(benchmark::kMillisecond);
BENCHMARK(readWithMido)
    ->Name("mido")
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseManualTime();
BENCHMARK(readLargeMidi)->Name("500k notes/read MIDI")->Unit(benchmark::kMillisecond);
BENCHMARK(writeLargeMidi)->Name("500k notes/write MIDI")->Unit(benchmark::kMillisecond);
BENCHMARK(readLargeProject)->Name("500k notes/read project")->Unit(benchmark::kMillisecond);
BENCHMARK(writeLargeProject)->Name("500k notes/write project")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace incipit

BENCHMARK_MAIN();
