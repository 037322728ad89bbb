#include "core/playback/audio/fluid_synth.h"

#include <fluidsynth.h>

#include <algorithm>
#include <bitset>
#include <cstdio>
#include <utility>

#include "core/playback/audio/inline_openmp.h"
#include "soundfonts/soundfonts.h"

namespace incipit {
namespace {

constexpr int kMelodicBank = 0;
constexpr int kDrumBank = 128;

thread_local std::string* messageSink = nullptr;

void onMessage(int level, const char* message, void* /*data*/) {
  if (messageSink != nullptr && level <= FLUID_WARN) *messageSink = message;
}

void installMessages() {
  static const bool once = [] {
    for (const int level : {FLUID_PANIC, FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG}) {
      fluid_set_log_function(level, onMessage, nullptr);
    }
    return true;
  }();
  (void)once;
}

// FluidSynth cannot be asked to stop loading, but it reads through functions that may fail.
thread_local const std::stop_token* stopLoading = nullptr;

class StopLoading {
 public:
  explicit StopLoading(const std::stop_token& stop) { stopLoading = &stop; }
  ~StopLoading() { stopLoading = nullptr; }
  StopLoading(const StopLoading&) = delete;
  StopLoading& operator=(const StopLoading&) = delete;
};

int readBytes(void* to, fluid_long_long_t count, void* file) {
  if (stopLoading != nullptr && stopLoading->stop_requested()) return FLUID_FAILED;
  const auto size = static_cast<std::size_t>(count);
  return std::fread(to, 1, size, static_cast<std::FILE*>(file)) == size ? FLUID_OK : FLUID_FAILED;
}

void addStoppableLoader(fluid_settings_t* settings, fluid_synth_t* synth) {
  fluid_sfloader_t* loader = new_fluid_defsfloader(settings);
  fluid_sfloader_set_callbacks(
      loader, [](const char* name) { return static_cast<void*>(std::fopen(name, "rb")); },
      readBytes,
      [](void* file, fluid_long_long_t offset, int origin) {
        return fseeko(static_cast<std::FILE*>(file), offset, origin) == 0 ? FLUID_OK : FLUID_FAILED;
      },
      [](void* file) {
        return static_cast<fluid_long_long_t>(ftello(static_cast<std::FILE*>(file)));
      },
      [](void* file) {
        return std::fclose(static_cast<std::FILE*>(file)) == 0 ? FLUID_OK : FLUID_FAILED;
      });
  fluid_synth_add_sfloader(synth, loader);
}

}  // namespace

FluidMessages::FluidMessages() : outer_(std::exchange(messageSink, &last_)) { installMessages(); }

FluidMessages::~FluidMessages() { messageSink = outer_; }

struct FluidSynth::Handles {
  fluid_settings_t* settings = nullptr;
  fluid_synth_t* synth = nullptr;
  std::bitset<kSynthChannels> drums;
  Handles() = default;
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  ~Handles() {
    if (synth != nullptr) delete_fluid_synth(synth);
    if (settings != nullptr) delete_fluid_settings(settings);
  }
};

FluidSynth::FluidSynth(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}

FluidSynth::~FluidSynth() = default;

Result<std::unique_ptr<FluidSynth>> FluidSynth::make(const AudioSettings& settings,
                                                     const std::filesystem::path& soundfont,
                                                     SampleLoading loading,
                                                     const std::stop_token& stop) {
  const FluidMessages messages;
  auto handles = std::make_unique<Handles>();
  fluid_settings_t* s = handles->settings = new_fluid_settings();
  fluid_settings_setint(s, "synth.dynamic-sample-loading",
                        loading == SampleLoading::kOnDemand ? 1 : 0);
  fluid_settings_setint(s, "synth.threadsafe-api", 0);
  fluid_settings_setint(s, "synth.lock-memory", 0);
  fluid_settings_setint(s, "synth.midi-channels", kSynthChannels);
  fluid_settings_setint(s, "synth.polyphony", std::clamp(settings.polyphony, 1, 65535));
  fluid_settings_setnum(s, "synth.sample-rate", std::clamp(settings.sampleRate, 8000, 96000));
  fluid_settings_setnum(s, "synth.gain", std::clamp(settings.gain, 0.0, 10.0));
  fluid_settings_setint(s, "synth.reverb.active", settings.reverb ? 1 : 0);
  fluid_settings_setint(s, "synth.chorus.active", settings.chorus ? 1 : 0);
  handles->synth = new_fluid_synth(s);
  if (handles->synth == nullptr) return fail("FluidSynth did not start: " + messages.last());
  addStoppableLoader(s, handles->synth);
  const StopLoading stoppable(stop);
  // Nonsense can still be in a file whose headers are sound; FluidSynth says what.
  if (fluid_synth_sfload(handles->synth, soundfont.c_str(), 1) == FLUID_FAILED) {
    if (stop.stop_requested()) return fail(soundfont.string() + ": loading was cancelled");
    return fail(soundfont.string() + ": cannot load the soundfont (" + messages.last() +
                "); choose another");
  }
  // FluidSynth makes every sixteenth channel a drum channel.
  for (int c = 0; c < kSynthChannels; ++c) {
    fluid_synth_set_channel_type(handles->synth, c, CHANNEL_TYPE_MELODIC);
    fluid_synth_bank_select(handles->synth, c, kMelodicBank);
    fluid_synth_program_change(handles->synth, c, 0);
  }
  return std::unique_ptr<FluidSynth>(new FluidSynth(std::move(handles)));
}

void FluidSynth::noteOnRt(int channel, int key, int velocity) noexcept {
  fluid_synth_noteon(handles_->synth, channel, key, velocity);
}

void FluidSynth::noteOffRt(int channel, int key) noexcept {
  fluid_synth_noteoff(handles_->synth, channel, key);
}

void FluidSynth::controlRt(int channel, int controller, int value) noexcept {
  fluid_synth_cc(handles_->synth, channel, controller, value);
}

void FluidSynth::pitchBendRt(int channel, int value) noexcept {
  constexpr int kCentre = 8192;
  fluid_synth_pitch_bend(handles_->synth, channel, kCentre + value);
}

void FluidSynth::pressureRt(int channel, int value) noexcept {
  fluid_synth_channel_pressure(handles_->synth, channel, value);
}

void FluidSynth::keyPressureRt(int channel, int key, int value) noexcept {
  fluid_synth_key_pressure(handles_->synth, channel, key, value);
}

void FluidSynth::programRt(int channel, int program, bool drums) noexcept {
  const auto c = static_cast<std::size_t>(channel);
  if (handles_->drums[c] != drums) {
    // The type alone does not move the channel out of its bank.
    handles_->drums[c] = drums;
    fluid_synth_set_channel_type(handles_->synth, channel,
                                 drums ? CHANNEL_TYPE_DRUM : CHANNEL_TYPE_MELODIC);
    fluid_synth_bank_select(handles_->synth, channel, drums ? kDrumBank : kMelodicBank);
  }
  fluid_synth_program_change(handles_->synth, channel, program);
}

void FluidSynth::renderRt(float* left, float* right, int frames) noexcept {
  const InlineOpenMp inlined;
  // fluid_synth_process adds to its buffers; the effects go into the same two.
  std::fill_n(left, frames, 0.0F);
  std::fill_n(right, frames, 0.0F);
  float* out[2] = {left, right};
  float* effects[4] = {left, right, left, right};
  fluid_synth_process(handles_->synth, frames, 4, effects, 2, out);
}

int FluidSynth::voices() const { return fluid_synth_get_active_voice_count(handles_->synth); }

int FluidSynth::controller(int channel, int controller) const {
  int value = -1;
  fluid_synth_get_cc(handles_->synth, channel, controller, &value);
  return value;
}

LoadedSynth loadSynth(const AudioSettings& settings, SampleLoading loading,
                      const std::stop_token& stop) {
  LoadedSynth loaded;
  const auto attempt = [&](const SoundfontInfo& info) {
    const SampleLoading how = info.compressed ? loading : SampleLoading::kAll;
    auto synth = FluidSynth::make(settings, info.path, how, stop);
    if (!synth) {
      if (loaded.problem.empty()) loaded.problem = synth.error().message;
      return false;
    }
    loaded.synth = std::move(*synth);
    loaded.soundfont = info.path;
    return true;
  };
  if (!settings.soundfont.empty()) {
    const auto info = inspectSoundfont(settings.soundfont);
    if (!info) {
      loaded.problem = info.error().message;
    } else if (attempt(*info)) {
      return loaded;
    }
  }
  for (const SoundfontInfo& info : findSoundfonts()) {
    if (stop.stop_requested()) break;
    if (!attempt(info)) continue;
    if (!loaded.problem.empty()) {
      loaded.problem += " (playing with " + info.path.filename().string() + ")";
    }
    return loaded;
  }
  if (loaded.problem.empty()) {
    loaded.problem = "No soundfont was found; install timgm6mb-soundfont or choose one";
  }
  return loaded;
}

}  // namespace incipit
