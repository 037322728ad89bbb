// How fast sound becomes Hilbert pictures and back, and how fast the models of sound that come with
// Incipit are beside real time.
#include <array>
#include <chrono>
#include <functional>

#include "app/incipit_cli/bench_figures.h"
#include "app/incipit_cli/support.h"
#include "core/compose/lab.h"
#include "core/edit/edits.h"
#include "core/encoding/hilbert.h"
#include "core/rng.h"

namespace incipit {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kSeconds = 1;  // of each measurement

// Samples a second of what works on `count` of them at each call; the median of five turns.
double samplesPerSecond(std::size_t count, const std::function<void()>& work) {
  constexpr int kTurns = 5;
  std::vector<double> rates;
  work();
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto start = Clock::now();
    double done = 0;
    double spent = 0;
    while (spent < kSeconds / kTurns) {
      work();
      done += static_cast<double>(count);
      spent = std::chrono::duration<double>(Clock::now() - start).count();
    }
    rates.push_back(done / spent);
  }
  return median(rates);
}

// Noise of so many samples.
class NoiseReader final : public SoundReader {
 public:
  NoiseReader(std::int64_t frames, int sampleRate) : frames_(frames), sampleRate_(sampleRate) {}
  int sampleRate() const override { return sampleRate_; }
  std::int64_t frames() const override { return frames_; }
  Result<std::size_t> read(std::span<float> into) override {
    const auto n =
        static_cast<std::size_t>(std::min<std::int64_t>(std::ssize(into), frames_ - at_));
    for (float& s : into.first(n)) s = static_cast<float>(0.4 * rng_.uniform() - 0.2);
    at_ += static_cast<std::int64_t>(n);
    return n;
  }

 private:
  std::int64_t frames_;
  int sampleRate_;
  std::int64_t at_ = 0;
  Rng rng_{1};
};

// Four quarters a bar, for ever enough.
DocumentPtr scalePiece() {
  const Document d = newDocument();
  std::vector<Note> notes;
  for (int i = 0; i < 60; ++i) {
    notes.push_back({.start = {i * d.ppq},
                     .length = {d.ppq},
                     .pitch = static_cast<std::uint8_t>(48 + i % 24),
                     .velocity = 90});
  }
  return std::make_shared<const Document>(addNotes(d, d.tracks.front()->id, notes).document);
}

Result<double> timesRealTime(Lab& lab, const std::filesystem::path& checkpoint, double seconds,
                             const std::stop_token& stop) {
  const auto rate = lab.timbreRate(checkpoint);
  if (!rate) return tl::unexpected(rate.error());
  TimbreRequest request;
  request.checkpoint = checkpoint;
  request.source = std::make_shared<NoiseReader>(static_cast<std::int64_t>(seconds * *rate), *rate);
  request.notes = scalePiece();
  request.sink = [](std::span<const float>) -> Result<void> { return {}; };
  const auto done = lab.timbre(request, {}, stop);
  if (!done) return tl::unexpected(done.error());
  return static_cast<double>(done->frames) / *rate / done->seconds;
}

}  // namespace

Result<Figures> benchTimbre(const BenchSetting& setting) {
  const HilbertCurve curve(8);
  std::vector<float> sound(curve.size(), 0.25F);
  std::vector<float> picture(curve.size());
  Figures figures{
      {"Hilbert, sound to pictures of 256 x 256",
       samplesPerSecond(curve.size(), [&] { curve.encode(sound, picture); }) / 1e6, "M samples/s"},
      {"Hilbert, pictures to sound",
       samplesPerSecond(curve.size(), [&] { curve.decode(picture, sound); }) / 1e6, "M samples/s"}};
  const auto engine = engineLoader()();
  if (!engine) return tl::unexpected(engine.error());
  struct Measured {
    const char* model;
    double seconds;  // of sound
  };
  for (const auto& [model, seconds] :
       {Measured{"hilbert-ae-improved", 60}, Measured{"wavenet-audio-improved", 5}}) {
    const auto info = chooseModel(model);
    if (!info) continue;
    const auto speed = timesRealTime(*(*engine)->lab(), info->path, seconds, setting.stop);
    if (!speed) return tl::unexpected(speed.error());
    figures.push_back({std::string(model) + ", beside real time", *speed, "x"});
  }
  return figures;
}

}  // namespace incipit
