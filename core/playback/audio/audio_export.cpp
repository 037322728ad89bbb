#include "core/playback/audio/audio_export.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/playback/audio/audio_file.h"
#include "core/playback/audio/fluid_synth.h"
#include "core/playback/engine.h"

namespace incipit {
namespace {

constexpr int kBlock = 1024;            // frames
constexpr float kSilence = 1e-4F;       // -80 dB of full scale
constexpr double kSilenceLength = 0.3;  // seconds of it that end the tail
constexpr double kFade = 0.05;          // seconds, where the tail is cut short
constexpr double kTypicalTail = 2.0;    // for the progress

// How long an export goes on after the last note, and how it ends.
class Tail {
 public:
  Tail(std::int64_t musicEnd, int sampleRate, double longest)
      : musicEnd_(musicEnd),
        latest_(musicEnd + std::llround(std::clamp(longest, 0.0, 600.0) * sampleRate)),
        enough_(std::llround(kSilenceLength * sampleRate)),
        fade_(std::min<std::int64_t>(std::llround(kFade * sampleRate), latest_ - musicEnd)) {}

  std::int64_t latest() const { return latest_; }

  // Looks at (and fades, near the latest end) frames [at, at + n); returns how many of them to
  // keep.
  int keep(std::int64_t at, float* left, float* right, int n) {
    n = static_cast<int>(std::min<std::int64_t>(n, latest_ - at));
    if (at + n <= musicEnd_) return n;
    for (int i = 0; i < n; ++i) {
      const std::int64_t left_over = latest_ - at - i;
      if (fade_ > 0 && left_over <= fade_) {
        const float gain = static_cast<float>(left_over - 1) / static_cast<float>(fade_);
        left[i] *= gain;
        right[i] *= gain;
      }
      const bool quiet = std::abs(left[i]) < kSilence && std::abs(right[i]) < kSilence;
      silent_ = quiet && at + i >= musicEnd_ ? silent_ + 1 : 0;
    }
    done_ = silent_ >= enough_ || at + n >= latest_;
    return n;
  }
  bool done() const { return done_; }

 private:
  std::int64_t musicEnd_;
  std::int64_t latest_;
  std::int64_t enough_;
  std::int64_t fade_;
  std::int64_t silent_ = 0;
  bool done_ = false;
};

float peakOf(const std::vector<float>& samples, int n, float peak) {
  for (int i = 0; i < n; ++i) peak = std::max(peak, std::abs(samples[static_cast<std::size_t>(i)]));
  return peak;
}

}  // namespace

Result<AudioExportResult> exportAudio(const AudioExportRequest& request,
                                      const std::function<void(double)>& progress,
                                      std::stop_token stop) {
  const AudioSettings& audio = request.audio;
  if (audio.sampleRate < 8000 || audio.sampleRate > 96000) {
    return fail(request.file.string() + ": a sample rate of " + std::to_string(audio.sampleRate) +
                " cannot be rendered; use 8000 to 96000");
  }
  std::unique_ptr<Plan> plan = PlanCompiler(audio.sampleRate).compile(request.document);
  if (plan->notesEnd == 0) {
    return fail(request.file.string() + ": nothing to export: no note of the piece is to be heard");
  }
  Tail tail(plan->notesEnd * kQuantum, audio.sampleRate, request.longestTail);
  // The file first: it is the cheaper to fail.
  auto file = AudioFileWriter::create(request.file, audio.sampleRate, request.bits, tail.latest());
  if (!file) return tl::unexpected(file.error());
  AudioExportResult result;
  LoadedSynth loaded = loadSynth(audio, SampleLoading::kOnDemand, stop);
  if (stop.stop_requested()) {
    result.cancelled = true;
    return result;
  }
  if (loaded.synth == nullptr) return fail(request.file.string() + ": " + loaded.problem);

  const double expected = static_cast<double>(plan->notesEnd) * kQuantum +
                          std::min(kTypicalTail, request.longestTail) * audio.sampleRate;
  AudioEngine engine;
  engine.setSynth(loaded.synth.get());
  engine.setPlan(std::move(plan));
  engine.play(1, Tick{0});
  std::vector<float> left(kBlock);
  std::vector<float> right(kBlock);
  float peak = 0;
  while (!tail.done()) {
    if (stop.stop_requested()) {
      result.cancelled = true;
      return result;
    }
    engine.processRt(left.data(), right.data(), kBlock);
    const int n = tail.keep(result.frames, left.data(), right.data(), kBlock);
    peak = peakOf(right, n, peakOf(left, n, peak));
    if (auto written = (*file)->write(left.data(), right.data(), n); !written) {
      return tl::unexpected(written.error());
    }
    result.frames += n;
    if (progress) progress(std::min(static_cast<double>(result.frames) / expected, 1.0));
  }
  if (auto done = (*file)->commit(); !done) return tl::unexpected(done.error());
  if (progress) progress(1);
  result.seconds = static_cast<double>(result.frames) / audio.sampleRate;
  result.peak = peak;
  return result;
}

}  // namespace incipit
