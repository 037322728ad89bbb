#include "core/playback/audio/sound_deck.h"

#include <readerwriterqueue/readerwriterqueue.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace incipit {
namespace {

constexpr std::size_t kBlock = 512;  // frames
constexpr std::size_t kBlocks = 48;  // ahead of the sound
constexpr int kFrameBits = 40;
constexpr float kRamp = 1.0F / 256;  // a frame

float towards(float value, float wanted) {
  return value < wanted ? std::min(wanted, value + kRamp) : std::max(wanted, value - kRamp);
}

}  // namespace

struct SoundDeck::Block {
  std::uint32_t run = 0;
  int frames = 0;
  bool last = false;
  std::array<float, kBlock> sound;
  std::array<float, kBlock> other;
};

struct SoundDeck::Queue {
  moodycamel::ReaderWriterQueue<Block> blocks{kBlocks};
};

SoundDeck::SoundDeck() : queue_(std::make_unique<Queue>()), block_(std::make_unique<Block>()) {}

SoundDeck::~SoundDeck() = default;

void SoundDeck::play(std::unique_ptr<SoundReader> sound, std::unique_ptr<SoundReader> other) {
  stop();
  sampleRate_ = sound->sampleRate();
  {
    const std::lock_guard lock(mutex_);
    problem_.clear();
  }
  const std::uint32_t run = ++lastRun_;
  // release: what was set before is seen by whoever sees the run.
  run_.store(run, std::memory_order_release);
  filler_ =
      std::jthread([this, run, sound = std::move(sound), other = std::move(other)](
                       const std::stop_token& stop) { fill(stop, *sound, other.get(), run); });
}

void SoundDeck::hearOther(bool other) { other_.store(other, std::memory_order_relaxed); }

void SoundDeck::stop() {
  run_.store(0, std::memory_order_release);
  filler_ = {};  // asks it to stop, and joins
}

SoundStatus SoundDeck::status() const {
  SoundStatus s;
  // relaxed: figures on their own.
  s.other = other_.load(std::memory_order_relaxed);
  const std::uint32_t run = run_.load(std::memory_order_relaxed);
  s.playing = run != 0 && ended_.load(std::memory_order_relaxed) != run;
  const std::uint64_t heard = heard_.load(std::memory_order_relaxed);
  if (heard >> kFrameBits == lastRun_) {
    s.seconds = static_cast<double>(heard & ((std::uint64_t{1} << kFrameBits) - 1)) / sampleRate_;
  }
  const std::lock_guard lock(mutex_);
  s.problem = problem_;
  return s;
}

void SoundDeck::fill(const std::stop_token& stop, SoundReader& sound, SoundReader* other,
                     std::uint32_t run) {
  Block block;
  block.run = run;
  const auto read = [&](SoundReader* reader, std::array<float, kBlock>& into) -> std::size_t {
    into.fill(0);
    if (reader == nullptr) return 0;
    auto count = reader->read(into);
    if (count) return *count;
    const std::lock_guard lock(mutex_);
    problem_ = count.error().message;
    return 0;
  };
  while (!stop.stop_requested() && !block.last) {
    const std::size_t count = std::max(read(&sound, block.sound), read(other, block.other));
    block.frames = static_cast<int>(count);
    block.last = count < kBlock;
    constexpr std::chrono::milliseconds kPatience{10};
    while (!queue_->blocks.try_enqueue(block)) {
      if (stop.stop_requested()) return;
      std::this_thread::sleep_for(kPatience);
    }
  }
}

// False where there is none yet.
bool SoundDeck::nextBlockRt() noexcept {
  at_ = 0;
  block_->frames = 0;
  const std::uint32_t before = block_->run;
  if (!queue_->blocks.try_dequeue(*block_)) return false;
  if (block_->run != before) level_ = 0;
  return true;
}

void SoundDeck::countRt(std::uint32_t run) noexcept {
  if (std::exchange(countedRun_, run) != run) counted_ = 0;
  // relaxed: a figure on its own.
  heard_.store(std::uint64_t{run} << kFrameBits | ++counted_, std::memory_order_relaxed);
}

void SoundDeck::mixRt(float* left, float* right, int frames) noexcept {
  // acquire: see play.
  const std::uint32_t run = run_.load(std::memory_order_acquire);
  const float side = other_.load(std::memory_order_relaxed) ? 1 : 0;
  for (int i = 0; i < frames; ++i) {
    while (at_ >= block_->frames || (block_->run != run && level_ <= 0)) {
      if (at_ >= block_->frames && block_->last && block_->run == run) {
        ended_.store(run, std::memory_order_relaxed);
      }
      block_->last = false;
      if (!nextBlockRt()) return;
    }
    const bool wanted = block_->run == run;
    level_ = towards(level_, wanted ? 1 : 0);
    side_ = towards(side_, side);
    const auto k = static_cast<std::size_t>(at_++);
    const float v = level_ * ((1 - side_) * block_->sound[k] + side_ * block_->other[k]);
    left[i] += v;
    right[i] += v;
    if (wanted) countRt(run);
  }
  if (at_ >= block_->frames && block_->last && block_->run == run) {
    block_->last = false;
    ended_.store(run, std::memory_order_relaxed);
  }
}

}  // namespace incipit
