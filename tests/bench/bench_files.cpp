// A document of half a million notes in and out of files, in bytes a second. A whole collection of
// files, and mido beside it, is `incipit-cli bench import`.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "core/io/midi_file.h"
#include "core/io/project_file.h"
#include "core/rng.h"

namespace incipit {
namespace {

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

BENCHMARK(readLargeMidi)->Name("500k notes/read MIDI")->Unit(benchmark::kMillisecond);
BENCHMARK(writeLargeMidi)->Name("500k notes/write MIDI")->Unit(benchmark::kMillisecond);
BENCHMARK(readLargeProject)->Name("500k notes/read project")->Unit(benchmark::kMillisecond);
BENCHMARK(writeLargeProject)->Name("500k notes/write project")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace incipit

BENCHMARK_MAIN();
