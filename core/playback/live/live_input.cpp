#include "core/playback/live/live_input.h"

#include <readerwriterqueue/readerwriterqueue.h>

#include <vector>

namespace incipit {
namespace {

// Of each source: an audio period of 85 ms of a device that floods us at its cable's full rate has
// less than a hundredth of it.
constexpr std::size_t kQueueLength = 2048;

}  // namespace

struct LiveInput::Queues {
  std::vector<moodycamel::ReaderWriterQueue<TimedMessage>> of;  // by source

  Queues() {
    of.reserve(kSources);
    for (int i = 0; i < kSources; ++i) of.emplace_back(kQueueLength);
  }
};

LiveInput::LiveInput() : queues_(std::make_unique<Queues>()) {}

LiveInput::~LiveInput() = default;

void LiveInput::push(const TimedMessage& m) noexcept {
  if (m.source < 0 || m.source >= kSources) return;
  // release: what was pushed before is seen by whoever sees the flag.
  if (!queues_->of[static_cast<std::size_t>(m.source)].try_enqueue(m)) {
    overflowed_.store(true, std::memory_order_release);
  }
}

bool LiveInput::takeRt(TimedMessage& m) noexcept {
  for (int i = 0; i < kSources; ++i) {
    auto& queue = queues_->of[static_cast<std::size_t>(next_)];
    next_ = (next_ + 1) % kSources;  // each source gets its turn
    if (queue.try_dequeue(m)) return true;
  }
  return false;
}

bool LiveInput::overflowedRt() noexcept {
  return overflowed_.exchange(false, std::memory_order_acquire);
}

}  // namespace incipit
