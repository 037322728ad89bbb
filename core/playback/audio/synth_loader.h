// Loads a soundfont beside the GUI: TimGM6mb takes 30 ms, a compressed one of 40 MB seconds.
//
// Thread safety: one thread calls everything; the loading is done on a thread of the loader's own,
// which a new start() or the destructor interrupts.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "core/playback/audio/fluid_synth.h"

namespace incipit {

class SynthLoader {
 public:
  // What was being loaded before is dropped.
  void start(const AudioSettings& settings);
  void cancel();
  bool loading() const { return thread_.joinable(); }
  // What start() asked for, once; nothing while it is not there after `patience`.
  std::optional<LoadedSynth> take(std::chrono::milliseconds patience = {});

 private:
  mutable std::mutex mutex_;  // guards loaded_
  std::condition_variable ready_;
  std::optional<LoadedSynth> loaded_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace incipit
