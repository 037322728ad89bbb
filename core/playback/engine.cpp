#include "core/playback/engine.h"

#include <readerwriterqueue/readerwriterqueue.h>

#include <algorithm>
#include <chrono>

namespace incipit {
namespace {

constexpr std::size_t kQueueLength = 4096;
constexpr int kLongestSpan = 16;  // quanta rendered at once

constexpr std::uint32_t kPlayingFlag = 1;
constexpr std::uint32_t kEndedFlag = 2;

std::int64_t steadyNow() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

struct AudioEngine::Command {
  enum class Kind : std::uint8_t { kPlay, kSeek, kStop, kPanic, kPreviewOn, kPreviewOff };
  Kind kind = Kind::kStop;
  bool drums = false;
  std::uint8_t pitch = 0;
  std::uint8_t velocity = 0;
  std::uint8_t program = 0;
  std::uint32_t run = 0;
  std::int64_t tick = 0;
};

struct AudioEngine::Queue {
  moodycamel::ReaderWriterQueue<Command> commands{kQueueLength};
};

AudioEngine::AudioEngine()
    : queue_(std::make_unique<Queue>()), scheduler_(std::make_unique<Scheduler>(silence_)) {}

AudioEngine::~AudioEngine() {
  delete scheduler_->adoptRt(nullptr);
  delete next_.load(std::memory_order_relaxed);
  delete used_.load(std::memory_order_relaxed);
}

void AudioEngine::setSynth(Synth* synth) {
  synth_ = synth == nullptr ? &silence_ : synth;
  // relaxed: the audio thread is not running.
  offered_.store(nullptr, std::memory_order_relaxed);
  auto fresh = std::make_unique<Scheduler>(*synth_);
  // The plan that is being played moves over; nothing sounds on a new synth.
  delete fresh->adoptRt(scheduler_->adoptRt(nullptr));
  scheduler_ = std::move(fresh);
  rest_ = 0;
}

void AudioEngine::offerSynth(Synth* synth) {
  // release: the audio thread sees a whole synth.
  offered_.store(synth, std::memory_order_release);
}

void AudioEngine::setPlan(std::unique_ptr<Plan> plan) {
  collect();
  // acq_rel: release, so that the audio thread sees the whole plan; acquire, because what comes
  // back was never taken and is freed here.
  delete next_.exchange(plan.release(), std::memory_order_acq_rel);
}

void AudioEngine::collect() {
  // acquire: the audio thread's last use of the plan happens before it is freed.
  delete used_.exchange(nullptr, std::memory_order_acquire);
}

void AudioEngine::send(const Command& c) { queue_->commands.try_enqueue(c); }

void AudioEngine::play(std::uint32_t run, Tick from) {
  Command c;
  c.kind = Command::Kind::kPlay;
  c.run = run;
  c.tick = from.count;
  send(c);
}

void AudioEngine::seek(std::uint32_t run, Tick to) {
  Command c;
  c.kind = Command::Kind::kSeek;
  c.run = run;
  c.tick = to.count;
  send(c);
}

void AudioEngine::stop() { send({}); }

void AudioEngine::panic() {
  Command c;
  c.kind = Command::Kind::kPanic;
  send(c);
}

void AudioEngine::previewOn(int program, bool drums, int pitch, int velocity) {
  Command c;
  c.kind = Command::Kind::kPreviewOn;
  c.program = static_cast<std::uint8_t>(std::clamp(program, 0, 127));
  c.drums = drums;
  c.pitch = static_cast<std::uint8_t>(std::clamp(pitch, 0, 127));
  c.velocity = static_cast<std::uint8_t>(std::clamp(velocity, 1, 127));
  send(c);
}

void AudioEngine::previewOff(int pitch) {
  Command c;
  c.kind = Command::Kind::kPreviewOff;
  c.pitch = static_cast<std::uint8_t>(std::clamp(pitch, 0, 127));
  send(c);
}

EnginePosition AudioEngine::position() {
  collect();
  EnginePosition p;
  for (;;) {
    // acquire: what was written before this number is seen below.
    const std::uint32_t before = sequence_.load(std::memory_order_acquire);
    // acquire each: none of them may be read after the second look at the number.
    p.run = outRun_.load(std::memory_order_acquire);
    p.wraps = outWraps_.load(std::memory_order_acquire);
    p.tick = outTick_.load(std::memory_order_acquire);
    p.ppq = outPpq_.load(std::memory_order_acquire);
    p.nanoseconds = outTime_.load(std::memory_order_acquire);
    const std::uint32_t flags = outFlags_.load(std::memory_order_acquire);
    p.playing = (flags & kPlayingFlag) != 0;
    p.ended = (flags & kEndedFlag) != 0;
    const std::uint32_t after = sequence_.load(std::memory_order_relaxed);
    if (before == after && before % 2 == 0) return p;
  }
}

std::int64_t AudioEngine::longestCallback() {
  // relaxed: a figure on its own.
  return longest_.exchange(0, std::memory_order_relaxed);
}

void AudioEngine::commandsRt() noexcept {
  // acquire: see offerSynth.
  if (Synth* synth = offered_.exchange(nullptr, std::memory_order_acquire)) {
    synth_ = synth;
    scheduler_->changeSinkRt(*synth);
  }
  // A plan is taken before the commands that were sent after it. acquire: see setPlan; the load of
  // used_ is relaxed because only the audio thread fills it, and null needs nothing seen.
  if (used_.load(std::memory_order_relaxed) == nullptr) {
    if (Plan* plan = next_.exchange(nullptr, std::memory_order_acquire)) {
      // release: the GUI may free it once it sees it.
      used_.store(scheduler_->adoptRt(plan), std::memory_order_release);
    }
  }
  Command c;
  while (queue_->commands.try_dequeue(c)) {
    const Plan* plan = scheduler_->plan();
    const std::int64_t quantum = plan == nullptr ? 0 : plan->quantumAt(Tick{c.tick});
    switch (c.kind) {
      case Command::Kind::kPlay:
        run_ = c.run;
        scheduler_->playRt(quantum);
        break;
      case Command::Kind::kSeek:
        run_ = c.run;
        scheduler_->seekRt(quantum);
        break;
      case Command::Kind::kStop:
        scheduler_->stopRt();
        break;
      case Command::Kind::kPanic:
        scheduler_->panicRt();
        break;
      case Command::Kind::kPreviewOn:
        scheduler_->previewOnRt(c.program, c.drums, c.pitch, c.velocity);
        break;
      case Command::Kind::kPreviewOff:
        scheduler_->previewOffRt(c.pitch);
        break;
    }
  }
}

void AudioEngine::publishRt(std::int64_t now) noexcept {
  const Plan* plan = scheduler_->plan();
  std::int64_t tick = 0;
  if (plan != nullptr) {
    const std::int64_t frame = scheduler_->position() * kQuantum - rest_;
    tick = std::max<std::int64_t>(
        plan->tempo.tick(static_cast<double>(frame) / plan->sampleRate).count, 0);
  }
  const std::uint32_t sequence = sequence_.load(std::memory_order_relaxed);
  // relaxed, because each store below is a release: none of them is seen before the odd number.
  sequence_.store(sequence + 1, std::memory_order_relaxed);
  outRun_.store(run_, std::memory_order_release);
  outWraps_.store(scheduler_->wraps(), std::memory_order_release);
  outTick_.store(tick, std::memory_order_release);
  outPpq_.store(plan == nullptr ? kDefaultPpq : plan->tempo.ppq(), std::memory_order_release);
  outTime_.store(now, std::memory_order_release);
  outFlags_.store(
      (scheduler_->playing() ? kPlayingFlag : 0U) | (scheduler_->ended() ? kEndedFlag : 0U),
      std::memory_order_release);
  // release: the even number is seen after everything above.
  sequence_.store(sequence + 2, std::memory_order_release);
}

void AudioEngine::processRt(float* left, float* right, int frames) noexcept {
  const std::int64_t began = steadyNow();
  commandsRt();
  publishRt(began);
  while (frames > 0) {
    if (rest_ > 0) {
      const int n = std::min(rest_, frames);
      std::copy_n(restLeft_.data() + kQuantum - rest_, n, left);
      std::copy_n(restRight_.data() + kQuantum - rest_, n, right);
      rest_ -= n;
      left += n;
      right += n;
      frames -= n;
      continue;
    }
    const int whole = std::clamp(frames / kQuantum, 1, kLongestSpan);
    const int span = scheduler_->dueRt(whole);
    if (frames < kQuantum) {
      synth_->renderRt(restLeft_.data(), restRight_.data(), kQuantum);
      rest_ = kQuantum;
    } else {
      synth_->renderRt(left, right, span * kQuantum);
      left += span * kQuantum;
      right += span * kQuantum;
      frames -= span * kQuantum;
    }
    scheduler_->advanceRt(span);
  }
  const std::int64_t took = steadyNow() - began;
  // relaxed: a figure on its own; a reset that comes between is overwritten at worst once.
  if (took > longest_.load(std::memory_order_relaxed)) {
    longest_.store(took, std::memory_order_relaxed);
  }
}

}  // namespace incipit
