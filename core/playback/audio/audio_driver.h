// An open audio device, or a timer in its place. It tells an AudioEngine its format and then calls
// it from a thread of its own, from construction to destruction.
//
// Of FluidSynth's drivers are tried: the one asked for; pipewire where FluidSynth has it; jack
// where a JACK server already runs (none is ever started); pulseaudio; alsa.
//
// Thread safety: opened, used and destroyed by one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/playback/engine.h"
#include "core/playback/player.h"

namespace incipit {

class AudioDriver {
 public:
  virtual ~AudioDriver() = default;  // returns when no callback runs or will
  // Empty, or why nothing calls the engine any more: the sound server has ended, or goes on without
  // us. Until the driver is destroyed no other JACK server can be found.
  virtual std::string lost() = 0;
  // Frames from the start of a callback until its first frame is heard. JACK tells, and it changes
  // with the connections; of other drivers it is the length of their buffer. At least a period.
  virtual int latency() const = 0;
};

// What FluidSynth was built with, without those that write files.
std::vector<std::string> audioDrivers();

// The names that `driver` offers for AudioSettings::device, sorted; empty: its default alone.
std::vector<std::string> audioDevices(const std::string& driver);

// Those to try for a wish (empty: none), in order.
std::vector<std::string> driversToTry(const std::string& wish);

struct JackServer {
  bool running = false;
  int sampleRate = 0;
  int period = 0;
};
// Asks the server named by JACK_DEFAULT_SERVER, if it runs.
JackServer findJackServer();

// Opens `name` at settings' rate, period and device (jack: at the server's rate and period, which
// must be given). Fails with FluidSynth's reason.
Result<std::unique_ptr<AudioDriver>> openAudioDriver(const std::string& name,
                                                     const AudioSettings& settings,
                                                     AudioEngine& engine);

// Calls the engine in time and drops what it renders.
std::unique_ptr<AudioDriver> openSilentDriver(const AudioSettings& settings, AudioEngine& engine);

}  // namespace incipit
