#include "core/playback/audio_driver.h"

#include <dlfcn.h>
#include <fluidsynth.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/playback/fluid_synth.h"

namespace incipit {
namespace {

constexpr int kPeriods = 3;  // in the device's buffer

// Called by a driver of FluidSynth's. The buffers come zeroed.
int onAudio(void* data, int frames, int /*effects*/, float** /*effect*/, int outputs, float** out) {
  auto* engine = static_cast<AudioEngine*>(data);
  if (outputs < 2) return FLUID_FAILED;
  engine->processRt(out[0], out[1], frames);
  return FLUID_OK;
}

class FluidDriver final : public AudioDriver {
 public:
  FluidDriver(fluid_settings_t* settings, int latency) : settings_(settings), latency_(latency) {}
  FluidDriver(const FluidDriver&) = delete;
  FluidDriver& operator=(const FluidDriver&) = delete;
  ~FluidDriver() override {
    const FluidMessages quiet;
    if (driver_ != nullptr) delete_fluid_audio_driver(driver_);
    delete_fluid_settings(settings_);
  }

  bool start(AudioEngine& engine) {
    driver_ = new_fluid_audio_driver2(settings_, onAudio, &engine);
    return driver_ != nullptr;
  }
  int latency() const override { return latency_; }

 private:
  fluid_settings_t* settings_;
  fluid_audio_driver_t* driver_ = nullptr;
  int latency_;
};

class SilentDriver final : public AudioDriver {
 public:
  SilentDriver(int sampleRate, int period, AudioEngine& engine)
      : thread_(
            [=, &engine](const std::stop_token& stop) { run(stop, sampleRate, period, engine); }) {}
  int latency() const override { return 0; }

 private:
  static void run(const std::stop_token& stop, int sampleRate, int period, AudioEngine& engine) {
    using Clock = std::chrono::steady_clock;
    std::vector<float> left(static_cast<std::size_t>(period));
    std::vector<float> right(left.size());
    const auto length = std::chrono::nanoseconds(std::int64_t{1000000000} * period / sampleRate);
    constexpr auto kLate = std::chrono::milliseconds(200);
    auto due = Clock::now();
    while (!stop.stop_requested()) {
      engine.processRt(left.data(), right.data(), period);
      due += length;
      // After a suspended computer wakes, time goes on from there.
      if (Clock::now() > due + kLate) due = Clock::now();
      std::this_thread::sleep_until(due);
    }
  }

  std::jthread thread_;
};

// libjack, if it is there; FluidSynth links it where it was built with JACK. The few types and
// constants of its stable C interface that are needed are spelled out, so that nothing here depends
// on its headers.
class JackLibrary {
 public:
  JackLibrary() : library_(dlopen("libjack.so.0", RTLD_NOW | RTLD_LOCAL)) {}
  ~JackLibrary() {
    if (library_ != nullptr) dlclose(library_);
  }
  JackLibrary(const JackLibrary&) = delete;
  JackLibrary& operator=(const JackLibrary&) = delete;

  template <typename F>
  F* get(const char* name) const {
    return library_ == nullptr ? nullptr : reinterpret_cast<F*>(dlsym(library_, name));
  }

 private:
  void* library_;
};

void dropAlsaMessage(const char*, int, const char*, int, const char*, ...) {}

// ALSA prints each thing that it did not find while a device is opened.
void quietAlsa() {
  static const bool once = [] {
    if (void* alsa = dlopen("libasound.so.2", RTLD_NOW | RTLD_NOLOAD)) {
      using Handler = void(const char*, int, const char*, int, const char*, ...);
      using Install = int(Handler*);
      if (auto* install = reinterpret_cast<Install*>(dlsym(alsa, "snd_lib_error_set_handler"))) {
        install(dropAlsaMessage);
      }
      dlclose(alsa);
    }
    return true;
  }();
  (void)once;
}

}  // namespace

std::vector<std::string> audioDrivers() {
  const FluidMessages quiet;
  std::vector<std::string> names;
  fluid_settings_t* settings = new_fluid_settings();
  fluid_settings_foreach_option(
      settings, "audio.driver", &names, [](void* data, const char*, const char* option) {
        static_cast<std::vector<std::string>*>(data)->emplace_back(option);
      });
  delete_fluid_settings(settings);
  std::erase(names, "file");
  return names;
}

std::vector<std::string> driversToTry(const std::string& wish) {
  const std::vector<std::string> present = audioDrivers();
  std::vector<std::string> order;
  for (const std::string& name : {wish, std::string("pipewire"), std::string("jack"),
                                  std::string("pulseaudio"), std::string("alsa")}) {
    const bool known = std::find(present.begin(), present.end(), name) != present.end();
    const bool listed = std::find(order.begin(), order.end(), name) != order.end();
    if (known && !listed) order.push_back(name);
  }
  return order;
}

JackServer findJackServer() {
  const JackLibrary jack;
  using Client = struct JackClient;
  using Message = void(const char*);
  auto* open = jack.get<Client*(const char*, int, int*, ...)>("jack_client_open");
  auto* close = jack.get<int(Client*)>("jack_client_close");
  auto* rate = jack.get<std::uint32_t(Client*)>("jack_get_sample_rate");
  auto* period = jack.get<std::uint32_t(Client*)>("jack_get_buffer_size");
  if (open == nullptr || close == nullptr || rate == nullptr || period == nullptr) return {};
  for (const char* kind : {"jack_set_error_function", "jack_set_info_function"}) {
    if (auto* set = jack.get<void(Message*)>(kind)) set([](const char*) {});
  }
  constexpr int kNoStartServer = 1;
  int status = 0;
  Client* client = open("incipit-probe", kNoStartServer, &status);
  if (client == nullptr) return {};
  JackServer server;
  server.running = true;
  server.sampleRate = static_cast<int>(rate(client));
  server.period = static_cast<int>(period(client));
  close(client);
  return server;
}

Result<std::unique_ptr<AudioDriver>> openAudioDriver(const std::string& name,
                                                     const AudioSettings& settings,
                                                     AudioEngine& engine) {
  const FluidMessages messages;
  fluid_settings_t* s = new_fluid_settings();
  fluid_settings_setstr(s, "audio.driver", name.c_str());
  fluid_settings_setnum(s, "synth.sample-rate", settings.sampleRate);
  fluid_settings_setint(s, "audio.period-size", settings.period);
  fluid_settings_setint(s, "audio.periods", kPeriods);
  fluid_settings_setstr(s, "audio.sample-format", "float");
  fluid_settings_setstr(s, "audio.jack.id", "Incipit");
  fluid_settings_setint(s, "audio.jack.autoconnect", 1);
  if (!settings.device.empty()) {
    fluid_settings_setstr(s, ("audio." + name + ".device").c_str(), settings.device.c_str());
  }
  quietAlsa();
  const int latency = name == "jack" ? settings.period : settings.period * kPeriods;
  auto driver = std::make_unique<FluidDriver>(s, latency);
  if (!driver->start(engine)) {
    return fail(name + ": cannot open the audio device" +
                (messages.last().empty() ? "" : " (" + messages.last() + ")"));
  }
  return driver;
}

std::unique_ptr<AudioDriver> openSilentDriver(const AudioSettings& settings, AudioEngine& engine) {
  return std::make_unique<SilentDriver>(settings.sampleRate, settings.period, engine);
}

}  // namespace incipit
