#include "core/playback/fluid_synth.h"

#include <fluidsynth.h>

#include <algorithm>
#include <bitset>
#include <utility>

#include "core/playback/inline_openmp.h"
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
                                                     const std::filesystem::path& soundfont) {
  const FluidMessages messages;
  auto handles = std::make_unique<Handles>();
  fluid_settings_t* s = handles->settings = new_fluid_settings();
  fluid_settings_setint(s, "synth.dynamic-sample-loading", 0);
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
  // Nonsense can still be in a file whose headers are sound; FluidSynth says what.
  if (fluid_synth_sfload(handles->synth, soundfont.c_str(), 1) == FLUID_FAILED) {
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

LoadedSynth loadSynth(const AudioSettings& settings) {
  LoadedSynth loaded;
  const auto attempt = [&](const std::filesystem::path& file) {
    auto synth = FluidSynth::make(settings, file);
    if (!synth) {
      if (loaded.problem.empty()) loaded.problem = synth.error().message;
      return false;
    }
    loaded.synth = std::move(*synth);
    loaded.soundfont = file;
    return true;
  };
  if (!settings.soundfont.empty()) {
    const auto info = inspectSoundfont(settings.soundfont);
    if (!info) {
      loaded.problem = info.error().message;
    } else if (attempt(settings.soundfont)) {
      return loaded;
    }
  }
  for (const SoundfontInfo& info : findSoundfonts()) {
    if (!attempt(info.path)) continue;
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
