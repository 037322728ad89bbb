// FluidSynth as a Synth, with a soundfont loaded: kSynthChannels channels, API locks and memory
// locking off, and (for playing live) all samples in memory, so that nothing it is told from the
// audio callback allocates or waits.
//
// FluidSynth 2.3 runs its effects in an OpenMP region, which allocates 1.5 kB for a team of one
// thread at each call. Within renderRt those few entry points of libgomp are answered here on the
// calling thread (see inline_openmp.h); the sound is the same bit for bit.
//
// Thread safety: made on any thread, then used by one.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "core/playback/player.h"
#include "core/playback/sinks.h"

namespace incipit {

// kAll: every sample, before the first note: nothing is loaded or allocated while playing.
// kOnDemand: a preset's samples when it is chosen, which may take long: for files only. With an SF3
// the sound is the same; samples of an SF2 that are loaded one by one sound a little different.
enum class SampleLoading { kAll, kOnDemand };

class FluidSynth final : public Synth {
 public:
  // Uses sampleRate, gain, polyphony, reverb and chorus. Fails when the soundfont cannot be loaded,
  // and soon after `stop` is requested.
  static Result<std::unique_ptr<FluidSynth>> make(const AudioSettings& settings,
                                                  const std::filesystem::path& soundfont,
                                                  SampleLoading loading = SampleLoading::kAll,
                                                  const std::stop_token& stop = {});
  ~FluidSynth() override;

  void noteOnRt(int channel, int key, int velocity) noexcept override;
  void noteOffRt(int channel, int key) noexcept override;
  void controlRt(int channel, int controller, int value) noexcept override;
  void pitchBendRt(int channel, int value) noexcept override;
  void pressureRt(int channel, int value) noexcept override;
  void keyPressureRt(int channel, int key, int value) noexcept override;
  void programRt(int channel, int program, bool drums) noexcept override;
  void renderRt(float* left, float* right, int frames) noexcept override;

  int voices() const;  // that sound now
  // The value of a controller on a channel.
  int controller(int channel, int controller) const;

 private:
  struct Handles;
  explicit FluidSynth(std::unique_ptr<Handles> handles);
  std::unique_ptr<Handles> handles_;
};

struct LoadedSynth {
  std::unique_ptr<FluidSynth> synth;  // null when no soundfont works
  std::filesystem::path soundfont;
  std::string problem;  // what was refused, one line; empty if fine
};

// With settings.soundfont if it works, else the first of findSoundfonts() that does. kOnDemand is
// used for SF3 alone, so that the sound does not depend on it.
LoadedSynth loadSynth(const AudioSettings& settings, SampleLoading loading = SampleLoading::kAll,
                      const std::stop_token& stop = {});

// Collects what FluidSynth says on this thread; other threads' messages (the audio thread's) are
// dropped, as printing may wait.
class FluidMessages {
 public:
  FluidMessages();
  ~FluidMessages();
  FluidMessages(const FluidMessages&) = delete;
  FluidMessages& operator=(const FluidMessages&) = delete;
  const std::string& last() const { return last_; }

 private:
  std::string last_;
  std::string* outer_;
};

}  // namespace incipit
