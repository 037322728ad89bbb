#include "core/playback/audio/synth_loader.h"

#include <utility>

namespace incipit {

void SynthLoader::start(const AudioSettings& settings) {
  cancel();
  thread_ = std::jthread([this, settings](const std::stop_token& stop) {
    LoadedSynth loaded = loadSynth(settings, SampleLoading::kAll, stop);
    const std::lock_guard lock(mutex_);
    loaded_ = std::move(loaded);
    ready_.notify_all();
  });
}

void SynthLoader::cancel() {
  thread_ = {};  // stops and joins
  loaded_.reset();
}

std::optional<LoadedSynth> SynthLoader::take(std::chrono::milliseconds patience) {
  if (!thread_.joinable()) return std::nullopt;
  {
    std::unique_lock lock(mutex_);
    if (!ready_.wait_for(lock, patience, [this] { return loaded_.has_value(); })) {
      return std::nullopt;
    }
  }
  thread_.join();
  thread_ = {};
  return std::exchange(loaded_, std::nullopt);
}

}  // namespace incipit
