#include "app/bench/generate_bench.h"

#include <algorithm>
#include <array>
#include <ostream>

namespace incipit {
namespace {

constexpr int kTakes = 15;
constexpr int kBars = 16;

struct Silent : ComposeSink {
  void note(TrackId /*track*/, const Note& /*note*/) override {}
  void progress(double /*fraction*/) override {}
};

// A scale up and down in quarters, from C4.
ComposeRequest requestOfSeed(int notes) {
  constexpr std::array<std::uint8_t, 8> kPitches{60, 62, 64, 65, 67, 65, 64, 62};
  Document d = newDocument();
  auto track = std::make_shared<Track>(*d.tracks.front());
  std::vector<Note> seed;
  for (int i = 0; i < notes; ++i) {
    Note n;
    n.start = {std::int64_t{i} * d.ppq};
    n.length = {d.ppq};
    n.pitch = kPitches[static_cast<std::size_t>(i) % kPitches.size()];
    n.id = d.nextNoteId++;
    seed.push_back(n);
  }
  track->notes = NoteList(std::move(seed));
  ComposeRequest r;
  r.track = track->id;
  r.from = {std::int64_t{notes} * d.ppq};
  r.bars = kBars;
  d.tracks.front() = std::move(track);
  r.document = std::make_shared<const Document>(std::move(d));
  return r;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Result<std::vector<GenerateBenchRow>> generateBenchmark(Engine& engine,
                                                        const std::filesystem::path& checkpoint,
                                                        std::ostream& out) {
  std::vector<GenerateBenchRow> rows;
  for (const int seedNotes : {8, 256}) {
    ComposeRequest request = requestOfSeed(seedNotes);
    request.checkpoint = checkpoint;
    GenerateBenchRow row;
    row.seedNotes = seedNotes;
    std::vector<double> rates;
    std::vector<double> firsts;
    for (int take = 0; take <= kTakes; ++take) {
      request.take = take;
      Silent sink;
      const auto result = engine.compose(request, sink, {});
      if (!result) return fail(result.error().message);
      const double first = result->secondsToFirstNote;
      if (take == 0) {
        row.coldFirstNoteMs = first * 1e3;
        continue;
      }
      firsts.push_back(first * 1e3);
      const auto later = static_cast<double>(result->notes.size()) - 1;
      rates.push_back(later / std::max(1e-9, result->seconds - first));
    }
    row.notesPerSecond = median(std::move(rates));
    row.firstNoteMs = median(std::move(firsts));
    out << "generate, seed of " << row.seedNotes << " notes: " << row.notesPerSecond
        << " notes/s, first note after " << row.firstNoteMs << " ms (" << row.coldFirstNoteMs
        << " ms with the checkpoint read)\n";
    rows.push_back(row);
  }
  return rows;
}

}  // namespace incipit
