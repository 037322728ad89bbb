// How fast a piece becomes an audio file, beside the fluidsynth command with the same settings.
#include <fmt/core.h>

#include <chrono>

#include "app/incipit_cli/bench_figures.h"
#ifdef INCIPIT_PLAYBACK
#include "app/incipit_cli/process.h"
#include "app/incipit_cli/scratch.h"
#include "core/edit/edits.h"
#include "core/io/midi_file.h"
#include "core/playback/audio/audio_export.h"
#include "core/rng.h"
#include "soundfonts/soundfonts.h"
#endif

namespace incipit {
#ifdef INCIPIT_PLAYBACK
namespace fs = std::filesystem;
namespace {

constexpr int kRuns = 3;

// Two minutes of eight instruments and drums at 120 bpm: about sixteen notes a second.
Document bandPiece() {
  constexpr int kPrograms[] = {0, 24, 32, 48, 56, 61, 73};
  constexpr int kBars = 60;
  Document d = newDocument();
  for (const int program : kPrograms) d = addTrack(d, "", program).document;
  d = addTrack(d, "", 0, /*drums=*/true).document;
  Rng rng(1);
  for (const TrackPtr& t : std::vector<TrackPtr>(d.tracks)) {
    const bool drums = t->channel == kDrumChannel;
    std::vector<Note> notes;
    for (int beat = 0; beat < kBars * 4; ++beat) {
      Note n;
      n.start = {static_cast<std::int64_t>(beat) * d.ppq};
      n.length = {d.ppq * (1 + rng.below(3)) / 2};
      n.pitch = static_cast<std::uint8_t>(drums ? 35 + rng.below(16) : 48 + rng.below(30));
      n.velocity = static_cast<std::uint8_t>(60 + rng.below(50));
      notes.push_back(n);
    }
    d = addNotes(d, t->id, notes).document;
  }
  return d;
}

// The settings of `request` in the words of the fluidsynth command.
std::vector<std::string> fluidsynthCommand(const AudioExportRequest& request, const fs::path& midi,
                                           const fs::path& wav) {
  const auto option = [](const char* name, auto value) {
    return fmt::format("{}={}", name, value);
  };
  const AudioSettings& a = request.audio;
  return {"fluidsynth",
          "-n",
          "-i",
          "-q",
          "-F",
          wav.string(),
          "-T",
          "wav",
          "-O",
          "s16",
          "-r",
          std::to_string(a.sampleRate),
          "-g",
          fmt::format("{}", a.gain),
          "-R",
          a.reverb ? "1" : "0",
          "-C",
          a.chorus ? "1" : "0",
          "-o",
          option("synth.polyphony", a.polyphony),
          a.soundfont.string(),
          midi.string()};
}

}  // namespace

Result<Figures> benchExport(const BenchSetting& setting) {
  const auto soundfonts = findSoundfonts();
  if (soundfonts.empty()) return fail("no soundfont; install timgm6mb-soundfont");
  const ScratchFolder scratch;
  AudioExportRequest request;
  request.document = std::make_shared<const Document>(bandPiece());
  request.file = scratch.path() / "ours.wav";
  request.bits = 16;
  request.audio.soundfont = soundfonts.front().path;
  const fs::path midi = scratch.path() / "piece.mid";
  if (auto written = writeMidiFile(*request.document, midi); !written) {
    return tl::unexpected(written.error());
  }
  const bool compare = programExists("fluidsynth");
  const auto command = fluidsynthCommand(request, midi, scratch.path() / "theirs.wav");
  std::vector<double> ours;
  std::vector<double> theirs;
  double seconds = 0;
  for (int i = 0; i < kRuns; ++i) {  // in turn, so that a busy moment meets both
    const auto begin = std::chrono::steady_clock::now();
    const auto done = exportAudio(
        request, [](double) {}, setting.stop);
    if (!done) return tl::unexpected(done.error());
    ours.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    seconds = done->seconds;
    if (!compare) continue;
    const auto run = runProgram(command, {}, true, setting.stop);
    if (!run) return tl::unexpected(run.error());
    if (run->status != 0) return fail(fmt::format("fluidsynth ended with status {}", run->status));
    theirs.push_back(run->seconds);
  }
  Figures figures = {
      {"audio rendered, " + request.audio.soundfont.filename().string(), seconds, "s"},
      {"speed, against playing it", seconds / median(ours), "x"}};
  if (!compare) return fail("fluidsynth is not installed, so there is nothing to compare with");
  figures.push_back({"speed of the fluidsynth command", seconds / median(theirs), "x"});
  figures.push_back({"ratio to fluidsynth", median(theirs) / median(ours), "x"});
  return figures;
}
#else
Result<Figures> benchExport(const BenchSetting&) {
  return fail("this build has no sound (INCIPIT_PLAYBACK is off)");
}
#endif

}  // namespace incipit
