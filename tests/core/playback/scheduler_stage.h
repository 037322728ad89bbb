// A scheduler played by hand into a recording synth and recording ports.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "core/playback/scheduler.h"
#include "tests/core/playback/fixtures.h"

namespace incipit::fixtures {

inline constexpr std::int64_t kQuarter = 375;  // quanta: 120 a minute at 48 kHz

// A scheduler with its plans, played by hand.
class Stage {
 public:
  Stage() : scheduler(synth) { scheduler.setBus(&bus); }

  void show(const Document& d, const PlanOptions& options = {}, const PlanOverlay& overlay = {}) {
    next_ = compiler_.compile(share(d), overlay, options);
    scheduler.adoptRt(next_.get());
    plan_ = std::move(next_);
  }

  // Plays `quanta` in steps of at most `step`.
  void run(std::int64_t quanta, int step = 16) {
    while (quanta > 0) {
      const int n = scheduler.dueRt(static_cast<int>(std::min<std::int64_t>(quanta, step)));
      synth.quantum += n;
      scheduler.advanceRt(n);
      quanta -= n;
    }
  }

  void playLive(const MidiMessage& m) { scheduler.playLiveRt(m, scheduler.position()); }

  RecordingSynth synth;
  RecordingBus bus;
  Scheduler scheduler;

 private:
  PlanCompiler compiler_{48000};
  std::unique_ptr<Plan> plan_;
  std::unique_ptr<Plan> next_;
};

// Track 1 on a port.
inline Document routed(const Document& d, int channel = 5, const char* output = "keys") {
  return edited(d, 1, [&](Track& t) {
    t.output = output;
    t.channel = channel;
  });
}

inline PlanOptions withPorts() {
  PlanOptions options;
  options.slots = {{"keys", 3}, {"rack", 4}};
  return options;
}

inline Document oneNote() { return withNotes(newDocument(), {note(960, 960, 60)}); }

}  // namespace incipit::fixtures
