// Recordings beside the transport: one, or two in step of which one is heard. They are read on a
// thread of their own, half a second ahead of the sound, however long they are; a reader that
// cannot keep up is heard as a gap, never waited for.
//
// Thread safety: one GUI thread (everything not ending in Rt), one audio thread (mixRt). Neither
// waits for the other.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "core/playback/player.h"

namespace incipit {

class SoundDeck {
 public:
  SoundDeck();
  ~SoundDeck();
  SoundDeck(const SoundDeck&) = delete;
  SoundDeck& operator=(const SoundDeck&) = delete;

  // Takes the place of what is played. `other` may be null; the longer of the two ends the play.
  void play(std::unique_ptr<SoundReader> sound, std::unique_ptr<SoundReader> other);
  void hearOther(bool other);
  void stop();
  SoundStatus status() const;

  // Adds what is heard to both channels.
  void mixRt(float* left, float* right, int frames) noexcept;

 private:
  struct Block;
  struct Queue;

  void fill(const std::stop_token& stop, SoundReader& sound, SoundReader* other, std::uint32_t run);
  bool nextBlockRt() noexcept;
  void countRt(std::uint32_t run) noexcept;

  std::unique_ptr<Queue> queue_;
  std::atomic<std::uint32_t> run_{0};  // of what is to be heard; 0: nothing
  std::atomic<bool> other_{false};
  std::atomic<std::uint64_t> heard_{0};  // a run, and how many of its frames
  std::atomic<std::uint32_t> ended_{0};  // the last run that came to its end
  mutable std::mutex mutex_;             // guards problem_; the audio thread takes it never
  std::string problem_;
  std::uint32_t lastRun_ = 0;
  int sampleRate_ = 48000;

  // The audio thread's.
  std::unique_ptr<Block> block_;
  int at_ = 0;                 // in block_
  std::uint64_t counted_ = 0;  // frames of countedRun_
  std::uint32_t countedRun_ = 0;
  float level_ = 0;  // 0..1; ramps, so that neither start nor end clicks
  float side_ = 0;   // 0: the sound, 1: the other

  std::jthread filler_;  // last: it uses the rest
};

}  // namespace incipit
