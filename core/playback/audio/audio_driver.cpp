#include "core/playback/audio/audio_driver.h"

#include <dlfcn.h>
#include <fluidsynth.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "core/playback/audio/fluid_synth.h"
#include "core/playback/audio/jack_connection.h"
#include "core/playback/thread_priority.h"

namespace incipit {
namespace {

constexpr int kPeriods = 3;  // in the device's buffer

// Who is called by FluidSynth's driver, and how often it was.
struct Callee {
  explicit Callee(AudioEngine& e) : engine(e) {}
  AudioEngine& engine;
  std::atomic<std::uint64_t> calls{0};
};

// Called by a driver of FluidSynth's. The buffers come zeroed.
int onAudio(void* data, int frames, int /*effects*/, float** /*effect*/, int outputs, float** out) {
  auto* callee = static_cast<Callee*>(data);
  // relaxed: a figure on its own.
  callee->calls.fetch_add(1, std::memory_order_relaxed);
  // Once a thread, before its first sound: a server without real-time priority gives its clients
  // none.
  thread_local bool raised = false;
  if (!std::exchange(raised, true)) raiseOwnPriority();
  if (outputs < 2) return FLUID_FAILED;
  callee->engine.processRt(out[0], out[1], frames);
  return FLUID_OK;
}

class FluidDriver final : public AudioDriver {
 public:
  FluidDriver(fluid_settings_t* settings, std::shared_ptr<JackConnection> jack, int period,
              AudioEngine& engine)
      : jack_(std::move(jack)), settings_(settings), callee_(engine), period_(period) {}
  FluidDriver(const FluidDriver&) = delete;
  FluidDriver& operator=(const FluidDriver&) = delete;
  ~FluidDriver() override {
    const FluidMessages quiet;
    if (driver_ != nullptr) delete_fluid_audio_driver(driver_);
    delete_fluid_settings(settings_);
  }

  bool start() {
    driver_ = new_fluid_audio_driver2(settings_, onAudio, &callee_);
    return driver_ != nullptr;
  }
  std::string lost() override {
    if (jack_ == nullptr) return {};
    if (!jack_->alive()) return "the jack server has ended";
    // Two seconds of the server's periods without one of ours: it has dropped FluidSynth's client.
    const auto patience = static_cast<std::uint64_t>(2 * jack_->sampleRate() / jack_->period());
    const std::uint64_t cycles = jack_->cycles();
    const std::uint64_t calls = callee_.calls.load(std::memory_order_relaxed);
    if (std::exchange(seenCalls_, calls) != calls || seenCycles_ == 0) seenCycles_ = cycles;
    return cycles - seenCycles_ > patience ? "the jack server goes on without us" : "";
  }
  int latency() const override {
    return jack_ == nullptr ? period_ * kPeriods : std::max(jack_->playbackLatency(), period_);
  }

 private:
  std::shared_ptr<JackConnection> jack_;  // longer than FluidSynth's client
  fluid_settings_t* settings_;
  Callee callee_;
  fluid_audio_driver_t* driver_ = nullptr;
  int period_;
  std::uint64_t seenCalls_ = 0;
  std::uint64_t seenCycles_ = 0;  // when the calls were last seen to grow
};

class SilentDriver final : public AudioDriver {
 public:
  SilentDriver(int sampleRate, int period, AudioEngine& engine)
      : thread_(
            [=, &engine](const std::stop_token& stop) { run(stop, sampleRate, period, engine); }),
        period_(period) {}
  std::string lost() override { return {}; }
  // As with a device.
  int latency() const override { return period_; }

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
  int period_;
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

// FluidSynth does not list them. The library is there if FluidSynth was built with it; the few
// functions of its stable C interface that are needed are spelled out.
std::vector<std::string> alsaDevices() {
  std::vector<std::string> names;
  void* alsa = dlopen("libasound.so.2", RTLD_NOW | RTLD_NOLOAD);
  if (alsa == nullptr) return names;
  using List = int(int, const char*, void***);
  using Get = char*(const void*, const char*);
  using Free = int(void**);
  auto* list = reinterpret_cast<List*>(dlsym(alsa, "snd_device_name_hint"));
  auto* get = reinterpret_cast<Get*>(dlsym(alsa, "snd_device_name_get_hint"));
  auto* release = reinterpret_cast<Free*>(dlsym(alsa, "snd_device_name_free_hint"));
  void** hints = nullptr;
  constexpr int kAllCards = -1;
  if (list != nullptr && get != nullptr && release != nullptr &&
      list(kAllCards, "pcm", &hints) == 0) {
    const auto text = [&](const void* hint, const char* what) {
      char* found = get(hint, what);
      std::string copy = found == nullptr ? "" : found;
      std::free(found);
      return copy;
    };
    for (void** hint = hints; *hint != nullptr; ++hint) {
      const std::string name = text(*hint, "NAME");
      if (text(*hint, "IOID") != "Input" && !name.empty() && name != "null") names.push_back(name);
    }
    release(hints);
  }
  dlclose(alsa);
  return names;
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

std::vector<std::string> audioDevices(const std::string& driver) {
  const FluidMessages quiet;
  quietAlsa();
  std::vector<std::string> names;
  fluid_settings_t* settings = new_fluid_settings();
  fluid_settings_foreach_option(
      settings, ("audio." + driver + ".device").c_str(), &names,
      [](void* data, const char*, const char* option) {
        static_cast<std::vector<std::string>*>(data)->emplace_back(option);
      });
  delete_fluid_settings(settings);
  if (driver == "alsa") names = alsaDevices();
  std::sort(names.begin(), names.end());
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
  const auto server = JackConnection::find();
  if (server == nullptr) return {};
  return {true, server->sampleRate(), server->period()};
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
  engine.openDevice({settings.sampleRate, settings.period});
  auto jack = name == "jack" ? JackConnection::find() : nullptr;
  auto driver = std::make_unique<FluidDriver>(s, std::move(jack), settings.period, engine);
  if (!driver->start()) {
    return fail(name + ": cannot open the audio device" +
                (messages.last().empty() ? "" : " (" + messages.last() + ")"));
  }
  engine.setLatency(driver->latency());
  return driver;
}

std::unique_ptr<AudioDriver> openSilentDriver(const AudioSettings& settings, AudioEngine& engine) {
  engine.openDevice({settings.sampleRate, settings.period});
  return std::make_unique<SilentDriver>(settings.sampleRate, settings.period, engine);
}

}  // namespace incipit
