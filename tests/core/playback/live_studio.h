// The audio engine with a recording synth and recording ports, called in a time that the test
// makes.
#pragma once

#include <cstdint>
#include <vector>

#include "core/playback/engine.h"
#include "tests/core/playback/fixtures.h"

namespace incipit::fixtures {

inline constexpr int kPeriod = 256;
inline constexpr int kLatency = 512;
inline constexpr std::int64_t kStart = 1000000000000;
inline constexpr double kQuantumSeconds = 64.0 / 48000;
inline constexpr int kLead = 30 * kQuantum;  // frames, at this rate

inline std::int64_t timeOf(std::int64_t frame) { return kStart + frame * 1000000000 / 48000; }

// An engine whose device calls in time; a frame is heard kLatency after its callback's time.
class Studio {
 public:
  // device: false: as for a file, without a lead.
  explicit Studio(double jitter = 0, bool device = true) : jitter_(jitter) {
    engine.connect(&bus, &input);
    if (device) engine.openDevice({48000, kPeriod});
    engine.setLatency(kLatency);
    engine.setSynth(&synth);
  }
  ~Studio() { engine.setSynth(nullptr); }
  Studio(const Studio&) = delete;
  Studio& operator=(const Studio&) = delete;

  void show(const Document& d) { engine.setPlan(compiler.compile(share(d), {}, options)); }
  void run(int callbacks) {
    for (int i = 0; i < callbacks; ++i) {
      callback(timeOf(frame) + static_cast<std::int64_t>(rng.uniform() * jitter_ * 1e9));
    }
  }
  void callback(std::int64_t now, int frames = kPeriod) {
    bus.now = now;
    engine.processRt(left, right, frames, now);
    frame += frames;
  }
  // Played at the moment when `at` is heard.
  void key(const MidiMessage& m, std::int64_t at, int source = 0) {
    input.push({m, timeOf(at + kLatency), source});
  }
  std::vector<LiveEvent> events() {
    std::vector<LiveEvent> e;
    engine.takeLiveEvents(e);
    return e;
  }

  PlanOptions options;
  PlanCompiler compiler{48000};
  RecordingSynth synth;
  RecordingBus bus;
  LiveInput input;
  AudioEngine engine;
  Rng rng{5};
  std::int64_t frame = 0;

 private:
  double jitter_;
  float left[kPeriod];
  float right[kPeriod];
};

// One long note.
inline Document song() { return withNotes(newDocument(), {note(0, 960 * 400, 60)}); }

}  // namespace incipit::fixtures
