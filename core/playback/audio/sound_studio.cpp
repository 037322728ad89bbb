#include "core/playback/audio/sound_studio.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/playback/audio/audio_file.h"
#include "core/playback/audio/fluid_synth.h"
#include "core/playback/audio/sound_file.h"
#include "core/playback/controllers.h"
#include "core/playback/engine.h"

namespace incipit {
namespace {

constexpr double kTail = 2;  // seconds after the last note
constexpr int kBlock = 1024;

// The melodic tracks alone, all of them played by one program.
DocumentPtr playedBy(const Document& document, int program) {
  Document d = document;
  std::erase_if(d.tracks, [](const TrackPtr& t) { return t->channel == kDrumChannel; });
  for (TrackPtr& t : d.tracks) {
    Track own = *t;
    own.program = program;
    for (const Controller c : {kProgramChange, kBankSelect, kBankSelectLow}) own.lanes.erase(c);
    t = std::make_shared<const Track>(std::move(own));
  }
  return std::make_shared<const Document>(std::move(d));
}

class Rendering final : public SoundReader {
 public:
  Rendering(std::unique_ptr<FluidSynth> synth, std::unique_ptr<Plan> plan)
      : synth_(std::move(synth)),
        sampleRate_(plan->sampleRate),
        frames_(plan->notesEnd * kQuantum + static_cast<std::int64_t>(kTail * sampleRate_)) {
    engine_.setSynth(synth_.get());
    engine_.setPlan(std::move(plan));
    engine_.play(1, Tick{0});
  }
  int sampleRate() const override { return sampleRate_; }
  std::int64_t frames() const override { return frames_; }

  Result<std::size_t> read(std::span<float> into) override {
    const auto want =
        static_cast<std::size_t>(std::min<std::int64_t>(std::ssize(into), frames_ - given_));
    for (std::size_t have = 0; have < want;) {
      const std::size_t n = std::min<std::size_t>(kBlock, want - have);
      engine_.processRt(left_.data(), right_.data(), static_cast<int>(n));
      for (std::size_t i = 0; i < n; ++i) into[have + i] = 0.5F * (left_[i] + right_[i]);
      have += n;
    }
    given_ += static_cast<std::int64_t>(want);
    return want;
  }

 private:
  std::unique_ptr<FluidSynth> synth_;
  AudioEngine engine_;  // gone before the synth that it plays on
  int sampleRate_;
  std::int64_t frames_;
  std::int64_t given_ = 0;
  std::array<float, kBlock> left_{};
  std::array<float, kBlock> right_{};
};

class FileWriting final : public SoundWriter {
 public:
  explicit FileWriting(std::unique_ptr<AudioFileWriter> file) : file_(std::move(file)) {}
  Result<void> write(std::span<const float> samples) override {
    while (!samples.empty()) {
      const auto part = samples.first(std::min<std::size_t>(samples.size(), kBlock));
      if (auto written = file_->write(part.data(), part.data(), static_cast<int>(part.size()));
          !written) {
        return written;
      }
      samples = samples.subspan(part.size());
    }
    return {};
  }
  Result<void> commit() override { return file_->commit(); }

 private:
  std::unique_ptr<AudioFileWriter> file_;
};

class FluidStudio final : public SoundStudio {
 public:
  explicit FluidStudio(std::filesystem::path soundfont) : soundfont_(std::move(soundfont)) {}

  Result<std::unique_ptr<SoundReader>> open(
      const std::filesystem::path& file, int sampleRate,
      const std::function<void(const std::string&)>& say) override {
    return openSoundFile(file, sampleRate, say);
  }

  Result<std::unique_ptr<SoundReader>> render(const DocumentPtr& document, int program,
                                              int sampleRate) override {
    if (sampleRate < 8000 || sampleRate > 96000) {
      return fail("music cannot be rendered at " + std::to_string(sampleRate) +
                  " Hz; use 8000 to 96000");
    }
    auto plan =
        PlanCompiler(sampleRate).compile(program < 0 ? document : playedBy(*document, program));
    if (plan->notesEnd == 0) return fail("no note of the piece is to be heard");
    AudioSettings settings;
    settings.sampleRate = sampleRate;
    settings.reverb = settings.chorus = false;
    settings.soundfont = soundfont_;
    LoadedSynth loaded = loadSynth(settings, SampleLoading::kOnDemand);
    if (loaded.synth == nullptr) return fail(loaded.problem);
    return std::make_unique<Rendering>(std::move(loaded.synth), std::move(plan));
  }

  Result<std::unique_ptr<SoundWriter>> create(const std::filesystem::path& file, int sampleRate,
                                              std::int64_t frames) override {
    constexpr int kBits = 24;
    auto writer = AudioFileWriter::create(file, sampleRate, kBits, frames);
    if (!writer) return tl::unexpected(writer.error());
    return std::make_unique<FileWriting>(std::move(*writer));
  }

 private:
  std::filesystem::path soundfont_;
};

}  // namespace

std::shared_ptr<SoundStudio> makeSoundStudio(std::filesystem::path soundfont) {
  return std::make_shared<FluidStudio>(std::move(soundfont));
}

}  // namespace incipit
