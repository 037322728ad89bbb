// How fast each family learns, beside the same published network in PyTorch, and how fast it
// composes, beside the tutorials' way: the whole window through the network for every note.
//
// Both on one thread, in turns. Needs python3-torch; without it Incipit's own figures alone.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <optional>

#include "app/incipit_cli/bench_figures.h"
#include "app/incipit_cli/process.h"
#include "app/incipit_cli/scratch.h"
#include "app/incipit_cli/support.h"
#include "core/compose/lab.h"
#include "core/io/midi_file.h"
#include "core/rng.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kSeconds = 5;  // of each measurement
constexpr int kPieces = 24;
constexpr int kNotes = 1200;

// The families whose published network is one that tutorials build.
constexpr std::array kFamilies{"note-lstm",    "token-lstm",   "wavenet",       "roll-lstm",
                               "roll-seq2seq", "hilbert-ae",   "wavenet-audio", "roll-gan",
                               "roll-dcgan",   "roll-wgan-gp", "roll-vae"};

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Melodies in eighths that wander over two octaves: speed does not depend on what is learnt.
Result<void> writePieces(const fs::path& folder) {
  for (int piece = 0; piece < kPieces; ++piece) {
    Document d = newDocument();
    Rng rng(static_cast<std::uint64_t>(piece) + 1);
    std::vector<Note> notes;
    int pitch = 60;
    for (int i = 0; i < kNotes; ++i) {
      pitch = std::clamp(pitch + static_cast<int>(rng.below(9)) - 4, 48, 72);
      notes.push_back({.start = {i * d.ppq / 2},
                       .length = {d.ppq / 2},
                       .id = d.nextNoteId++,
                       .pitch = static_cast<std::uint8_t>(pitch),
                       .velocity = 80});
    }
    Track t = *d.tracks[0];
    t.notes = NoteList(std::move(notes));
    d.tracks[0] = std::make_shared<const Track>(std::move(t));
    auto written = writeMidiFile(d, folder / fmt::format("{}.mid", piece));
    if (!written) return written;
  }
  return {};
}

// Measures the steps of a run between its reports, validation apart, then stops it.
class StepRate final : public TrainSink {
 public:
  explicit StepRate(const std::stop_token& outer)
      : chain_(outer, [this] { stop_.request_stop(); }) {}
  std::stop_token token() const { return stop_.get_token(); }
  void message(const std::string&) override {}
  void point(const TrainPoint& p) override {
    if (p.validationLoss) {
      from_.reset();  // a validation lies between
      return;
    }
    const auto now = Clock::now();
    if (!from_) {
      from_ = {p.step, now};
      return;
    }
    seconds_ += std::chrono::duration<double>(now - from_->second).count();
    steps_ += static_cast<double>(p.step - from_->first);
    from_ = {p.step, now};
    if (seconds_ >= kSeconds) stop_.request_stop();
  }
  double stepsPerSecond() const { return seconds_ > 0 ? steps_ / seconds_ : 0; }

 private:
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> chain_;
  std::optional<std::pair<std::int64_t, Clock::time_point>> from_;
  double steps_ = 0;
  double seconds_ = 0;
};

// What the script prints; nothing where there is no PyTorch.
std::optional<double> torchRate(const char* mode, const std::string& family, int batch,
                                int vocabulary, const std::stop_token& stop) {
  const auto result =
      runProgram({"python3", INCIPIT_BENCH_DIR "/published_torch.py", mode, family,
                  std::to_string(batch), std::to_string(vocabulary), fmt::format("{}", kSeconds)},
                 {"OMP_NUM_THREADS=1"}, /*quiet=*/true, stop);
  if (!result || result->status != 0) return {};
  return std::strtod(result->out.c_str(), nullptr);
}

struct Trained {
  double windowsPerSecond = 0;
  int batch = 0;
  int vocabulary = 0;
  bool sound = false;  // composes no notes
  fs::path checkpoint;
};

// How many outputs the network has for its words; 0 where it has none.
int vocabularyOf(const fs::path& checkpoint) {
  const auto info = readCheckpointInfo(checkpoint);
  if (!info) return 0;
  const Json vocabulary = Json::parse(info->metadata.at("vocabulary"), nullptr, false);
  return vocabulary.is_object() ? static_cast<int>(vocabulary.value("words", Json()).size()) : 0;
}

Result<Trained> trainFor(Engine& engine, const std::string& family, const fs::path& folder,
                         const std::stop_token& stop) {
  TrainRequest r;
  r.family = family;
  r.preset = "published";
  r.data = folder;
  r.out = folder / (family + ".safetensors");
  r.epochs = 1000;
  r.examples = 200'000;  // no epoch ends before the measurement
  StepRate rate(stop);
  if (auto run = engine.train(r, rate, rate.token()); !run) return tl::unexpected(run.error());
  Trained out;
  for (const FamilyInfo& f : engine.families()) {
    if (f.id != family) continue;
    const auto values = checkSettings(presetOf(f, "published")->settings, {});
    if (values) out.batch = values->integer("batch");
    out.sound = f.kind == FamilyInfo::Kind::kSound;
  }
  out.windowsPerSecond = rate.stepsPerSecond() * out.batch;
  out.checkpoint = folder / (family + ".last.safetensors");
  out.vocabulary = std::max(2, vocabularyOf(out.checkpoint));
  return out;
}

class Silence final : public ComposeSink {
 public:
  void note(TrackId, const Note&) override {}
  void progress(double) override {}
};

// What the tutorials spend a window on: a note, a token, a column.
double stepsOf(const std::string& family, const ComposeResult& take, const ComposeRequest& r) {
  if (family.starts_with("roll-")) {
    constexpr double kColumn = 0.05;  // seconds
    const TickRange& range = take.region.range;
    return (r.document->tempo.seconds(range.to) - r.document->tempo.seconds(range.from)) / kColumn;
  }
  double steps = 0;
  for (std::size_t i = 0; i < take.notes.size(); ++i) {
    const bool chord =
        family != "note-lstm" && i > 0 && take.notes[i].start == take.notes[i - 1].start;
    steps += chord ? 0 : 1;
  }
  return steps;
}

// Steps a second of many takes of eight bars after a piece's end.
Result<double> composeFor(Engine& engine, const std::string& family, const fs::path& checkpoint,
                          const fs::path& seed, const std::stop_token& stop) {
  auto piece = readMidiFile(seed);
  if (!piece) return tl::unexpected(piece.error());
  ComposeRequest r;
  r.document = std::make_shared<const Document>(std::move(piece->document));
  r.track = r.document->tracks.front()->id;
  r.from = r.document->meter.barLineFrom(r.document->tracks.front()->notes.latestEnd());
  r.bars = 8;
  r.checkpoint = checkpoint;
  Silence sink;
  double steps = 0;
  double seconds = 0;
  for (r.take = 0; seconds < kSeconds && !stop.stop_requested(); ++r.take) {
    const auto start = Clock::now();
    const auto take = engine.compose(r, sink, stop);
    if (!take) return tl::unexpected(take.error());
    if (r.take == 0) continue;  // the checkpoint is loaded
    steps += stepsOf(family, *take, r);
    seconds += secondsSince(start);
    constexpr int kMostTakes = 1000;
    if (r.take >= kMostTakes) break;
  }
  return steps / seconds;
}

// Pictures a second, a thousand at a time.
Result<double> drawFor(Engine& engine, const fs::path& checkpoint, const std::stop_token& stop) {
  constexpr int kDrawn = 1000;
  ImagineRequest r;
  r.checkpoint = checkpoint;
  r.count = kDrawn;
  double pictures = 0;
  double seconds = 0;
  while (seconds < kSeconds && !stop.stop_requested()) {
    const auto start = Clock::now();
    const auto drawn = engine.lab()->imagine(r, {}, stop);
    if (!drawn) return tl::unexpected(drawn.error());
    pictures += static_cast<double>(drawn->pictures.size());
    seconds += secondsSince(start);
  }
  return pictures / seconds;
}

Result<void> measureDrawing(Engine& engine, const std::string& family, const fs::path& checkpoint,
                            const std::stop_token& stop, Figures& into) {
  const auto drawn = drawFor(engine, checkpoint, stop);
  if (!drawn) return tl::unexpected(drawn.error());
  into.push_back({family + " published: drawn", *drawn, "pictures/s"});
  constexpr int kBatch = 64;
  if (const auto torch = torchRate("generate", family, kBatch, 2, stop)) {
    into.push_back({family + " published: drawn by PyTorch", *torch, "pictures/s"});
    into.push_back({family + " published: drawing against PyTorch", *drawn / *torch, "x"});
  }
  return {};
}

bool drawsPictures(const Engine& engine, const std::string& family) {
  const auto families = engine.families();
  return std::any_of(families.begin(), families.end(), [&](const FamilyInfo& f) {
    return f.id == family && f.kind == FamilyInfo::Kind::kPictures;
  });
}

Result<void> measure(Engine& engine, const std::string& family, const fs::path& folder,
                     const std::stop_token& stop, Figures& into) {
  const auto trained = trainFor(engine, family, folder, stop);
  if (!trained) return tl::unexpected(trained.error());
  into.push_back({family + " published: trained", trained->windowsPerSecond, "windows/s"});
  if (const auto torch = torchRate("train", family, trained->batch, trained->vocabulary, stop)) {
    into.push_back({family + " published: in PyTorch", *torch, "windows/s"});
    into.push_back(
        {family + " published: against PyTorch", trained->windowsPerSecond / *torch, "x"});
  }
  if (trained->sound) return {};
  if (drawsPictures(engine, family)) {
    return measureDrawing(engine, family, trained->checkpoint, stop, into);
  }
  const auto steps = composeFor(engine, family, trained->checkpoint, folder / "0.mid", stop);
  if (!steps) return tl::unexpected(steps.error());
  into.push_back({family + " published: composed", *steps, "steps/s"});
  if (const auto torch = torchRate("generate", family, 1, trained->vocabulary, stop)) {
    into.push_back({family + " published: a window for each step", *torch, "steps/s"});
    into.push_back({family + " published: against a window each", *steps / *torch, "x"});
  }
  return {};
}

}  // namespace

Result<Figures> benchTrain(const BenchSetting& setting) {
  const ScratchFolder folder;
  if (folder.path().empty()) return fail("no temporary folder can be made");
  if (auto written = writePieces(folder.path()); !written) return tl::unexpected(written.error());
  const auto engine = engineLoader()();
  if (!engine) return tl::unexpected(engine.error());
  Figures figures;
  for (const char* family : kFamilies) {
    if (setting.stop.stop_requested()) break;
    auto measured = measure(**engine, family, folder.path(), setting.stop, figures);
    if (!measured) return tl::unexpected(measured.error());
  }
  return figures;
}

}  // namespace incipit
